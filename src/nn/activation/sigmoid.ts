// Sigmoid. Forward and backward are in elementwise.ts, the functions in the backend's activation.ts.
import { SIGMOID, type ActivationFunction } from "../../ops/activation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "Sigmoid", args: {}, onnx: { op: "Sigmoid" } } as const satisfies LayerSpec;

/**
 * y = 1 / (1 + exp(-x)); dx = dy * y * (1 - y). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return SIGMOID;
  }
}
