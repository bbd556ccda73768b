// Softmax2d: a softmax over the channels of each pixel. The maths are in ops/softmax.ts.
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { checkImages } from "../../ops/conv2d.js";
import { planAxis, softmaxIn, softmaxInputGradIn } from "../../ops/softmax.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const SPEC = {
  type: "Softmax2d",
  args: {},
  noteOfLast: "returns probabilities; CrossEntropy wants logits",
} as const satisfies LayerSpec;

/**
 * y = exp(x) / sum of exp(x) over the channels of each pixel; dx = y * (dy - sum of dy * y). The same as Softmax with dim 1, for
 * images alone.
 *
 * Input and output [N, C, H, W].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 */
export class Softmax2d extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const y = softmaxIn(pass.room, planAxis("Softmax2d", x.shape, 1), x);
    pass.keep(y);
    return y;
  }

  [backward](dy: Tensor, y: Tensor, pass: Pass): Tensor {
    return softmaxInputGradIn(pass.room, planAxis("Softmax2d", y.shape, 1), y, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    checkImages("Softmax2d", shape);
    return shape;
  }
}
