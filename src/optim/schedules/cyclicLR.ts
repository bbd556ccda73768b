// CyclicLR: the learning rate goes up and down between two bounds along straight lines; the momentum goes the other way.
import { finite, flag, oneOf, show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { pow } from "../../numbers/math.js";
import { RuleScheduler, checkHasMomentum, perGroup, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link CyclicLR}. */
export interface CyclicLROptions {
  /** How many steps it goes up. Default 2000. */
  readonly stepSizeUp?: number;
  /** How many steps it goes down. Default as many as up. */
  readonly stepSizeDown?: number;
  /** How the height changes: not, half of it in each cycle, or by `gamma` in each step. Default "triangular". */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** The factor of "expRange". Default 1. */
  readonly gamma?: number;
  /** A function for the height in the place of `mode`, from 0 to 1. It is not part of the state. */
  readonly scaleFn?: (x: number) => number;
  /** Whether `scaleFn` is of the number of the cycle, from 1, or of the step. Default "cycle". */
  readonly scaleMode?: "cycle" | "iterations";
  /** Whether the momentum (of Adam the first beta) goes down and up against the learning rate. Default true. */
  readonly cycleMomentum?: boolean;
  /** The smallest momentum; a list has one for each group. Default 0.8. */
  readonly baseMomentum?: number | readonly number[];
  /** The largest momentum; a list has one for each group. Default 0.9. */
  readonly maxMomentum?: number | readonly number[];
}

type Optional = "stepSizeDown" | "scaleFn";
type Kept = Required<Omit<CyclicLROptions, Optional>> & {
  readonly [K in Optional]: Required<CyclicLROptions>[K] | null;
};

const OPTIONS: OptionTable<Kept> = {
  stepSizeUp: { check: (who, name, value) => whole(who, name, value, 1), default: 2000 },
  stepSizeDown: { check: (who, name, value) => (value === null ? null : whole(who, name, value, 1)), default: null },
  mode: { check: (who, name, value) => oneOf(who, name, value, ["triangular", "triangular2", "expRange"]), default: "triangular" },
  gamma: { check: (who, name, value) => finite(who, name, value, 0), default: 1 },
  scaleFn: { check: checkFunction, default: null },
  scaleMode: { check: (who, name, value) => oneOf(who, name, value, ["cycle", "iterations"]), default: "cycle" },
  cycleMomentum: { check: flag, default: true },
  baseMomentum: { check: (_who, _name, value) => value as number, default: 0.8 }, // checked when the groups are known
  maxMomentum: { check: (_who, _name, value) => value as number, default: 0.9 },
}; // prettier-ignore

/**
 * Takes the learning rate of each group from `baseLr` up to `maxLr` in `stepSizeUp` steps, down again in `stepSizeDown`, and so
 * on. At the height h of the cycle, from 0 to 1 and back,
 *
 *     lr = baseLr + (maxLr - baseLr) * h * scale
 *     momentum = maxMomentum - (maxMomentum - baseMomentum) * h * scale
 *
 * where scale is 1 ("triangular"), 1 / 2^(cycle - 1) ("triangular2"), gamma^t ("expRange") or `scaleFn`.
 *
 * @param baseLr the smallest learning rate; a list has one for each group of the optimizer
 * @param maxLr the largest learning rate
 *
 * @example
 * const schedule = new CyclicLR(optimizer, 0.001, 0.1, { stepSizeUp: 500 });
 *
 * @throws ArgumentError for an unusable argument, or an optimizer without momentum
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 * @see Smith, "Cyclical learning rates for training neural networks", WACV 2017
 */
export class CyclicLR extends RuleScheduler {
  constructor(
    optimizer: ScheduledOptimizer,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicLROptions = {},
  ) {
    const who = "CyclicLR";
    const settings = readOptions(who, OPTIONS, options);
    const { stepSizeUp: up, stepSizeDown: down, mode, gamma, scaleFn, cycleMomentum } = settings;
    const [low, high] = [perGroup(who, "baseLr", baseLr, optimizer), perGroup(who, "maxLr", maxLr, optimizer)];
    const lowMomentum = perGroup(who, "baseMomentum", settings.baseMomentum, optimizer, 1);
    const highMomentum = perGroup(who, "maxMomentum", settings.maxMomentum, optimizer, 1);
    if (cycleMomentum) checkHasMomentum(who, optimizer);

    const size = up + (down ?? up);
    const height = (t: number): number => {
      const cycle = Math.floor(1 + t / size);
      const x = 1 + t / size - cycle;
      const h = x <= up / size ? x / (up / size) : (x - 1) / (up / size - 1);
      if (scaleFn !== null) return h * scaleFn(settings.scaleMode === "cycle" ? cycle : t);
      return mode === "triangular" ? h : h * (mode === "triangular2" ? 1 / pow(2, cycle - 1) : pow(gamma, t));
    };
    const momentum = (t: number, i: number): number => highMomentum[i] - (highMomentum[i] - lowMomentum[i]) * height(t);
    super(who, optimizer, ({ t, i }) => low[i] + (high[i] - low[i]) * height(t), cycleMomentum ? momentum : undefined);
  }
}

function checkFunction(who: string, name: string, value: unknown): ((x: number) => number) | null {
  if (value === null || typeof value === "function") return value as ((x: number) => number) | null;
  throw new ArgumentError(`${who}: expected ${name} to be a function, got ${show(value)}.`);
}
