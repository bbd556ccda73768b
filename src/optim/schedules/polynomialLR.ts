// PolynomialLR: the learning rate goes down to 0 as a power of the steps that are left.
import { whole } from "../../base/check.js";
import { atLeast0, readOptions, type OptionTable } from "../../base/options.js";
import { pow } from "../../numbers/math.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link PolynomialLR}. */
export interface PolynomialLROptions {
  /** How many steps it takes to 0. Default 5. */
  readonly totalIters?: number;
  /** The power; 1 is a straight line. Default 1. */
  readonly power?: number;
}

const OPTIONS: OptionTable<PolynomialLROptions> = {
  totalIters: { check: (who, name, value) => whole(who, name, value, 1), default: 5 },
  power: { check: atLeast0, default: 1 },
};

/**
 * Takes the learning rate of each group down to 0 in `totalIters` steps, where it stays:
 *
 *     lr(t) = lr(t - 1) * ((1 - t / totalIters) / (1 - (t - 1) / totalIters))^power
 *
 * which is lr(0) * (1 - t / totalIters)^power.
 *
 * @example
 * const schedule = new PolynomialLR(optimizer, { totalIters: 50, power: 2 });
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export class PolynomialLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, options: PolynomialLROptions = {}) {
    const { totalIters, power } = readOptions("PolynomialLR", OPTIONS, options);
    super("PolynomialLR", optimizer, ({ t, lr }) => {
      if (t === 0 || t > totalIters) return lr;
      return lr * pow((1 - t / totalIters) / (1 - (t - 1) / totalIters), power);
    });
  }
}
