// Unflatten: one axis becomes several. A view of the same numbers, so no op.
import { show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { anyWhole, type Check } from "../../base/options.js";
import { LatestShapes, checkAxis, formatShape, sizeOf, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const sizesWithRest: Check<Shape> = (who, name, value) => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ArgumentError(`${who}: expected ${name} to be a list of sizes, got ${show(value)}.`);
  }
  const sizes = value.map((size, i) => (size === -1 ? -1 : whole(who, `${name}[${i}]`, size, 1)));
  if (sizes.filter((size) => size === -1).length < 2) return Object.freeze(sizes);
  throw new ArgumentError(`${who}: expected at most one -1 (what remains) in ${name}, got ${show(value)}.`);
};

const SPEC = {
  type: "Unflatten",
  args: { dim: { check: anyWhole }, unflattenedSize: { check: sizesWithRest } },
  isView: true,
} as const satisfies LayerSpec;

/**
 * Splits the axis dim into several: the inverse of Flatten. One of the sizes may be -1: what remains. The numbers stay where they
 * are.
 *
 * Input [N, ..., size, ...], output [N, ..., ...unflattenedSize, ...].
 *
 * @example
 * new Unflatten(1, [32, 7, 7]).outputShape([8, 1568]); // [8, 32, 7, 7]
 *
 * @throws ArgumentError for unusable sizes
 * @throws ShapeError for an axis of another size
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 */
export class Unflatten extends Builtin<Shape, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<Shape>();

  constructor(dim: number, unflattenedSize: Shape) {
    super(SPEC, [dim, unflattenedSize]);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    pass.keep(x.shape);
    return x.reshape(this[shapeOf](x.shape));
  }

  [backward](dy: Tensor, shape: Shape): Tensor {
    return dy.reshape(shape);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#latest.get(shape, [], (from) => this.#split(from));
  }

  #split(shape: Shape): Shape {
    const { dim, unflattenedSize: sizes } = this.settings;
    const axis = checkAxis("Unflatten", dim, shape.length);
    const rest = shape[axis] / sizeOf(sizes.filter((size) => size !== -1));
    const full = sizes.map((size) => (size === -1 ? rest : size));
    if (sizeOf(full) === shape[axis] && Number.isInteger(rest)) {
      return Object.freeze([...shape.slice(0, axis), ...full, ...shape.slice(axis + 1)]);
    }
    throw new ShapeError(
      `Unflatten: expected an axis ${dim} that ${formatShape(sizes)} makes, got ${shape[axis]} of input ${formatShape(shape)}.`,
    );
  }
}
