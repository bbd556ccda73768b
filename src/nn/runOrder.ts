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

/** The layers in the order in which they run, and those of them that have traded places. */
export interface RunOrder {
  readonly order: readonly NamedLayer[];
  readonly traded: readonly Layer[];
}

/** The order for layers as they stand in a model; `ours` tells whether a layer's class is one of this package. */
export function runOrder(layers: readonly NamedLayer[], ours: (layer: Layer) => boolean): RunOrder {
  const order = [...layers];
  const traded: Layer[] = [];
  for (let i = 1; i < order.length; i++) {
    const [[, first], [, second]] = [order[i - 1], order[i]];
    if ((first as Traits).rectifies !== true || (second as Traits).picksLargest !== true) continue;
    if (!ours(first) || !ours(second)) continue;
    [order[i - 1], order[i]] = [order[i], order[i - 1]];
    traded.push(first, second);
    i++;
  }
  return { order, traded };
}
