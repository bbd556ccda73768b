// Sigmoid. The maths are in ops/activation.ts.
import type { Tensor } from "../../base/tensor.js";
import { sigmoidIn, sigmoidInputGradIn } from "../../ops/activation.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward } from "../protocol.js";
import { layerSpec } from "../spec.js";

const SPEC = layerSpec({ type: "Sigmoid", args: {}, onnx: { op: "Sigmoid" } });

/**
 * y = 1 / (1 + exp(-x)); dx = dy * y * (1 - y). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const y = sigmoidIn(pass.room, x);
    pass.keep(y);
    return y;
  }

  [backward](dy: Tensor, y: Tensor, pass: Pass): Tensor {
    return sigmoidInputGradIn(pass.room, y, dy);
  }
}
