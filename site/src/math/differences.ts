// The check that needs no derivation: move one number a little, look how far the loss moves. In float64.
import type { Geometry } from "./geometry.js";
import { trace, type Given } from "./trace.js";

/** How far a number is moved, to either side. */
export const STEP = 1e-3;

/** L = sum of dy * y: the loss whose gradient in y is dy. */
export function loss(g: Geometry, given: Given): number {
  return trace(g, given).y.reduce((sum, y, n) => sum + y * given.dy[n], 0);
}

/** (L(v + h) - L(v - h)) / 2h for entry `index` of the image, the kernels or the bias. */
export function difference(g: Geometry, given: Given, of: "x" | "w" | "b", index: number, h = STEP): number {
  const moved = (by: number): Given => ({ ...given, [of]: given[of].map((v, n) => (n === index ? v + by : v)) });
  return (loss(g, moved(h)) - loss(g, moved(-h))) / (2 * h);
}

/** Whether entry `index` of the image ties with another for the largest of a window: there a max pooling has no derivative. */
export function isTie(g: Geometry, given: Given, index: number, within = 2 * STEP): boolean {
  if (g.op !== "max") return false;
  const { windows, switches } = trace(g, given);
  return windows.some((window, n) => {
    if (!window.some((tap) => tap.x === index)) return false;
    const most = given.x[window[switches[n]].x];
    const near = window.filter((tap) => tap.x >= 0 && most - given.x[tap.x] < within);
    return near.length > 1 && near.some((tap) => tap.x === index);
  });
}

/** The differences of all entries beside a gradient, and the largest distance between the two. Ties are left out. */
export function compare(g: Geometry, given: Given, of: "x" | "w", gradient: readonly number[]): Comparison {
  let worst = 0;
  let ties = 0;
  const numerical = gradient.map((analytic, index) => {
    if (of === "x" && isTie(g, given, index)) {
      ties++;
      return undefined;
    }
    const value = difference(g, given, of, index);
    const distance = Math.abs(value - analytic);
    worst = Number.isNaN(distance) ? Infinity : Math.max(worst, distance);
    return value;
  });
  return { numerical, worst, ties };
}

export interface Comparison {
  /** undefined where the image has a tie. */
  readonly numerical: readonly (number | undefined)[];
  readonly worst: number;
  readonly ties: number;
}
