// Softmax, its logarithm, and their gradients along the middle axis of [outer, size, inner].
import { exp, log } from "../../numbers/math.js";
import type { FloatArray } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";

// y = exp(x - max) / sum of exp(x - max)
export function softmax(g: AxisGeometry, x: FloatArray, y: FloatArray): void {
  const results = linesOf(g, y);
  linesOf(g, x).forEach((line, l) => {
    const max = largest(line);
    const total = sumOver(g.size, (c) => exp(line.get(c) - max));
    for (let c = 0; c < g.size; c++) results[l].set(c, exp(line.get(c) - max) / total);
  });
}

// dx = y (dy - sum of dy y)
export function softmaxInputGrad(g: AxisGeometry, y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  const [ys, dys] = [linesOf(g, y), linesOf(g, dy)];
  linesOf(g, dx).forEach((result, l) => {
    const total = sumOver(g.size, (c) => dys[l].get(c) * ys[l].get(c));
    for (let c = 0; c < g.size; c++) result.set(c, ys[l].get(c) * (dys[l].get(c) - total));
  });
}

// y = x - max - log(sum of exp(x - max))
export function logSoftmax(g: AxisGeometry, x: FloatArray, y: FloatArray): void {
  const results = linesOf(g, y);
  linesOf(g, x).forEach((line, l) => {
    const max = largest(line);
    const total = sumOver(g.size, (c) => exp(line.get(c) - max));
    for (let c = 0; c < g.size; c++) results[l].set(c, line.get(c) - max - log(total));
  });
}

// dx = dy - exp(y) sum of dy
export function logSoftmaxInputGrad(g: AxisGeometry, y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  const [ys, dys] = [linesOf(g, y), linesOf(g, dy)];
  linesOf(g, dx).forEach((result, l) => {
    const total = sumOver(g.size, (c) => dys[l].get(c));
    for (let c = 0; c < g.size; c++) result.set(c, dys[l].get(c) - exp(ys[l].get(c)) * total);
  });
}

/** A line along the middle axis: `size` numbers, `step` apart. */
export class Line {
  readonly #data: FloatArray;
  readonly #start: number;
  readonly #step: number;

  constructor(
    data: FloatArray,
    start: number,
    step: number,
    readonly size: number,
  ) {
    [this.#data, this.#start, this.#step] = [data, start, step];
  }

  get(c: number): number {
    return this.#data[this.#start + c * this.#step];
  }

  set(c: number, value: number): void {
    this.#data[this.#start + c * this.#step] = value;
  }
}

/** Every line along the middle axis. */
export function linesOf({ outer, size, inner }: AxisGeometry, data: FloatArray): Line[] {
  const startOf = (l: number): number => Math.floor(l / inner) * size * inner + (l % inner);
  return Array.from({ length: outer * inner }, (_, l) => new Line(data, startOf(l), inner, size));
}

/** Largest number of a line; subtracted first, it keeps exp from overflowing and cancels out afterwards. */
export function largest(line: Line): number {
  let max = -Infinity;
  for (let c = 0; c < line.size; c++) max = Math.max(max, line.get(c));
  return max;
}

/** term(0) + ... + term(size - 1). */
export function sumOver(size: number, term: (c: number) => number): number {
  let total = 0;
  for (let c = 0; c < size; c++) total += term(c);
  return total;
}
