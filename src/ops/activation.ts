// ReLU, sigmoid and tanh: each function, its gradient (from the output y, so that nothing else need be kept), and the
// derivative itself for plots and lessons. Their loops are in the backend.
import type { Activation } from "../backend/kernels.js";
import { allocate } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { checkUpstream } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { checkFormats } from "./operands.js";

const RELU: Activation = { f: "relu", a: 0, b: 0 };
const SIGMOID: Activation = { f: "sigmoid", a: 0, b: 0 };
const TANH: Activation = { f: "tanh", a: 0, b: 0 };

/** relu of a tensor that nobody else needs, in its own place. */
export function reluInPlace(x: Tensor): Tensor {
  kernelsFor("relu", x).activation(RELU, x.data, x.data);
  return x;
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
  const y = allocate(x, x.shape);
  kernelsFor("relu", x).activation(RELU, x.data, y.data);
  return y;
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
  const dx = allocate(y, y.shape);
  kernelsFor("reluInputGrad", y).activationInputGrad(RELU, y.data, dy.data, dx.data);
  return dx;
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
  const y = allocate(x, x.shape);
  kernelsFor("sigmoid", x).activation(SIGMOID, x.data, y.data);
  return y;
}

/**
 * Gradient of {@link sigmoid}: dx = dy * y * (1 - y). Arguments and errors as for {@link reluInputGrad}.
 *
 * @example
 * sigmoidInputGrad(new Tensor([0.5]), new Tensor([8])); // [2]
 */
export function sigmoidInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  checkPair("sigmoidInputGrad", y, dy);
  const dx = allocate(y, y.shape);
  kernelsFor("sigmoidInputGrad", y).activationInputGrad(SIGMOID, y.data, dy.data, dx.data);
  return dx;
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
  const y = allocate(x, x.shape);
  kernelsFor("tanh", x).activation(TANH, x.data, y.data);
  return y;
}

/**
 * Gradient of {@link tanh}: dx = dy * (1 - y^2). Arguments and errors as for {@link reluInputGrad}.
 *
 * @example
 * tanhInputGrad(new Tensor([0.5]), new Tensor([8])); // [6]
 */
export function tanhInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  checkPair("tanhInputGrad", y, dy);
  const dx = allocate(y, y.shape);
  kernelsFor("tanhInputGrad", y).activationInputGrad(TANH, y.data, dy.data, dx.data);
  return dx;
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
  const ones = allocate(x, x.shape);
  ones.data.fill(1);
  return ones;
}

function checkPair(who: string, y: Tensor<FloatArray>, dy: Tensor<FloatArray>): void {
  checkTensor(who, "y", y);
  checkTensor(who, "dy", dy);
  checkFormats(who, y, dy);
  checkUpstream(who, y.shape, dy.shape);
}
