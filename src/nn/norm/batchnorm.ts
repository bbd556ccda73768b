// What BatchNorm1d and BatchNorm2d share: the running statistics. The passes are in normalized.ts.
import type { NormGeometry } from "../../backend/kernels.js";
import { finite } from "../../base/check.js";
import { ShapeError } from "../../base/errors.js";
import { atLeast0, positive, trueOrFalse, type Check } from "../../base/options.js";
import { formatShape, sizeOf, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import type { Statistics } from "../../ops/normalize.js";
import type { Pass } from "../pass.js";
import { forward, memory, shapeOf, typeName } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { StateBuffer, filledBuffer } from "../stateBuffer.js";
import { Normalized } from "./normalized.js";

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormOptions {
  /** Added to the variance, against division by 0; at least 0. Default 1e-5. */
  readonly eps?: number;
  /**
   * Share of the latest batch in the running statistics, from 0 to 1; null: the plain mean over all batches so far. Default 0.1.
   */
  readonly momentum?: number | null;
  /** Whether there are a learned weight and bias. Default true. */
  readonly affine?: boolean;
  /** Whether there is a learned weight. Default: as `affine`. */
  readonly weight?: boolean;
  /** Whether there is a learned bias. Default: as `affine`. */
  readonly bias?: boolean;
  /** Whether running statistics are kept; without them the batch's own serve in eval mode, too. Default true. */
  readonly trackRunningStats?: boolean;
}

const momentumOrNull: Check<number | null> = (who, name, value) => (value === null ? null : share(who, name, value));
const share: Check<number> = (who, name, value) => finite(who, name, value, 0, 1);
const asAffine = ({ affine }: { readonly affine?: unknown }): unknown => affine;

// Arguments and options of both, one by one: a spread at the top of a module would stay in every bundle.

export const BATCH_NORM_ARGS = { numFeatures: { check: positive } } as const;

export const BATCH_NORM_OPTIONS = {
  eps: { check: atLeast0, default: 1e-5 },
  momentum: { check: momentumOrNull, default: 0.1 },
  affine: { check: trueOrFalse, default: true },
  weight: { check: trueOrFalse, default: asAffine },
  bias: { check: trueOrFalse, default: asAffine },
  trackRunningStats: { check: trueOrFalse, default: true },
} as const;

/** PyTorch's names in the state dict. */
export const RUNNING_NAMES = {
  runningMean: "running_mean",
  runningVar: "running_var",
  numBatchesTracked: "num_batches_tracked",
} as const;

/** Whether a prediction reads the whole batch. */
export function ownStatistics({ trackRunningStats }: Readonly<Record<string, unknown>>): boolean {
  return trackRunningStats === false;
}

type Spec = LayerSpec & { readonly args: typeof BATCH_NORM_ARGS; readonly options: typeof BATCH_NORM_OPTIONS };

/** Base of the batch norms. */
export abstract class BatchNorm extends Normalized<Spec> {
  /** Running mean of each channel, [C]; or null with `trackRunningStats: false`. */
  readonly runningMean: StateBuffer | null;
  /** Running unbiased variance of each channel, [C]; or null. */
  readonly runningVar: StateBuffer | null;
  /** How many batches are in them, a single number; or null. */
  readonly numBatchesTracked: StateBuffer | null;
  #averages = false;

  /** @internal */
  constructor(spec: Spec, numFeatures: number, options: BatchNormOptions) {
    super(spec, [numFeatures], options);
    const { weight, bias, trackRunningStats: tracks } = this.settings;
    this.learnAffine([numFeatures], weight, bias);
    this.runningMean = tracks ? filledBuffer(spec.type, numFeatures, 0) : null;
    this.runningVar = tracks ? filledBuffer(spec.type, numFeatures, 1) : null;
    this.numBatchesTracked = tracks ? new StateBuffer(new Tensor([0], [])) : null;
  }

  /** What is added to the variance. */
  get eps(): number {
    return this.settings.eps;
  }

  /** @internal Statistics anew, as plain means over the batches that follow, until it is set to false. */
  set averages(on: boolean) {
    this.#averages = on;
    if (!on) return;
    this.runningMean?.value.data.fill(0);
    this.runningVar?.value.data.fill(1);
    this.numBatchesTracked?.value.data.fill(0);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const learns = pass.keeps && this[memory].training;
    const given = learns ? null : this.#running();
    const g = this.#geometry(x.shape, given !== null);
    if (learns) this.#checkCount(g, x.shape);
    const { y, mean, variance } = this.normalize(x, g, given, pass);
    if (learns) this.#track({ mean, variance }, g.N * g.P);
    return y;
  }

  #running(): Statistics | null {
    const { runningMean, runningVar } = this;
    return runningMean === null || runningVar === null ? null : { mean: runningMean.value, variance: runningVar.value };
  }

  #geometry([N, C, ...pixels]: Shape, given: boolean): NormGeometry {
    return { N, C, P: sizeOf(pixels), groups: 0, eps: this.settings.eps, given };
  }

  // running = (1 - share) running + share of this batch's; its variance unbiased, with M - 1.
  #track({ mean, variance }: Statistics, M: number): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (runningMean === null || runningVar === null || numBatchesTracked === null) return;
    const count = ++numBatchesTracked.value.data[0];
    const part = this.#averages ? 1 / count : (this.settings.momentum ?? 1 / count);
    const blend = (running: StateBuffer, batch: Tensor, factor: number): void => {
      const { data } = running.value;
      for (let c = 0; c < data.length; c++) data[c] = (1 - part) * data[c] + part * factor * batch.data[c];
    };
    blend(runningMean, mean, 1);
    blend(runningVar, variance, M / (M - 1));
  }

  #checkCount({ N, P }: NormGeometry, shape: Shape): void {
    if (N * P > 1) return;
    throw new ShapeError(
      `${this[typeName]}: expected more than one number for each channel in train mode, got input ${formatShape(shape)} (a ` +
        `variance of one number is none: use a larger batch, or eval() for a single sample).`,
    );
  }
}
