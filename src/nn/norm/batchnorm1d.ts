// BatchNorm1d: batch normalization of features, or of sequences. Forward and backward are in batchnorm.ts.
import { ShapeError } from "../../base/errors.js";
import { formatShape, type Shape } from "../../base/shape.js";
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
  type: "BatchNorm1d",
  args: BATCH_NORM_ARGS,
  options: BATCH_NORM_OPTIONS,
  stateNames: RUNNING_NAMES,
  readsBatch: ownStatistics,
} as const satisfies LayerSpec;

/**
 * Batch normalization of each channel: y = (x - mean) / sqrt(variance + eps) * weight + bias.
 *
 * In train mode mean and (biased) variance are those of the batch, over the samples (and the positions of a sequence), and the running statistics follow them:
 * running = (1 - momentum) * running + momentum * batch, with the unbiased variance. In eval mode and in predict the running
 * statistics stand in their place. The gradient of the input goes through the batch's statistics:
 *
 *     dx = weight / sqrt(variance + eps) * (dy - mean(dy) - x^ * mean(dy * x^)),  x^ = (x - mean) / sqrt(variance + eps)
 *
 * Input and output [N, C] or [N, C, L]. In the state dict the names are PyTorch's: weight, bias, running_mean,
 * running_var, num_batches_tracked.
 *
 * @example
 * new Sequential(new Linear(100, 32, { bias: false }), new BatchNorm1d(32), new ReLU());
 *
 * @throws ArgumentError for an unusable size or option
 * @throws ShapeError for another number of channels, or in train mode for a batch with one number a channel
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 * @see Ioffe and Szegedy, "Batch normalization: accelerating deep network training", ICML 2015
 */
export class BatchNorm1d extends BatchNorm {
  /** @internal */
  static readonly spec = SPEC;

  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(SPEC, numFeatures, options);
  }

  override [shapeOf](shape: Shape): Shape {
    const { numFeatures } = this.settings;
    const fits = (shape.length === 2 || shape.length === 3) && shape[1] === numFeatures && !shape.includes(0);
    if (fits) return shape;
    const remedy = shape.length === 4 ? "BatchNorm2d takes images" : "channels are axis 1";
    throw new ShapeError(
      `BatchNorm1d: expected input [N, ${numFeatures}] or [N, ${numFeatures}, L], got ${formatShape(shape)} (${remedy}).`,
    );
  }
}
