// In which order a model runs its layers. A ReLU and a max pooling behind it trade places: the largest of rectified numbers
// is the largest number, rectified, and ReLU then has a quarter of the work, or less. Forth and back the bits are the same:
//
//   relu gives the gradient of a window to its largest number if that is positive, in both orders; of a window without a
//   positive number the pooling may choose another place, and what arrives there is 0, in both orders.
import type { Layer } from "./layer.js";
import { trait } from "./protocol.js";

/** A layer and its name. */
export type NamedLayer = readonly [name: string, layer: Layer];

/** What a layer tells of itself that allows it to trade places. */
export type Trait = "rectifies" | "picksLargest" | null;

/** The layers in the order in which they run. */
export function runOrder(layers: readonly NamedLayer[]): readonly NamedLayer[] {
  let order: NamedLayer[] | undefined; // most models and steps need none of their own
  for (let i = 1; i < layers.length; i++) {
    if (layers[i][1][trait] !== "picksLargest" || layers[i - 1][1][trait] !== "rectifies") continue;
    order ??= [...layers];
    [order[i - 1], order[i]] = [layers[i], layers[i - 1]];
  }
  return order ?? layers;
}
