// AdamW: Adam with decoupled weight decay. The update of one parameter is the kernel `adam`, decoupled.
import { flag } from "../base/check.js";
import { atLeast0, type Settings } from "../base/options.js";
import { ADAM_STATE, adamStep, checkBetas, type AdamOptions } from "./adam.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link AdamW}: those of {@link Adam}, but for the weight decay. */
export interface AdamWOptions extends AdamOptions {
  /** Decay of the weights, at least 0: each step first shrinks them by lr * weightDecay of themselves. Default 0.01. */
  readonly weightDecay?: number;
}

const RULE: Rule<AdamWOptions> = {
  type: "AdamW",
  options: {
    lr: { check: atLeast0, default: 1e-3 },
    betas: { check: checkBetas, default: [0.9, 0.999] },
    eps: { check: atLeast0, default: 1e-8 },
    weightDecay: { check: atLeast0, default: 0.01 },
    amsgrad: { check: flag, default: false },
  },
  state: ADAM_STATE,
};

/**
 * Adam whose weight decay does not enter the moments, for step t = 1, 2, ...:
 *
 *     w = w - lr * weightDecay * w
 *     m = beta1 * m + (1 - beta1) * dw
 *     v = beta2 * v + (1 - beta2) * dw^2
 *     w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * With `amsgrad` the largest v so far stands in the place of v.
 *
 * @example
 * const optimizer = new AdamW(model.parameters(), { lr: 1e-3, weightDecay: 0.05 });
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 * @see Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019
 */
export class AdamW extends RuleOptimizer<AdamWOptions> {
  constructor(parameters: ParametersOrGroups<AdamWOptions>, options: AdamWOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update(on: Update, settings: Settings<AdamWOptions>): void {
    adamStep(on, settings, true);
  }
}
