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
import { StateBuffer } from "../stateBuffer.js";
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

/** Arguments and options of both. */
export const BATCH_NORM = {
  args: { numFeatures: { check: positive } },
  options: {
    eps: { check: atLeast0, default: 1e-5 },
    momentum: { check: momentumOrNull, default: 0.1 },
    affine: { check: trueOrFalse, default: true },
    weight: { check: trueOrFalse, default: asAffine },
    bias: { check: trueOrFalse, default: asAffine },
    trackRunningStats: { check: trueOrFalse, default: true },
  },
  stateNames: { runningMean: "running_mean", runningVar: "running_var", numBatchesTracked: "num_batches_tracked" },
  readsBatch: ({ trackRunningStats }: Readonly<Record<string, unknown>>): boolean => trackRunningStats === false,
} as const;

type Spec = typeof BATCH_NORM & LayerSpec;

/** Base of the batch norms. */
export abstract class BatchNorm extends Normalized<Spec> {
  /** Running mean of each channel, [C]; or null with `trackRunningStats: false`. */
  readonly runningMean: StateBuffer | null;
  /** Running unbiased variance of each channel, [C]; or null. */
  readonly runningVar: StateBuffer | null;
  /** How many batches are in them, a single number; or null. */
  readonly numBatchesTracked: StateBuffer | null;

  /** @internal */
  constructor(spec: Spec, numFeatures: number, options: BatchNormOptions) {
    super(spec, [numFeatures], options);
    const { weight, bias, trackRunningStats: tracks } = this.settings;
    this.learnAffine([numFeatures], weight, bias);
    const filled = (value: number): StateBuffer =>
      new StateBuffer(new Tensor(new Float32Array(numFeatures).fill(value)));
    this.runningMean = tracks ? filled(0) : null;
    this.runningVar = tracks ? filled(1) : null;
    this.numBatchesTracked = tracks ? new StateBuffer(new Tensor([0], [])) : null;
  }

  /** What is added to the variance. */
  get eps(): number {
    return this.settings.eps;
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
    const part = this.settings.momentum ?? 1 / count;
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
