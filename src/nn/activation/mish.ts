// Mish: each number times the tanh of its softplus. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "Mish", args: {} } as const satisfies LayerSpec;

/**
 * y = x t with t = tanh(ln(1 + e^x)); dx = dy (t + x s (1 - t^2)) with s the sigmoid of x.
 *
 * Input and output of any one shape.
 *
 * @example
 * new Mish().forward(new Tensor([-1, 0, 1])); // [-0.3034, 0, 0.8651]
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Mish.html
 * @see Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020
 */
export class Mish extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("mish");
  }
}
