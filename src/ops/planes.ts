// Adaptive max pooling, unpooling, and channels that become pixels.
import type { ShuffleGeometry } from "../backend/kernels.js";
import type { Room } from "../backend/memory.js";
import { kernelsFor, kitFor } from "../backend/select.js";
import { adaptivePool, shuffle, unpool } from "../backend/wasm/kit/planes.js";
import type { Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import type { MaxPooled } from "./maxPool2d.js";
import { planesOf } from "./resample2d.js";

/**
 * y[n, c, i, j] = the largest of rows floor(i H / OH) to ceil((i + 1) H / OH) - 1 and columns alike, [N, C, OH, OW]; and where it
 * stands in its plane, unless `indices` is false.
 */
export function adaptiveMaxPoolIn<A extends FloatArray>(room: Room, shape: Shape, x: Tensor<A>): MaxPooled<A> {
  const y = room.tensor(x, shape);
  const indices = room.indices(y.size);
  kitFor(adaptivePool, "adaptiveMaxPool2d", x).adaptiveMaxPool2d(planesOf(x.shape, shape), x.data, y.data, indices);
  return { y, indices };
}

/** dx = 0, then dx[indices] += dy. */
export function maxOfPlanesInputGradIn<A extends FloatArray>(
  room: Room,
  shape: Shape,
  indices: Int32Array,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(dy, shape);
  // Of the geometry the kernel reads sizes only.
  const g = { ...planesOf(shape, dy.shape), KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1, PT: 0, PL: 0 };
  kernelsFor("adaptiveMaxPool2d", dy).maxPool2dInputGrad(g, indices, dy.data, dx.data);
  return dx;
}

/** y = 0, then y[indices] = x: each number of x [N, C, H, W] at its place in a plane of `shape`. */
export function maxUnpoolIn<A extends FloatArray>(
  room: Room,
  shape: Shape,
  indices: Int32Array,
  x: Tensor<A>,
): Tensor<A> {
  const y = room.tensor(x, shape);
  kitFor(unpool, "maxUnpool2d", x).maxUnpool2d(planesOf(x.shape, shape), indices, x.data, y.data);
  return y;
}

/** dx = dy[indices], 0 where another number of x went to the same place after it. */
export function maxUnpoolInputGradIn<A extends FloatArray>(
  room: Room,
  shape: Shape,
  indices: Int32Array,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(dy, shape);
  const g = planesOf(shape, dy.shape);
  kitFor(unpool, "maxUnpool2d", dy).maxUnpool2dInputGrad(g, indices, dy.data, dx.data);
  return dx;
}

/** y[n, c, h f + i, w f + j] = x[n, (c f + i) f + j, h, w]: [N, C f f, H, W] -> [N, C, H f, W f]. */
export function pixelShuffleIn<A extends FloatArray>(room: Room, factor: number, x: Tensor<A>): Tensor<A> {
  const [N, C, H, W] = x.shape;
  const y = room.tensor(x, [N, C / (factor * factor), H * factor, W * factor]);
  kitFor(shuffle, "pixelShuffle", x).pixelShuffle(shuffleOf(y.shape, factor), x.data, y.data);
  return y;
}

/** The inverse: [N, C, H f, W f] -> [N, C f f, H, W]. */
export function pixelUnshuffleIn<A extends FloatArray>(room: Room, factor: number, y: Tensor<A>): Tensor<A> {
  const [N, C, OH, OW] = y.shape;
  const x = room.tensor(y, [N, C * factor * factor, OH / factor, OW / factor]);
  kitFor(shuffle, "pixelUnshuffle", y).pixelUnshuffle(shuffleOf(y.shape, factor), y.data, x.data);
  return x;
}

/** From channels to the pixels of images of this shape. */
export function shuffleOf([N, C, OH, OW]: Shape, factor: number): ShuffleGeometry {
  return { planes: N * C, H: OH / factor, W: OW / factor, factor };
}
