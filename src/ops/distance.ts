// The p-norm of each row of a difference d [N, D], and its gradient, put together from kernels that are there anyway. No checks:
// those are in loss/embedding.ts.
import { kernelsFor } from "../backend/select.js";
import type { Tensor } from "../base/tensor.js";
import { add, divide, multiply } from "./arithmetic.js";
import { absoluteError, absoluteErrorInputGrad } from "./elementLoss.js";
import { clamp, exp, log } from "./elementwise.js";
import { sum } from "./reduce.js";

/** y[n] = (sum of |d[n, :]|^p)^(1 / p), [N]. */
export function distance(d: Tensor, p: number): Tensor {
  if (p === 1) return sum(absoluteError(d), { dim: 1 });
  if (p !== 2) return power(sum(power(absoluteError(d), p), { dim: 1 }), 1 / p);
  const y = d.like([d.shape[0]]);
  kernelsFor("distance", d).norm({ rows: d.shape[0], cols: d.shape[1] }, d.data, y.data);
  return y;
}

/** dd[n, :] = dy[n] sign(d) (|d| / y[n])^(p - 1), 0 where y[n] is 0; dy [N, 1]. */
export function distanceInputGrad(d: Tensor, y: Tensor, p: number, dy: Tensor): Tensor {
  const rows = add(d.like(), dy); // of zeros: dy in the shape of d
  if (p === 1) return absoluteErrorInputGrad(d, rows);
  const length = clamp(y.reshape([y.size, 1]), 1e-37, Infinity);
  if (p === 2) return multiply(divide(d, length), rows);
  return multiply(power(divide(absoluteError(d), length), p - 1), absoluteErrorInputGrad(d, rows));
}

// x^p for x of at least 0.
function power(x: Tensor, p: number): Tensor {
  return exp(multiply(log(x), p));
}
