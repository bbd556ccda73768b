// Hardsigmoid: a sigmoid of straight lines. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "Hardsigmoid", args: {} } as const satisfies LayerSpec;

/**
 * y = min(max(x + 3, 0), 6) / 6; dx = dy / 6 where -3 < x < 3, else 0.
 *
 * Input and output of any one shape.
 *
 * @example
 * new Hardsigmoid().forward(new Tensor([-4, 0, 4])); // [0, 0.5, 1]
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
 */
export class Hardsigmoid extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("hardsigmoid");
  }
}
