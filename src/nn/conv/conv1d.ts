// Conv1d: a convolution of sequences. It is Conv2d on images of one row; the maths are in ops/conv2d.ts.
import { checkAlgorithm, type ConvAlgorithm } from "../../backend/convAlgorithm.js";
import { ArgumentError } from "../../base/errors.js";
import { positive, trueOrFalse } from "../../base/options.js";
import { asSequences, convPadding1d, type ConvPadding1d } from "../../base/sequence.js";
import { LatestShapes, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { torchDefault } from "../../init/torchDefault.js";
import { channelSums, checkPaddingMode, conv2dIn, conv2dInputGradIn, conv2dWeightGradIn } from "../../ops/conv2d.js";
import type { Conv2dPlan, PaddingMode } from "../../ops/conv2d.js";
import { planConv1d } from "../../ops/conv1d.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Conv1d}. */
export interface Conv1dOptions {
  /** Step between outputs. Default 1. */
  readonly stride?: number;
  /** One number for both ends, [before, after], "valid" (none) or "same" (an output of ceil(L / stride)). Default 0. */
  readonly padding?: ConvPadding1d;
  /** What the ends are filled with. Default "zeros". */
  readonly paddingMode?: PaddingMode;
  /** Distance between the numbers that a kernel looks at. Default 1. */
  readonly dilation?: number;
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number;
  /** "direct": plain sums of products, exact for whole numbers. Default: what `setConvAlgorithm` says. */
  readonly algorithm?: ConvAlgorithm;
  /** Whether a learned number is added to each output channel. Default true. */
  readonly bias?: boolean;
}

const SPEC = {
  type: "Conv1d",
  args: { inChannels: { check: positive }, outChannels: { check: positive }, kernelSize: { check: positive } },
  options: {
    stride: { check: positive, default: 1 },
    padding: { check: convPadding1d, default: 0 },
    paddingMode: { check: checkPaddingMode, default: "zeros" },
    dilation: { check: positive, default: 1 },
    groups: { check: positive, default: 1 },
    algorithm: { check: checkAlgorithm },
    bias: { check: trueOrFalse, default: true },
  },
} as const satisfies LayerSpec;

/**
 * Convolution of sequences (a cross-correlation):
 *
 *     y[n, o, i] = b[o] + sum over c, k of w[o, c, k] * x[n, c, i * S + k * D - P]
 *
 * Input [N, C, L], output [N, O, OL] with OL = floor((L + P - D (K - 1) - 1) / S) + 1, P both ends together.
 * Weight [O, C / groups, K] and bias [O] start uniform within 1 / sqrt(C / groups * K).
 *
 * @example
 * new Conv1d(3, 16, 5, { padding: "same" }).outputShape([8, 3, 100]); // [8, 16, 100]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** [O, C / groups, K]. */
  weight: Parameter;
  /** [O], or null with `bias: false`. */
  bias: Parameter | null;
  readonly #latest = new LatestShapes<Conv2dPlan>();

  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv1dOptions = {}) {
    super(SPEC, [inChannels, outChannels, kernelSize], options);
    const { groups, bias } = this.settings;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `Conv1d: expected groups to divide ${inChannels} input and ${outChannels} output channels, got ${groups}.`,
      );
    }
    const shape = [outChannels, inChannels / groups, kernelSize];
    this.weight = new Parameter(shape, torchDefault(shape));
    this.bias = bias ? new Parameter([outChannels], torchDefault(shape)) : null;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    const image = x.reshape(plan.x);
    pass.keep(image);
    const y = conv2dIn(pass.room, plan, image, this.weight.value.reshape(plan.w), this.bias?.value ?? null);
    return y.reshape(asSequences(plan.y));
  }

  [backward](dy: Tensor, image: Tensor, pass: Pass): Tensor | undefined {
    const plan = this.#plan(asSequences(image.shape));
    const dImage = dy.reshape(plan.y);
    if (this.weight.requiresGrad) {
      this.weight.accumulate(conv2dWeightGradIn(pass.room, plan, image, dImage).reshape(this.weight.shape));
    }
    if (this.bias?.requiresGrad) this.bias.accumulate(channelSums(pass.room, dy));
    if (!pass.inputGrad) return undefined;
    const dx = conv2dInputGradIn(pass.room, plan, dImage, this.weight.value.reshape(plan.w));
    return dx.reshape(asSequences(plan.x));
  }

  override [shapeOf](shape: Shape): Shape {
    return asSequences(this.#plan(shape).y);
  }

  #plan(xShape: Shape): Conv2dPlan {
    return this.#latest.get(xShape, this.weight.shape, (x, w) => planConv1d("Conv1d", x, w, this.settings));
  }
}
