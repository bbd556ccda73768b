// LogSoftmax along one axis. The maths are in ops/softmax.ts.
import { anyWhole } from "../../base/options.js";
import { checkAxis, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { logSoftmaxIn, logSoftmaxInputGradIn, planAxis } from "../../ops/softmax.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link LogSoftmax}. */
export interface LogSoftmaxOptions {
  /** The axis of the classes, negative from the end. Default 1, as for [N, C] and [N, C, H, W]. */
  readonly dim?: number;
}

const SPEC = {
  type: "LogSoftmax",
  args: {},
  options: { dim: { check: anyWhole, default: 1 } },
} as const satisfies LayerSpec;

/**
 * y = x - log(sum of exp(x)) along dim. dx = dy - exp(y) * sum of dy.
 * It stays finite where the logarithm of a softmax would be -Infinity.
 *
 * Input and output of any one shape that has the axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: LogSoftmaxOptions = {}) {
    super(SPEC, [], options);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const y = logSoftmaxIn(pass.room, planAxis("LogSoftmax", x.shape, this.settings.dim), x);
    pass.keep(y);
    return y;
  }

  [backward](dy: Tensor, y: Tensor, pass: Pass): Tensor {
    return logSoftmaxInputGradIn(pass.room, planAxis("LogSoftmax", y.shape, this.settings.dim), y, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    checkAxis("LogSoftmax", this.settings.dim, shape.length);
    return shape;
  }
}
