// Multiply: the product of several tensors, at a node of a Graph.
import type { ShapeError } from "../../base/errors.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { multiplyIn } from "../../ops/arithmetic.js";
import { stretchedShape, sumStretched } from "../../ops/join.js";
import type { Pass } from "../pass.js";
import type { LayerSpec } from "../spec.js";
import { Join } from "./join.js";

const SPEC = { type: "Multiply", args: {} } as const satisfies LayerSpec;

/**
 * y = a b ..., number by number, at a node of a {@link Graph} with several inputs: a gate, or the weights of channels
 * [N, C, 1, 1] in squeeze-and-excitation. The gradient of a is dy b ..., for an input that was stretched summed over the
 * stretched axes.
 *
 * Inputs of one shape; an axis of size 1 other than the batch stretches to that of the others.
 *
 * @example
 * new Graph([
 *   ["gate", new Sequential(new Conv2d(8, 1, 1), new Sigmoid()), "x"],
 *   ["seen", new Multiply(), "x", "gate"],
 * ]);
 *
 * @throws ShapeError when the inputs' shapes differ otherwise
 * @see Hu, Shen and Sun, "Squeeze-and-excitation networks", CVPR 2018
 */
export class Multiply extends Join<readonly Tensor[], typeof SPEC> {
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
    pass.keep(xs);
    return xs.reduce((y, x) => multiplyIn(pass.room, y, x));
  }

  /** @internal */
  protected partBack(dy: Tensor, xs: readonly Tensor[], pass: Pass, place: number): Tensor {
    const others = xs.filter((_, i) => i !== place);
    const all = others.reduce((product, x) => multiplyIn(pass.room, product, x), dy);
    return sumStretched(pass.room, all, xs[place].shape);
  }
}
