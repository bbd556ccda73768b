// ReLU, sigmoid and tanh: each function, its gradient (from the output y, so that nothing else need be kept), and the
// derivative itself for plots and lessons. Their loops are in the backend.
import { ACTIVATIONS, type ActivationName } from "../backend/kernels.js";
import { PLAIN, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { checkUpstream } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";

/** A function of each number by itself, and who computes it. */
export interface ActivationFunction {
  /** What the gradient is computed from: the input x or the output y. */
  readonly keeps: "x" | "y";
  /** y = f(x); x and y may be one tensor. */
  value<A extends FloatArray>(x: Tensor<A>, y: Tensor<A>): void;
  /** dx = dy f'(x). */
  inputGrad<A extends FloatArray>(kept: Tensor<A>, dy: Tensor<A>, dx: Tensor<A>): void;
}

export const RELU: ActivationFunction = /* @__PURE__ */ named("relu");
export const SIGMOID: ActivationFunction = /* @__PURE__ */ named("sigmoid");
export const TANH: ActivationFunction = /* @__PURE__ */ named("tanh");

function named(f: ActivationName): ActivationFunction {
  return {
    keeps: ACTIVATIONS[f],
    value: (x, y) => kernelsFor("activation", x).activation({ f }, x.data, y.data),
    inputGrad(kept, dy, dx) {
      kernelsFor("activationInputGrad", kept).activationInputGrad({ f }, kept.data, dy.data, dx.data);
    },
  };
}

/** y = f(x), elementwise. */
export function activationIn<A extends FloatArray>(room: Room, f: ActivationFunction, x: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, x.shape);
  f.value(x, y);
  return y;
}

/** y = f(x) of a tensor that nobody else needs, in its own place. */
export function activationInPlace(f: ActivationFunction, x: Tensor): Tensor {
  f.value(x, x);
  return x;
}

/** dx = dy f'(x), from x or from y = f(x), whichever the function keeps. */
export function activationInputGradIn<A extends FloatArray>(
  room: Room,
  f: ActivationFunction,
  kept: Tensor<A>,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(kept, kept.shape);
  f.inputGrad(kept, dy, dx);
  return dx;
}

/**
 * y = max(x, 0), elementwise, of any shape; NaN stays NaN.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * relu(new Tensor([-2, 0, 3])); // [0, 0, 3]
 */
export function relu<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("relu", "x", x);
  return activationIn(PLAIN, RELU, x);
}

/**
 * Gradient of {@link relu}: dx = dy where y > 0, else 0.
 *
 * @param y what relu returned
 * @param dy upstream gradient, of the same shape
 * @throws ShapeError when the shapes differ, ArgumentError for float32 beside float64.
 *
 * @example
 * reluInputGrad(relu(new Tensor([-2, 3])), new Tensor([10, 10])); // [0, 10]
 */
export function reluInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  checkPair("reluInputGrad", y, dy);
  return activationInputGradIn(PLAIN, RELU, y, dy);
}

/**
 * Derivative of {@link relu} at each x: 1 where x > 0, else 0, also at the kink x = 0.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * reluDerivative(new Tensor([-2, 0, 3])); // [0, 0, 1]
 */
export function reluDerivative<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("reluDerivative", "x", x);
  return reluInputGrad(relu(x), onesLike(x));
}

/**
 * y = 1 / (1 + e^-x), elementwise, of any shape: from 0 to 1, flat at both tails.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * sigmoid(new Tensor([0, 2])); // [0.5, 0.8808]
 */
export function sigmoid<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("sigmoid", "x", x);
  return activationIn(PLAIN, SIGMOID, x);
}

/**
 * Gradient of {@link sigmoid}: dx = dy * y * (1 - y). Arguments and errors as for {@link reluInputGrad}.
 *
 * @example
 * sigmoidInputGrad(new Tensor([0.5]), new Tensor([8])); // [2]
 */
export function sigmoidInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  checkPair("sigmoidInputGrad", y, dy);
  return activationInputGradIn(PLAIN, SIGMOID, y, dy);
}

/**
 * Derivative of {@link sigmoid} at each x: s(x) * (1 - s(x)). It is 1/4 at 0 and goes to 0 at both tails.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * sigmoidDerivative(new Tensor([0, 10])); // [0.25, 0.000045]
 */
export function sigmoidDerivative<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("sigmoidDerivative", "x", x);
  return sigmoidInputGrad(sigmoid(x), onesLike(x));
}

/**
 * y = tanh(x) = (e^x - e^-x) / (e^x + e^-x), elementwise, of any shape: from -1 to 1, flat at both tails.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * tanh(new Tensor([0, 1])); // [0, 0.7616]
 */
export function tanh<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("tanh", "x", x);
  return activationIn(PLAIN, TANH, x);
}

/**
 * Gradient of {@link tanh}: dx = dy * (1 - y^2). Arguments and errors as for {@link reluInputGrad}.
 *
 * @example
 * tanhInputGrad(new Tensor([0.5]), new Tensor([8])); // [6]
 */
export function tanhInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  checkPair("tanhInputGrad", y, dy);
  return activationInputGradIn(PLAIN, TANH, y, dy);
}

/**
 * Derivative of {@link tanh} at each x: 1 - tanh(x)^2. It is 1 at 0 and goes to 0 at both tails.
 *
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * tanhDerivative(new Tensor([0, 1])); // [1, 0.42]
 */
export function tanhDerivative<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkTensor("tanhDerivative", "x", x);
  return tanhInputGrad(tanh(x), onesLike(x));
}

function onesLike<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  const ones = PLAIN.tensor(x, x.shape);
  ones.data.fill(1);
  return ones;
}

function checkPair(who: string, y: Tensor<FloatArray>, dy: Tensor<FloatArray>): void {
  checkTensor(who, "y", y);
  checkTensor(who, "dy", dy);
  kernelsFor(who, y, dy);
  checkUpstream(who, y.shape, dy.shape);
}
