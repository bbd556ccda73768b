// Channels dealt out anew: those of each group one after the other.
import type { Room } from "../backend/memory.js";
import { sizeOf } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/**
 * y[n, c G + g] = x[n, g C / G + c] for groups g of G: [N, C, ...] -> [N, C, ...]. With C / G groups it is its own inverse, and so
 * its gradient.
 */
export function channelShuffleIn<A extends FloatArray>(room: Room, groups: number, x: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, x.shape);
  const [N, C, ...plane] = x.shape;
  const [each, size] = [C / groups, sizeOf(plane)];
  const [from, to]: [FloatArray, FloatArray] = [x.data, y.data];
  for (let n = 0; n < N; n++) {
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < each; c++) {
        const start = (n * C + g * each + c) * size;
        to.set(from.subarray(start, start + size), (n * C + c * groups + g) * size);
      }
    }
  }
  return y;
}
