// Where results lie: in plain arrays that belong to the caller, or in the room of a model's pass, which nobody outside sees.
import { sameShape, sizeOf, type Shape } from "../base/shape.js";
import { Tensor, allocateLike, numbersNow, storedNumbers, type FloatArray } from "../base/tensor.js";
import { STORAGE, type Kept, type Workspace } from "./kernels.js";
import { activeBackend } from "./select.js";

/** Where an op puts its results. */
export interface Room {
  /** A tensor for a result, in the number format of `like`; the op overwrites all of it. */
  tensor<A extends FloatArray>(like: Tensor<A>, shape: Shape): Tensor<A>;
  /** Room for indices. */
  indices(length: number): Int32Array;
}

/** Arrays of their own, which belong to whoever called. */
export const PLAIN: Room = {
  tensor: (like, shape) => Tensor.adopt(allocateLike(like, shape), shape),
  indices: (length) => new Int32Array(length),
};

/**
 * The windows of one kind of pass on kernel memory. A model asks for the same tensors in the same order in each step, so from
 * the second step on it gets the same ones and nothing is allocated.
 */
export class Windows implements Room {
  readonly #workspace: Workspace;
  readonly #tensors: Tensor[] = [];
  #next = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Starts a forward pass: the next tensor asked for is the first again. */
  begin(): void {
    this.#workspace.begin();
    this.#next = 0;
  }

  /** Says that nobody needs the content any more: another model may take the memory over. */
  idle(): void {
    this.#workspace.idle();
  }

  tensor<A extends FloatArray>(like: Tensor<A>, shape: Shape): Tensor<A> {
    if (like.dtype !== "float32") return PLAIN.tensor(like, shape);
    const data = this.#workspace.floats(sizeOf(shape));
    const place = this.#next++;
    let tensor = this.#tensors[place];
    if (tensor?.data !== data || !sameShape(tensor.shape, shape)) {
      tensor = Tensor.adopt(data, shape);
      this.#tensors.length = Math.min(this.#tensors.length, place); // what followed was planned for another pass
      this.#tensors[place] = tensor;
    }
    return tensor as Tensor<FloatArray> as Tensor<A>;
  }

  indices(length: number): Int32Array {
    return this.#workspace.indices(length);
  }
}

/** A copy of x in a room, out of reach of whoever holds the original. */
export function copyInto<A extends FloatArray>(room: Room, x: Tensor<A>): Tensor<A> {
  const copy = room.tensor(x, x.shape);
  copy.data.set(numbersNow(x));
  return copy;
}

/** What kernels of the active backend are given for a tensor that stays: a parameter, a gradient, an optimizer's state. */
export function kept(tensor: Tensor<FloatArray>): Kept {
  return (activeBackend()[STORAGE] === undefined ? undefined : storedNumbers(tensor)) ?? tensor.data;
}

/** Zeros for gradients and optimizer state beside `value`: where the backend keeps such. */
export function zerosBeside(value: Tensor): Tensor {
  const storage = activeBackend()[STORAGE];
  if (value.dtype === "float64" || storage === undefined) return value.like();
  return Tensor.stored(storage.zeros(value.size), value.shape);
}

/** A parameter of these numbers, whose array nobody else writes into: where the backend keeps such. */
export function keep(numbers: Tensor): Tensor {
  const storage = activeBackend()[STORAGE];
  if (numbers.dtype === "float64" || storage === undefined) return numbers;
  return Tensor.stored(storage.keep(numbers.data), numbers.shape);
}

/** Room for `size` numbers from call to call, beside numbers of that format: where the backend keeps such. */
export function keptRoom(like: Kept, size: number): Kept {
  if (ArrayBuffer.isView(like) && like.BYTES_PER_ELEMENT === 8) return new Float64Array(size);
  return activeBackend()[STORAGE]?.zeros(size) ?? new Float32Array(size);
}

/** Where the numbers of what is kept are now, to be read or written at once. */
export function keptNow(numbers: Kept): FloatArray {
  return ArrayBuffer.isView(numbers) ? numbers : numbers.now();
}
