// The focal loss of yes-or-no questions and its gradient, put together from kernels that are there anyway. No checks: those are in
// loss/focal.ts.
import type { Tensor } from "../base/tensor.js";
import { sigmoid } from "./activation.js";
import { add, divide, multiply, subtract } from "./arithmetic.js";
import { binaryCrossEntropy } from "./elementLoss.js";
import { clamp, exp, log } from "./elementwise.js";

interface Parts {
  readonly s: Tensor;
  readonly no: Tensor; // 1 - s
  readonly q: Tensor; // 1 - probability of the right answer
  readonly scale: Tensor; // alpha's factor times q^gamma
  readonly ce: Tensor;
}

function parts(x: Tensor, t: Tensor, alpha: number, gamma: number): Parts {
  const [s, no, tNo] = [sigmoid(x), sigmoid(subtract(0, x)), subtract(1, t)];
  const q = add(multiply(s, tNo), multiply(no, t));
  const power = gamma === 0 ? q.like() : exp(multiply(log(q), gamma));
  if (gamma === 0) power.data.fill(1);
  const factor = alpha < 0 ? 1 : add(multiply(t, alpha), multiply(tNo, 1 - alpha));
  return { s, no, q, scale: multiply(power, factor), ce: binaryCrossEntropy(x, t, tNo) };
}

/** factor * q^gamma * ce. */
export function sigmoidFocal(x: Tensor, t: Tensor, alpha: number, gamma: number): Tensor {
  const { scale, ce } = parts(x, t, alpha, gamma);
  return multiply(scale, ce);
}

/** dx = dy * factor * q^gamma * ((s - t) + gamma * ce * q' / q) with q' = (1 - 2t) s (1 - s). */
export function sigmoidFocalInputGrad(x: Tensor, t: Tensor, alpha: number, gamma: number, dy: Tensor): Tensor {
  const { s, no, q, scale, ce } = parts(x, t, alpha, gamma);
  const slope = multiply(subtract(1, add(t, t)), multiply(s, no));
  const relative = divide(slope, clamp(q, 1e-37, 2)); // 0 where both vanish
  const error = subtract(multiply(s, subtract(1, t)), multiply(no, t)); // s - t, without the difference of numbers near 1
  return multiply(dy, multiply(scale, add(error, multiply(multiply(ce, relative), gamma))));
}
