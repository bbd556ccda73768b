// Layers that take or give several tensors: joins, and graphs with several inputs or outputs. How a graph runs one of them, as
// the door (door.ts) runs any other layer.
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import type { Layer, SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { runMany, runManyBack, spec, walkMany, type ports } from "../protocol.js";
import { watcher } from "../watcher.js";

/** What goes in and comes out of such a layer. */
export interface Ports {
  /** How many tensors it takes: at least, and at most. */
  readonly takes: readonly [least: number, most: number];
  /** What it calls the tensors that it gives; empty for one, which has the layer's own name. */
  readonly gives: readonly string[];
}

/** What such a layer has. `names` tell what is joined, in messages. */
export interface Many {
  readonly [ports]: Ports;
  [runMany](xs: readonly Tensor[], pass: Pass, names: readonly string[]): readonly Tensor[];
  /** Of some outputs there may be no gradient; where none is wanted there need not be one. */
  [runManyBack](
    dys: readonly (Tensor | undefined)[],
    pass: Pass,
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[];
  [walkMany](shapes: readonly Shape[], see: SeeShape, path: string, names: readonly string[]): readonly Shape[];
}

/** A layer of this package as one that takes several tensors, if it is one; a subclass that runs otherwise is none. */
export function asMany(layer: Layer): (Layer & Many) | null {
  return layer[spec] !== null && runMany in layer ? (layer as Layer & Many) : null;
}

/** The outputs of such a layer in a pass. */
export function stepMany(
  layer: Layer & Many,
  xs: readonly Tensor[],
  pass: Pass,
  names: readonly string[],
): readonly Tensor[] {
  const watch = watcher();
  if (watch === null) return layer[runMany](xs, pass, names);
  watch.before(layer, pass, xs);
  return watch.after(layer, pass, xs, layer[runMany](xs, pass, names));
}

/** The gradients of its inputs that are wanted; uses up what its forward kept. */
export function stepManyBack(
  layer: Layer & Many,
  dys: readonly (Tensor | undefined)[],
  pass: Pass,
  wanted: readonly boolean[],
): readonly (Tensor | undefined)[] {
  const watch = watcher();
  if (watch === null) return layer[runManyBack](dys, pass, wanted);
  const upstream = watch.beforeBack(layer, pass, dys);
  return watch.afterBack(layer, pass, upstream, layer[runManyBack](upstream, pass, wanted));
}
