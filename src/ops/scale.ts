// Multiplication by one number, or by one for each channel, and the gradient for these.
import type { Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { sizeOf } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import { addIn, multiplyIn } from "./arithmetic.js";

/** x times w: one number, or one for each channel of x [N, C, ...]. */
export function scaleIn<A extends FloatArray>(room: Room, x: Tensor<A>, w: Tensor<A>): Tensor<A> {
  const shape = w.size === 1 ? [] : [w.size, ...x.shape.slice(2).map(() => 1)];
  return multiplyIn(room, x, w.reshape(shape));
}

/** dw = the sum of dy x over all that w multiplies, in the shape of w. */
export function scaleWeightGradIn<A extends FloatArray>(
  room: Room,
  x: Tensor<A>,
  dy: Tensor<A>,
  w: Tensor<A>,
): Tensor<A> {
  const products = multiplyIn(room, dy, x);
  const dw = room.tensor(x, w.shape);
  const [outer, size, ...rest] = w.size === 1 ? [1, 1, x.size] : x.shape;
  kernelsFor("scale", x).channelSum({ outer, size, inner: sizeOf(rest) }, products.data, dw.data);
  return dw;
}

/** x times a number. */
export function timesIn<A extends FloatArray>(room: Room, x: Tensor<A>, factor: number): Tensor<A> {
  return multiplyIn(room, x, numberIn(room, x, factor));
}

/** x plus a number. */
export function plusIn<A extends FloatArray>(room: Room, x: Tensor<A>, term: number): Tensor<A> {
  return addIn(room, x, numberIn(room, x, term));
}

function numberIn<A extends FloatArray>(room: Room, like: Tensor<A>, value: number): Tensor<A> {
  const single = room.tensor(like, []);
  single.data[0] = value;
  return single;
}
