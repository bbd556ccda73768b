// Who looks at the numbers while losses and optimizers run: nobody, or detectAnomaly. A loss or an optimizer asks once in
// each call and pays nothing else.
import type { Tensor } from "../base/tensor.js";
import type { Parameter } from "./parameter.js";

/** What losses and optimizers tell. Each throws an AnomalyError for a number that is not finite. */
export interface Watcher {
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
