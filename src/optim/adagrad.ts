// Adagrad: the gradient over the root of the sum of its squares. The update of one parameter is the kernel `rmsprop`, whose
// mean square then is a sum.
import { activeKit } from "../backend/select.js";
import { optimizer } from "../backend/wasm/kit/optimizer.js";
import { atLeast0, type Settings } from "../base/options.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link Adagrad}; each is also a live property of the optimizer. */
export interface AdagradOptions {
  /** Learning rate, at least 0. Default 0.01. */
  readonly lr?: number;
  /** Decay of the learning rate, at least 0. Default 0. */
  readonly lrDecay?: number;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** What the sums of squares start from, at least 0; of a parameter, at its first step. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Added to the root, against division by 0; at least 0. Default 1e-10. */
  readonly eps?: number;
}

const RULE: Rule<AdagradOptions> = {
  type: "Adagrad",
  options: {
    lr: { check: atLeast0, default: 0.01 },
    lrDecay: { check: atLeast0, default: 0 },
    weightDecay: { check: atLeast0, default: 0 },
    initialAccumulatorValue: { check: atLeast0, default: 0 },
    eps: { check: atLeast0, default: 1e-10 },
  },
  state: { step: "count", sum: "tensor" },
};

/**
 * Adagrad, for step t = 1, 2, ...:
 *
 *     g = dw + weightDecay * w
 *     s = s + g^2
 *     w = w - lr / (1 + (t - 1) * lrDecay) * g / (sqrt(s) + eps)
 *
 * @example
 * const optimizer = new Adagrad(model.parameters(), { lr: 0.01 });
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 * @see Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011
 */
export class Adagrad extends RuleOptimizer<AdagradOptions> {
  constructor(parameters: ParametersOrGroups<AdagradOptions>, options: AdagradOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update({ w, dw, memory }: Update, settings: Settings<AdagradOptions>): void {
    const { eps, weightDecay, lrDecay, initialAccumulatorValue } = settings;
    const lr = settings.lr / (1 + (memory.nextStep() - 1) * lrDecay);
    const sum = memory.array("sum", initialAccumulatorValue);
    activeKit(optimizer).rmsprop({ lr, keep: 1, share: 1, eps, momentum: 0, weightDecay }, dw, w, sum, null, null);
  }
}
