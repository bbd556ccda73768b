// One step of the other kinds of optimizers, in place, as PyTorch does them. Weight decay is L2: it is added to the gradient; but
// decoupled (Lion) it shrinks the weights.
import type { FloatArray } from "../../base/tensor.js";
import type { AdadeltaStep, LionStep, RmspropStep } from "../kernels.js";

// grad = dw + weightDecay w
// v = keep v + share grad^2, mean = keep mean + share grad
// buffer = momentum buffer + grad / (sqrt(v - mean^2) + eps), w -= lr buffer; without a mean 0 stands for it
export function rmsprop(
  g: RmspropStep,
  dw: FloatArray,
  w: FloatArray,
  v: FloatArray,
  mean: FloatArray | null,
  buffer: FloatArray | null,
): void {
  const { lr, keep, share, eps, momentum, weightDecay } = g;
  for (let i = 0; i < w.length; i++) {
    const grad = weightDecay === 0 ? dw[i] : dw[i] + weightDecay * w[i];
    let square = keep * v[i] + share * grad * grad;
    v[i] = square;
    if (mean !== null) {
      const center = keep * mean[i] + share * grad;
      mean[i] = center;
      square = Math.max(square - center * center, 0); // a variance, which rounding may take below 0
    }
    let step = grad / (Math.sqrt(square) + eps);
    if (buffer !== null) buffer[i] = step = momentum * buffer[i] + step;
    w[i] -= lr * step;
  }
}

// grad = dw + weightDecay w
// v = rho v + (1 - rho) grad^2, step = sqrt(u + eps) / sqrt(v + eps) grad, u = rho u + (1 - rho) step^2
// w -= lr step
export function adadelta(g: AdadeltaStep, dw: FloatArray, w: FloatArray, v: FloatArray, u: FloatArray): void {
  const { lr, rho, eps, weightDecay } = g;
  for (let i = 0; i < w.length; i++) {
    const grad = weightDecay === 0 ? dw[i] : dw[i] + weightDecay * w[i];
    const square = rho * v[i] + (1 - rho) * grad * grad;
    const step = (Math.sqrt(u[i] + eps) / Math.sqrt(square + eps)) * grad;
    v[i] = square;
    u[i] = rho * u[i] + (1 - rho) * step * step;
    w[i] -= lr * step;
  }
}

// w = (1 - lr weightDecay) w - lr sign(beta1 m + (1 - beta1) dw)
// m = beta2 m + (1 - beta2) dw
export function lion(g: LionStep, dw: FloatArray, w: FloatArray, m: FloatArray): void {
  const { lr, beta1, beta2, weightDecay } = g;
  for (let i = 0; i < w.length; i++) {
    const look = beta1 * m[i] + (1 - beta1) * dw[i];
    w[i] = (1 - lr * weightDecay) * w[i] - lr * Math.sign(look);
    m[i] = beta2 * m[i] + (1 - beta2) * dw[i];
  }
}
