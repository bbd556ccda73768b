// Softmax along one axis. The maths are in ops/softmax.ts.
import { anyWhole } from "../../base/options.js";
import { checkAxis, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { softmaxIn, softmaxInputGradIn, planAxis } from "../../ops/softmax.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Softmax}. */
export interface SoftmaxOptions {
  /** The axis of the classes, negative from the end. Default 1, as for [N, C] and [N, C, H, W]. */
  readonly dim?: number;
}

const SPEC = {
  type: "Softmax",
  args: {},
  options: { dim: { check: anyWhole, default: 1 } },
  noteOfLast: "returns probabilities; CrossEntropy wants logits",
} as const satisfies LayerSpec;

/**
 * y = exp(x) / sum of exp(x) along dim: positive numbers that sum to 1. dx = y * (dy - sum of dy * y).
 * As a last layer before CrossEntropy leave it out: CrossEntropy wants logits.
 *
 * Input and output of any one shape that has the axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export class Softmax extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: SoftmaxOptions = {}) {
    super(SPEC, [], options);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const y = softmaxIn(pass.room, planAxis("Softmax", x.shape, this.settings.dim), x);
    pass.keep(y);
    return y;
  }

  [backward](dy: Tensor, y: Tensor, pass: Pass): Tensor {
    return softmaxInputGradIn(pass.room, planAxis("Softmax", y.shape, this.settings.dim), y, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    checkAxis("Softmax", this.settings.dim, shape.length);
    return shape;
  }
}
