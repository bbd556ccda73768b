// LAMB: Adam's direction, in steps whose length is a share of each parameter's own norm. Put together from the kernels of Adam
// and SGD.
import { keptNow } from "../backend/memory.js";
import { atLeast0, type Settings } from "../base/options.js";
import { ADAM_STATE, adamStep, checkBetas } from "./adam.js";
import type { ParametersOrGroups } from "./groups.js";
import { addScaled, norm } from "./inPlace.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";
import { Scratch } from "./scratch.js";
import type { StateFields } from "./state.js";

/** Options of {@link LAMB}; each is also a live property of the optimizer. */
export interface LAMBOptions {
  /** Learning rate, at least 0: the share of a parameter's norm that a step is long. Default 1e-3. */
  readonly lr?: number;
  /** Decay of the mean and of the mean square of the gradients, each at least 0 and below 1. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root, against division by 0; at least 0. Default 1e-6. */
  readonly eps?: number;
  /** Decay of the weights, at least 0: this times w is added to the direction. Default 0. */
  readonly weightDecay?: number;
}

const { step, expAvg, expAvgSq } = ADAM_STATE;
const STATE: StateFields = { step, expAvg, expAvgSq };

const RULE: Rule<LAMBOptions> = {
  type: "LAMB",
  options: {
    lr: { check: atLeast0, default: 1e-3 },
    betas: { check: checkBetas, default: [0.9, 0.999] },
    eps: { check: atLeast0, default: 1e-6 },
    weightDecay: { check: atLeast0, default: 0 },
  },
  state: STATE,
};

/**
 * LAMB, for step t = 1, 2, ... and each parameter by itself:
 *
 *     m = beta1 * m + (1 - beta1) * dw
 *     v = beta2 * v + (1 - beta2) * dw^2
 *     r = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + weightDecay * w
 *     w = w - lr * |w| / |r| * r         (a norm of 0 counts as a ratio of 1)
 *
 * @example
 * const optimizer = new LAMB(model.parameters(), { lr: 0.01, weightDecay: 0.01 });
 *
 * @throws ArgumentError for an unusable option
 * @see You and others, "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR 2020, algorithm 2
 */
export class LAMB extends RuleOptimizer<LAMBOptions> {
  readonly #scratch = new Scratch();

  constructor(parameters: ParametersOrGroups<LAMBOptions>, options: LAMBOptions = {}) {
    super(RULE, parameters, options);
  }

  protected override update(on: Update, settings: Settings<LAMBOptions>): void {
    const { kernels, w } = on;
    const { lr, weightDecay } = settings;
    // A step of Adam from zeros with lr 1 is its direction, -r.
    const direction = this.#scratch.room("direction", w);
    keptNow(direction).fill(0);
    adamStep({ ...on, w: direction }, { ...settings, lr: 1, weightDecay: 0, amsgrad: false }, false);
    if (weightDecay !== 0) addScaled(kernels, direction, w, -weightDecay);
    const [length, step] = [norm(kernels, w), norm(kernels, direction)];
    const ratio = length > 0 && step > 0 ? length / step : 1;
    addScaled(kernels, w, direction, lr * ratio);
  }
}
