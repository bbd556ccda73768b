// What several ops do with their operands: one number format, and the strides by which one array broadcasts.
// It computes with shapes, never with data.
import { ArgumentError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";
import { stridesOf, type Tensor } from "../base/tensor.js";

/** Throws unless all operands have the number format of the first. */
export function checkFormats(who: string, ...operands: readonly Pick<Tensor, "dtype">[]): void {
  const [first] = operands;
  for (const { dtype } of operands) {
    if (dtype === first.dtype) continue;
    throw new ArgumentError(
      `${who}: expected operands of one number format, got ${first.dtype} and ${dtype} (convert one with toFloat64() ` +
        `or toFloat32()).`,
    );
  }
}

/** Strides that walk an array of `shape` along the axes of `target`, which it broadcasts to: 0 repeats an entry. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const missing = target.length - shape.length;
  return target.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]));
}
