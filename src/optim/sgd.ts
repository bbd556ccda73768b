// SGD: stochastic gradient descent, with momentum. The update of one parameter is the kernel `sgd`.
import { finite, flag } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { atLeast0, type Settings } from "../base/options.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";

/** Options of {@link SGD}; each is also a live property of the optimizer. */
export interface SGDOptions {
  /** Learning rate, at least 0. */
  readonly lr: number;
  /** Share of the last update's direction that is kept, at least 0. Default 0. */
  readonly momentum?: number;
  /** Share of the gradient that does not enter the momentum. Default 0. */
  readonly dampening?: number;
  /** Nesterov's form of momentum; needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

const RULE: Rule<SGDOptions> = {
  type: "SGD",
  options: {
    lr: {
      check: atLeast0,
      missing: "a learning rate, got none (it has no default: new SGD(parameters, { lr: 0.01 }))",
    },
    momentum: { check: atLeast0, default: 0 },
    dampening: { check: finite, default: 0 },
    nesterov: { check: flag, default: false },
    weightDecay: { check: atLeast0, default: 0 },
  },
  state: { momentumBuffer: "tensor" },
  together: (who, { nesterov, momentum, dampening }) => {
    if (!nesterov || (momentum > 0 && dampening === 0)) return;
    throw new ArgumentError(
      `${who}: expected momentum above 0 and dampening 0 with nesterov, got momentum ${momentum} and dampening ` +
        `${dampening}.`,
    );
  },
};

/**
 * Stochastic gradient descent, w = w - lr * g with
 *
 *     g = dw + weightDecay * w
 *     b = momentum * b + (1 - dampening) * g     (b = g in the first step)
 *     g = nesterov ? g + momentum * b : b        (with momentum)
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
 * optimizer.zeroGrad(); model.backward(loss.backward()); optimizer.step();
 * optimizer.lr = 0.001; // live
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends RuleOptimizer<SGDOptions> {
  constructor(parameters: ParametersOrGroups<SGDOptions>, options: SGDOptions) {
    super(RULE, parameters, options);
  }

  // A parameter without a buffer gets none from a state: the next step then starts it as the plain gradient.
  protected override update({ kernels, w, dw, memory }: Update, settings: Settings<SGDOptions>): void {
    const first = !memory.has("momentumBuffer");
    const buffer = settings.momentum === 0 ? null : memory.array("momentumBuffer");
    kernels.sgd({ ...settings, first }, dw, w, buffer);
  }
}
