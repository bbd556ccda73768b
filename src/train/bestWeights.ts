// The weights and buffers of the best epoch: kept as copies, and put back when training has ended.
import { numbersNow } from "../base/tensor.js";
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import type { EpochRecord } from "./history.js";
import type { Monitor } from "./monitor.js";
import type { BestEpoch } from "./result.js";

/** The best epoch so far. */
export class BestWeights {
  readonly #model: Layer;
  readonly #monitor: Monitor;
  #copies: Record<string, Tensor> | undefined;
  #best: BestEpoch | null = null;

  constructor(model: Layer, monitor: Monitor) {
    this.#model = model;
    this.#monitor = monitor;
  }

  /** Which epoch it is. */
  get best(): BestEpoch | null {
    return this.#best;
  }

  /** Keeps the weights if this epoch is the best so far; the earlier one of equals stays. */
  consider(record: EpochRecord): void {
    const value = this.#monitor.in(record);
    if (!this.#monitor.isBetter(value, this.#best?.value ?? null)) return;
    const tensors = Object.entries(this.#model.stateDict());
    if (this.#copies === undefined) this.#copies = Object.fromEntries(tensors.map(([name, x]) => [name, x.clone()]));
    else for (const [name, x] of tensors) this.#copies[name].data.set(numbersNow(x));
    this.#best = { epoch: record.epoch, monitor: this.#monitor.name, value };
  }

  /** Puts them back; nothing happens before the first epoch's end. */
  putBack(): void {
    if (this.#copies !== undefined) this.#model.loadStateDict(this.#copies);
  }

  /** What goes into a checkpoint: which epoch, and the weights. */
  state(): { readonly best: BestEpoch | null; readonly tensors: Readonly<Record<string, Tensor>> } {
    return { best: this.#best, tensors: this.#copies ?? {} };
  }

  /** Goes on from there. */
  restore(best: BestEpoch | null, tensors: Readonly<Record<string, Tensor>>): void {
    if (best === null || best.monitor !== this.#monitor.name) return; // of a run that looked at something else
    this.#best = best;
    this.#copies = { ...tensors };
  }
}
