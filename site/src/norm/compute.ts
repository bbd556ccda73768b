// Batch normalization of [N, C], forth and back, with every intermediate result kept, in float64.

export type Matrix = readonly (readonly number[])[];

export interface NormGiven {
  readonly x: Matrix;
  readonly gamma: readonly number[];
  readonly beta: readonly number[];
  readonly dy: Matrix;
  readonly eps: number;
}

export interface NormTrace {
  readonly mean: readonly number[];
  readonly centered: Matrix;
  /** Of the batch, biased: divided by N. */
  readonly variance: readonly number[];
  /** sqrt(variance + eps) */
  readonly deviation: readonly number[];
  readonly normalized: Matrix;
  readonly y: Matrix;
  readonly dbeta: readonly number[];
  readonly dgamma: readonly number[];
  readonly dnormalized: Matrix;
  /** Means of dnormalized and of dnormalized * normalized over the batch. */
  readonly meanGrad: readonly number[];
  readonly meanGradX: readonly number[];
  readonly dx: Matrix;
}

/** All steps. Each line differentiates the one it mirrors. */
export function normalize({ x, gamma, beta, dy, eps }: NormGiven): NormTrace {
  const N = x.length;
  const columns = (of: (c: number) => number): number[] => gamma.map((_, c) => of(c));
  const matrix = (of: (n: number, c: number) => number): number[][] => x.map((row, n) => row.map((_, c) => of(n, c)));
  const over = (of: (n: number, c: number) => number) => (c: number): number => x.reduce((sum, _, n) => sum + of(n, c), 0); // prettier-ignore
  const mean = columns((c) => over((n) => x[n][c])(c) / N);
  const centered = matrix((n, c) => x[n][c] - mean[c]);
  const variance = columns((c) => over((n) => centered[n][c] ** 2)(c) / N);
  const deviation = columns((c) => Math.sqrt(variance[c] + eps));
  const normalized = matrix((n, c) => centered[n][c] / deviation[c]);
  const y = matrix((n, c) => gamma[c] * normalized[n][c] + beta[c]);
  const dbeta = columns(over((n, c) => dy[n][c]));
  const dgamma = columns(over((n, c) => dy[n][c] * normalized[n][c]));
  const dnormalized = matrix((n, c) => dy[n][c] * gamma[c]);
  const meanGrad = columns((c) => over((n) => dnormalized[n][c])(c) / N);
  const meanGradX = columns((c) => over((n) => dnormalized[n][c] * normalized[n][c])(c) / N);
  const dx = matrix((n, c) => (dnormalized[n][c] - meanGrad[c] - normalized[n][c] * meanGradX[c]) / deviation[c]);
  return { mean, centered, variance, deviation, normalized, y, dbeta, dgamma, dnormalized, meanGrad, meanGradX, dx };
}

/** What is computed at each step of the slider, in order. */
export const STEPS = ["mean", "centered", "variance", "deviation", "normalized", "y", "dbeta", "dgamma", "dnormalized", "meanGrad", "meanGradX", "dx"] as const satisfies readonly (keyof NormTrace)[]; // prettier-ignore
export type StepName = (typeof STEPS)[number];

/** (L(x + h) - L(x - h)) / 2h for entry [n, c] of x, L = sum of dy * y. */
export function difference(given: NormGiven, n: number, c: number, h = 1e-4): number {
  const loss = (by: number): number => {
    const x = given.x.map((row, i) => row.map((value, j) => (i === n && j === c ? value + by : value)));
    return normalize({ ...given, x }).y.reduce(
      (sum, row, i) => sum + row.reduce((s, v, j) => s + v * given.dy[i][j], 0),
      0,
    );
  };
  return (loss(h) - loss(-h)) / (2 * h);
}
