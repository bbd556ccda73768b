// Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations: slow for large ones, exact to the last bits.

/** Largest eigenvalue first; row k of `vectors` belongs to value k, has length 1, and its largest number is positive. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const MOST_SWEEPS = 60; // some ten are enough

/** Of a symmetric matrix [n, n], which is overwritten. */
export function eigenSymmetric(a: Float64Array, n: number): Eigen {
  const v = new Float64Array(n * n); // rows: the vectors
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a, n) > 0; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const row = v.subarray(from * n, (from + 1) * n);
    const largest = row.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
    for (let i = 0; i < n; i++) vectors[to * n + i] = largest < 0 ? -row[i] : row[i];
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

// A rotation in the plane of p and q that makes a[p, q] 0 (Golub and Van Loan, "Matrix computations", section 8.5).
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q];
  // Too small to change the diagonal: it counts as 0.
  if (Math.abs(apq) <= 1e-17 * (Math.abs(a[p * n + p]) + Math.abs(a[q * n + q]))) {
    a[p * n + q] = a[q * n + p] = 0;
    return;
  }
  const tau = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k], a[q * n + k]];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
    const [vx, vy] = [v[p * n + k], v[q * n + k]];
    v[p * n + k] = c * vx - s * vy;
    v[q * n + k] = s * vx + c * vy;
  }
  a[p * n + q] = a[q * n + p] = 0;
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) sum += a[i * n + j] * a[i * n + j];
  return sum;
}
