// Dropout: some numbers become 0, the others are scaled so that the expected value stays.
import { allocate } from "../backend/allocate.js";
import { finite } from "../check.js";
import type { Generator } from "../random.js";
import type { Shape } from "../shape.js";
import { sizeOf } from "../shape.js";
import type { FloatArray, Tensor } from "../tensor.js";

/**
 * A mask of `shape` in the number format of x: 0 with probability p, else 1 / (1 - p). Forward is y = x * mask, backward
 * dx = dy * mask (`multiply`). p = 1 gives a mask of zeros.
 *
 * @see Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014)
 */
export function dropoutMask<A extends FloatArray>(
  x: Tensor<A>,
  shape: Shape,
  p: number,
  generator: Generator,
): Tensor<A> {
  finite("dropoutMask", "p", p, 0, 1);
  const mask = allocate(x, shape);
  const { data } = mask;
  const scale = p === 1 ? 0 : 1 / (1 - p);
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) data[i] = generator.uniform() < p ? 0 : scale;
  return mask;
}
