// SiLU, or swish: each number times its sigmoid. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "SiLU", args: {} } as const satisfies LayerSpec;

/**
 * y = x s with s = 1 / (1 + e^-x); dx = dy s (1 + x (1 - s)).
 *
 * Input and output of any one shape.
 *
 * @example
 * new SiLU().forward(new Tensor([-1, 0, 1])); // [-0.2689, 0, 0.7311]
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
 * @see Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018
 */
export class SiLU extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("silu");
  }
}
