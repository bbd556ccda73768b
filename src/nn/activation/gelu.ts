// GELU: each number times the share of a normal distribution below it. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import { oneOf } from "../../base/check.js";
import type { Check } from "../../base/options.js";
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

/** Options of {@link GELU}. */
export interface GELUOptions {
  /** "none" for the normal distribution, "tanh" for an approximation of it by tanh. Default "none". */
  readonly approximate?: "none" | "tanh";
}

const approximation: Check<"none" | "tanh"> = (who, name, value) => oneOf(who, name, value, ["none", "tanh"]);

const SPEC = {
  type: "GELU",
  args: {},
  options: { approximate: { check: approximation, default: "none" } },
} as const satisfies LayerSpec;

/**
 * y = x Phi(x) with Phi the normal distribution, (1 + erf(x / sqrt 2)) / 2; dx = dy (Phi(x) + x phi(x)) with its density phi.
 *
 * With `approximate: "tanh"`, y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), and the gradient of that.
 *
 * Input and output of any one shape.
 *
 * @example
 * new GELU().forward(new Tensor([-1, 0, 1])); // [-0.1587, 0, 0.8413]
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 * @see Hendrycks and Gimpel, "Gaussian error linear units", 2016
 */
export class GELU extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: GELUOptions = {}) {
    super(SPEC, [], options);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation(this.settings.approximate === "tanh" ? "geluTanh" : "gelu");
  }
}
