// ReLU: negative numbers become 0. The maths are in ops/activation.ts.
import type { Tensor } from "../../base/tensor.js";
import { reluIn, reluInPlace, reluInputGradIn } from "../../ops/activation.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward } from "../protocol.js";
import { layerSpec } from "../spec.js";

const SPEC = layerSpec({ type: "ReLU", args: {}, onnx: { op: "Relu" }, trait: () => "rectifies" });

/**
 * y = max(x, 0); dx = dy where x > 0, else 0 (so the derivative at 0 is 0). ReLU(NaN) is NaN.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    if (pass.mayOverwrite(x)) return reluInPlace(x);
    const y = reluIn(pass.room, x);
    pass.keep(y);
    return y;
  }

  [backward](dy: Tensor, y: Tensor, pass: Pass): Tensor {
    return reluInputGradIn(pass.room, y, dy);
  }
}
