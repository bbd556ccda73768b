// LambdaLR: the learning rate by a function of one's own.
import { show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** A factor for the learning rate at step t = 0, 1, ... */
export type RateFactor = (t: number) => number;

/**
 * The learning rate of each group is the one that it started with, times a function of the step:
 *
 *     lr(t) = lr * factor(t)
 *
 * The functions are not part of the state.
 *
 * @param factor the function, or a list of functions, one for each group of the optimizer
 *
 * @example
 * const schedule = new LambdaLR(optimizer, (epoch) => 1 / (1 + epoch));
 *
 * @throws ArgumentError for what is no function; the optimizer's, when a function gives no usable learning rate
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 */
export class LambdaLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, factor: RateFactor | readonly RateFactor[]) {
    const count = optimizer?.groups?.length ?? 1;
    const factors: readonly unknown[] = Array.isArray(factor) ? factor : Array.from({ length: count }, () => factor);
    if (factors.length !== count || !factors.every((each) => typeof each === "function")) {
      throw new ArgumentError(
        `LambdaLR: expected a function, or a list of ${count}, one for each group of the optimizer, got ${show(factor)}.`,
      );
    }
    super("LambdaLR", optimizer, ({ t, i, base }) => base * (factors as readonly RateFactor[])[i](t));
  }
}
