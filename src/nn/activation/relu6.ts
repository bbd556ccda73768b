// ReLU6: cut at 0 and at 6. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "ReLU6", args: {} } as const satisfies LayerSpec;

/**
 * y = min(max(x, 0), 6); dx = dy where 0 < x < 6, else 0. NaN stays NaN.
 *
 * Input and output of any one shape.
 *
 * @example
 * new ReLU6().forward(new Tensor([-1, 3, 8])); // [0, 3, 6]
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
 */
export class ReLU6 extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("hardtanh", 0, 6);
  }
}
