// Tensors joined along an axis, and their gradients: parts of dy; a part alone, and its gradient. Beside it the gradient of an operand
// that was stretched.
import type { Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import type { ShapeError } from "../base/errors.js";
import { sameShape, sizeOf, type Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/** Numbers and their shape. A Tensor is one. */
export interface Numbers {
  readonly data: FloatArray;
  readonly shape: Shape;
}

/** y = the parts one after the other along the axis; y has their shape with the sizes along it added up. */
export function concatInto<Y extends Numbers>(parts: readonly Numbers[], axis: number, y: Y): Y {
  // Each part is [outer, run], where a run holds its entries of the axis; runs alternate in the result.
  const outer = sizeOf(y.shape.slice(0, axis));
  let place = 0;
  for (let i = 0; i < outer; i++) {
    for (const { data } of parts) {
      const run = data.length / outer;
      y.data.set(data.subarray(i * run, (i + 1) * run), place);
      place += run;
    }
  }
  return y;
}

/** y = the part of x that begins at `from` along the axis; how long it is, its shape says. */
export function cutInto<Y extends Numbers>(x: Numbers, axis: number, from: number, y: Y): Y {
  eachRun(x.shape, y.shape, axis, from, (inX, inY, run) => y.data.set(x.data.subarray(inX, inX + run), inY));
  return y;
}

// Calls `copy` for each run of a part that begins at `from` along the axis of the whole: its places in both, and its length.
function eachRun(
  whole: Shape,
  part: Shape,
  axis: number,
  from: number,
  copy: (inWhole: number, inPart: number, run: number) => void,
): void {
  const inner = sizeOf(whole.slice(axis + 1));
  const [run, all] = [part[axis] * inner, whole[axis] * inner];
  const outer = sizeOf(whole.slice(0, axis));
  for (let i = 0; i < outer; i++) copy(i * all + from * inner, i * run, run);
}

/** dx of the part that begins at `from` along the axis: what dy holds there. */
export function partOf<A extends FloatArray>(
  room: Room,
  dy: Tensor<A>,
  shape: Shape,
  axis: number,
  from: number,
): Tensor<A> {
  return cutInto(dy, axis, from, room.tensor(dy, shape));
}

/** The gradient of partOf: dx of `shape` is 0, but dy from `from` along the axis on. */
export function partGradIn<A extends FloatArray>(
  room: Room,
  dy: Tensor<A>,
  shape: Shape,
  axis: number,
  from: number,
): Tensor<A> {
  const dx = room.tensor(dy, shape);
  dx.data.fill(0);
  eachRun(shape, dy.shape, axis, from, (inX, inY, run) => dx.data.set(dy.data.subarray(inY, inY + run), inX));
  return dx;
}

/**
 * The gradient of an operand of `shape` that was stretched to the shape of dy, which has as many axes: the sum over each axis of
 * size 1 that dy has longer. The order of the terms does not depend on threads.
 */
export function sumStretched<A extends FloatArray>(room: Room, dy: Tensor<A>, shape: Shape): Tensor<A> {
  if (sameShape(dy.shape, shape)) return dy;
  const kernels = kernelsFor("sumStretched", dy);
  const isStretched = (axis: number): boolean => shape[axis] !== dy.shape[axis];
  let current = dy;
  // From the last axis on, neighbors at once: [rows, cols, inner] -> [rows, inner].
  for (let end = shape.length, start = end; end > 0; end = Math.min(start, end - 1)) {
    start = end;
    while (start > 0 && isStretched(start - 1)) start--;
    if (start === end) continue;
    const sizes = current.shape;
    const [rows, cols] = [sizeOf(sizes.slice(0, start)), sizeOf(sizes.slice(start, end))];
    const inner = sizeOf(sizes.slice(end));
    const total = room.tensor(
      current,
      sizes.map((size, axis) => (axis >= start && axis < end ? 1 : size)),
    );
    if (inner === 1) {
      kernels.sum({ rows, cols }, current.data, total.data);
    } else {
      const [from, to]: [FloatArray, FloatArray] = [current.data, total.data];
      for (let row = 0; row < rows; row++) {
        const y = to.subarray(row * inner, (row + 1) * inner);
        const at = row * cols * inner;
        y.set(from.subarray(at, at + inner));
        for (let c = 1; c < cols; c++) kernels.accumulate(from.subarray(at + c * inner, at + (c + 1) * inner), y);
      }
    }
    current = total;
  }
  return current;
}

/** The shape of inputs of one rank and batch, whose other axes are equal or 1. */
export function stretchedShape(shapes: readonly Shape[], misfit: (expected: string) => ShapeError): Shape {
  const [first, ...others] = shapes;
  const shape = [...first];
  for (const other of others) {
    const fits = other.length === first.length && other[0] === first[0];
    for (let axis = 1; axis < shape.length && fits; axis++) {
      if (shape[axis] === 1) shape[axis] = other[axis];
      else if (other[axis] !== 1 && other[axis] !== shape[axis]) throw misfit(STRETCH);
    }
    if (!fits) throw misfit(STRETCH);
  }
  return shape;
}

const STRETCH = "inputs of one shape (an axis of 1 stretches, but for the batch)";
