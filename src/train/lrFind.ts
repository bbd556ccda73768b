// lrFind: the loss over learning rates that grow from batch to batch. All that it changes is put back.
import { finite, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { decodeFor, encodeFor } from "../checkpoints/checkpoint.js";
import { prepareRestore } from "../checkpoints/restoreCheckpoint.js";
import type { AnyBatches, Run } from "../checkpoints/run.js";
import { Batches } from "../data/batches.js";
import { CrossEntropy } from "../loss/crossEntropy.js";
import type { Layer } from "../nn/layer.js";
import { log, pow } from "../numbers/math.js";
import type { Generator } from "../numbers/random.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { ScheduledOptimizer } from "../optim/schedules/scheduler.js";
import { Breath } from "./breath.js";
import { checkGenerators, checkModel, checkOptimizers, checkSignal } from "./checks.js";
import { checkLoss, lossOf, type TrainLoss } from "./measure.js";
import { Modes } from "./modes.js";
import { Source, isThenable, type DataSource } from "./source.js";

/** Options of {@link lrFind}. */
export interface LrFindOptions {
  /** The optimizer that is to train; its groups keep the ratios of their learning rates. Has no default. */
  readonly optimizer: Optimizer;
  /** What is minimized. Default `new CrossEntropy()`. */
  readonly loss?: TrainLoss;
  /** The first learning rate, of the first group, above 0. Default 1e-7. */
  readonly from?: number;
  /** The last one. Default 10. */
  readonly to?: number;
  /** How many batches, at least 10; the data are begun anew when they end. Default 100. */
  readonly steps?: number;
  /** How much of the smoothed loss stays from batch to batch, at least 0 and below 1. Default 0.9. */
  readonly smoothing?: number;
  /** It ends where the smoothed loss is this many times the smallest. Default 4; Infinity goes on to the end. */
  readonly divergence?: number;
  /** Generators of your own that loss or data draw from: they are put back, too. */
  readonly generators?: Readonly<Record<string, Generator>>;
  /** Ends it: the promise rejects with the signal's reason, and all is put back. */
  readonly signal?: AbortSignal;
  /** Milliseconds of work between two moments in which others may run. Default 16. */
  readonly yieldEvery?: number;
}

/** A point of the curve. */
export interface LrPoint {
  /** The learning rate of the first group. */
  readonly lr: number;
  /** The loss of a batch, before the step with it. */
  readonly loss: number;
  /** The mean of this and the losses before, later ones counting more. */
  readonly smoothed: number;
}

/** What {@link lrFind} found. */
export interface LrFinding {
  /** The curve, smallest learning rate first; it ends where the loss got out of hand. */
  readonly points: readonly LrPoint[];
  /**
   * A hint, and no more: where the smoothed loss falls fastest over the logarithm of the learning rate. It differs from seed to
   * seed by a factor of several; look at the curve. null where the loss never falls.
   */
  readonly suggestion: number | null;
}

const OPTIONS: OptionTable<Omit<Required<LrFindOptions>, "signal" | "optimizer"> & { signal: AbortSignal | undefined; optimizer: readonly Optimizer[] }> = {
  optimizer: {
    check: checkOptimizers,
    missing: "an optimizer, got none (the one that is to train: { optimizer: new SGD(...) })",
  },
  loss: { check: checkLoss }, // CrossEntropy
  from: { check: above0, default: 1e-7 },
  to: { check: above0, default: 10 },
  steps: { check: (who, name, value) => whole(who, name, value, 10), default: 100 },
  smoothing: { check: checkSmoothing, default: 0.9 },
  divergence: { check: (who, name, value) => (value === Infinity ? Infinity : finite(who, name, value, 1)), default: 4 },
  generators: { check: checkGenerators, default: {} },
  signal: { check: checkSignal }, // none
  yieldEvery: { check: (who, name, value) => whole(who, name, value, 0), default: 16 },
}; // prettier-ignore

/**
 * Trains for some batches while the learning rate grows from `from` to `to` by the same factor each time, and gives the losses.
 * Then weights, buffers, gradients, modes, the optimizer with its learning rate and state, generators, and the position of the
 * data are what they were.
 *
 * @example
 * const { points, suggestion } = await lrFind(model, data, { optimizer });
 * for (const { lr, smoothed } of points) console.log(lr.toExponential(1), smoothed.toFixed(3));
 * if (suggestion !== null) optimizer.lr = suggestion; // a hint: the curve says more
 *
 * @throws ArgumentError for an unusable option, and when there is no batch
 * @see Smith, "Cyclical learning rates for training neural networks", WACV 2017
 */
export async function lrFind(model: Layer, data: DataSource, options: LrFindOptions): Promise<LrFinding> {
  const who = "lrFind";
  checkModel(who, model);
  const settings = readOptions(who, OPTIONS, options);
  const { optimizer: optimizers, from, to, steps, generators, signal, yieldEvery } = settings;
  if (optimizers.length !== 1) throw new ArgumentError(`${who}: expected one optimizer, got ${optimizers.length}.`);
  if (from >= to) throw new ArgumentError(`${who}: expected from below to, got ${from} and ${to}.`);
  const optimizer = optimizers[0] as ScheduledOptimizer;
  const groups = optimizer.groups ?? [optimizer];
  const first = groups[0].lr;
  if (!groups.every(({ lr }) => typeof lr === "number" && lr > 0)) {
    throw new ArgumentError(
      `${who}: expected an optimizer with learning rates above 0, got ${show(groups.map(({ lr }) => lr))}.`,
    );
  }
  const loss = settings.loss ?? new CrossEntropy();
  const source = new Source(who, "data", data);
  signal?.throwIfAborted();

  const own = source.data instanceof Batches;
  const run: Run = { model, optimizer, generators, ...(own && { batches: source.data as AnyBatches }) };
  const before = encodeFor(who, run);
  const place = !own && source.hasPosition ? [source.position] : [];
  const modes = new Modes(model);
  const putBack = (): void => {
    modes.end();
    prepareRestore(who, run, decodeFor(who, before))();
    for (const position of place) source.moveTo(position);
  };
  const rates = Array.from({ length: steps }, (_, i) => from * pow(to / from, i / (steps - 1)));
  const ratios = groups.map(({ lr }) => lr / first);
  const curve = new Curve(settings.smoothing, settings.divergence);
  try {
    modes.begin();
    const breath = new Breath(yieldEvery);
    let next = 0;
    while (next < steps) {
      const begun = next;
      const feed = await source.open();
      try {
        while (next < steps) {
          const asked = feed.next();
          const { done, value } = (isThenable(asked) ? await asked : asked) as IteratorResult<unknown>;
          if (done === true) break;
          const { x, y } = source.read(value);
          groups.forEach((group, i) => (group.lr = ratios[i] * rates[next]));
          const now = lossOf(who, loss, model.forward(x), y);
          if (!curve.add(rates[next], now)) next = steps;
          else {
            optimizer.zeroGrad();
            model.backward(loss.backward(), { inputGrad: false });
            optimizer.step();
            next++;
          }
          if (breath.due) await breath.take();
          signal?.throwIfAborted();
        }
      } finally {
        await feed.close();
      }
      if (next === begun) source.refuseEmpty(begun > 0);
    }
  } finally {
    putBack();
  }
  return { points: curve.points, suggestion: curve.steepest() };
}

/** The points so far. */
class Curve {
  readonly points: LrPoint[] = [];
  #mean = 0;
  #weight = 0;

  constructor(
    readonly smoothing: number,
    readonly divergence: number,
  ) {}

  /** Whether to go on. */
  add(lr: number, loss: number): boolean {
    if (!Number.isFinite(loss)) return false;
    // An exponential mean with Adam's correction, so written that losses that stay the same stay the same.
    this.#weight = this.smoothing * this.#weight + 1 - this.smoothing;
    const smoothed = this.#mean + ((1 - this.smoothing) / this.#weight) * (loss - this.#mean);
    this.#mean = smoothed;
    this.points.push({ lr, loss, smoothed });
    const smallest = this.points.reduce((least, point) => Math.min(least, point.smoothed), Infinity);
    // A loss below 0 has no multiples.
    return smallest <= 0 || smoothed <= this.divergence * smallest;
  }

  /** Where the smoothed loss falls fastest over log lr. The first tenth is left out: its means are of too few. */
  steepest(): number | null {
    const { points } = this;
    let [best, slope] = [-1, 0];
    for (let i = Math.max(1, Math.floor(points.length / 10)); i < points.length - 1; i++) {
      const rise = points[i + 1].smoothed - points[i - 1].smoothed;
      const here = rise / log(points[i + 1].lr / points[i - 1].lr);
      if (here < slope) [best, slope] = [i, here];
    }
    return best < 0 ? null : points[best].lr;
  }
}

function above0(who: string, name: string, value: unknown): number {
  if (finite(who, name, value, 0) > 0) return value as number;
  throw new ArgumentError(`${who}: expected ${name} to be above 0, got 0.`);
}

function checkSmoothing(who: string, name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < 1) return value;
  throw new ArgumentError(`${who}: expected ${name} to be at least 0 and below 1, got ${show(value)}.`);
}
