// What an optimizer keeps for one parameter from step to step, under the names of its state dict.
import type { Kept } from "../backend/kernels.js";
import { kept, zerosBeside } from "../backend/memory.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import type { ParameterState } from "./state.js";

/** Numbers and tensors of one parameter, each made when an update first asks for it. */
export class ParameterMemory {
  readonly #value: Tensor;
  readonly #entries: Record<string, number | Tensor>;

  constructor(value: Tensor, entries: Record<string, number | Tensor> = {}) {
    this.#value = value;
    this.#entries = entries;
  }

  /** Whether there is such an entry. */
  has(name: string): boolean {
    return Object.hasOwn(this.#entries, name);
  }

  /** The numbers of a tensor of the parameter's shape, live; `initial` at first. */
  array(name: string, initial: number = 0): Kept {
    const tensor = this.#tensor(name);
    if (!this.has(name) && initial !== 0) numbersNow(tensor).fill(initial);
    this.#entries[name] = tensor;
    return kept(tensor);
  }

  /** A number that follows the one of the step before, which is undefined at first. */
  number(name: string, next: (before: number | undefined) => number): number {
    return (this.#entries[name] = next(this.#entries[name] as number | undefined));
  }

  /** The number of this step, 1, 2, ...; it counts on with each call. */
  nextStep(): number {
    return this.number("step", (t = 0) => t + 1);
  }

  /** The numbers and the live tensors, or null when there are none. */
  read(): ParameterState | null {
    return Object.keys(this.#entries).length === 0 ? null : { ...this.#entries };
  }

  /**
   * Makes room for this state, in the tensors that are here already where it can. What is returned cannot fail and gives the
   * memory of that state: one without the entries that the state has not.
   */
  prepare(state: ParameterState): () => ParameterMemory {
    const copies: (() => void)[] = [];
    const rooms = Object.entries(state).map(([name, from]): [string, number | Tensor] => {
      if (typeof from === "number") return [name, from];
      const room = this.#tensor(name);
      copies.push(() => numbersNow(room).set(numbersNow(from)));
      return [name, room];
    });
    return () => {
      for (const copy of copies) copy();
      return new ParameterMemory(this.#value, Object.fromEntries(rooms));
    };
  }

  #tensor(name: string): Tensor {
    return this.has(name) ? (this.#entries[name] as Tensor) : zerosBeside(this.#value);
  }
}
