// Who looks at the numbers while layers, losses and optimizers run: nobody, or detectAnomaly. Each asks once in each call and
// pays nothing else.
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "./layer.js";
import type { Parameter } from "./parameter.js";
import type { PassKind } from "./pass.js";

/** What is told. Each function throws an AnomalyError for a number that is not finite. */
export interface Watcher {
  /** A layer is about to run. */
  before(layer: Layer, kind: PassKind, x: Tensor): void;
  /** A layer has run. Several inputs come as a list. */
  after(layer: Layer, kind: PassKind, x: Tensor | readonly Tensor[], y: Tensor): void;
  /** A layer's backward is about to run. */
  beforeBack(layer: Layer, dy: Tensor): void;
  /** A layer's backward has run. */
  afterBack(layer: Layer, dy: Tensor | readonly (Tensor | undefined)[], dx: Tensor | undefined): void;
  /** A tensor that a loss takes or gives; `what` as in "logits". */
  loss(who: string, what: string, numbers: Tensor | number): void;
  /** A parameter and its gradient before and after its update; `place` among the optimizer's parameters. */
  step(who: string, parameter: Parameter, place: number, when: "before" | "after"): void;
}

let current: Watcher | null = null;

/** The watcher, mostly null. */
export function watcher(): Watcher | null {
  return current;
}

/** Puts a watcher in place, or with null none. */
export function setWatcher(next: Watcher | null): void {
  current = next;
}
