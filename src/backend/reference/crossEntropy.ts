// Cross-entropy of logits against a weighted target t, along the middle axis of [outer, size, inner].
import { exp, log } from "../../numbers/math.js";
import type { FloatArray } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";
import { largest, linesOf, sumOver } from "./softmax.js";

// loss = -sum of t (x - max - log(sum of exp(x - max))), without the classes where t = 0
export function crossEntropy(g: AxisGeometry, logits: FloatArray, target: FloatArray, losses: FloatArray): void {
  const targets = linesOf(g, target);
  linesOf(g, logits).forEach((x, l) => {
    const t = targets[l];
    const max = largest(x);
    const logTotal = log(sumOver(g.size, (c) => exp(x.get(c) - max)));
    losses[l] = sumOver(g.size, (c) => (t.get(c) === 0 ? 0 : t.get(c) * (logTotal - (x.get(c) - max))));
  });
}

// dlogits = dloss (softmax(x) sum of t - t)
export function crossEntropyInputGrad(
  g: AxisGeometry,
  logits: FloatArray,
  target: FloatArray,
  dlosses: FloatArray,
  dlogits: FloatArray,
): void {
  const [targets, results] = [linesOf(g, target), linesOf(g, dlogits)];
  linesOf(g, logits).forEach((x, l) => {
    const t = targets[l];
    const max = largest(x);
    const total = sumOver(g.size, (c) => exp(x.get(c) - max));
    const weight = sumOver(g.size, (c) => t.get(c));
    for (let c = 0; c < g.size; c++) {
      const softmax = exp(x.get(c) - max) / total;
      results[l].set(c, dlosses[l] * (softmax * weight - t.get(c)));
    }
  });
}
