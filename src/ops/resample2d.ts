// Linear resampling of images: upsampling and adaptive average pooling. The gradient is the same with the transposed taps.
import type { PlanesGeometry, Taps } from "../backend/kernels.js";
import type { Room } from "../backend/memory.js";
import { kitFor } from "../backend/select.js";
import { resample } from "../backend/wasm/kit/resample2d.js";
import { checkSize, type Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import { transposed } from "./taps.js";

/** All that a resampling needs to know of its shapes. */
export interface ResamplePlan {
  /** [N, C, H, W]. */
  readonly x: Shape;
  /** [N, C, OH, OW]. */
  readonly y: Shape;
  readonly taps: readonly [rows: Taps, columns: Taps];
  /** Those of the gradient. */
  readonly back: readonly [rows: Taps, columns: Taps];
}

/** Plans a resampling of images x by taps of their rows and columns. */
export function planResample(who: string, x: Shape, rows: Taps, columns: Taps): ResamplePlan {
  const y = Object.freeze([x[0], x[1], rows.first.length, columns.first.length]);
  checkSize(who, y);
  return { x, y, taps: [rows, columns], back: [transposed(rows, x[2]), transposed(columns, x[3])] };
}

/** y[n, c, i, j] = sum over the taps k of row i and l of column j of their weights times x[n, c, k, l]. */
export function resampleIn<A extends FloatArray>(
  room: Room,
  { x: from, y: to, taps }: ResamplePlan,
  x: Tensor<A>,
): Tensor<A> {
  return run(room, from, to, taps, x);
}

/** dx[n, c, k, l] = sum over the places (i, j) whose taps hold (k, l) of the weights times dy[n, c, i, j]. */
export function resampleInputGradIn<A extends FloatArray>(
  room: Room,
  { x: to, y: from, back }: ResamplePlan,
  dy: Tensor<A>,
): Tensor<A> {
  return run(room, from, to, back, dy);
}

function run<A extends FloatArray>(
  room: Room,
  from: Shape,
  to: Shape,
  [rows, columns]: readonly [Taps, Taps],
  x: Tensor<A>,
): Tensor<A> {
  const y = room.tensor(x, to);
  kitFor(resample, "resample2d", x).resample2d(planesOf(from, to), rows, columns, x.data, y.data);
  return y;
}

/** From images of one shape to images of another. */
export function planesOf([N, C, H, W]: Shape, [, , OH, OW]: Shape): PlanesGeometry {
  return { planes: N * C, H, W, OH, OW };
}
