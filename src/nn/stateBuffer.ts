// StateBuffer: a tensor of a layer's state that is not learned.
import { STATE_BUFFER } from "../base/copies.js";
import { Tensor, allocateZeros, checkTensor } from "../base/tensor.js";

/** A tensor that belongs to a layer's state but is not learned (running statistics). */
export class StateBuffer {
  #value: Tensor;

  constructor(value: Tensor) {
    this.#value = checkTensor("StateBuffer", "value", value);
  }

  /** @internal */
  get [STATE_BUFFER](): true {
    return true;
  }

  /** The numbers; write into `value.data` to change them. */
  get value(): Tensor {
    return this.#value;
  }

  /** @internal Puts another tensor in the place of the value (float64 for gradCheck) and returns the way back. */
  substitute(value: Tensor): () => void {
    const before = this.#value;
    this.#value = value;
    return () => {
      this.#value = before;
    };
  }
}

/** A buffer [count] of one number; an error where there is no room for it. */
export function filledBuffer(who: string, count: number, value: number): StateBuffer {
  const data = allocateZeros<Float32Array>(who, Float32Array, [count]).fill(value);
  return new StateBuffer(new Tensor(data, [count]));
}
