// Adadelta: steps of the size that the last ones had, without a learning rate to choose. The update of one parameter is the
// kernel `adadelta`.
import { activeKit } from "../backend/select.js";
import { optimizer } from "../backend/wasm/kit/optimizer.js";
import { finite } from "../base/check.js";
import { atLeast0, type Settings } from "../base/options.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link Adadelta}; each is also a live property of the optimizer. */
export interface AdadeltaOptions {
  /** Factor of the step, at least 0. Default 1. */
  readonly lr?: number;
  /** Decay of the mean squares, from 0 to 1. Default 0.9. */
  readonly rho?: number;
  /** Added to both mean squares, at least 0. Default 1e-6. */
  readonly eps?: number;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

const RULE: Rule<AdadeltaOptions> = {
  type: "Adadelta",
  options: {
    lr: { check: atLeast0, default: 1 },
    rho: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 0.9 },
    eps: { check: atLeast0, default: 1e-6 },
    weightDecay: { check: atLeast0, default: 0 },
  },
  state: { squareAvg: "tensor", accDelta: "tensor" },
};

/**
 * Adadelta:
 *
 *     g = dw + weightDecay * w
 *     v = rho * v + (1 - rho) * g^2
 *     d = sqrt(u + eps) / sqrt(v + eps) * g
 *     u = rho * u + (1 - rho) * d^2
 *     w = w - lr * d
 *
 * @example
 * const optimizer = new Adadelta(model.parameters());
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 * @see Zeiler, "ADADELTA: an adaptive learning rate method", 2012
 */
export class Adadelta extends RuleOptimizer<AdadeltaOptions> {
  constructor(parameters: ParametersOrGroups<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update({ w, dw, memory }: Update, settings: Settings<AdadeltaOptions>): void {
    activeKit(optimizer).adadelta(settings, dw, w, memory.array("squareAvg"), memory.array("accDelta"));
  }
}
