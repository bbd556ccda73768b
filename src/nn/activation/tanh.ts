// Tanh. The maths are in ops/activation.ts.
import type { Tensor } from "../../base/tensor.js";
import { tanhIn, tanhInputGradIn } from "../../ops/activation.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward } from "../protocol.js";
import { layerSpec } from "../spec.js";

const SPEC = layerSpec({ type: "Tanh", args: {}, onnx: { op: "Tanh" } });

/**
 * y = tanh(x); dx = dy * (1 - y^2). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const y = tanhIn(pass.room, x);
    pass.keep(y);
    return y;
  }

  [backward](dy: Tensor, y: Tensor, pass: Pass): Tensor {
    return tanhInputGradIn(pass.room, y, dy);
  }
}
