// LinearLR: the learning rate moves along a straight line between two factors, as in a warm-up.
import { finite, show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link LinearLR}. */
export interface LinearLROptions {
  /** The factor at the start, above 0 and at most 1. Default 1/3. */
  readonly startFactor?: number;
  /** The factor at the end, from 0 to 1. Default 1. */
  readonly endFactor?: number;
  /** How many steps it takes. Default 5. */
  readonly totalIters?: number;
}

const OPTIONS: OptionTable<LinearLROptions> = {
  startFactor: { check: checkStart, default: 1 / 3 },
  endFactor: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 1 },
  totalIters: { check: (who, name, value) => whole(who, name, value, 1), default: 5 },
};

/**
 * Multiplies the learning rate of each group by a factor that goes in a straight line from `startFactor` to `endFactor` in
 * `totalIters` steps, and stays there:
 *
 *     factor(t) = startFactor + (endFactor - startFactor) * min(t, totalIters) / totalIters
 *     lr(0) = lr * factor(0),  lr(t) = lr(t - 1) * factor(t) / factor(t - 1)
 *
 * @example
 * const schedule = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 100 }); // a warm-up
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export class LinearLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, options: LinearLROptions = {}) {
    const { startFactor, endFactor, totalIters } = readOptions("LinearLR", OPTIONS, options);
    const change = endFactor - startFactor;
    super("LinearLR", optimizer, ({ t, lr }) => {
      if (t === 0) return lr * startFactor;
      if (t > totalIters) return lr;
      return lr * (1 + change / (totalIters * startFactor + (t - 1) * change));
    });
  }
}

// From 0 no factor leads up.
function checkStart(who: string, name: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= 1) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a number above 0 and of at most 1, got ${show(value)}.`);
}
