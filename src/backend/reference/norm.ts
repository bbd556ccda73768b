// Normalization of x [N, C, P] and its gradients. x^ = (x - mean) / sqrt(variance + eps) stands for the normalized x.
import type { FloatArray } from "../../base/tensor.js";
import type { NormGeometry } from "../kernels.js";

// mean = sum of x / M, variance = sum of (x - mean)^2 / M, in two passes over the M numbers of each statistic
// y = x^ w + b
export function normalize(
  g: NormGeometry,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
  w: FloatArray | null,
  b: FloatArray | null,
  y: FloatArray,
): void {
  if (!g.given) {
    mean.set(meansOver(g, mean.length, (i) => x[i]));
    const exact = meansOver(g, mean.length, (i) => x[i]); // mean itself is rounded, in float32
    variance.set(meansOver(g, mean.length, (i, s) => (x[i] - exact[s]) * (x[i] - exact[s])));
  }
  forEach(g, (i, c, s) => {
    const normalized = (x[i] - mean[s]) / Math.sqrt(variance[s] + g.eps);
    y[i] = normalized * (w?.[c] ?? 1) + (b?.[c] ?? 0);
  });
}

// dw = sum of dy x^, db = sum of dy
// dx = (w dy - mean of (w dy) - x^ mean of (w dy x^)) / sqrt(variance + eps), without the means if the statistics are given
export function normalizeGrads(
  g: NormGeometry,
  x: FloatArray,
  mean: FloatArray,
  variance: FloatArray,
  w: FloatArray | null,
  dy: FloatArray,
  dx: FloatArray | null,
  dw: FloatArray | null,
  db: FloatArray | null,
): void {
  const deviation = (s: number): number => Math.sqrt(variance[s] + g.eps);
  const normalized = (i: number, s: number): number => (x[i] - mean[s]) / deviation(s);
  const weighted = (i: number, c: number): number => dy[i] * (w?.[c] ?? 1);

  const [sumsW, sumsB] = [new Float64Array(g.C), new Float64Array(g.C)];
  forEach(g, (i, c, s) => {
    sumsW[c] += dy[i] * normalized(i, s);
    sumsB[c] += dy[i];
  });
  dw?.set(sumsW);
  db?.set(sumsB);

  if (dx === null) return;
  const means = meansOver(g, mean.length, (i, _, c) => weighted(i, c));
  const slopes = meansOver(g, mean.length, (i, s, c) => weighted(i, c) * normalized(i, s));
  forEach(g, (i, c, s) => {
    const through = g.given ? 0 : means[s] + normalized(i, s) * slopes[s]; // what mean and variance pass on
    dx[i] = (weighted(i, c) - through) / deviation(s);
  });
}

/** Every number of x [N, C, P]: its place i, its channel c, and its statistic s. */
function forEach({ N, C, P, groups }: NormGeometry, visit: (i: number, c: number, s: number) => void): void {
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const s = groups === 0 ? c : n * groups + Math.floor(c / (C / groups));
      for (let p = 0; p < P; p++) visit((n * C + c) * P + p, c, s);
    }
  }
}

/** The mean of term over the numbers of each statistic. */
function meansOver(g: NormGeometry, S: number, term: (i: number, s: number, c: number) => number): Float64Array {
  const sums = new Float64Array(S);
  forEach(g, (i, c, s) => (sums[s] += term(i, s, c)));
  return sums.map((sum) => (sum * S) / (g.N * g.C * g.P));
}
