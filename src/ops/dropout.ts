// Dropout: some numbers become 0, the others are scaled so that the expected value stays.
import type { Room } from "../backend/memory.js";
import type { Generator } from "../numbers/random.js";
import type { Shape } from "../base/shape.js";
import { sizeOf } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/**
 * A mask of `shape` in the number format of x: 0 with probability p, else `kept`, which is 1 / (1 - p) for dropout. Forward is
 * y = x * mask, backward dx = dy * mask (`multiply`). p = 1 gives a mask of zeros.
 *
 * @see Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014)
 */
export function dropoutMask<A extends FloatArray>(
  room: Room,
  x: Tensor<A>,
  shape: Shape,
  p: number,
  kept: number,
  generator: Generator,
): Tensor<A> {
  const mask = room.tensor(x, shape);
  const { data } = mask;
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) data[i] = generator.uniform() < p ? 0 : kept;
  return mask;
}
