// One step of SGD and of Adam, in place, as PyTorch does them. Weight decay is L2: it is added to the gradient; but decoupled
// (AdamW) it shrinks the weights. Other optimizers' steps are in kitOptimizer.ts.
import type { FloatArray } from "../../base/tensor.js";
import type { AdamStep, SgdStep } from "../kernels.js";

// grad = dw + weightDecay w
// buffer = momentum buffer + (1 - dampening) grad, or grad at the first step
// w -= lr (grad + momentum buffer) with nesterov, lr buffer with momentum, lr grad without
export function sgd(g: SgdStep, dw: FloatArray, w: FloatArray, buffer: FloatArray | null): void {
  const { lr, momentum, dampening, nesterov, weightDecay, first } = g;
  for (let i = 0; i < w.length; i++) {
    let step = weightDecay === 0 ? dw[i] : dw[i] + weightDecay * w[i];
    if (buffer !== null) {
      const velocity = first ? step : momentum * buffer[i] + (1 - dampening) * step;
      buffer[i] = velocity;
      step = nesterov ? step + momentum * velocity : velocity;
    }
    w[i] -= lr * step;
  }
}

// grad = dw + weightDecay w, or decoupled grad = dw and first of all w = (1 - lr weightDecay) w
// m = beta1 m + (1 - beta1) grad, v = beta2 v + (1 - beta2) grad^2, vMax = max(vMax, v)
// w -= (lr / bias1 m + gradientRate grad) / (sqrt(v / bias2) + eps), with vMax for v where there is one (amsgrad)
export function adam(
  g: AdamStep,
  dw: FloatArray,
  w: FloatArray,
  m: FloatArray,
  v: FloatArray,
  vMax: FloatArray | null,
): void {
  const { lr, beta1, beta2, eps, weightDecay, decoupled, bias1, bias2, gradientRate } = g;
  for (let i = 0; i < w.length; i++) {
    if (decoupled) w[i] *= 1 - lr * weightDecay;
    const grad = decoupled || weightDecay === 0 ? dw[i] : dw[i] + weightDecay * w[i];
    const mean = beta1 * m[i] + (1 - beta1) * grad;
    const square = beta2 * v[i] + (1 - beta2) * grad * grad;
    const largest = vMax === null ? square : Math.max(vMax[i], square);
    m[i] = mean;
    v[i] = square;
    if (vMax !== null) vMax[i] = largest;
    // As PyTorch writes it: the roots of v and of its correction are taken apart.
    const denominator = Math.sqrt(largest) / Math.sqrt(bias2) + eps;
    const step = (lr / bias1) * mean;
    w[i] -= (gradientRate === 0 ? step : step + gradientRate * grad) / denominator;
  }
}
