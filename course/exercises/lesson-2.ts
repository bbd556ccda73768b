// Lesson 2, exercises 2.1 to 2.5: fill in the functions, then run `npm run course -- 2`, or one of them: `... -- 2.3`.
// The tasks in full: docs/course/en/lesson-2.md, docs/course/ko/lesson-2.md. One way to solve them: course/solutions.
import type { CrossEntropy, Optimizer, Sequential, Tensor } from "handgrad";
import type { Batches } from "handgrad/data";
import { unsolved } from "../unsolved.js";

/** 2.1 The convolution of x and w where they overlap fully, by `correlate1d` alone (no `convolve1d`). */
export function convolve(x: readonly number[], w: readonly number[]): number[] {
  return unsolved(x, w);
}

/** 2.2 Zeros before and after for mode "same": by the rule of lists (`correlate1d`), and by that of images. */
export function sameZeros(kernel: number): { list: [number, number]; image: [number, number] } {
  return unsolved(kernel);
}

/** 2.3 The feature maps [N, OH, OW, O] of images [N, H, W, C] and weights [KH, KW, C, O], no padding, no bias. */
export function mapsOfNhwc(images: Tensor, weights: Tensor): Tensor {
  return unsolved(images, weights);
}

/** 2.4 The slopes of sigmoid and tanh at a place, from their VALUES y there. */
export const slopes = { sigmoid: (y: number): number => unsolved(y), tanh: (y: number): number => unsolved(y) };

/** 2.5 One epoch of training; the mean of the batches' losses. */
export function trainEpoch(model: Sequential, loss: CrossEntropy, optimizer: Optimizer, data: Batches): number {
  return unsolved(model, loss, optimizer, data);
}
