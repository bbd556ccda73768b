// Room for what an update computes on its way: kept from step to step so that nothing is allocated, shared by all parameters of
// one size, and no part of an optimizer's state.
import { allocateState } from "../backend/memory.js";
import type { FloatArray } from "../base/tensor.js";

/** Arrays by name and size. */
export class Scratch {
  readonly #arrays = new Map<string, FloatArray>();

  /** An array with anything in it, in the number format of `like`. */
  array(name: string, like: FloatArray, size: number = like.length): FloatArray {
    const wide = like.BYTES_PER_ELEMENT === 8;
    const key = `${name} ${size} ${wide}`;
    let array = this.#arrays.get(key);
    if (array === undefined) {
      array = wide ? new Float64Array(size) : allocateState([size]).data;
      this.#arrays.set(key, array);
    }
    return array;
  }
}
