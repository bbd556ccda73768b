// RMSprop: the gradient over the root of its running mean square. The update of one parameter is the kernel `rmsprop`.
import { activeKit } from "../backend/select.js";
import { optimizer } from "../backend/wasm/kit/optimizer.js";
import { finite, flag } from "../base/check.js";
import { atLeast0, type Settings } from "../base/options.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link RMSprop}; each is also a live property of the optimizer. */
export interface RMSpropOptions {
  /** Learning rate, at least 0. Default 0.01. */
  readonly lr?: number;
  /** Decay of the mean square, from 0 to 1. Default 0.99. */
  readonly alpha?: number;
  /** Added to the root, against division by 0; at least 0. Default 1e-8. */
  readonly eps?: number;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Share of the last update's direction that is kept, at least 0. Default 0. */
  readonly momentum?: number;
  /** Whether the gradient is divided by its standard deviation instead of its root mean square. Default false. */
  readonly centered?: boolean;
}

const RULE: Rule<RMSpropOptions> = {
  type: "RMSprop",
  options: {
    lr: { check: atLeast0, default: 0.01 },
    alpha: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 0.99 },
    eps: { check: atLeast0, default: 1e-8 },
    weightDecay: { check: atLeast0, default: 0 },
    momentum: { check: atLeast0, default: 0 },
    centered: { check: flag, default: false },
  },
  state: { squareAvg: "tensor", gradAvg: "optional tensor", momentumBuffer: "optional tensor" },
};

/**
 * RMSprop:
 *
 *     g = dw + weightDecay * w
 *     v = alpha * v + (1 - alpha) * g^2
 *     a = alpha * a + (1 - alpha) * g            (centered; else a = 0)
 *     b = momentum * b + g / (sqrt(v - a^2) + eps)
 *     w = w - lr * b
 *
 * @example
 * const optimizer = new RMSprop(model.parameters(), { lr: 1e-3, momentum: 0.9 });
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 * @see Tieleman and Hinton, "Lecture 6.5: rmsprop", Coursera 2012; Graves, "Generating sequences with recurrent neural
 *   networks", 2013, for the centered form
 */
export class RMSprop extends RuleOptimizer<RMSpropOptions> {
  constructor(parameters: ParametersOrGroups<RMSpropOptions>, options: RMSpropOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update({ w, dw, memory }: Update, settings: Settings<RMSpropOptions>): void {
    const { lr, alpha, eps, weightDecay, momentum, centered } = settings;
    const v = memory.array("squareAvg");
    const mean = centered ? memory.array("gradAvg") : null;
    const buffer = momentum > 0 ? memory.array("momentumBuffer") : null;
    activeKit(optimizer).rmsprop(
      { lr, keep: alpha, share: 1 - alpha, eps, momentum, weightDecay },
      dw,
      w,
      v,
      mean,
      buffer,
    );
  }
}
