// Averages of a model's weights over its training: exponential (EMA) and plain (SWA). The model trains on as it is; the averages
// are put in its place to look at or to keep. Batch norm's statistics for them: updateBatchNorm.ts.
import { kept, zerosBeside } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { finite, flag, whole } from "../base/check.js";
import { StateError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { Tensor, numbersNow } from "../base/tensor.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import type { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import { moveTowards } from "../optim/inPlace.js";
import { prepareStateDict, type StateDict } from "../nn/stateDict.js";
import { namedState, type State } from "../nn/walk.js";
import { checkModel } from "./checks.js";

/** What averages need to go on: how many steps are in them, and the tensors by their names in the model. */
export interface AveragedState {
  /** How many updates there were. */
  readonly count: number;
  /** Weights and buffers; none before the first update. */
  readonly tensors: StateDict;
}

interface Entry {
  readonly name: string;
  readonly state: State;
  readonly average: Tensor;
}

/** Base of {@link EMA} and {@link SWA}. */
export abstract class AveragedWeights {
  /** The model whose weights are averaged. */
  readonly model: Layer;
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #who: string;
  readonly #buffers: boolean;
  #entries: readonly Entry[] = [];
  #count = 0;
  #putBack: (() => void) | undefined;

  constructor(who: string, model: Layer, useBuffers: boolean) {
    this.#who = who;
    this.model = checkModel(who, model);
    this.#buffers = useBuffers;
  }

  /** How many updates are in the averages. */
  get count(): number {
    return this.#count;
  }

  /** Whether the averages are in the model just now. */
  get applied(): boolean {
    return this.#putBack !== undefined;
  }

  /**
   * Takes the model's weights as they are now into the averages: after each step of the optimizer, or each epoch for SWA. The
   * first update copies them.
   *
   * @throws StateError while the averages are in the model
   */
  update(): void {
    if (this.applied) {
      throw new StateError(
        `${this.#who}.update: expected the model's own weights, got the averages (restore() first).`,
      );
    }
    if (this.#entries.length === 0) this.#entries = this.#allocate();
    const share = this.share(this.#count);
    for (const { state, average } of this.#entries) {
      const { value } = state;
      if (this.#count === 0 || !(this.#buffers || Parameter.isParameter(state)))
        numbersNow(average).set(numbersNow(value));
      else moveTowards(kernelsFor(`${this.#who}.update`, value), kept(average), kept(value), share);
    }
    this.#count++;
  }

  /**
   * Puts the averages into the model; {@link AveragedWeights.restore} takes them out again.
   *
   * @throws StateError before the first update, or when they are there already
   */
  apply(): void {
    if (this.applied)
      throw new StateError(`${this.#who}.apply: expected the model's own weights, got the averages twice.`);
    if (this.#count === 0) throw new StateError(`${this.#who}.apply: expected an update before, got none.`);
    const own = this.#entries.map(({ state, average }) => {
      const copy = state.value.clone();
      numbersNow(state.value).set(numbersNow(average));
      return copy;
    });
    this.#putBack = () => this.#entries.forEach(({ state }, i) => numbersNow(state.value).set(own[i].data));
  }

  /** Puts the model's own weights back, as they were at {@link AveragedWeights.apply}. */
  restore(): void {
    this.#putBack?.();
    this.#putBack = undefined;
  }

  /**
   * The averages by the names of the model's state dict, as copies, for a second model or a file.
   *
   * @throws StateError before the first update
   */
  stateDict(): StateDict {
    if (this.#count === 0) throw new StateError(`${this.#who}.stateDict: expected an update before, got none.`);
    return this.state().tensors;
  }

  /** What it needs to go on, as copies. */
  state(): AveragedState {
    const tensors = this.#entries.map(({ name, average }): [string, Tensor] => [name, average.clone()]);
    return { count: this.#count, tensors: Object.fromEntries(tensors) };
  }

  /**
   * Goes on from there.
   *
   * @throws ArgumentError or ShapeError for the averages of another model; nothing has changed then
   */
  loadState({ count, tensors }: AveragedState): void {
    const who = `${this.#who}.loadState`;
    whole(who, "count", count, 0);
    if (this.applied) throw new StateError(`${who}: expected the model's own weights in it, got the averages.`);
    if (count > 0) {
      const entries = this.#entries.length > 0 ? this.#entries : this.#allocate();
      const places = entries.map(({ name, average }): [string, { value: Tensor }] => [name, { value: average }]);
      prepareStateDict(who, places, tensors, true, "they are of another model").apply();
      this.#entries = entries;
    }
    this.#count = count;
  }

  /** The share of the new weights in the averages, when `count` are in them already. */
  protected abstract share(count: number): number;

  #allocate(): readonly Entry[] {
    return namedState(this.model).map(([name, state]) => ({ name, state, average: zerosBeside(state.value) }));
  }
}

/** Options of {@link EMA}. */
export interface EMAOptions {
  /** How much of the average stays in an update, from 0 to 1. Default 0.999. */
  readonly decay?: number;
  /** Whether the first updates count more, as in min(decay, (1 + n) / (10 + n)) after n updates. Default false. */
  readonly warmUp?: boolean;
  /** Whether buffers (batch norm's statistics) are averaged, too; else they are the model's latest. Default false. */
  readonly useBuffers?: boolean;
}

const EMA_OPTIONS: OptionTable<EMAOptions> = {
  decay: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 0.999 },
  warmUp: { check: flag, default: false },
  useBuffers: { check: flag, default: false },
};

/**
 * Exponential moving average of the weights: average = decay * average + (1 - decay) * weights, in each update.
 *
 * @example
 * const ema = new EMA(model, { decay: 0.99 });
 * await fit(model, data, { ...options, epochs: 10, average: ema }); // or in a loop of your own: optimizer.step(); ema.update();
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
 * @see Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992
 */
export class EMA extends AveragedWeights {
  readonly #decay: number;
  readonly #warmUp: boolean;

  constructor(model: Layer, options: EMAOptions = {}) {
    const { decay, warmUp, useBuffers } = readOptions("EMA", EMA_OPTIONS, options);
    super("EMA", model, useBuffers);
    this.#decay = decay;
    this.#warmUp = warmUp;
  }

  protected override share(count: number): number {
    return 1 - (this.#warmUp ? Math.min(this.#decay, (1 + count) / (10 + count)) : this.#decay);
  }
}

/** Options of {@link SWA}. */
export interface SWAOptions {
  /** In `fit`: the first epoch, from 1, whose weights at its end are averaged. Default 1. */
  readonly startEpoch?: number;
  /** Whether buffers are averaged, too. Default false: run `updateBatchNorm` for a model with batch norm. */
  readonly useBuffers?: boolean;
}

const SWA_OPTIONS: OptionTable<SWAOptions> = {
  startEpoch: { check: (who, name, value) => whole(who, name, value, 1), default: 1 },
  useBuffers: { check: flag, default: false },
};

/**
 * Stochastic weight averaging: the plain mean of the weights at all updates, mostly the ends of the last epochs, at a learning
 * rate that stays high. `fit` updates it after each epoch, other averages after each step.
 *
 * @example
 * const swa = new SWA(model, { startEpoch: 8 });
 * await fit(model, data, { ...options, epochs: 12, average: swa });
 * await updateBatchNorm(model, data);
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/optim.html#stochastic-weight-averaging
 * @see Izmailov and others, "Averaging weights leads to wider optima and better generalization", UAI 2018
 */
export class SWA extends AveragedWeights {
  /** In `fit`: the first epoch that counts, from 1. */
  readonly startEpoch: number;

  constructor(model: Layer, options: SWAOptions = {}) {
    const { startEpoch, useBuffers } = readOptions("SWA", SWA_OPTIONS, options);
    super("SWA", model, useBuffers);
    this.startEpoch = startEpoch;
  }

  protected override share(count: number): number {
    return 1 / (count + 1);
  }
}
