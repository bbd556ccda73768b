// In which order a model runs its layers. A ReLU and a max pooling behind it trade places: the largest of rectified numbers
// is the largest number, rectified, and ReLU then has a quarter of the work, or less. Forth and back the bits are the same:
//
//   relu gives the gradient of a window to its largest number if that is positive, in both orders; of a window without a
//   positive number the pooling may choose another place, and what arrives there is 0, in both orders.
import type { Layer } from "./layer.js";

/** A layer and its name. */
export type NamedLayer = readonly [name: string, layer: Layer];

// What layers of this package tell of themselves.
interface Traits {
  readonly rectifies?: boolean; // y = max(x, 0)
  readonly picksLargest?: boolean; // the largest number of each window leaves it, and nothing of where it was
}

/** The layers as they are run; `ours` tells whether a layer's passes are those of this package. */
export function runOrder(layers: readonly NamedLayer[], ours: (layer: Layer) => boolean): NamedLayer[] {
  const order = [...layers];
  for (let i = 1; i < order.length; i++) {
    const [first, second] = [order[i - 1], order[i]];
    if ((first[1] as Traits).rectifies !== true || (second[1] as Traits).picksLargest !== true) continue;
    if (!ours(first[1]) || !ours(second[1])) continue;
    [order[i - 1], order[i]] = [second, first];
    i++;
  }
  return order;
}
