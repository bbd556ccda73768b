// Adam: adaptive moments. The update of one parameter is the kernel `adam`.
import { allocateBeside } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { finite, flag, knownKeys, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { powOfPositive } from "../numbers/math.js";
import type { Parameter } from "../nn/parameter.js";
import type { Tensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { Optimizer } from "./optimizer.js";
import { checkOptionNames, checkParameterStates, type OptimizerState, type ParameterState } from "./state.js";

const OPTIONS = ["lr", "betas", "eps", "weightDecay", "amsgrad"];
const FIELDS = { numbers: ["step"], tensors: ["expAvg", "expAvgSq"], optional: ["maxExpAvgSq"] };

/** Options of {@link Adam}; each is also a live property of the optimizer. */
export interface AdamOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Decay of the mean and of the mean square of the gradients. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root, against division by 0. Default 1e-8. */
  readonly eps?: number;
  /** L2 penalty: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Whether the largest mean square so far is used (AMSGrad). Default false. */
  readonly amsgrad?: boolean;
}

interface Moments {
  step: number;
  readonly m: Tensor;
  readonly v: Tensor;
  vMax: Tensor | null;
}

/**
 * Adam, for step t = 1, 2, ...:
 *
 *     g = dw + weightDecay * w
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * With `amsgrad` the largest v so far stands in the place of v.
 *
 * @example
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
 * optimizer.zeroGrad(); model.backward(loss.backward()); optimizer.step();
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @see Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; Reddi et al., ICLR 2018 for AMSGrad
 */
export class Adam extends Optimizer {
  #lr = 0;
  #betas: readonly [number, number] = [0, 0];
  #eps = 0;
  #weightDecay = 0;
  #amsgrad = false;
  readonly #moments = new Map<Parameter, Moments>();

  constructor(parameters: Iterable<Parameter>, options: AdamOptions = {}) {
    super("Adam", parameters);
    knownKeys("Adam", options, OPTIONS);
    this.lr = options.lr ?? 1e-3;
    this.betas = options.betas ?? [0.9, 0.999];
    this.eps = options.eps ?? 1e-8;
    this.weightDecay = options.weightDecay ?? 0;
    this.amsgrad = options.amsgrad ?? false;
  }

  /** Learning rate, at least 0. */
  get lr(): number {
    return this.#lr;
  }

  /** Checked when it is set. */
  set lr(value: number) {
    this.#lr = finite("Adam", "lr", value, 0);
  }

  /** Decay rates, each at least 0 and below 1. */
  get betas(): readonly [number, number] {
    return this.#betas;
  }

  /** Checked when it is set. */
  set betas(value: readonly [number, number]) {
    const inRange = (beta: unknown): boolean => typeof beta === "number" && beta >= 0 && beta < 1;
    const usable = Array.isArray(value) && value.length === 2 && value.every(inRange);
    if (!usable) {
      throw new ArgumentError(`Adam: expected betas to be two numbers of at least 0 and below 1, got ${show(value)}.`);
    }
    this.#betas = Object.freeze([value[0], value[1]] as const);
  }

  /** Added to the root, at least 0. */
  get eps(): number {
    return this.#eps;
  }

  /** Checked when it is set. */
  set eps(value: number) {
    this.#eps = finite("Adam", "eps", value, 0);
  }

  /** L2 penalty, at least 0. */
  get weightDecay(): number {
    return this.#weightDecay;
  }

  /** Checked when it is set. */
  set weightDecay(value: number) {
    this.#weightDecay = finite("Adam", "weightDecay", value, 0);
  }

  /** Whether the largest mean square so far is used. */
  get amsgrad(): boolean {
    return this.#amsgrad;
  }

  /** Checked when it is set. */
  set amsgrad(value: boolean) {
    this.#amsgrad = flag("Adam", "amsgrad", value);
  }

  step(): void {
    const [beta1, beta2] = this.#betas;
    const watch = watcher();
    for (const [place, parameter] of this.parameters.entries()) {
      if (!parameter.hasGrad) continue;
      watch?.step("Adam", parameter, place, "before");
      const { value, grad } = parameter;
      const moments = this.#momentsOf(parameter, value);
      const t = ++moments.step;
      const g = {
        ...{ lr: this.#lr, beta1, beta2, eps: this.#eps, weightDecay: this.#weightDecay, decoupled: false },
        ...{ bias1: biasCorrection(beta1, t), bias2: biasCorrection(beta2, t) },
      };
      const vMax = this.#amsgrad ? (moments.vMax ??= allocateBeside(value)).data : null;
      kernelsFor("Adam.step", value, grad).adam(g, grad.data, value.data, moments.m.data, moments.v.data, vMax);
      watch?.step("Adam", parameter, place, "after");
    }
  }

  // Under PyTorch's names: the mean of the gradients, the mean of their squares, the largest one so far.
  protected override readState(): OptimizerState {
    const state = this.parameters.map((parameter): ParameterState | null => {
      const moments = this.#moments.get(parameter);
      if (moments === undefined) return null;
      const { step, m: expAvg, v: expAvgSq, vMax } = moments;
      return vMax === null ? { step, expAvg, expAvgSq } : { step, expAvg, expAvgSq, maxExpAvgSq: vMax };
    });
    const options = { lr: this.#lr, betas: this.#betas, eps: this.#eps, weightDecay: this.#weightDecay };
    return { type: "Adam", options: { ...options, amsgrad: this.#amsgrad }, state };
  }

  protected override prepareState(who: string, { options, state }: OptimizerState): () => void {
    checkOptionNames(who, options, OPTIONS);
    checkParameterStates(who, this.parameters, state, FIELDS);
    const checked = new Adam(this.parameters, options as AdamOptions);
    const rooms = state.map((entry, i) => entry && this.#roomFor(this.parameters[i], entry));
    return () => {
      [this.#lr, this.#betas, this.#eps] = [checked.#lr, checked.#betas, checked.#eps];
      [this.#weightDecay, this.#amsgrad] = [checked.#weightDecay, checked.#amsgrad];
      this.#moments.clear();
      state.forEach((entry, i) => {
        const room = rooms[i];
        if (entry === null || room === null) return;
        const { step, expAvg, expAvgSq, maxExpAvgSq } = entry as Record<string, Tensor> & { readonly step: number };
        room.m.data.set(expAvg.data);
        room.v.data.set(expAvgSq.data);
        room.vMax?.data.set(maxExpAvgSq.data);
        this.#moments.set(this.parameters[i], { ...room, step });
      });
    };
  }

  // Without a largest square in the state there is none: amsgrad may be switched on later.
  #roomFor(parameter: Parameter, entry: ParameterState): Omit<Moments, "step"> {
    const before = this.#moments.get(parameter);
    const { value } = parameter;
    return {
      m: before?.m ?? allocateBeside(value),
      v: before?.v ?? allocateBeside(value),
      vMax: Object.hasOwn(entry, "maxExpAvgSq") ? (before?.vMax ?? allocateBeside(value)) : null,
    };
  }

  #momentsOf(parameter: Parameter, value: Tensor): Moments {
    let moments = this.#moments.get(parameter);
    if (moments === undefined) {
      moments = { step: 0, m: allocateBeside(value), v: allocateBeside(value), vMax: null };
      this.#moments.set(parameter, moments);
    }
    return moments;
  }
}

// 1 - beta^t: the share of gradients, not zeros, in a moment after t steps.
function biasCorrection(beta: number, t: number): number {
  return beta === 0 ? 1 : 1 - powOfPositive(beta, t);
}
