// Slice: a range of channels, or of another axis. The copies are in ops/join.ts.
import { show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { anyWhole, type Check } from "../../base/options.js";
import { checkAxis, formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { partGradIn, partOf } from "../../ops/join.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Slice}. */
export interface SliceOptions {
  /** The axis that is cut, negative from the end; not the batch. Default 1: channels or features. */
  readonly dim?: number;
}

const endOrNull: Check<number | null> = (who, name, value) =>
  value === null ? null : whole(who, name, value, -Infinity);

const SPEC = {
  type: "Slice",
  args: { start: { check: anyWhole }, end: { check: endOrNull } },
  options: { dim: { check: anyWhole, default: 1 } },
} as const satisfies LayerSpec;

/**
 * y = x[:, start:end]: the places start to end - 1 along an axis; negative ones count from the end, and with end null it goes to the
 * end. Two of them at nodes of a {@link Graph} split channels, as PyTorch's chunk and split do. dx is dy, and 0 elsewhere.
 *
 * Input [N, C, ...], output [N, end - start, ...].
 *
 * @example
 * new Graph([
 *   ["left", new Slice(0, 4), "x"],
 *   ["right", new Slice(4, null), "x"],
 *   ["conv", new Conv2d(4, 4, 3, { padding: 1 })],
 *   ["all", new Concat(), "left", "conv"],
 * ]);
 *
 * @throws ArgumentError for places that are no whole numbers, or the batch axis
 * @throws ShapeError when the axis does not have these places; nothing is cut short
 * @see https://pytorch.org/docs/stable/generated/torch.narrow.html
 */
export class Slice extends Builtin<Shape, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(start: number, end: number | null, options: SliceOptions = {}) {
    super(SPEC, [start, end], options);
    const { dim } = this.settings;
    if (end !== null && start < 0 === end < 0 && start >= end) {
      throw new ArgumentError(`Slice: expected start below end, got ${start} and ${end}.`);
    }
    if (dim === 0)
      throw new ArgumentError("Slice: expected dim to be an axis behind the batch, got 0 (1 are the channels).");
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const { axis, from } = this.#range(x.shape);
    pass.keep(x.shape);
    return partOf(pass.room, x, this[shapeOf](x.shape), axis, from);
  }

  [backward](dy: Tensor, shape: Shape, pass: Pass): Tensor {
    const { axis, from } = this.#range(shape);
    return partGradIn(pass.room, dy, shape, axis, from);
  }

  override [shapeOf](shape: Shape): Shape {
    const { axis, from, to } = this.#range(shape);
    return Object.freeze(shape.map((size, i) => (i === axis ? to - from : size)));
  }

  #range(shape: Shape): { readonly axis: number; readonly from: number; readonly to: number } {
    const { start, end, dim } = this.settings;
    const axis = checkAxis("Slice", dim, shape.length);
    if (axis === 0) {
      throw new ArgumentError(
        `Slice: expected dim to be an axis behind the batch, got ${dim} for rank ${shape.length}.`,
      );
    }
    const size = shape[axis];
    const place = (at: number): number => (at < 0 ? at + size : at);
    const [from, to] = [place(start), end === null ? size : place(end)];
    if (from >= 0 && from < to && to <= size) return { axis, from, to };
    throw new ShapeError(
      `Slice: expected axis ${axis} to have the places ${start} to ${show(end)}, got ${size} of them in input ` +
        `${formatShape(shape)}.`,
    );
  }
}
