// Concat: several tensors one after the other along an axis, at a node of a Graph.
import { ArgumentError, type ShapeError } from "../../base/errors.js";
import { anyWhole } from "../../base/options.js";
import { checkAxis, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { concatInto, partOf } from "../../ops/join.js";
import type { Pass } from "../pass.js";
import type { LayerSpec } from "../spec.js";
import { Join } from "./join.js";

/** Options of {@link Concat}. */
export interface ConcatOptions {
  /** The axis along which the inputs stand, negative from the end; not the batch. Default 1: channels or features. */
  readonly dim?: number;
}

const SPEC = {
  type: "Concat",
  args: {},
  options: { dim: { check: anyWhole, default: 1 } },
} as const satisfies LayerSpec;

/**
 * y = [a, b, ...] along an axis, at a node of a {@link Graph} with several inputs: channels [N, C1, H, W] and [N, C2, H, W]
 * become [N, C1 + C2, H, W]. The gradient of each is its part of dy.
 *
 * Inputs that differ in the size of that axis alone.
 *
 * @example
 * new Graph([
 *   ["wide", new Conv2d(8, 4, 5, { padding: 2 }), "x"],
 *   ["narrow", new Conv2d(8, 4, 1), "x"],
 *   ["both", new Concat(), "wide", "narrow"],
 * ]);
 *
 * @throws ShapeError when the inputs differ elsewhere
 * @see https://pytorch.org/docs/stable/generated/torch.cat.html
 */
export class Concat extends Join<readonly Shape[], typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: ConcatOptions = {}) {
    super(SPEC, [], options);
    if (this.settings.dim !== 0) return;
    throw new ArgumentError("Concat: expected dim to be an axis behind the batch, got 0 (1 are the channels).");
  }

  /** @internal */
  protected joinedShape(shapes: readonly Shape[], misfit: (expected: string) => ShapeError): Shape {
    const axis = this.#axis(shapes[0]);
    const [first] = shapes;
    const fits = shapes.every(
      (shape) => shape.length === first.length && shape.every((size, i) => i === axis || size === first[i]),
    );
    if (!fits) throw misfit(`inputs that differ in axis ${axis} alone`);
    return first.map((size, i) => (i === axis ? shapes.reduce((sum, shape) => sum + shape[i], 0) : size));
  }

  /** @internal */
  protected join(xs: readonly Tensor[], shape: Shape, pass: Pass): Tensor {
    pass.keep(xs.map((x) => x.shape));
    return xs.length === 1 ? xs[0] : concatInto(xs, this.#axis(shape), pass.room.tensor(xs[0], shape));
  }

  /** @internal */
  protected partBack(dy: Tensor, shapes: readonly Shape[], pass: Pass, place: number): Tensor {
    if (shapes.length === 1) return dy;
    const axis = this.#axis(dy.shape);
    const before = shapes.slice(0, place).reduce((sum, shape) => sum + shape[axis], 0);
    return partOf(pass.room, dy, shapes[place], axis, before);
  }

  #axis(shape: Shape): number {
    const axis = checkAxis("Concat", this.settings.dim, shape.length);
    if (axis > 0) return axis;
    throw new ArgumentError(
      `Concat: expected dim to be an axis behind the batch, got ${this.settings.dim} for rank ${shape.length}.`,
    );
  }
}
