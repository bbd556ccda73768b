// Tanh. Forward and backward are in elementwise.ts, the functions in the backend's activation.ts.
import { TANH, type ActivationFunction } from "../../ops/activation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "Tanh", args: {}, onnx: { op: "Tanh" } } as const satisfies LayerSpec;

/**
 * y = tanh(x); dx = dy * (1 - y^2). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return TANH;
  }
}
