// InstanceNorm2d: normalization of each channel of each sample. The passes are in normalized.ts.
import { ShapeError } from "../../base/errors.js";
import { atLeast0, fraction, positive, trueOrFalse } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { checkImages } from "../../ops/conv2d.js";
import type { Statistics } from "../../ops/normalize.js";
import type { Pass } from "../pass.js";
import { forward, memory, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { StateBuffer } from "../stateBuffer.js";
import { Normalized } from "./normalized.js";

/** Options of {@link InstanceNorm2d}. */
export interface InstanceNorm2dOptions {
  /** Added to the variance, against division by 0; at least 0. Default 1e-5. */
  readonly eps?: number;
  /** Share of the latest batch in the running statistics, from 0 to 1. Default 0.1. */
  readonly momentum?: number;
  /** Whether there are a learned weight and bias. Default false. */
  readonly affine?: boolean;
  /** Whether running statistics are kept, which serve in eval mode in place of the sample's own. Default false. */
  readonly trackRunningStats?: boolean;
}

const SPEC = {
  type: "InstanceNorm2d",
  args: { numFeatures: { check: positive } },
  options: {
    eps: { check: atLeast0, default: 1e-5 },
    momentum: { check: fraction, default: 0.1 },
    affine: { check: trueOrFalse, default: false },
    trackRunningStats: { check: trueOrFalse, default: false },
  },
  stateNames: { runningMean: "running_mean", runningVar: "running_var", numBatchesTracked: "num_batches_tracked" },
} as const satisfies LayerSpec;

/**
 * Normalization of each channel of each sample by itself: y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and
 * (biased) variance over the pixels.
 *
 *     dx = weight / sqrt(variance + eps) * (dy - mean(dy) - x^ * mean(dy * x^)),  x^ = (x - mean) / sqrt(variance + eps)
 *
 * Train and eval mode compute the same, unless `trackRunningStats`: then each forward in train mode takes the mean over its samples
 * of their means and unbiased variances into the running statistics, running = (1 - momentum) * running + momentum * batch, and
 * eval mode and predict use those.
 *
 * Input and output [N, C, H, W].
 *
 * @example
 * new Sequential(new Conv2d(3, 16, 3), new InstanceNorm2d(16, { affine: true }), new ReLU());
 *
 * @throws ArgumentError for an unusable size or option
 * @throws ShapeError for another number of channels, or for a single pixel, which has no variance
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 * @see Ulyanov, Vedaldi and Lempitsky, "Instance normalization: the missing ingredient for fast stylization", 2016
 */
export class InstanceNorm2d extends Normalized<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** Running mean of each channel, [C]; or null without `trackRunningStats`. */
  readonly runningMean: StateBuffer | null;
  /** Running unbiased variance of each channel, [C]; or null. */
  readonly runningVar: StateBuffer | null;
  /** How many batches are in them, a single number; or null. */
  readonly numBatchesTracked: StateBuffer | null;

  constructor(numFeatures: number, options: InstanceNorm2dOptions = {}) {
    super(SPEC, [numFeatures], options);
    const { affine, trackRunningStats: tracks } = this.settings;
    this.learnAffine([numFeatures], affine, affine);
    const filled = (value: number): StateBuffer =>
      new StateBuffer(new Tensor(new Float32Array(numFeatures).fill(value)));
    this.runningMean = tracks ? filled(0) : null;
    this.runningVar = tracks ? filled(1) : null;
    this.numBatchesTracked = tracks ? new StateBuffer(new Tensor([0], [])) : null;
  }

  // Without statistics that are given, a sample's channels are groups of one channel each.
  [forward](x: Tensor, pass: Pass): Tensor {
    const [N, C, H, W] = this[shapeOf](x.shape);
    const learns = pass.keeps && this[memory].training;
    const given = learns ? null : this.#running();
    if (given === null) this.#checkPixels(x.shape);
    const g = { N, C, P: H * W, groups: given === null ? C : 0, eps: this.settings.eps, given: given !== null };
    const { y, mean, variance } = this.normalize(x, g, given, pass);
    if (learns) this.#track({ mean, variance }, N, H * W);
    return y;
  }

  override [shapeOf](shape: Shape): Shape {
    checkImages("InstanceNorm2d", shape, this.settings.numFeatures);
    return shape;
  }

  #running(): Statistics | null {
    const { runningMean, runningVar } = this;
    return runningMean === null || runningVar === null ? null : { mean: runningMean.value, variance: runningVar.value };
  }

  #track({ mean, variance }: Statistics, N: number, P: number): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (runningMean === null || runningVar === null || numBatchesTracked === null) return;
    numBatchesTracked.value.data[0]++;
    const share = this.settings.momentum;
    const blend = (running: StateBuffer, batch: Tensor, factor: number): void => {
      const { data } = running.value;
      for (let c = 0; c < data.length; c++) {
        let sum = 0;
        for (let n = 0; n < N; n++) sum += batch.data[n * data.length + c];
        data[c] = (1 - share) * data[c] + (share * factor * sum) / N;
      }
    };
    blend(runningMean, mean, 1);
    blend(runningVar, variance, P / (P - 1)); // unbiased
  }

  #checkPixels(shape: Shape): void {
    if (shape[2] * shape[3] > 1) return;
    throw new ShapeError(
      `InstanceNorm2d: expected more than one pixel, got input ${formatShape(shape)} (a variance of one number is none).`,
    );
  }
}
