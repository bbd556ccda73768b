// Subtract: the difference of two tensors, at a node of a Graph.
import type { ShapeError } from "../../base/errors.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { subtractIn } from "../../ops/arithmetic.js";
import { stretchedShape, sumStretched } from "../../ops/join.js";
import type { Pass } from "../pass.js";
import { ports } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { Join } from "./join.js";
import type { Ports } from "./many.js";

const SPEC = { type: "Subtract", args: {} } as const satisfies LayerSpec;

/**
 * y = a - b at a node of a {@link Graph} with two inputs: what a denoiser leaves of a picture, when it learns the noise. The
 * gradients are dy and -dy, for an input that was stretched summed over the stretched axes.
 *
 * Inputs of one shape; an axis of size 1 other than the batch stretches to that of the other.
 *
 * @example
 * new Graph([
 *   ["noise", new Conv2d(1, 1, 5, { padding: 2 }), "x"],
 *   ["clean", new Subtract(), "x", "noise"],
 * ]);
 *
 * @throws ShapeError when the inputs' shapes differ otherwise
 */
export class Subtract extends Join<readonly Shape[], typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  override get [ports](): Ports {
    return { takes: [1, 2], gives: [] };
  }

  /** @internal */
  protected joinedShape(shapes: readonly Shape[], misfit: (expected: string) => ShapeError): Shape {
    return stretchedShape(shapes, misfit);
  }

  /** @internal */
  protected join(xs: readonly Tensor[], _shape: Shape, pass: Pass): Tensor {
    pass.keep(xs.map((x) => x.shape));
    return xs.reduce((y, x) => subtractIn(pass.room, y, x));
  }

  /** @internal */
  protected partBack(dy: Tensor, shapes: readonly Shape[], pass: Pass, place: number): Tensor {
    const part = sumStretched(pass.room, dy, shapes[place]);
    return place === 0 ? part : subtractIn(pass.room, zero(part), part);
  }
}

// A 0 that stretches.
function zero(like: Tensor): Tensor {
  return like.like(like.shape.map(() => 1));
}
