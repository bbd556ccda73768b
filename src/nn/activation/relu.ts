// ReLU: negative numbers become 0. Forward and backward are in elementwise.ts, the functions in the backend's activation.ts.
import { RELU, type ActivationFunction } from "../../ops/activation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "ReLU", args: {}, onnx: { op: "Relu" }, trait: () => "rectifies" } as const satisfies LayerSpec;

/**
 * y = max(x, 0); dx = dy where x > 0, else 0 (so the derivative at 0 is 0). ReLU(NaN) is NaN.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return RELU;
  }
}
