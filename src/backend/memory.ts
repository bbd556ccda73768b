// Where new tensors come from: plain arrays that belong to the caller, or, inside a model, the model's workspace.
import { Tensor, allocateLike, type FloatArray } from "../base/tensor.js";
import { sizeOf, type Shape } from "../base/shape.js";
import { activeBackend } from "./select.js";
import type { Workspace } from "./kernels.js";

let current: Workspace | null = null;

/** Whether a model's pass is running, so that tensors between layers are windows that nobody outside sees. */
export function inWorkspace(): boolean {
  return current !== null;
}

/** Runs `work` with tensors from `workspace`, or with null from plain arrays. */
export function within<T>(workspace: Workspace | null, work: () => T): T {
  const before = current;
  current = workspace;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** A tensor for an op's result, in the number format of `like`; the op overwrites all of it. */
export function allocate<A extends FloatArray>(like: Tensor<A>, shape: Shape): Tensor<A> {
  if (current !== null && like.dtype === "float32") return current.next(shape) as Tensor<FloatArray> as Tensor<A>;
  return Tensor.adopt(allocateLike(like.data, shape), shape);
}

/** Room for indices. */
export function allocateIndices(length: number): Int32Array {
  return current === null ? new Int32Array(length) : current.nextIndices(length);
}

/** Zeros for gradients and optimizer state beside `value`: in kernel memory if the backend has one. */
export function allocateBeside(value: Tensor): Tensor {
  return value.dtype === "float64" ? value.like() : allocateState(value.shape);
}

/** Zeros for a parameter: in kernel memory if the backend has one. */
export function allocateState(shape: Shape): Tensor {
  const { storage } = activeBackend();
  return storage === undefined ? new Tensor(new Float32Array(sizeOf(shape)), shape) : storage.allocate(shape);
}

/** A tensor's copy that belongs to the caller: what leaves a model. */
export function copyOut(x: Tensor): Tensor {
  return x.clone();
}

/** A tensor's copy in the workspace, out of reach of whoever holds the original; outside a model the tensor itself. */
export function copyIn(x: Tensor): Tensor {
  if (current === null || x.dtype !== "float32") return x;
  const copy = current.next(x.shape);
  copy.data.set(x.data);
  return copy;
}

/**
 * What a layer keeps for backward, or passes on unchanged: inside a model the window itself, else a copy, so that nothing the
 * caller holds and writes into is what the layer works on.
 */
export function keep<A extends FloatArray>(y: Tensor<A>): Tensor<A> {
  return current === null ? y.clone() : y;
}
