// OneCycleLR: the learning rate goes up to its largest value and then far down, once; the momentum goes the other way.
import { finite, flag, oneOf, show, whole } from "../../base/check.js";
import { ArgumentError, StateError } from "../../base/errors.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { wave } from "./cosine.js";
import { RuleScheduler, checkHasMomentum, perGroup, type SchedulePoint, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link OneCycleLR}. Either `totalSteps` is needed, or `epochs` and `stepsPerEpoch`. */
export interface OneCycleLROptions {
  /** How many steps the cycle has. */
  readonly totalSteps?: number;
  /** How many epochs it has, with `stepsPerEpoch`. */
  readonly epochs?: number;
  /** How many steps an epoch has. */
  readonly stepsPerEpoch?: number;
  /** The share of the cycle in which the learning rate goes up, from 0 to 1. Default 0.3. */
  readonly pctStart?: number;
  /** Along a cosine or a straight line. Default "cos". */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether the momentum (of Adam the first beta) goes down and up against the learning rate. Default true. */
  readonly cycleMomentum?: boolean;
  /** The smallest momentum; a list has one for each group. Default 0.85. */
  readonly baseMomentum?: number | readonly number[];
  /** The largest momentum; a list has one for each group. Default 0.95. */
  readonly maxMomentum?: number | readonly number[];
  /** The learning rate starts at maxLr / divFactor. Default 25. */
  readonly divFactor?: number;
  /** It ends at maxLr / divFactor / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
  /** Whether it first comes back to its start, in the same time, and only then goes down to its end. Default false. */
  readonly threePhase?: boolean;
}

type Counts = "totalSteps" | "epochs" | "stepsPerEpoch";
type Kept = Required<Omit<OneCycleLROptions, Counts>> & Readonly<Record<Counts, number | null>>;

const OPTIONS: OptionTable<Kept> = {
  totalSteps: { check: countOrNull, default: null },
  epochs: { check: countOrNull, default: null },
  stepsPerEpoch: { check: countOrNull, default: null },
  pctStart: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 0.3 },
  annealStrategy: { check: (who, name, value) => oneOf(who, name, value, ["cos", "linear"]), default: "cos" },
  cycleMomentum: { check: flag, default: true },
  baseMomentum: { check: (_who, _name, value) => value as number, default: 0.85 }, // checked when the groups are known
  maxMomentum: { check: (_who, _name, value) => value as number, default: 0.95 },
  divFactor: { check: above0, default: 25 },
  finalDivFactor: { check: above0, default: 1e4 },
  threePhase: { check: flag, default: false },
};

/**
 * One cycle in `totalSteps` steps. In its first part, a share of `pctStart`, the learning rate goes from maxLr / divFactor up
 * to `maxLr` and the momentum from `maxMomentum` down to `baseMomentum`; in the second the learning rate goes down to
 * maxLr / divFactor / finalDivFactor and the momentum comes up again. With `threePhase` it first comes back to its start, in
 * as many steps as it went up, and then goes down with the momentum at `maxMomentum`. Between a and b, at the share p of a part:
 *
 *     "cos": b + (a - b) / 2 * (1 + cos(pi p))      "linear": a + (b - a) * p
 *
 * Call `step` after each batch. After the last step of the cycle the learning rate stays, one more is an error.
 *
 * @param maxLr the largest learning rate; a list has one for each group of the optimizer
 *
 * @example
 * const schedule = new OneCycleLR(optimizer, 0.01, { epochs: 5, stepsPerEpoch: 938 });
 * for (const [x, labels] of data) { trainOn(x, labels); schedule.step(); }
 *
 * @throws ArgumentError for an unusable argument, or an optimizer without momentum; StateError for a step too many
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 * @see Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2019
 */
export class OneCycleLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, maxLr: number | readonly number[], options: OneCycleLROptions = {}) {
    const who = "OneCycleLR";
    const settings = readOptions(who, OPTIONS, options);
    const { pctStart, threePhase, cycleMomentum, divFactor, finalDivFactor } = settings;
    const total = readTotal(who, settings);
    const highest = perGroup(who, "maxLr", maxLr, optimizer);
    const lowMomentum = perGroup(who, "baseMomentum", settings.baseMomentum, optimizer, 1);
    const highMomentum = perGroup(who, "maxMomentum", settings.maxMomentum, optimizer, 1);
    if (cycleMomentum) checkHasMomentum(who, optimizer);

    // Each part ends at a step, which need not be whole, with a learning rate and a momentum.
    const up = pctStart * total - 1;
    const ends = threePhase ? [up, 2 * pctStart * total - 2, total - 1] : [up, total - 1];
    const at = (t: number, values: readonly number[]): number => {
      if (t > total) {
        throw new StateError(
          `${who}: expected at most ${total} steps, got one more (make it with the steps of the run).`,
        );
      }
      const step = Math.min(t, total - 1);
      let part = ends.findIndex((end) => step <= end);
      if (part < 0) part = ends.length - 1;
      const from = part === 0 ? 0 : ends[part - 1];
      const p = (step - from) / (ends[part] - from);
      const [a, b] = [values[part], values[part + 1]];
      return settings.annealStrategy === "cos" ? b + ((a - b) / 2) * wave(p) : a + (b - a) * p;
    };
    const rate = ({ t, i }: SchedulePoint): number => {
      const start = highest[i] / divFactor;
      return at(
        t,
        threePhase ? [start, highest[i], start, start / finalDivFactor] : [start, highest[i], start / finalDivFactor],
      );
    };
    const momentum = (t: number, i: number): number => {
      const [low, high] = [lowMomentum[i], highMomentum[i]];
      return at(t, threePhase ? [high, low, high, high] : [high, low, high]);
    };
    super(who, optimizer, rate, cycleMomentum ? momentum : undefined);
  }
}

function readTotal(who: string, { totalSteps, epochs, stepsPerEpoch }: Pick<Kept, Counts>): number {
  if (totalSteps !== null) return totalSteps;
  if (epochs !== null && stepsPerEpoch !== null) return epochs * stepsPerEpoch;
  throw new ArgumentError(`${who}: expected totalSteps, or epochs and stepsPerEpoch, got neither.`);
}

function countOrNull(who: string, name: string, value: unknown): number | null {
  return value === null ? null : whole(who, name, value, 1);
}

function above0(who: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a finite number above 0, got ${show(value)}.`);
}
