// MaxPool2d: the largest number of each window. The maths are in ops/maxPool2d.ts.
import { flag, knownKeys } from "../../base/check.js";
import {
  MAX_POOL2D_OPTIONS,
  PoolSettings,
  maxPool2d,
  maxPool2dInputGrad,
  maxPool2dValues,
  pool2dOutputShape,
  type MaxPool2dOptions,
} from "../../ops/maxPool2d.js";
import { type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/** Options of {@link MaxPool2d}; pairs are [vertical, horizontal]. */
export interface MaxPool2dLayerOptions extends MaxPool2dOptions {
  /** Whether `indices` is kept after a forward or predict, for the caller to read. Default false. */
  readonly returnIndices?: boolean;
}

interface SavedIndices {
  readonly indices: Int32Array;
  readonly shape: Shape;
}

/**
 * Max pooling: y[n, c, i, j] = the largest x in the window at (i * S - P, j * S - P). Padding counts as -Infinity, the
 * first of equal numbers in row-major order wins, a NaN wins over all.
 *
 * Input [N, C, H, W], output [N, C, OH, OW] with OH = floor((H + 2P - D (K - 1) - 1) / S) + 1 (ceil with `ceilMode`).
 *
 * @example
 * new MaxPool2d(2).forward(x).shape; // [8, 16, 13, 13] for x [8, 16, 26, 26]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends Layer<SavedIndices> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  readonly #settings: PoolSettings;
  readonly #returnIndices: boolean;
  #indices: Int32Array | null = null;

  constructor(kernelSize: PairOption, options: MaxPool2dLayerOptions = {}) {
    super();
    knownKeys("MaxPool2d", options, [...MAX_POOL2D_OPTIONS, "returnIndices"]);
    this.#settings = new PoolSettings("MaxPool2d", kernelSize, options);
    this.#returnIndices = flag("MaxPool2d", "returnIndices", options.returnIndices ?? false);
  }

  /** With `returnIndices`: the flat place h * W + w of each maximum of the latest forward or predict; else null. */
  get indices(): Int32Array | null {
    return this.#indices;
  }

  /** @internal See runOrder.ts. */
  get picksLargest(): boolean {
    return !this.#returnIndices;
  }

  forward(x: Tensor): Tensor {
    if (!this.saving && !this.#returnIndices) return maxPool2dValues(x, this.#settings);
    const { y, indices } = maxPool2d(x, this.#settings.kernel, this.#settings);
    this.save({ indices, shape: x.shape });
    if (this.#returnIndices) this.#indices = indices.slice();
    return y;
  }

  backward(dy: Tensor): Tensor {
    const { indices, shape } = this.saved((before) =>
      checkGradient("MaxPool2d.backward", this.outputShape(before.shape), dy),
    );
    return maxPool2dInputGrad(dy, indices, shape, this.#settings.kernel, this.#settings);
  }

  override snapshot(): () => void {
    const [restore, indices] = [super.snapshot(), this.#indices];
    return () => {
      restore();
      this.#indices = indices;
    };
  }

  override outputShape(shape: Shape): Shape {
    return pool2dOutputShape(shape, this.#settings);
  }

  override config(): LayerConfig {
    const { kernel, stride, padding, dilation, ceilMode } = this.#settings;
    const options = { stride, padding, dilation, ceilMode, returnIndices: this.#returnIndices };
    return { type: "MaxPool2d", args: [kernel], options };
  }

  override describe(): string {
    const { kernel: stride } = this.#settings;
    const defaults = { stride, padding: [0, 0], dilation: [1, 1], ceilMode: false, returnIndices: false };
    return describeConfig(this.config(), defaults);
  }
}
