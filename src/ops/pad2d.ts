// Padding of images, and its adjoint, which folds the border's gradient back.
import type { Pad2dGeometry, PadMode } from "../backend/kernels.js";
import type { Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { ShapeError } from "../base/errors.js";
import { formatShape, type Pair, type Shape, type Sides } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/** x [N, C, H, W] -> [N, C, top + H + bottom, left + W + right]; `filler` is the number of mode "constant". */
export function pad2d<A extends FloatArray>(
  room: Room,
  x: Tensor<A>,
  sides: Sides,
  mode: PadMode,
  filler: number = 0,
): Tensor<A> {
  const [n, c, h, w] = x.shape;
  const y = room.tensor(x, [n, c, sides.top + h + sides.bottom, sides.left + w + sides.right]);
  kernelsFor("pad2d", x).pad2d(padGeometry(x.shape, sides, mode, filler), x.data, y.data);
  return y;
}

/** The adjoint: each pixel of dx [N, C, H, W] sums dy over the padded pixels that were filled from it. */
export function pad2dInputGrad<A extends FloatArray>(
  room: Room,
  dy: Tensor<A>,
  xShape: Shape,
  sides: Sides,
  mode: PadMode,
): Tensor<A> {
  const dx = room.tensor(dy, xShape);
  kernelsFor("pad2dInputGrad", dy).pad2dInputGrad(padGeometry(xShape, sides, mode), dy.data, dx.data);
  return dx;
}

/** Reflect needs an image larger than its padding, circular one at least as large. */
export function checkPadding2d(who: string, [h, w]: Pair, sides: Sides, mode: PadMode): void {
  const vertical = Math.max(sides.top, sides.bottom);
  const horizontal = Math.max(sides.left, sides.right);
  const extra = mode === "reflect" ? 1 : 0;
  if (mode !== "reflect" && mode !== "circular") return;
  const least = [Math.max(vertical + extra, 1), Math.max(horizontal + extra, 1)];
  if (h >= least[0] && w >= least[1]) return;
  throw new ShapeError(
    `${who}: expected an image of at least ${formatShape(least)} for padding mode ` +
      `"${mode}", got ${formatShape([h, w])} (use less padding, or mode "replicate").`,
  );
}

/** The padding of images of this shape. */
export function padGeometry(xShape: Shape, sides: Sides, mode: PadMode, value: number = 0): Pad2dGeometry {
  const [n, c, H, W] = xShape;
  const { top, bottom, left, right } = sides;
  return { planes: n * c, H, W, PT: top, PB: bottom, PL: left, PR: right, mode, value };
}
