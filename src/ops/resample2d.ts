// Linear resampling of images: upsampling and adaptive average pooling. The gradient is the same with the transposed taps.
import type { PlanesGeometry, Taps } from "../backend/kernels.js";
import type { Room } from "../backend/memory.js";
import { kitFor } from "../backend/select.js";
import { resample } from "../backend/wasm/kit/resample2d.js";
import { checkSize, type Pair, type Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import { transposed } from "./taps.js";

type BothTaps = readonly [rows: Taps, columns: Taps];

/** All that a resampling needs to know of its shapes. */
export interface ResamplePlan {
  /** [N, C, H, W]. */
  readonly x: Shape;
  /** [N, C, OH, OW]. */
  readonly y: Shape;
  /** Made when they are first asked for: a shape alone needs none. */
  readonly taps: () => BothTaps;
  /** Those of the gradient. */
  readonly back: () => BothTaps;
}

/** Plans a resampling of images x to other rows and columns by the taps that `make` gives. */
export function planResample(who: string, x: Shape, [OH, OW]: Pair, make: () => BothTaps): ResamplePlan {
  const y = Object.freeze([x[0], x[1], OH, OW]);
  checkSize(who, y);
  let made: BothTaps | undefined;
  let turned: BothTaps | undefined;
  const taps = (): BothTaps => (made ??= make());
  const back = (): BothTaps => {
    const [rows, columns] = taps();
    return (turned ??= [transposed(rows, x[2]), transposed(columns, x[3])]);
  };
  return { x, y, taps, back };
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

function run<A extends FloatArray>(room: Room, from: Shape, to: Shape, taps: () => BothTaps, x: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, to); // first: where there is no room for it, there is none for its taps
  const [rows, columns] = taps();
  kitFor(resample, "resample2d", x).resample2d(planesOf(from, to), rows, columns, x.data, y.data);
  return y;
}

/** From images of one shape to images of another. */
export function planesOf([N, C, H, W]: Shape, [, , OH, OW]: Shape): PlanesGeometry {
  return { planes: N * C, H, W, OH, OW };
}
