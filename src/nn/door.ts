// The one door: every container, and every call from outside, runs a layer through these two functions. What a layer is (of
// this package, or from elsewhere) decides how it runs, in Builtin and in Layer; here it is watched.
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "./layer.js";
import type { Pass } from "./pass.js";
import { run, runBack, type inside, type insideBack } from "./protocol.js";
import { watcher } from "./watcher.js";

/** y of a layer in a pass: x and y are the pass's own tensors. */
export function step(layer: Layer, x: Tensor, pass: Pass, how: typeof run | typeof inside = run): Tensor {
  const watch = watcher();
  if (watch === null) return layer[how](x, pass);
  watch.before(layer, pass, [x]);
  const [y] = watch.after(layer, pass, [x], [layer[how](x, pass)]);
  return y;
}

/** dx of a layer in the backward of a pass, or nothing when it is not wanted; uses up what its forward kept. */
export function stepBack(
  layer: Layer,
  dy: Tensor,
  pass: Pass,
  wanted: boolean,
  how: typeof runBack | typeof insideBack = runBack,
): Tensor | undefined {
  const watch = watcher();
  if (watch === null) return layer[how](dy, pass, wanted);
  const [upstream = dy] = watch.beforeBack(layer, pass, [dy]);
  const [dx] = watch.afterBack(layer, pass, [upstream], [layer[how](upstream, pass, wanted)]);
  return dx;
}
