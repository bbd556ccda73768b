// Add: the sum of several tensors, at a node of a Graph.
import type { ShapeError } from "../../base/errors.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { addIn } from "../../ops/arithmetic.js";
import { stretchedShape, sumStretched } from "../../ops/join.js";
import type { Pass } from "../pass.js";
import type { LayerSpec } from "../spec.js";
import { Join } from "./join.js";

const SPEC = { type: "Add", args: {} } as const satisfies LayerSpec;

/**
 * y = a + b + ... at a node of a {@link Graph} with several inputs: a skip connection. Each input's gradient is dy, for one
 * that was stretched summed over the stretched axes.
 *
 * Inputs of one shape; an axis of size 1 other than the batch stretches to that of the others.
 *
 * @example
 * new Graph([
 *   ["conv", new Conv2d(8, 8, 3, { padding: 1 }), "x"],
 *   ["sum", new Add(), "conv", "x"],
 * ]);
 *
 * @throws ShapeError when the inputs' shapes differ otherwise
 */
export class Add extends Join<readonly Shape[], typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected joinedShape(shapes: readonly Shape[], misfit: (expected: string) => ShapeError): Shape {
    return stretchedShape(shapes, misfit);
  }

  /** @internal */
  protected join(xs: readonly Tensor[], _shape: Shape, pass: Pass): Tensor {
    pass.keep(xs.map((x) => x.shape));
    return xs.reduce((y, x) => addIn(pass.room, y, x));
  }

  /** @internal */
  protected partBack(dy: Tensor, shapes: readonly Shape[], pass: Pass, place: number): Tensor {
    return sumStretched(pass.room, dy, shapes[place]);
  }
}
