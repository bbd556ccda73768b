// Entries added before and after any axis: constant, reflect, replicate, circular. Its loop is in the backend.
// For the images of a convolution see pad2d.ts.
import type { Pad2dGeometry, PadMode } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import { knownKeys, oneOf, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { checkSize, formatShape, sizeOf } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";

/** How {@link pad} fills. */
export interface PadOptions {
  /**
   * "constant" (default) fills with `value`; of 1 2 3, "reflect" makes 3 2 [1 2 3] 2 1, "replicate" 1 1 [1 2 3] 3 3 and
   * "circular" 2 3 [1 2 3] 1 2.
   */
  readonly mode?: PadMode;
  /** The number that "constant" fills with. Default: 0. */
  readonly value?: number;
}

/**
 * Entries added around x. `amounts` holds one pair [before, after] for each of the last axes, in the order of the axes
 * (as in NumPy; PyTorch's `F.pad` counts from the last axis backwards). Axes without a pair stay as they are.
 *
 * Shapes: each padded axis grows by before + after.
 *
 * @throws ShapeError when an axis is too short for its mode: "reflect" takes less than its size, "circular" at most its
 * size.
 * @throws ArgumentError when there are more pairs than axes, an amount is negative, or `value` is given to another
 * mode.
 *
 * @example
 * pad(x, [[1, 1], [2, 2]]);                                     // [N, C, H + 2, W + 4] of [N, C, H, W]
 * pad(new Tensor([1, 2, 3]), [[2, 0]], { mode: "replicate" });  // [1, 1, 1, 2, 3]
 */
export function pad<A extends FloatArray>(
  x: Tensor<A>,
  amounts: readonly (readonly [before: number, after: number])[],
  options: PadOptions = {},
): Tensor<A> {
  checkTensor("pad", "x", x);
  knownKeys("pad", options, ["mode", "value"]);
  const { mode = "constant", value } = options;
  oneOf("pad", "mode", mode, ["constant", "reflect", "replicate", "circular"]);
  if (value !== undefined && (mode !== "constant" || typeof value !== "number")) {
    throw new ArgumentError(
      `pad: expected value to be a number beside mode "constant", got ${show(value)} with mode "${mode}".`,
    );
  }
  const pairs = readPairs(amounts, x.rank);
  pairs.forEach(([before, after], i) => checkRoom(x, x.rank - pairs.length + i, Math.max(before, after), mode));
  checkSize(
    "pad",
    x.shape.map((size, axis) => {
      const [before, after] = pairs[axis - x.rank + pairs.length] ?? [0, 0];
      return size + before + after;
    }),
  );
  return pairs.reduce((y, amount, i) => padAxis(y, x.rank - pairs.length + i, amount, mode, value ?? 0), x.clone());
}

// An axis is the H of a stack of planes; the axes behind it are their W.
function padAxis<A extends FloatArray>(
  x: Tensor<A>,
  axis: number,
  [PT, PB]: readonly [before: number, after: number],
  mode: PadMode,
  value: number,
): Tensor<A> {
  if (PT + PB === 0) return x;
  const planes = sizeOf(x.shape.slice(0, axis));
  const W = sizeOf(x.shape.slice(axis + 1));
  const g: Pad2dGeometry = { planes, H: x.shape[axis], W, PT, PB, PL: 0, PR: 0, mode, value };
  const y = x.like(x.shape.map((size, at) => (at === axis ? size + PT + PB : size)));
  kernelsFor("pad", x).pad2d(g, x.data, y.data);
  return y;
}

function readPairs(amounts: unknown, rank: number): (readonly [before: number, after: number])[] {
  if (!Array.isArray(amounts) || amounts.length > rank) {
    throw new ArgumentError(
      `pad: expected amounts to be at most ${rank} pairs [before, after], one for each of the last axes, got ` +
        `${show(amounts)}.`,
    );
  }
  return amounts.map((amount: unknown, i) => {
    if (!Array.isArray(amount) || amount.length !== 2) {
      throw new ArgumentError(`pad: expected amounts[${i}] to be [before, after], got ${show(amount)}.`);
    }
    return [whole("pad", `amounts[${i}][0]`, amount[0], 0), whole("pad", `amounts[${i}][1]`, amount[1], 0)];
  });
}

function checkRoom(x: Tensor<FloatArray>, axis: number, most: number, mode: PadMode): void {
  const size = x.shape[axis];
  const available = { constant: Infinity, reflect: size - 1, replicate: size > 0 ? Infinity : 0, circular: size };
  const room = Math.max(available[mode], 0);
  if (most <= room) return;
  throw new ShapeError(
    `pad: expected at most ${room} entries before and after axis ${axis} of ${formatShape(x.shape)} in mode ` +
      `"${mode}", got ${most}.`,
  );
}
