// The makers of the layers that run on kernels of the kit.
import { SELU_ALPHA, SELU_SCALE } from "../../ops/selu.js";
import type { Maker } from "../layer.js";
import { makeKitActivation as activation, makePrelu } from "./activations.js";
import { makeConvTranspose2d } from "./convTranspose2d.js";
import * as norms from "./norms.js";
import { makeBatchNorm } from "./norms.js";
import * as pools from "./pools.js";
import { pixelShuffle, pixelUnshuffle, upsample } from "./resize.js";

/** Layers for {@link loadModel}. */
export interface PredictLayers {
  /** @internal Makers by the type that a layer's `config()` says. */
  readonly makers: Readonly<Record<string, Maker>>;
}

/**
 * The layers that not every network has: norms, further activations, transposed convolutions, resizing, adaptive pools. 16 kB, for
 * those apps whose model has some.
 *
 * @example
 * import { BatchNorm1d, Linear, Sequential, ones } from "handgrad";
 * import { saveModel } from "handgrad/io";
 * import { kit, loadModel } from "handgrad/predict";
 * const bytes = saveModel(new Sequential(new Linear(2, 3), new BatchNorm1d(3)));
 * loadModel(bytes, { layers: kit }).predict(ones([1, 2])).shape; // [1, 3]
 */
export const kit: PredictLayers = {
  get makers() {
    return {
      AdaptiveAvgPool2d: pools.adaptiveAvgPool2d,
      AdaptiveMaxPool2d: pools.adaptiveMaxPool2d,
      BatchNorm1d: makeBatchNorm(2, 3),
      BatchNorm2d: makeBatchNorm(4),
      ConvTranspose2d: makeConvTranspose2d,
      ELU: activation("elu", "alpha", 1),
      GELU: activation("gelu"),
      GroupNorm: norms.groupNorm,
      Hardsigmoid: activation("hardsigmoid"),
      Hardswish: activation("hardswish"),
      Hardtanh: activation("hardtanh", "minVal", "maxVal"),
      InstanceNorm2d: norms.instanceNorm2d,
      LayerNorm: norms.layerNorm,
      LeakyReLU: activation("leakyRelu", "negativeSlope"),
      MaxUnpool2d: pools.maxUnpool2d,
      Mish: activation("mish"),
      PReLU: makePrelu,
      PixelShuffle: pixelShuffle,
      PixelUnshuffle: pixelUnshuffle,
      ReLU6: activation("hardtanh", 0, 6),
      SELU: activation("elu", SELU_ALPHA, SELU_SCALE),
      SiLU: activation("silu"),
      Softplus: activation("softplus", "beta", "threshold"),
      Upsample: upsample,
    };
  },
};
