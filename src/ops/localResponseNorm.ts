// Local response normalization: each number is divided by a power of the squares beside it, across channels. Made of pooling (along
// the channels), products, exp and log; s = k + alpha * mean of x^2 over the window.
import type { AvgPool2dGeometry } from "../backend/kernels.js";
import type { Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { sizeOf, type Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import { addIn, multiplyIn } from "./arithmetic.js";
import { plusIn, timesIn } from "./scale.js";

/** The settings, checked. */
export interface ResponseSettings {
  /** How many channels a window has; a mean over it counts channels that are not there as 0. */
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** What the gradient needs beside x. */
export interface Response<A extends FloatArray = Float32Array> {
  readonly y: Tensor<A>;
  /** s, and s^-beta. */
  readonly s: Tensor<A>;
  readonly power: Tensor<A>;
}

/**
 * y[c] = x[c] s[c]^-beta with s[c] = k + alpha / size * sum of x[c']^2 over c - floor(size / 2) <= c' <= c + floor((size - 1) / 2).
 *
 * @param x [N, C, ...]
 */
export function responseNormIn<A extends FloatArray>(
  room: Room,
  { size, alpha, beta, k }: ResponseSettings,
  x: Tensor<A>,
): Response<A> {
  const kernels = kernelsFor("localResponseNorm", x);
  const means = room.tensor(x, x.shape);
  kernels.avgPool2d(alongChannels(x.shape, size), multiplyIn(room, x, x).data, means.data);
  const s = plusIn(room, timesIn(room, means, alpha), k);
  const logs = room.tensor(x, x.shape);
  kernels.log(s.data, logs.data);
  const power = room.tensor(x, x.shape);
  kernels.exp(timesIn(room, logs, -beta).data, power.data);
  return { y: multiplyIn(room, x, power), s, power };
}

/**
 * dx[c] = dy[c] s[c]^-beta - 2 alpha beta / size * x[c] * sum of dy[c'] x[c'] s[c']^(-beta - 1) over the c' whose window holds c.
 */
export function responseNormInputGradIn<A extends FloatArray>(
  room: Room,
  { size, alpha, beta }: ResponseSettings,
  x: Tensor<A>,
  { y, s, power }: Response<A>,
  dy: Tensor<A>,
): Tensor<A> {
  const kernels = kernelsFor("localResponseNorm", x);
  const shares = room.tensor(x, x.shape);
  const strides = [1];
  const whole = { shape: [x.size], stridesA: strides, stridesB: strides };
  kernels.divide(whole, multiplyIn(room, dy, y).data, s.data, shares.data);
  const sums = room.tensor(x, x.shape);
  kernels.avgPool2dInputGrad(alongChannels(x.shape, size), shares.data, sums.data);
  const through = timesIn(room, multiplyIn(room, x, sums), -2 * alpha * beta);
  return addIn(room, multiplyIn(room, dy, power), through);
}

/** The channels as rows of an image, whose columns are all pixels. */
export function alongChannels([N, C, ...pixels]: Shape, size: number): AvgPool2dGeometry {
  const W = sizeOf(pixels);
  return {
    ...{ planes: N, H: C, W, KH: size, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1, PT: Math.floor(size / 2), PL: 0 },
    ...{ OH: C, OW: W, countIncludePad: true, divisor: size },
  };
}
