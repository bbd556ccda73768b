// exp, log, sqrt, clamp: functions of one tensor, number by number. Their loops are in the backend.
import { kernelsFor } from "../backend/select.js";
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";

/**
 * Elementwise e^x, of any shape.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * exp(new Tensor([0, 1])); // [1, 2.7183]
 */
export function exp<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("exp", "x", x);
  const y = x.like();
  kernelsFor("exp", x).exp(x.data, y.data);
  return y;
}

/**
 * Elementwise natural logarithm, of any shape: -Infinity at 0, NaN below.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * log(new Tensor([1, 10])); // [0, 2.3026]
 */
export function log<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("log", "x", x);
  const y = x.like();
  kernelsFor("log", x).log(x.data, y.data);
  return y;
}

/**
 * Elementwise square root, of any shape: NaN below 0.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * sqrt(new Tensor([4, 9])); // [2, 3]
 */
export function sqrt<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("sqrt", "x", x);
  const y = x.like();
  kernelsFor("sqrt", x).sqrt(x.data, y.data);
  return y;
}

/**
 * Elementwise min(max(x, min), max), of any shape; NaN stays NaN. For a bound on one side give -Infinity or Infinity as
 * the other.
 *
 * @throws ArgumentError when x is not a Tensor, a bound is not a number, or min is greater than max.
 *
 * @example
 * clamp(new Tensor([-2, 0.5, 7]), 0, 1); // [0, 0.5, 1]
 */
export function clamp<A extends FloatArray>(x: Tensor<A>, min: number, max: number): Tensor<A> {
  checkTensor("clamp", "x", x);
  checkBound("min", min);
  checkBound("max", max);
  if (min > max) {
    throw new ArgumentError(`clamp: expected min to be at most max, got ${min} and ${max} (swap them).`);
  }
  const y = x.like();
  kernelsFor("clamp", x).clamp({ min, max }, x.data, y.data);
  return y;
}

function checkBound(name: string, bound: unknown): void {
  if (typeof bound === "number" && !Number.isNaN(bound)) return;
  const open = name === "min" ? "-Infinity" : "Infinity";
  throw new ArgumentError(`clamp: expected ${name} to be a number, got ${show(bound)} (${open} leaves it open).`);
}
