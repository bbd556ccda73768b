// Who looks at layers, losses and optimizers while they run: nobody, detectAnomaly, watch, or several of them. Each call asks once
// and pays nothing else.
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "./layer.js";
import type { Parameter } from "./parameter.js";
import type { Pass } from "./pass.js";

/** Gradients of a layer's outputs or inputs; none where none is wanted. */
export type Gradients = readonly (Tensor | undefined)[];

/**
 * What is told. Layers give what they take and make as lists, mostly of one; three functions return what goes on in its place,
 * mostly the same.
 */
export interface Watcher {
  /** A layer is about to run. */
  before(layer: Layer, pass: Pass, xs: readonly Tensor[]): void;
  /** A layer has run. */
  after(layer: Layer, pass: Pass, xs: readonly Tensor[], ys: readonly Tensor[]): readonly Tensor[];
  /** A layer's backward is about to run. */
  beforeBack(layer: Layer, pass: Pass, dys: Gradients): Gradients;
  /** A layer's backward has run. */
  afterBack(layer: Layer, pass: Pass, dys: Gradients, dxs: Gradients): Gradients;
  /** A tensor that a loss takes or gives; `what` as in "logits". */
  loss(who: string, what: string, numbers: Tensor | number): void;
  /** A parameter and its gradient before and after its update; `place` among the optimizer's parameters. */
  step(who: string, parameter: Parameter, place: number, when: "before" | "after"): void;
}

const watchers: Watcher[] = [];
let current: Watcher | null = null; // the only one, or all of them as one

/** The watcher, mostly null. */
export function watcher(): Watcher | null {
  return current;
}

/** Puts a watcher beside those that are there; returns what takes it away. */
export function addWatcher(next: Watcher): () => void {
  watchers.push(next);
  choose();
  return () => {
    watchers.splice(watchers.indexOf(next), 1);
    choose();
  };
}

function choose(): void {
  current = watchers.length > 1 ? all([...watchers]) : (watchers[0] ?? null);
}

// One after the other: each sees what the one before it has left.
function all(them: readonly Watcher[]): Watcher {
  return {
    before: (layer, pass, xs) => them.forEach((each) => each.before(layer, pass, xs)),
    after: (layer, pass, xs, ys) => them.reduce((now, each) => each.after(layer, pass, xs, now), ys),
    beforeBack: (layer, pass, dys) => them.reduce((now, each) => each.beforeBack(layer, pass, now), dys),
    afterBack: (layer, pass, dys, dxs) => them.reduce((now, each) => each.afterBack(layer, pass, dys, now), dxs),
    loss: (who, what, numbers) => them.forEach((each) => each.loss(who, what, numbers)),
    step: (who, parameter, place, when) => them.forEach((each) => each.step(who, parameter, place, when)),
  };
}
