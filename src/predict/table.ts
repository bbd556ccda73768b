// From the type that a model file names to the maker of such a layer: every layer of the package. As nn/layerTable.ts it finds code
// by a string; a Map, so that "constructor" is not found.
import { SELU_ALPHA, SELU_SCALE } from "../ops/selu.js";
import { makeConv1d, makeConv2d, makeConvTranspose2d } from "./convolutions.js";
import type { Maker } from "./layer.js";
import * as numbers from "./numbers.js";
import { makeActivation, makeBatchNorm, makeKitActivation as kit, makeSoftmax } from "./numbers.js";
import * as pools from "./pools.js";
import { makePad } from "./pools.js";
import { pixelShuffle, pixelUnshuffle, upsample } from "./resize.js";
import * as shapes from "./shapes.js";
import { makeJoin } from "./shapes.js";

/** Makers by the type that a layer's `config()` says. */
export function layerMakers(): ReadonlyMap<string, Maker> {
  return new Map<string, Maker>(
    Object.entries({
      AdaptiveAvgPool2d: pools.adaptiveAvgPool2d,
      AdaptiveMaxPool2d: pools.adaptiveMaxPool2d,
      Add: makeJoin("add"),
      AlphaDropout: numbers.identity,
      AvgPool1d: pools.avgPool1d,
      AvgPool2d: pools.avgPool2d,
      BatchNorm1d: makeBatchNorm(2, 3),
      BatchNorm2d: makeBatchNorm(4),
      CircularPad2d: makePad("circular"),
      Concat: shapes.concat,
      ConstantPad2d: makePad("constant"),
      Conv1d: makeConv1d,
      Conv2d: makeConv2d,
      ConvTranspose2d: makeConvTranspose2d,
      DropBlock2d: numbers.identity,
      Dropout: numbers.identity,
      Dropout2d: numbers.identity,
      ELU: kit("elu", "alpha", 1),
      Flatten: shapes.flatten,
      GELU: kit("gelu"),
      Graph: shapes.graph,
      GroupNorm: numbers.groupNorm,
      Hardsigmoid: kit("hardsigmoid"),
      Hardswish: kit("hardswish"),
      Hardtanh: kit("hardtanh", "minVal", "maxVal"),
      Identity: numbers.identity,
      InstanceNorm2d: numbers.instanceNorm2d,
      LayerNorm: numbers.layerNorm,
      LeakyReLU: kit("leakyRelu", "negativeSlope"),
      Linear: numbers.linear,
      LocalResponseNorm: numbers.localResponseNorm,
      LogSoftmax: makeSoftmax("logSoftmax"),
      MaxPool1d: pools.maxPool1d,
      MaxPool2d: pools.maxPool2d,
      MaxUnpool2d: pools.maxUnpool2d,
      Mish: kit("mish"),
      Multiply: makeJoin("multiply"),
      PReLU: numbers.makePrelu,
      Parallel: shapes.parallel,
      PixelShuffle: pixelShuffle,
      PixelUnshuffle: pixelUnshuffle,
      ReLU: makeActivation("relu"),
      ReLU6: kit("hardtanh", 0, 6),
      ReflectionPad2d: makePad("reflect"),
      ReplicationPad2d: makePad("replicate"),
      Residual: shapes.residual,
      SELU: kit("elu", SELU_ALPHA, SELU_SCALE),
      Scale: numbers.scale,
      Sequential: shapes.sequential,
      SiLU: kit("silu"),
      Sigmoid: makeActivation("sigmoid"),
      Softmax: makeSoftmax("softmax"),
      Softmax2d: makeSoftmax("softmax", 1),
      Softplus: kit("softplus", "beta", "threshold"),
      Subtract: makeJoin("subtract"),
      Tanh: makeActivation("tanh"),
      Unflatten: shapes.unflatten,
      Upsample: upsample,
      ZeroPad2d: makePad("constant"),
    }),
  );
}
