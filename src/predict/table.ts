// From the type that a model file names to the maker of such a layer: those that need no kernels of the kit. As nn/layerTable.ts it
// finds code by a string.
import { makeConv1d, makeConv2d } from "./convolutions.js";
import type { Maker } from "./layer.js";
import * as numbers from "./numbers.js";
import { makeActivation, makeSoftmax } from "./numbers.js";
import { channelShuffle, slice } from "./parts.js";
import * as pools from "./pools.js";
import { makePad } from "./pools.js";
import * as shapes from "./shapes.js";
import { makeJoin } from "./shapes.js";

/** Makers by the type that a layer's `config()` says. */
export function commonMakers(): Readonly<Record<string, Maker>> {
  return {
    Add: makeJoin("add"),
    AlphaDropout: numbers.identity,
    AvgPool1d: pools.avgPool1d,
    AvgPool2d: pools.avgPool2d,
    ChannelShuffle: channelShuffle,
    CircularPad2d: makePad("circular"),
    Concat: shapes.concat,
    ConstantPad2d: makePad("constant"),
    Conv1d: makeConv1d,
    Conv2d: makeConv2d,
    DropBlock2d: numbers.identity,
    Dropout: numbers.identity,
    Dropout2d: numbers.identity,
    Flatten: shapes.flatten,
    Graph: shapes.graph,
    Identity: numbers.identity,
    Linear: numbers.linear,
    LocalResponseNorm: numbers.localResponseNorm,
    LogSoftmax: makeSoftmax("logSoftmax"),
    MaxPool1d: pools.maxPool1d,
    MaxPool2d: pools.maxPool2d,
    Multiply: makeJoin("multiply"),
    Parallel: shapes.parallel,
    ReLU: makeActivation("relu"),
    ReflectionPad2d: makePad("reflect"),
    ReplicationPad2d: makePad("replicate"),
    Residual: shapes.residual,
    Scale: numbers.scale,
    Sequential: shapes.sequential,
    Sigmoid: makeActivation("sigmoid"),
    Slice: slice,
    Softmax: makeSoftmax("softmax"),
    Softmax2d: makeSoftmax("softmax", 1),
    Subtract: makeJoin("subtract"),
    Tanh: makeActivation("tanh"),
    Unflatten: shapes.unflatten,
    ZeroPad2d: makePad("constant"),
  };
}

/** The names of those that handgrad/predict has in `kit`. */
export const KIT_NAMES =
  "AdaptiveAvgPool2d AdaptiveMaxPool2d BatchNorm1d BatchNorm2d ConvTranspose2d ELU GELU GroupNorm Hardsigmoid Hardswish Hardtanh InstanceNorm2d LayerNorm LeakyReLU MaxUnpool2d Mish PReLU PixelShuffle PixelUnshuffle ReLU6 SELU SiLU Softplus Upsample";
