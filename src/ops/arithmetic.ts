// add, subtract, multiply, divide: elementwise on two operands that broadcast. Their loops are in the backend.
import type { BroadcastGeometry, Kept, Kernels } from "../backend/kernels.js";
import { PLAIN, kept, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { ArgumentError } from "../base/errors.js";
import { broadcastShapes } from "../base/shape.js";
import { allocateLike, checkTensor, Tensor, type FloatArray } from "../base/tensor.js";
import { broadcastStrides } from "./operands.js";

/**
 * Elementwise a + b (PyTorch: `torch.add`).
 *
 * Shapes: a and b broadcast to the shape of the result: aligned at the last axis, a missing axis or a size of 1
 * repeats. One of the two may be a number.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws ArgumentError when an operand is neither tensor nor number, both are numbers, or one is float32 and one
 * float64.
 *
 * @example
 * add(new Tensor([[1, 2], [3, 4]]), new Tensor([10, 20])); // [[11, 22], [13, 24]]
 * add(x, 1);
 */
export function add<A extends FloatArray>(a: Tensor<A> | number, b: Tensor<A> | number): Tensor<A> {
  const { kernels, g, left, right, y } = prepare("add", a, b);
  kernels.add(g, left, right, y.data);
  return y;
}

/**
 * Elementwise a - b (PyTorch: `torch.sub`). Shapes and errors as for {@link add}.
 *
 * @example
 * subtract(1, new Tensor([0.25, 0.5])); // [0.75, 0.5]
 */
export function subtract<A extends FloatArray>(a: Tensor<A> | number, b: Tensor<A> | number): Tensor<A> {
  const { kernels, g, left, right, y } = prepare("subtract", a, b);
  kernels.subtract(g, left, right, y.data);
  return y;
}

/**
 * Elementwise a * b (PyTorch: `torch.mul`); for the matrix product see {@link matmul}. Shapes and errors as for
 * {@link add}.
 *
 * @example
 * multiply(new Tensor([[1, 2], [3, 4]]), 10); // [[10, 20], [30, 40]]
 */
export function multiply<A extends FloatArray>(a: Tensor<A> | number, b: Tensor<A> | number): Tensor<A> {
  const { kernels, g, left, right, y } = prepare("multiply", a, b);
  kernels.multiply(g, left, right, y.data);
  return y;
}

/**
 * Elementwise a / b (PyTorch: `torch.div`). A division by zero gives Infinity, -Infinity or NaN as in IEEE 754. Shapes
 * and errors as for {@link add}.
 *
 * @example
 * divide(new Tensor([0, 51, 255]), 255); // [0, 0.2, 1]
 */
export function divide<A extends FloatArray>(a: Tensor<A> | number, b: Tensor<A> | number): Tensor<A> {
  const { kernels, g, left, right, y } = prepare("divide", a, b);
  kernels.divide(g, left, right, y.data);
  return y;
}

interface Prepared<A extends FloatArray> {
  readonly kernels: Kernels;
  readonly g: BroadcastGeometry;
  readonly left: Kept;
  readonly right: Kept;
  readonly y: Tensor<A>;
}

/** a * b of tensors that broadcast. */
export function multiplyIn<A extends FloatArray>(room: Room, a: Tensor<A>, b: Tensor<A>): Tensor<A> {
  const { kernels, g, left, right, y } = plan("multiply", a, b, room);
  kernels.multiply(g, left, right, y.data);
  return y;
}

/** a - b of tensors that broadcast. */
export function subtractIn<A extends FloatArray>(room: Room, a: Tensor<A>, b: Tensor<A>): Tensor<A> {
  const { kernels, g, left, right, y } = plan("subtract", a, b, room);
  kernels.subtract(g, left, right, y.data);
  return y;
}

/** a + b of tensors that broadcast. */
export function addIn<A extends FloatArray>(room: Room, a: Tensor<A>, b: Tensor<A>): Tensor<A> {
  const { kernels, g, left, right, y } = plan("add", a, b, room);
  kernels.add(g, left, right, y.data);
  return y;
}

function prepare<A extends FloatArray>(who: string, a: Tensor<A> | number, b: Tensor<A> | number): Prepared<A> {
  return plan(who, ...readOperands(who, a, b), PLAIN);
}

function plan<A extends FloatArray>(who: string, left: Tensor<A>, right: Tensor<A>, room: Room): Prepared<A> {
  const kernels = kernelsFor(who, left, right);
  const shape = broadcastShapes(who, left.shape, right.shape);
  const stridesA = broadcastStrides(left.shape, shape);
  const stridesB = broadcastStrides(right.shape, shape);
  const y = room.tensor(left, shape);
  return { kernels, g: { shape, stridesA, stridesB }, left: kept(left), right: kept(right), y };
}

// A number becomes a rank-0 tensor in the format of the other operand.
function readOperands<A extends FloatArray>(
  who: string,
  a: Tensor<A> | number,
  b: Tensor<A> | number,
): [left: Tensor<A>, right: Tensor<A>] {
  if (typeof a === "number" && typeof b === "number") {
    throw new ArgumentError(`${who}: expected at least one Tensor, got ${a} and ${b}.`);
  }
  if (typeof a !== "number") checkTensor(who, "a", a);
  if (typeof b !== "number") checkTensor(who, "b", b);
  const scalarLike = (value: number, other: Tensor<A>): Tensor<A> => {
    const data = allocateLike(other, [1]);
    data[0] = value;
    return Tensor.adopt(data, []);
  };
  if (typeof a === "number") return [scalarLike(a, b as Tensor<A>), b as Tensor<A>];
  return [a, typeof b === "number" ? scalarLike(b, a) : b];
}
