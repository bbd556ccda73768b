// Lion: steps of one size in the direction of a sign. The update of one parameter is the kernel `lion`.
import { activeKit } from "../backend/select.js";
import { optimizer } from "../backend/wasm/kit/optimizer.js";
import { atLeast0, type Settings } from "../base/options.js";
import { checkBetas } from "./adam.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link Lion}; each is also a live property of the optimizer. */
export interface LionOptions {
  /** Learning rate, at least 0: the size of every step. A third to a tenth of Adam's is usual. Default 1e-4. */
  readonly lr?: number;
  /** Decay of the mean in the sign, and of the mean that is kept, each at least 0 and below 1. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Decay of the weights, at least 0: each step first shrinks them by lr * weightDecay of themselves. Default 0. */
  readonly weightDecay?: number;
}

const RULE: Rule<LionOptions> = {
  type: "Lion",
  options: {
    lr: { check: atLeast0, default: 1e-4 },
    betas: { check: checkBetas, default: [0.9, 0.99] },
    weightDecay: { check: atLeast0, default: 0 },
  },
  state: { expAvg: "tensor" },
};

/**
 * Lion ("evolved sign momentum"):
 *
 *     w = w - lr * weightDecay * w
 *     w = w - lr * sign(beta1 * m + (1 - beta1) * dw)     (sign(0) = 0)
 *     m = beta2 * m + (1 - beta2) * dw
 *
 * @example
 * const optimizer = new Lion(model.parameters(), { lr: 1e-4, weightDecay: 0.1 });
 *
 * @throws ArgumentError for an unusable option
 * @see Chen and others, "Symbolic discovery of optimization algorithms", NeurIPS 2023
 */
export class Lion extends RuleOptimizer<LionOptions> {
  constructor(parameters: ParametersOrGroups<LionOptions>, options: LionOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update({ w, dw, memory }: Update, settings: Settings<LionOptions>): void {
    const { lr, weightDecay } = settings;
    const [beta1, beta2] = settings.betas;
    activeKit(optimizer).lion({ lr, beta1, beta2, weightDecay }, dw, w, memory.array("expAvg"));
  }
}
