// ConvTranspose2d: a convolution run backwards, which makes images larger. The maths are in ops/convTranspose2d.ts.
import { ArgumentError } from "../../base/errors.js";
import { positive, positivePair, trueOrFalse } from "../../base/options.js";
import { LatestShapes, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { torchDefault } from "../../init/torchDefault.js";
import { channelSums } from "../../ops/conv2d.js";
import { CONV_TRANSPOSE2D_OPTIONS, checkOutputPadding, convTranspose2dIn } from "../../ops/convTranspose2d.js";
import { convTranspose2dInputGradIn, convTranspose2dWeightGradIn } from "../../ops/convTranspose2d.js";
import { planConvTranspose2d } from "../../ops/convTranspose2d.js";
import type { ConvTranspose2dOptions, ConvTranspose2dPlan } from "../../ops/convTranspose2d.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link ConvTranspose2d}; pairs are [vertical, horizontal]. */
export interface ConvTranspose2dLayerOptions extends ConvTranspose2dOptions {
  /** Whether a learned number is added to each output channel. Default true. */
  readonly bias?: boolean;
}

const SPEC = {
  type: "ConvTranspose2d",
  args: { inChannels: { check: positive }, outChannels: { check: positive }, kernelSize: { check: positivePair } },
  options: { ...CONV_TRANSPOSE2D_OPTIONS, bias: { check: trueOrFalse, default: true } },
} as const satisfies LayerSpec;

/**
 * Transposed convolution: every input pixel lays the kernel, times its number, into the output, S pixels from the next one:
 *
 *     y[n, o, i * S + k * D - P, j * S + l * D - P] = b[o] + sum over all c, i, j, k, l that meet there of x[n, c, i, j] * w[c, o, k, l]
 *
 * It is the gradient of the convolution that has the same weight and takes y to x; `stride: 2` makes images twice as large.
 *
 * Input [N, C, H, W], output [N, O, OH, OW] with OH = (H - 1) S - 2 P + D (KH - 1) + outputPadding + 1.
 * Weight [C, O / groups, KH, KW] and bias [O] start uniform within 1 / sqrt(O / groups * KH * KW).
 *
 * @example
 * const up = new ConvTranspose2d(16, 8, 4, { stride: 2, padding: 1 });
 * up.forward(features).shape; // [4, 8, 28, 28] for features [4, 16, 14, 14]
 *
 * @throws ArgumentError for an unusable size or option
 * @throws ShapeError for another number of channels, or an outputSize that this input cannot have
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 * @see Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016
 */
export class ConvTranspose2d extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** [C, O / groups, KH, KW]. */
  weight: Parameter;
  /** [O], or null with `bias: false`. */
  bias: Parameter | null;
  readonly #latest = new LatestShapes<ConvTranspose2dPlan>();

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PairOption,
    options: ConvTranspose2dLayerOptions = {},
  ) {
    super(SPEC, [inChannels, outChannels, kernelSize], options);
    const { groups, kernelSize: kernel, bias } = this.settings;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `ConvTranspose2d: expected groups to divide ${inChannels} input and ${outChannels} output channels, got ${groups}.`,
      );
    }
    checkOutputPadding("ConvTranspose2d", this.settings);
    const shape = [inChannels, outChannels / groups, ...kernel];
    this.weight = new Parameter(shape, torchDefault(shape));
    this.bias = bias ? new Parameter([outChannels], torchDefault(shape)) : null;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    pass.keep(x);
    return convTranspose2dIn(pass.room, this.#plan(x.shape), x, this.weight.value, this.bias?.value ?? null);
  }

  [backward](dy: Tensor, x: Tensor, pass: Pass): Tensor | undefined {
    const plan = this.#plan(x.shape);
    if (this.weight.requiresGrad) this.weight.accumulate(convTranspose2dWeightGradIn(pass.room, plan, x, dy));
    if (this.bias?.requiresGrad) this.bias.accumulate(channelSums(pass.room, dy));
    return pass.inputGrad ? convTranspose2dInputGradIn(pass.room, plan, dy, this.weight.value) : undefined;
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  #plan(xShape: Shape): ConvTranspose2dPlan {
    return this.#latest.get(xShape, this.weight.shape, (x, w) =>
      planConvTranspose2d("ConvTranspose2d", x, w, this.settings),
    );
  }
}
