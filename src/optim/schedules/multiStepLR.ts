// MultiStepLR: the learning rate falls by a factor at given steps.
import { finite, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { pow } from "../../numbers/math.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link MultiStepLR}. */
export interface MultiStepLROptions {
  /** The factor. Default 0.1. */
  readonly gamma?: number;
}

const OPTIONS: OptionTable<MultiStepLROptions> = { gamma: { check: finite, default: 0.1 } };

/**
 * Multiplies the learning rate of each group by `gamma` at each of the `milestones` (a step that is named twice counts twice):
 *
 *     lr(t) = lr(t - 1) * gamma^(how often t is among the milestones)
 *
 * @example
 * const schedule = new MultiStepLR(optimizer, [30, 80]);
 *
 * @throws ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, milestones: readonly number[], options: MultiStepLROptions = {}) {
    if (!Array.isArray(milestones) || !milestones.every((t) => Number.isSafeInteger(t) && t > 0)) {
      throw new ArgumentError(
        `MultiStepLR: expected milestones as a list of steps of at least 1, got ${show(milestones)}.`,
      );
    }
    const at = [...milestones];
    const { gamma } = readOptions("MultiStepLR", OPTIONS, options);
    super("MultiStepLR", optimizer, ({ t, lr }) => lr * pow(gamma, at.filter((milestone) => milestone === t).length));
  }
}
