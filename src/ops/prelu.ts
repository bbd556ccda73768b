// PReLU and its gradients. How many slopes there are, and what is learned, is the layer's.
import type { AxisGeometry } from "../backend/kernels.js";
import { kept, type Room } from "../backend/memory.js";
import { kitFor } from "../backend/select.js";
import { prelu } from "../backend/wasm/kit/prelu.js";
import { sizeOf, type Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/** y = x where x > 0, else w[c] x; c is the channel, axis 1, or 0 where there is one slope for all. */
export function preluIn<A extends FloatArray>(room: Room, x: Tensor<A>, w: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, x.shape);
  kitFor(prelu, "prelu", x, w).prelu(preluGeometry(x.shape, w.size), x.data, kept(w), y.data);
  return y;
}

/** Gradients of {@link preluIn}: dx = dy where x > 0, else w[c] dy; dw[c] = sum of x dy over the x that are not above 0. */
export function preluGradsIn<A extends FloatArray>(
  room: Room,
  x: Tensor<A>,
  w: Tensor<A>,
  dy: Tensor<A>,
  wanted: Readonly<Record<"x" | "w", boolean>>,
): Readonly<Record<"dx" | "dw", Tensor<A> | undefined>> {
  const dx = wanted.x ? room.tensor(x, x.shape) : undefined;
  const dw = wanted.w ? room.tensor(x, w.shape) : undefined;
  const g = preluGeometry(x.shape, w.size);
  kitFor(prelu, "preluGrads", x, dy).preluGrads(g, x.data, kept(w), dy.data, dx?.data ?? null, dw?.data ?? null);
  return { dx, dw };
}

/** Slopes along the channels, or one for all. */
export function preluGeometry(shape: Shape, slopes: number): AxisGeometry {
  if (slopes === 1) return { outer: 1, size: 1, inner: sizeOf(shape) };
  const [outer, size, ...rest] = shape;
  return { outer, size, inner: sizeOf(rest) };
}
