// Lesson 1, exercises 1.1 to 1.5: fill in the functions, then run `npm run course -- 1`, or one of them: `... -- 1.4`.
// The tasks in full: docs/course/en/lesson-1.md, docs/course/ko/lesson-1.md. One way to solve them: course/solutions.
import { Conv2d, Sequential } from "handgrad";
import { unsolved } from "../unsolved.js";

/** 1.1 A layer that turns color images [N, 3, H, W] into gray ones [N, 1, H, W]: 0.299 R + 0.587 G + 0.114 B. */
export function toGray(): Conv2d {
  return unsolved();
}

/** 1.2 A 3x3 filter that answers to upright edges (dark left, bright right: positive), and with 0 to level ones. */
export function uprightEdges(): number[][] {
  return unsolved();
}

/** 1.3 A network that makes [N, 5, H / 2, W / 2] of images [N, 3, H, W], with 140 parameters in all. */
export function fiveFilters(): Sequential {
  return unsolved();
}

/** 1.4 dL/dw for `taps` weights: x met the weights as y[i] = sum over k of w[k] x[i + k], and d[i] is dL/dy[i]. */
export function weightGradient(x: readonly number[], d: readonly number[], taps: number): number[] {
  return unsolved(x, d, taps);
}

/** 1.5 The weights after one step of gradient descent; the lists that were given stay as they are. */
export function step(w: readonly number[], gradient: readonly number[], lr: number): number[] {
  return unsolved(w, gradient, lr);
}
