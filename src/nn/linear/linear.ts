// Linear: a fully connected layer. The maths are in ops/linear.ts.
import { positive, trueOrFalse } from "../../base/options.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { torchDefault } from "../../init/torchDefault.js";
import { channelSums } from "../../ops/conv2d.js";
import { linearIn, linearInputGradIn, linearShape, linearWeightGradIn } from "../../ops/linear.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether a learned number is added to each output. Default true. */
  readonly bias?: boolean;
}

const SPEC = {
  type: "Linear",
  args: { inFeatures: { check: positive }, outFeatures: { check: positive } },
  options: { bias: { check: trueOrFalse, default: true } },
} as const satisfies LayerSpec;

/**
 * Fully connected layer: y = x w^T + b, that is y[n, o] = b[o] + sum over i of x[n, i] * w[o, i].
 *
 * Input [N, inFeatures], output [N, outFeatures]. Weight [outFeatures, inFeatures] and bias [outFeatures] start uniform
 * within 1 / sqrt(inFeatures).
 *
 * @example
 * new Linear(1568, 32).forward(x).shape; // [8, 32] for x [8, 1568]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** [outFeatures, inFeatures]. */
  weight: Parameter;
  /** [outFeatures], or null with `bias: false`. */
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super(SPEC, [inFeatures, outFeatures], options);
    const shape = [outFeatures, inFeatures];
    this.weight = new Parameter(shape, torchDefault(shape));
    this.bias = this.settings.bias ? new Parameter([outFeatures], torchDefault(shape)) : null;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    pass.keep(x);
    return linearIn(pass.room, x, this.weight.value, this.bias?.value ?? null);
  }

  [backward](dy: Tensor, x: Tensor, pass: Pass): Tensor | undefined {
    if (this.weight.requiresGrad) this.weight.accumulate(linearWeightGradIn(pass.room, x, dy));
    if (this.bias?.requiresGrad) this.bias.accumulate(channelSums(pass.room, dy));
    return pass.inputGrad ? linearInputGradIn(pass.room, dy, this.weight.value) : undefined;
  }

  override [shapeOf](shape: Shape): Shape {
    return linearShape("Linear", shape, this.weight.shape);
  }
}
