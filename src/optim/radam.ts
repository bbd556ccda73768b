// RAdam: Adam that waits with the division until the mean square can be trusted. The update of one parameter is the kernel
// `adam`.
import { atLeast0, type Settings } from "../base/options.js";
import { powOfPositive } from "../numbers/math.js";
import { biasCorrection, checkBetas } from "./adam.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link RAdam}; each is also a live property of the optimizer. */
export interface RAdamOptions {
  /** Learning rate, at least 0. Default 1e-3. */
  readonly lr?: number;
  /** Decay of the mean and of the mean square of the gradients, each at least 0 and below 1. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root, against division by 0; at least 0. Default 1e-8. */
  readonly eps?: number;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

const RULE: Rule<RAdamOptions> = {
  type: "RAdam",
  options: {
    lr: { check: atLeast0, default: 1e-3 },
    betas: { check: checkBetas, default: [0.9, 0.999] },
    eps: { check: atLeast0, default: 1e-8 },
    weightDecay: { check: atLeast0, default: 0 },
  },
  state: { step: "count", expAvg: "tensor", expAvgSq: "tensor" },
};

/**
 * RAdam, for step t = 1, 2, ...:
 *
 *     g = dw + weightDecay * w
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     p = 2 / (1 - beta2) - 1,  q = p - 2 t beta2^t / (1 - beta2^t)
 *     r = sqrt((q - 4) (q - 2) p / ((p - 4) (p - 2) q))
 *     w = w - lr * m / (1 - beta1^t) * (q > 5 ? r * sqrt(1 - beta2^t) / (sqrt(v) + eps) : 1)
 *
 * @example
 * const optimizer = new RAdam(model.parameters(), { lr: 1e-3 });
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 * @see Liu and others, "On the variance of the adaptive learning rate and beyond", ICLR 2020
 */
export class RAdam extends RuleOptimizer<RAdamOptions> {
  constructor(parameters: ParametersOrGroups<RAdamOptions>, options: RAdamOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update({ kernels, w, dw, memory }: Update, settings: Settings<RAdamOptions>): void {
    const { lr, weightDecay } = settings;
    const [beta1, beta2] = settings.betas;
    const t = memory.nextStep();
    const bias1 = biasCorrection(beta1, t);
    const rectified = rectification(beta2, t);
    // The kernel divides by sqrt(v) / sqrt(bias2) + eps: here by sqrt(v) + eps, or, v / Infinity being 0, by 1.
    const step =
      rectified > 0
        ? { lr: lr * rectified * Math.sqrt(biasCorrection(beta2, t)), bias2: 1, eps: settings.eps }
        : { lr, bias2: Infinity, eps: 1 };
    const g = { ...step, beta1, beta2, weightDecay, decoupled: false, bias1, gradientRate: 0 };
    kernels.adam(g, dw, w, memory.array("expAvg"), memory.array("expAvgSq"), null);
  }
}

// r of the formula, or 0 as long as the mean square is of too few gradients.
function rectification(beta2: number, t: number): number {
  const longest = 2 / (1 - beta2) - 1;
  const power = beta2 === 0 ? 0 : powOfPositive(beta2, t);
  const length = longest - (2 * t * power) / (1 - power);
  if (!(length > 5)) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}
