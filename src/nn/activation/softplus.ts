// Softplus: a smooth ReLU. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import { above0, anyFinite } from "../../base/options.js";
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

/** Options of {@link Softplus}. */
export interface SoftplusOptions {
  /** How sharp the bend is, above 0. Default 1. */
  readonly beta?: number;
  /** Beyond beta x = threshold it is the line y = x. Default 20. */
  readonly threshold?: number;
}

const SPEC = {
  type: "Softplus",
  args: {},
  options: { beta: { check: above0, default: 1 }, threshold: { check: anyFinite, default: 20 } },
} as const satisfies LayerSpec;

/**
 * y = ln(1 + e^(beta x)) / beta where beta x <= threshold, else x; dx = dy / (1 + e^(-beta x)), beyond the threshold dy.
 *
 * Input and output of any one shape.
 *
 * @example
 * new Softplus().forward(new Tensor([-1, 0, 1])); // [0.3133, 0.6931, 1.3133]
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 * @see Dugas et al., "Incorporating second-order functional knowledge for better option pricing", NIPS 2000
 */
export class Softplus extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: SoftplusOptions = {}) {
    super(SPEC, [], options);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("softplus", this.settings.beta, this.settings.threshold);
  }
}
