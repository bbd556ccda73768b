// Lesson 4, exercises 4.1 to 4.5: fill in the functions, then run `npm run course -- 4`, or one of them: `... -- 4.5`.
// The tasks in full: docs/course/en/lesson-4.md, docs/course/ko/lesson-4.md. One way to solve them: course/solutions.
import type { Sequential } from "handgrad";
import { unsolved } from "../unsolved.js";

/** A matrix as lists of rows. */
export type Matrix = readonly (readonly number[])[];

/** 4.1 y[i][j] = sum over k, l of kernel[k][l] * image[i + k][j + l], by loops of your own. */
export function correlate(image: Matrix, kernel: Matrix): number[][] {
  return unsolved(image, kernel);
}

/** 4.2 The gradient of a max pooling with windows of size x size side by side: dy goes where the maximum was. */
export function maxPoolBackward(image: Matrix, dy: Matrix, size: number): number[][] {
  return unsolved(image, dy, size);
}

/** 4.3 Dropout in training: where `kept` is false 0, elsewhere so much that the mean stays. */
export function dropout(x: readonly number[], p: number, kept: readonly boolean[]): number[] {
  return unsolved(x, p, kept);
}

/** 4.4 The probabilities of some logits, also where e^1000 would be Infinity. */
export function softmax(logits: readonly number[]): number[] {
  return unsolved(logits);
}

/** 4.5 The network of the lesson: 55,338 parameters, input [N, 1, 28, 28], output [N, 10]. */
export function network(): Sequential {
  return unsolved();
}
