// BatchNorm2d: batch normalization of images. Forward and backward are in batchnorm.ts.
import type { Shape } from "../../base/shape.js";
import { checkImages } from "../../ops/conv2d.js";
import { shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import {
  BATCH_NORM_ARGS,
  BATCH_NORM_OPTIONS,
  RUNNING_NAMES,
  ownStatistics,
  BatchNorm,
  type BatchNormOptions,
} from "./batchnorm.js";

const SPEC = {
  type: "BatchNorm2d",
  args: BATCH_NORM_ARGS,
  options: BATCH_NORM_OPTIONS,
  stateNames: RUNNING_NAMES,
  readsBatch: ownStatistics,
} as const satisfies LayerSpec;

/**
 * Batch normalization of each channel: y = (x - mean) / sqrt(variance + eps) * weight + bias.
 *
 * In train mode mean and (biased) variance are those of the batch, over samples and pixels, and the running statistics follow them:
 * running = (1 - momentum) * running + momentum * batch, with the unbiased variance. In eval mode and in predict the running
 * statistics stand in their place. The gradient of the input goes through the batch's statistics:
 *
 *     dx = weight / sqrt(variance + eps) * (dy - mean(dy) - x^ * mean(dy * x^)),  x^ = (x - mean) / sqrt(variance + eps)
 *
 * Input and output [N, C, H, W]. In the state dict the names are PyTorch's: weight, bias, running_mean,
 * running_var, num_batches_tracked.
 *
 * @example
 * new Sequential(new Conv2d(3, 16, 3, { bias: false }), new BatchNorm2d(16), new ReLU());
 *
 * @throws ArgumentError for an unusable size or option
 * @throws ShapeError for another number of channels, or in train mode for a batch with one number a channel
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 * @see Ioffe and Szegedy, "Batch normalization: accelerating deep network training", ICML 2015
 */
export class BatchNorm2d extends BatchNorm {
  /** @internal */
  static readonly spec = SPEC;

  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(SPEC, numFeatures, options);
  }

  override [shapeOf](shape: Shape): Shape {
    checkImages("BatchNorm2d", shape, this.settings.numFeatures);
    return shape;
  }
}
