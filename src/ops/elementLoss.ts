// Losses of single numbers and their gradients: each value beside its gradient, for losses that compare two tensors of one
// shape. They are put together from kernels that are there anyway. No checks: those are in loss/elementLoss.ts.
import type { Tensor } from "../base/tensor.js";
import { relu, reluInputGrad, sigmoid } from "./activation.js";
import { add, multiply, subtract } from "./arithmetic.js";
import { crossEntropy } from "./crossEntropy.js";
import { clamp, log } from "./elementwise.js";

/** d^2. */
export function squaredError(d: Tensor): Tensor {
  return multiply(d, d);
}

/** dd = 2 d dy. */
export function squaredErrorInputGrad(d: Tensor, dy: Tensor): Tensor {
  return multiply(add(d, d), dy);
}

/** |d|, as max(d, 0) + max(-d, 0). */
export function absoluteError(d: Tensor): Tensor {
  return add(relu(d), relu(subtract(0, d)));
}

/** dd = sign(d) dy, 0 where d is 0. */
export function absoluteErrorInputGrad(d: Tensor, dy: Tensor): Tensor {
  return subtract(reluInputGrad(relu(d), dy), reluInputGrad(relu(subtract(0, d)), dy));
}

/**
 * factor * d^2 / 2 as far as |d| is at most delta, and then on in a straight line: factor * c (d - c / 2), where c is d
 * clamped to [-delta, delta].
 */
export function huberError(d: Tensor, delta: number, factor: number): Tensor {
  const c = clamp(d, -delta, delta);
  return multiply(multiply(c, factor), subtract(d, multiply(c, 0.5)));
}

/** dd = factor * c dy, with c as in {@link huberError}. */
export function huberErrorInputGrad(d: Tensor, delta: number, factor: number, dy: Tensor): Tensor {
  return multiply(multiply(clamp(d, -delta, delta), factor), dy);
}

/**
 * -(yes * log(s) + no * log(1 - s)) with s = 1 / (1 + exp(-x)): the cross-entropy of two classes with the logits x and 0 and the
 * weighted target yes and no.
 */
export function binaryCrossEntropy(x: Tensor, yes: Tensor, no: Tensor): Tensor {
  return crossEntropy(twoClasses(x), twoClasses(yes, no)).reshape(x.shape);
}

/** dx = dy (no * s - yes * (1 - s)), where 1 - s is 1 / (1 + exp(x)). */
export function binaryCrossEntropyInputGrad(x: Tensor, yes: Tensor, no: Tensor, dy: Tensor): Tensor {
  return multiply(dy, subtract(multiply(no, sigmoid(x)), multiply(yes, sigmoid(subtract(0, x)))));
}

// The numbers of a and of b, or zeros, as two classes: [1, 2, size].
function twoClasses(a: Tensor, b?: Tensor): Tensor {
  const both = a.like([1, 2, a.size]);
  both.data.set(a.data);
  if (b !== undefined) both.data.set(b.data, a.size);
  return both;
}

/** t (log(t) - x), 0 where t is 0, also for x = -Infinity; t is nowhere below 0. */
export function klDivergence(x: Tensor, t: Tensor): Tensor {
  return multiply(t, reluInputGrad(t, subtract(log(t), x))); // reluInputGrad(t, z) is z where t > 0, else 0
}

/** dx = -t dy. */
export function klDivergenceInputGrad(t: Tensor, dy: Tensor): Tensor {
  return multiply(subtract(0, t), dy);
}
