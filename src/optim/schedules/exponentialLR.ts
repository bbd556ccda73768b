// ExponentialLR: the learning rate falls by a factor in every step.
import { finite } from "../../base/check.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/**
 * Multiplies the learning rate of each group by `gamma` in each step:
 *
 *     lr(t) = lr(t - 1) * gamma
 *
 * @example
 * const schedule = new ExponentialLR(optimizer, 0.95);
 *
 * @throws ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, gamma: number) {
    finite("ExponentialLR", "gamma", gamma, 0);
    super("ExponentialLR", optimizer, ({ t, lr }) => (t === 0 ? lr : lr * gamma));
  }
}
