// NAdam: Adam with Nesterov's momentum. The update of one parameter is the kernel `adam`, in whose step the gradient takes a
// share of its own.
import { atLeast0, type Settings } from "../base/options.js";
import { powOfPositive } from "../numbers/math.js";
import { biasCorrection, checkBetas } from "./adam.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link NAdam}; each is also a live property of the optimizer. */
export interface NAdamOptions {
  /** Learning rate, at least 0. Default 2e-3. */
  readonly lr?: number;
  /** Decay of the mean and of the mean square of the gradients, each at least 0 and below 1. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root, against division by 0; at least 0. Default 1e-8. */
  readonly eps?: number;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** How fast the momentum grows from half of beta1 to beta1, at least 0. Default 4e-3. */
  readonly momentumDecay?: number;
}

const RULE: Rule<NAdamOptions> = {
  type: "NAdam",
  options: {
    lr: { check: atLeast0, default: 2e-3 },
    betas: { check: checkBetas, default: [0.9, 0.999] },
    eps: { check: atLeast0, default: 1e-8 },
    weightDecay: { check: atLeast0, default: 0 },
    momentumDecay: { check: atLeast0, default: 4e-3 },
  },
  // The number of steps, mu_1 ... mu_t, the mean of the gradients, the mean of their squares.
  state: { step: "count", muProduct: "number", expAvg: "tensor", expAvgSq: "tensor" },
};

/**
 * NAdam, for step t = 1, 2, ... with mu_t = beta1 * (1 - 0.96^(t * momentumDecay) / 2):
 *
 *     g = dw + weightDecay * w
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     n = mu_(t+1) * m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) * g / (1 - mu_1 ... mu_t)
 *     w = w - lr * n / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * @example
 * const optimizer = new NAdam(model.parameters(), { lr: 2e-3 });
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html (before 2.0 with a factor mu_t too many)
 * @see Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016
 */
export class NAdam extends RuleOptimizer<NAdamOptions> {
  constructor(parameters: ParametersOrGroups<NAdamOptions>, options: NAdamOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update({ kernels, w, dw, memory }: Update, settings: Settings<NAdamOptions>): void {
    const { lr, eps, weightDecay, momentumDecay } = settings;
    const [beta1, beta2] = settings.betas;
    const t = memory.nextStep();
    const mu = momentum(beta1, t * momentumDecay);
    const next = momentum(beta1, (t + 1) * momentumDecay);
    const product = memory.number("muProduct", (before = 1) => before * mu);
    const gradientRate = (lr * (1 - mu)) / (1 - product);
    const [m, v] = [memory.array("expAvg"), memory.array("expAvgSq")];
    const g = { beta1, beta2, eps, weightDecay, decoupled: false, bias2: biasCorrection(beta2, t), gradientRate };
    kernels.adam({ ...g, lr: lr * next, bias1: 1 - product * next }, dw, w, m, v, null);
  }
}

function momentum(beta1: number, age: number): number {
  return beta1 * (1 - 0.5 * powOfPositive(0.96, age));
}
