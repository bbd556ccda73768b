// Conv2d: the user's convolution. Parameters, saved input, one op call each way; the maths are in ops/conv2d.ts.
import { keep } from "../../backend/memory.js";
import { flag, knownKeys, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { torchDefault } from "../../init/torchDefault.js";
import {
  CONV2D_OPTIONS,
  Conv2dSettings,
  conv2d,
  conv2dBiasGrad,
  conv2dInputGrad,
  conv2dOutputShape,
  conv2dWeightGrad,
  type Conv2dOptions,
} from "../../ops/conv2d.js";
import { pair, type Pair, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Layer, checkGradient, wantsInputGrad, type BackwardOptions } from "../layer.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Parameter } from "../parameter.js";

/** Options of {@link Conv2d}; pairs are [vertical, horizontal]. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Whether a learned number is added to each output channel. Default true. */
  readonly bias?: boolean;
}

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
export class Conv2d extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  /** [O, C / groups, KH, KW]. */
  weight: Parameter;
  /** [O], or null with `bias: false`. */
  bias: Parameter | null;
  readonly #settings: Conv2dSettings;
  readonly #inChannels: number;

  constructor(inChannels: number, outChannels: number, kernelSize: PairOption, options: Conv2dLayerOptions = {}) {
    super();
    knownKeys("Conv2d", options, [...CONV2D_OPTIONS, "bias"]);
    whole("Conv2d", "inChannels", inChannels, 1);
    whole("Conv2d", "outChannels", outChannels, 1);
    const kernel: Pair = pair("Conv2d", "kernelSize", kernelSize, 1);
    this.#settings = new Conv2dSettings("Conv2d", options);
    this.#inChannels = inChannels;
    const { groups } = this.#settings;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ArgumentError(
        `Conv2d: expected groups to divide ${inChannels} input and ${outChannels} output channels, got ${groups}.`,
      );
    }
    const shape = [outChannels, inChannels / groups, ...kernel];
    this.weight = new Parameter(shape, torchDefault(shape));
    this.bias = flag("Conv2d", "bias", options.bias ?? true) ? new Parameter([outChannels], torchDefault(shape)) : null;
  }

  forward(x: Tensor): Tensor {
    const y = conv2d(x, this.weight.value, this.bias?.value ?? null, this.#settings);
    if (this.saving) this.save(keep(x));
    return y;
  }

  backward(dy: Tensor, options: BackwardOptions & { readonly inputGrad: false }): void;
  backward(dy: Tensor, options?: BackwardOptions): Tensor;
  backward(dy: Tensor, options?: BackwardOptions): Tensor | undefined {
    const inputGrad = wantsInputGrad("Conv2d.backward", options);
    const x = this.saved(({ shape }) => checkGradient("Conv2d.backward", this.outputShape(shape), dy));
    this.weight.accumulate(conv2dWeightGrad(x, dy, this.weight.shape, this.#settings));
    this.bias?.accumulate(conv2dBiasGrad(dy));
    return inputGrad ? conv2dInputGrad(dy, this.weight.value, x.shape, this.#settings) : undefined;
  }

  override outputShape(shape: Shape): Shape {
    return conv2dOutputShape(shape, this.weight.shape, this.#settings);
  }

  override config(): LayerConfig {
    const [outChannels, , ...kernel] = this.weight.shape;
    const { stride, padding, paddingMode, dilation, groups } = this.#settings;
    const options = { stride, padding, paddingMode, dilation, groups, bias: this.bias !== null };
    return { type: "Conv2d", args: [this.#inChannels, outChannels, kernel], options };
  }

  override describe(): string {
    const defaults = { stride: [1, 1], padding: 0, paddingMode: "zeros", dilation: [1, 1], groups: 1, bias: true };
    return describeConfig(this.config(), defaults);
  }
}
