// Conv2d: the user's convolution. The maths are in ops/conv2d.ts.
import { ArgumentError } from "../../base/errors.js";
import { positive, positivePair, trueOrFalse } from "../../base/options.js";
import { LatestShapes, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { torchDefault } from "../../init/torchDefault.js";
import {
  CONV2D_OPTIONS,
  channelSums,
  conv2dIn,
  conv2dInputGradIn,
  conv2dWeightGradIn,
  planConv2d,
} from "../../ops/conv2d.js";
import type { Conv2dOptions, Conv2dPlan } from "../../ops/conv2d.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Conv2d}; pairs are [vertical, horizontal]. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Whether a learned number is added to each output channel. Default true. */
  readonly bias?: boolean;
}

const SPEC = {
  type: "Conv2d",
  args: { inChannels: { check: positive }, outChannels: { check: positive }, kernelSize: { check: positivePair } },
  options: { ...CONV2D_OPTIONS, bias: { check: trueOrFalse, default: true } },
} as const satisfies LayerSpec;

/**
 * Two-dimensional convolution (as deep learning calls it: a cross-correlation):
 *
 *     y[n, o, i, j] = b[o] + sum over c, k, l of w[o, c, k, l] * x[n, c, i * S + k * D - P, j * S + l * D - P]
 *
 * Input [N, C, H, W], output [N, O, OH, OW] with OH = floor((H + P - D (KH - 1) - 1) / S) + 1, P both sides together.
 * Weight [O, C / groups, KH, KW] and bias [O] start uniform within 1 / sqrt(C / groups * KH * KW).
 *
 * @example
 * const conv = new Conv2d(3, 16, 3, { padding: "same" });
 * conv.forward(images).shape; // [8, 16, 32, 32] for images [8, 3, 32, 32]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** [O, C / groups, KH, KW]. */
  weight: Parameter;
  /** [O], or null with `bias: false`. */
  bias: Parameter | null;
  readonly #latest = new LatestShapes<Conv2dPlan>();

  constructor(inChannels: number, outChannels: number, kernelSize: PairOption, options: Conv2dLayerOptions = {}) {
    super(SPEC, [inChannels, outChannels, kernelSize], options);
    const { groups, kernelSize: kernel, bias } = this.settings;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `Conv2d: expected groups to divide ${inChannels} input and ${outChannels} output channels, got ${groups}.`,
      );
    }
    const shape = [outChannels, inChannels / groups, ...kernel];
    this.weight = new Parameter(shape, torchDefault(shape));
    this.bias = bias ? new Parameter([outChannels], torchDefault(shape)) : null;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    pass.keep(x);
    return conv2dIn(pass.room, this.#plan(x.shape), x, this.weight.value, this.bias?.value ?? null);
  }

  [backward](dy: Tensor, x: Tensor, pass: Pass): Tensor | undefined {
    const plan = this.#plan(x.shape);
    if (this.weight.requiresGrad) this.weight.accumulate(conv2dWeightGradIn(pass.room, plan, x, dy));
    if (this.bias?.requiresGrad) this.bias.accumulate(channelSums(pass.room, dy));
    return pass.inputGrad ? conv2dInputGradIn(pass.room, plan, dy, this.weight.value) : undefined;
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  #plan(xShape: Shape): Conv2dPlan {
    return this.#latest.get(xShape, this.weight.shape, (x, w) => planConv2d("Conv2d", x, w, this.settings));
  }
}
