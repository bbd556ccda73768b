// Channels dealt out anew: those of each group one after the other.
import type { Room } from "../backend/memory.js";
import { sizeOf } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import type { Numbers } from "./join.js";

/**
 * y[n, c G + g] = x[n, g C / G + c] for groups g of G: [N, C, ...] -> [N, C, ...]. With C / G groups it is its own inverse, and so
 * its gradient.
 */
export function channelShuffleIn<A extends FloatArray>(room: Room, groups: number, x: Tensor<A>): Tensor<A> {
  return shuffleInto(groups, x, room.tensor(x, x.shape));
}

/** The same into y. */
export function shuffleInto<Y extends Numbers>(groups: number, x: Numbers, y: Y): Y {
  const [N, C, ...plane] = x.shape;
  const [each, size] = [C / groups, sizeOf(plane)];
  for (let n = 0; n < N; n++) {
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < each; c++) {
        const start = (n * C + g * each + c) * size;
        y.data.set(x.data.subarray(start, start + size), (n * C + c * groups + g) * size);
      }
    }
  }
  return y;
}
