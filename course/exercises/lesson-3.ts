// Lesson 3, exercises 3.1 to 3.5: fill in the functions, then run `npm run course -- 3`, or one of them: `... -- 3.2`.
// The tasks in full: docs/course/en/lesson-3.md, docs/course/ko/lesson-3.md. One way to solve them: course/solutions.
import type { Tensor } from "handgrad";
import { unsolved } from "../unsolved.js";

/** 3.1 How many numbers a square convolution learns: weights, and a bias for each output channel. */
export function convParameters(from: number, to: number, kernel: number, groups: number): number {
  return unsolved(from, to, kernel, groups);
}

/** 3.2 How many pixels of a row one output of the last layer sees. */
export function receptiveField(layers: readonly { kernel: number; stride: number }[]): number {
  return unsolved(layers);
}

/** 3.3 The names of all layers of the network from a list: "conv2d_00", "relu_01", ... */
export function layerNames(
  convWidths: readonly number[],
  hiddenWidths: readonly number[],
  batchNorm: boolean,
): string[] {
  return unsolved(convWidths, hiddenWidths, batchNorm);
}

/** What the network from a list is built of. */
export interface ListOptions {
  readonly inputShape: readonly [channels: number, height: number, width: number];
  readonly kernelSize: number;
  readonly convWidths: readonly number[];
  readonly hiddenWidths: readonly number[];
  readonly classes: number;
  readonly batchNorm: boolean;
}

/** 3.4 The parameters of that network in all, without building it. */
export function countFromList(options: ListOptions): number {
  return unsolved(options);
}

/** 3.5 dx of y = correlate2d(x, w), from dy [OH, OW] and w [KH, KW], by one function of handgrad. */
export function inputGradient(dy: Tensor, w: Tensor): Tensor {
  return unsolved(dy, w);
}
