// Flatten: several axes become one. A view of the same numbers, so no op.
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { anyWhole } from "../../base/options.js";
import { LatestShapes, formatShape, sizeOf, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Flatten}. */
export interface FlattenOptions {
  /** First axis to flatten. Default 1: the batch axis stays. */
  readonly startDim?: number;
  /** Last axis to flatten, negative from the end. Default -1. */
  readonly endDim?: number;
}

const SPEC = {
  type: "Flatten",
  args: {},
  options: { startDim: { check: anyWhole, default: 1 }, endDim: { check: anyWhole, default: -1 } },
  isView: true,
} as const satisfies LayerSpec;

/**
 * Joins the axes startDim to endDim into one: [32, 7, 7] per sample becomes [1568]. The numbers stay where they are.
 *
 * Input [N, ...], output [N, product of the others] by default.
 *
 * @throws ShapeError when the input has too few axes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Builtin<Shape, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<Shape>();

  constructor(options: FlattenOptions = {}) {
    super(SPEC, [], options);
    const { startDim, endDim } = this.settings;
    if (startDim < 0 === endDim < 0 && startDim > endDim) {
      throw new ArgumentError(
        `Flatten: expected startDim of at most endDim, got ${startDim} and ${endDim} (swap them).`,
      );
    }
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    pass.keep(x.shape);
    return x.reshape(this[shapeOf](x.shape));
  }

  [backward](dy: Tensor, shape: Shape): Tensor {
    return dy.reshape(shape);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#latest.get(shape, [], (from) => this.#joined(from));
  }

  #joined(shape: Shape): Shape {
    const { startDim, endDim } = this.settings;
    const start = startDim < 0 ? startDim + shape.length : startDim;
    const end = endDim < 0 ? endDim + shape.length : endDim;
    if (start < 0 || end < start || end >= shape.length) {
      const oneSample = shape.length === 1 && startDim === 1;
      const remedy = oneSample ? "the batch axis is required: x.reshape([1, ...x.shape])" : `${shape.length} axes`;
      throw new ShapeError(
        `Flatten: expected an input that has the axes ${startDim} to ${endDim}, got ` +
          `${formatShape(shape)} ` +
          `(${remedy}).`,
      );
    }
    return Object.freeze([...shape.slice(0, start), sizeOf(shape.slice(start, end + 1)), ...shape.slice(end + 1)]);
  }
}
