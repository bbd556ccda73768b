// The strides by which one array broadcasts to a shape. It computes with shapes, never with data.
import type { Shape } from "../base/shape.js";
import { stridesOf } from "../base/tensor.js";

/** Strides that walk an array of `shape` along the axes of `target`, which it broadcasts to: 0 repeats an entry. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const missing = target.length - shape.length;
  return target.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]));
}
