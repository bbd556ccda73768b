// Lesson 5, exercises 5.1 to 5.5: fill in the functions, then run `npm run course -- 5`, or one of them: `... -- 5.3`.
// The tasks in full: docs/course/en/lesson-5.md, docs/course/ko/lesson-5.md. One way to solve them: course/solutions.
import type { Linear, Sequential } from "handgrad";
import { unsolved } from "../unsolved.js";

/** 5.1 How many places a filter has along one axis; padding on both sides. */
export function outputSize(input: number, filter: number, stride: number, padding: number, dilation: number): number {
  return unsolved(input, filter, stride, padding, dilation);
}

/** 5.2 A perceptron (9 numbers in, 1 out) that gives for a 3x3 window, row by row, what the filter gives there. */
export function perceptron(filter: readonly (readonly number[])[], bias: number): Linear {
  return unsolved(filter, bias);
}

/** 5.3 A 3x3 convolution in two steps, each channel by itself and then 1x1 across channels; the size stays; no biases. */
export function separable(from: number, to: number): Sequential {
  return unsolved(from, to);
}

/** 5.4 Ten numbers for each image [N, 3, size, size] by a 1x1 convolution and the mean of each plane, without Linear. */
export function withoutLinear(size: number): Sequential {
  return unsolved(size);
}

/** 5.5 After how many steps a signal repeats itself best: the distance from 1 to `longest` of the largest autocorrelation. */
export function period(signal: readonly number[], longest: number): number {
  return unsolved(signal, longest);
}
