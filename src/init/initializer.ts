// What an initializer is, and the fans that the published rules scale by.
import type { Generator } from "../numbers/random.js";
import { ShapeError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";

/** Fills a tensor, which is there for that alone; all randomness comes from the generator. */
export type Initializer = (tensor: Tensor, generator: Generator) => void;

/**
 * How many inputs an output of a weight [O, I, ...] sees and the reverse:
 * fanIn = I * receptive field, fanOut = O * receptive field.
 */
export function fans(who: string, shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `${who}: expected a weight [O, I] or [O, I, KH, KW], got ${formatShape(shape)} (a bias has no fans: use zeros).`,
    );
  }
  const field = sizeOf(shape.slice(2));
  return { fanIn: shape[1] * field, fanOut: shape[0] * field };
}
