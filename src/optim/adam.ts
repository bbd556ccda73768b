// Adam: adaptive moments. The update of one parameter is the kernel `adam`.
import { flag, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { atLeast0, type Settings } from "../base/options.js";
import { powOfPositive } from "../numbers/math.js";
import type { ParametersOrGroups } from "./groups.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";
import type { StateFields } from "./state.js";

/** Options of {@link Adam}; each is also a live property of the optimizer. */
export interface AdamOptions {
  /** Learning rate, at least 0. Default 1e-3. */
  readonly lr?: number;
  /** Decay of the mean and of the mean square of the gradients, each at least 0 and below 1. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root, against division by 0; at least 0. Default 1e-8. */
  readonly eps?: number;
  /** L2 penalty, at least 0: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Whether the largest mean square so far is used (AMSGrad). Default false. */
  readonly amsgrad?: boolean;
}

/** The number of steps, the mean of the gradients, the mean of their squares, the largest one so far. */
export const ADAM_STATE: StateFields = {
  step: "count",
  expAvg: "tensor",
  expAvgSq: "tensor",
  maxExpAvgSq: "optional tensor",
};

const RULE: Rule<AdamOptions> = {
  type: "Adam",
  options: {
    lr: { check: atLeast0, default: 1e-3 },
    betas: { check: checkBetas, default: [0.9, 0.999] },
    eps: { check: atLeast0, default: 1e-8 },
    weightDecay: { check: atLeast0, default: 0 },
    amsgrad: { check: flag, default: false },
  },
  state: ADAM_STATE,
};

/**
 * Adam, for step t = 1, 2, ...:
 *
 *     g = dw + weightDecay * w
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * With `amsgrad` the largest v so far stands in the place of v.
 *
 * @example
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
 * optimizer.zeroGrad(); model.backward(loss.backward()); optimizer.step();
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @see Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; Reddi et al., ICLR 2018 for AMSGrad
 */
export class Adam extends RuleOptimizer<AdamOptions> {
  constructor(parameters: ParametersOrGroups<AdamOptions>, options: AdamOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update(on: Update, settings: Settings<AdamOptions>): void {
    adamStep(on, settings, false);
  }
}

/** One step of Adam; `decoupled`: of AdamW. */
export function adamStep(
  { kernels, w, dw, memory }: Update,
  settings: Settings<AdamOptions>,
  decoupled: boolean,
): void {
  const { lr, eps, weightDecay, amsgrad } = settings;
  const [beta1, beta2] = settings.betas;
  const t = memory.nextStep();
  const [bias1, bias2] = [biasCorrection(beta1, t), biasCorrection(beta2, t)];
  const [m, v] = [memory.array("expAvg"), memory.array("expAvgSq")];
  const vMax = amsgrad ? memory.array("maxExpAvgSq") : null;
  kernels.adam({ lr, beta1, beta2, eps, weightDecay, decoupled, bias1, bias2, gradientRate: 0 }, dw, w, m, v, vMax);
}

/** Throws unless `value` is two decay rates; returns a copy that nobody can change. */
export function checkBetas(who: string, name: string, value: unknown): readonly [number, number] {
  const inRange = (beta: unknown): boolean => typeof beta === "number" && beta >= 0 && beta < 1;
  if (Array.isArray(value) && value.length === 2 && value.every(inRange)) {
    return Object.freeze([value[0] as number, value[1] as number] as const);
  }
  throw new ArgumentError(`${who}: expected ${name} to be two numbers of at least 0 and below 1, got ${show(value)}.`);
}

/** 1 - beta^t: the share of gradients, not zeros, in a moment after t steps. */
export function biasCorrection(beta: number, t: number): number {
  return beta === 0 ? 1 : 1 - powOfPositive(beta, t);
}
