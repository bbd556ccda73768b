// Normalization by the statistics of channels or of groups of channels, and its gradients. Which statistics, and what is kept of
// them, is the layers'.
import type { NormGeometry } from "../backend/kernels.js";
import { kept, type Room } from "../backend/memory.js";
import { kitFor } from "../backend/select.js";
import { norm } from "../backend/wasm/kit/norm.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/** The mean and the biased variance of each statistic, [S]. */
export interface Statistics<A extends FloatArray = Float32Array> {
  readonly mean: Tensor<A>;
  readonly variance: Tensor<A>;
}

/** Which gradients are wanted. */
export interface WantedGrads {
  readonly x: boolean;
  readonly w: boolean;
  readonly b: boolean;
}

/** Those that were wanted. */
export interface NormalizeGrads<A extends FloatArray = Float32Array> {
  readonly dx: Tensor<A> | undefined;
  readonly dw: Tensor<A> | undefined;
  readonly db: Tensor<A> | undefined;
}

/** How many statistics there are. */
function countStatistics({ N, C, groups }: NormGeometry): number {
  return groups === 0 ? C : N * groups;
}

/**
 * y = x^ w + b with x^ = (x - mean) / sqrt(variance + eps), for each channel c of x [N, C, ...] with w[c] and b[c]. `given`: the
 * statistics, or null to take those of x.
 *
 * @returns y in the shape of x, and the statistics that were used
 * @see Ioffe and Szegedy, "Batch normalization", ICML 2015; Wu and He, "Group normalization", ECCV 2018
 */
export function normalizeIn<A extends FloatArray>(
  room: Room,
  g: NormGeometry,
  x: Tensor<A>,
  given: Statistics<A> | null,
  w: Tensor<A> | null,
  b: Tensor<A> | null,
): Statistics<A> & { readonly y: Tensor<A> } {
  const S = countStatistics(g);
  const { mean, variance } = given ?? { mean: room.tensor(x, [S]), variance: room.tensor(x, [S]) };
  const kernels = kitFor(norm, "normalize", x, mean, variance, w ?? x, b ?? x);
  const y = room.tensor(x, x.shape);
  kernels.normalize(g, x.data, mean.data, variance.data, w && kept(w), b && kept(b), y.data);
  return { y, mean, variance };
}

/**
 * Gradients of {@link normalizeIn}: dw = sum of dy x^ and db = sum of dy over samples and pixels;
 * dx = w dy / sqrt(variance + eps) where the statistics were given, else, with means over the numbers of each statistic,
 * dx = (w dy - mean of (w dy) - x^ mean of (w dy x^)) / sqrt(variance + eps).
 */
export function normalizeGradsIn<A extends FloatArray>(
  room: Room,
  g: NormGeometry,
  x: Tensor<A>,
  { mean, variance }: Statistics<A>,
  w: Tensor<A> | null,
  dy: Tensor<A>,
  wanted: WantedGrads,
): NormalizeGrads<A> {
  const dx = wanted.x ? room.tensor(x, x.shape) : undefined;
  const dw = wanted.w ? room.tensor(x, [g.C]) : undefined;
  const db = wanted.b ? room.tensor(x, [g.C]) : undefined;
  const kernels = kitFor(norm, "normalizeGrads", x, dy);
  const out = [dx, dw, db].map((each) => each?.data ?? null);
  kernels.normalizeGrads(g, x.data, mean.data, variance.data, w && kept(w), dy.data, out[0], out[1], out[2]);
  return { dx, dw, db };
}
