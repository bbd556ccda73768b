// StepLR: the learning rate falls by a factor every so many steps.
import { finite, whole } from "../../base/check.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link StepLR}. */
export interface StepLROptions {
  /** The factor. Default 0.1. */
  readonly gamma?: number;
}

const OPTIONS: OptionTable<StepLROptions> = { gamma: { check: finite, default: 0.1 } };

/**
 * Multiplies the learning rate of each group by `gamma` every `stepSize` steps:
 *
 *     lr(t) = lr(t - 1) * (t mod stepSize = 0 ? gamma : 1)
 *
 * @example
 * const schedule = new StepLR(optimizer, 30); // lr / 10 after 30, 60, ... epochs
 * for (let epoch = 0; epoch < 90; epoch++) { train(); schedule.step(); }
 *
 * @throws ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export class StepLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, stepSize: number, options: StepLROptions = {}) {
    whole("StepLR", "stepSize", stepSize, 1);
    const { gamma } = readOptions("StepLR", OPTIONS, options);
    super("StepLR", optimizer, ({ t, lr }) => (t > 0 && t % stepSize === 0 ? lr * gamma : lr));
  }
}
