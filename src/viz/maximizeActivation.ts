// maximizeActivation: an input for which a channel of a layer is large, found by going up its gradient.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { above0, fraction, positive, readOptions, wholeFrom0, type Check, type OptionTable } from "../base/options.js";
import { checkShape, formatShape, type Shape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import type { LayerLike } from "../nn/container/entries.js";
import type { Layer } from "../nn/layer.js";
import { layerAt } from "../nn/paths.js";
import { tap } from "../nn/tap.js";
import { fillNormal } from "../numbers/normal.js";
import { Generator } from "../numbers/random.js";
import { checkModel } from "../train/checks.js";
import { looking } from "./probe.js";
import { checkFinite } from "./score.js";

/** Options of {@link maximizeActivation}. */
export interface MaximizeOptions {
  /** Shape of the input without the batch axis, such as [1, 28, 28]. Needed unless there is a `start`. */
  readonly shape?: Shape;
  /** Where it begins, [1, C, H, W]. Default: noise of standard deviation 0.1. */
  readonly start?: Tensor;
  /** The layer, by path or as an object. Default: the model itself, so that the channel is a class. */
  readonly layer?: string | LayerLike;
  /** Which output: the index along axis 1. Default 0. */
  readonly channel?: number;
  /** How often the input is changed. Default 100. */
  readonly steps?: number;
  /** How much: the root of the mean square of each change. Default 0.05. */
  readonly lr?: number;
  /** Share of the input that each step takes away, so that numbers which do not help fade. Default 0.01. */
  readonly decay?: number;
  /** The numbers that an input may have; what is beyond is cut. Default: any. */
  readonly range?: readonly [low: number, high: number];
  /** Seed of the noise. Default 0. */
  readonly seed?: number;
}

/** What {@link maximizeActivation} returns. */
export interface Maximized {
  /** The input, [1, C, H, W]. */
  readonly x: Tensor;
  /** The mean of the channel before each step, and at the end. */
  readonly activations: Float64Array;
}

const shapeCheck: Check<Shape | undefined> = (who, _name, value) => checkShape(who, value as Shape);
const startCheck: Check<Tensor | undefined> = (who, name, value) => checkTensor(who, name, value);
const rangeCheck: Check<readonly [number, number] | undefined> = (who, name, value) => {
  if (Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1]) {
    return value as unknown as readonly [number, number];
  }
  throw new ArgumentError(`${who}: expected ${name} as [low, high], low below high, got ${show(value)}.`);
};

const OPTIONS: OptionTable<{
  shape: Shape | undefined;
  start: Tensor | undefined;
  layer: string | LayerLike;
  channel: number;
  steps: number;
  lr: number;
  decay: number;
  range: readonly [number, number] | undefined;
  seed: number;
}> = {
  shape: { check: shapeCheck },
  start: { check: startCheck },
  layer: { check: (_who, _name, value) => value as string | LayerLike, default: "" },
  channel: { check: wholeFrom0, default: 0 },
  steps: { check: positive, default: 100 },
  lr: { check: above0, default: 0.05 },
  decay: { check: fraction, default: 0.01 },
  range: { check: rangeCheck },
  seed: { check: wholeFrom0, default: 0 },
};

/**
 * An input that makes a channel of a layer large: x <- (1 - decay) x + lr * g / rms(g), g the gradient of the channel's mean for x.
 * With `decay` and `range` it stays near what a model has seen; without them it is mostly noise to the eye.
 *
 * The model runs in eval mode and nothing of it changes. The same seed gives the same input.
 *
 * @throws ArgumentError for an unusable option, and for a channel that no change of the input changes
 * @see Erhan, Bengio, Courville and Vincent, "Visualizing higher-layer features of a deep network", 2009; Simonyan, Vedaldi and
 * Zisserman, 2014
 */
export function maximizeActivation(model: Layer, options: MaximizeOptions): Maximized {
  const who = "maximizeActivation";
  checkModel(who, model);
  const { shape, start, layer: given, channel, steps, lr, decay, range, seed } = readOptions(who, OPTIONS, options);
  const [, layer] = layerAt(who, model, "layer", given);
  const x = begin(who, shape, start, seed);
  const activations = new Float64Array(steps + 1);
  let moved = false;
  const ascent = new Ascent(who, channel);
  looking(model, () => {
    const stop = tap(model, ascent, new Set([layer]));
    try {
      for (let step = 0; step <= steps; step++) {
        const y = model.forward(x);
        activations[step] = ascent.activation;
        if (step === steps) break;
        const dx = checkFinite(who, "gradients", model.backward(y.like()));
        const size = Math.sqrt(dx.data.reduce((sum, value) => sum + value * value, 0) / dx.size);
        moved ||= size > 0;
        if (size === 0) continue;
        for (let i = 0; i < x.data.length; i++) {
          const next = (1 - decay) * x.data[i] + (lr * dx.data[i]) / size;
          x.data[i] = range === undefined ? next : Math.min(Math.max(next, range[0]), range[1]);
        }
      }
    } finally {
      stop();
    }
  });
  if (moved) return { x, activations };
  throw new ArgumentError(
    `${who}: expected a channel that the input changes, got gradients of 0 in every step for channel ${channel} (a unit that is dead ` +
      `there: try another seed or start; deadUnits finds those that always are).`,
  );
}

// Puts the gradient of the channel's mean in the place of the layer's dy, and remembers the mean.
class Ascent {
  activation = NaN;
  #shape: Shape | undefined;

  constructor(
    readonly who: string,
    readonly channel: number,
  ) {}

  outputs(_at: unknown, [y]: readonly Tensor[]): void {
    const [N, C] = y.shape;
    if (y.rank < 2 || this.channel >= C) {
      throw new ShapeError(
        `${this.who}: expected a layer whose outputs [N, C, ...] have a channel ${this.channel}, got ${formatShape(y.shape)}.`,
      );
    }
    this.#shape = y.shape;
    const inner = y.size / (N * C);
    const own = y.data.subarray(this.channel * inner, (this.channel + 1) * inner);
    this.activation = own.reduce((sum, value) => sum + value, 0) / inner;
  }

  upstream(_at: unknown, [dy]: readonly (Tensor | undefined)[]): Tensor | undefined {
    if (dy === undefined || this.#shape === undefined) return undefined;
    const [N, C] = this.#shape;
    const inner = dy.size / (N * C);
    const mine = dy.like();
    mine.data.fill(1 / inner, this.channel * inner, (this.channel + 1) * inner);
    return mine;
  }
}

function begin(who: string, shape: Shape | undefined, start: Tensor | undefined, seed: number): Tensor {
  if ((shape === undefined) === (start === undefined)) {
    const got = shape === undefined ? "none" : "both";
    throw new ArgumentError(`${who}: expected shape or start, one of them, got ${got} ({ shape: [1, 28, 28] }).`);
  }
  if (start !== undefined) {
    if (start.shape[0] === 1 && start.rank > 1) return start.clone();
    throw new ShapeError(`${who}: expected start as one sample [1, ...], got ${formatShape(start.shape)}.`);
  }
  const x = Tensor.adopt(new Float32Array((shape ?? []).reduce((size, length) => size * length, 1)), [
    1,
    ...(shape ?? []),
  ]);
  fillNormal(new Generator("draw", { seed }), x.data, 0, 0.1);
  return x;
}
