// SGD: stochastic gradient descent, with momentum. The update of one parameter is the kernel `sgd`.
import { allocateBeside } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { finite, flag, knownKeys } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Parameter } from "../nn/parameter.js";
import type { Tensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { Optimizer } from "./optimizer.js";
import { checkOptionNames, checkParameterStates, type OptimizerState } from "./state.js";

const OPTIONS = ["lr", "momentum", "dampening", "nesterov", "weightDecay"];

/** Options of {@link SGD}; each is also a live property of the optimizer. */
export interface SGDOptions {
  /** Learning rate. */
  readonly lr: number;
  /** Share of the last update's direction that is kept. Default 0. */
  readonly momentum?: number;
  /** Share of the gradient that does not enter the momentum. Default 0. */
  readonly dampening?: number;
  /** Nesterov's form of momentum. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty: this times w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent, w = w - lr * g with
 *
 *     g = dw + weightDecay * w
 *     b = momentum * b + (1 - dampening) * g     (b = g in the first step)
 *     g = nesterov ? g + momentum * b : b        (with momentum)
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
 * optimizer.zeroGrad(); model.backward(loss.backward()); optimizer.step();
 * optimizer.lr = 0.001; // live
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer {
  #lr = 0;
  #momentum = 0;
  #dampening = 0;
  #nesterov = false;
  #weightDecay = 0;
  readonly #buffers = new Map<Parameter, Tensor>();

  constructor(parameters: Iterable<Parameter>, options: SGDOptions) {
    super("SGD", parameters);
    if (options === undefined || (typeof options === "object" && options !== null && options.lr === undefined)) {
      knownKeys("SGD", options ?? {}, OPTIONS);
      throw new ArgumentError(
        "SGD: expected a learning rate, got none (it has no default: new SGD(parameters, { lr: 0.01 })).",
      );
    }
    knownKeys("SGD", options, OPTIONS);
    this.lr = options.lr;
    this.momentum = options.momentum ?? 0;
    this.dampening = options.dampening ?? 0;
    this.weightDecay = options.weightDecay ?? 0;
    this.nesterov = options.nesterov ?? false;
  }

  /** Learning rate, at least 0. */
  get lr(): number {
    return this.#lr;
  }

  /** Checked when it is set. */
  set lr(value: number) {
    this.#lr = finite("SGD", "lr", value, 0);
  }

  /** Momentum, at least 0. */
  get momentum(): number {
    return this.#momentum;
  }

  /** Checked when it is set. */
  set momentum(value: number) {
    this.#checkNesterov(this.#nesterov, finite("SGD", "momentum", value, 0), this.#dampening);
    this.#momentum = value;
  }

  /** Dampening of the momentum. */
  get dampening(): number {
    return this.#dampening;
  }

  /** Checked when it is set. */
  set dampening(value: number) {
    this.#checkNesterov(this.#nesterov, this.#momentum, finite("SGD", "dampening", value));
    this.#dampening = value;
  }

  /** L2 penalty, at least 0. */
  get weightDecay(): number {
    return this.#weightDecay;
  }

  /** Checked when it is set. */
  set weightDecay(value: number) {
    this.#weightDecay = finite("SGD", "weightDecay", value, 0);
  }

  /** Nesterov's form; needs momentum and no dampening. */
  get nesterov(): boolean {
    return this.#nesterov;
  }

  /** Checked when it is set. */
  set nesterov(value: boolean) {
    this.#checkNesterov(flag("SGD", "nesterov", value), this.#momentum, this.#dampening);
    this.#nesterov = value;
  }

  step(): void {
    const options = this.#options();
    const watch = watcher();
    for (const [place, parameter] of this.parameters.entries()) {
      if (!parameter.hasGrad) continue;
      watch?.step("SGD", parameter, place, "before");
      const { value, grad } = parameter;
      const before = this.#buffers.get(parameter);
      const buffer = this.#momentum === 0 ? null : (before ?? allocateBeside(value));
      if (buffer !== null && before === undefined) this.#buffers.set(parameter, buffer);
      const g = { ...options, first: before === undefined };
      kernelsFor("SGD.step", value, grad).sgd(g, grad.data, value.data, buffer?.data ?? null);
      watch?.step("SGD", parameter, place, "after");
    }
  }

  protected override readState(): OptimizerState {
    const state = this.parameters.map((parameter) => {
      const momentumBuffer = this.#buffers.get(parameter);
      return momentumBuffer === undefined ? null : { momentumBuffer };
    });
    return { type: "SGD", options: this.#options(), state };
  }

  // A parameter without an entry gets no buffer: the next step then starts it as the plain gradient.
  protected override prepareState(who: string, { options, state }: OptimizerState): () => void {
    checkOptionNames(who, options, OPTIONS);
    checkParameterStates(who, this.parameters, state, { numbers: [], tensors: ["momentumBuffer"], optional: [] });
    const checked = new SGD(this.parameters, options as unknown as SGDOptions);
    const buffers = state.map((entry, i) => {
      const parameter = this.parameters[i];
      if (entry === null) return { parameter };
      const buffer = this.#buffers.get(parameter) ?? allocateBeside(parameter.value);
      return { parameter, buffer, from: entry.momentumBuffer as Tensor };
    });
    return () => {
      [this.#lr, this.#momentum, this.#dampening] = [checked.#lr, checked.#momentum, checked.#dampening];
      [this.#nesterov, this.#weightDecay] = [checked.#nesterov, checked.#weightDecay];
      this.#buffers.clear();
      for (const { parameter, buffer, from } of buffers) {
        if (buffer === undefined) continue;
        buffer.data.set(from.data);
        this.#buffers.set(parameter, buffer);
      }
    };
  }

  #options(): Required<SGDOptions> & { readonly [name: string]: number | boolean } {
    return {
      ...{ lr: this.#lr, momentum: this.#momentum, dampening: this.#dampening },
      ...{ nesterov: this.#nesterov, weightDecay: this.#weightDecay },
    };
  }

  #checkNesterov(nesterov: boolean, momentum: number, dampening: number): void {
    if (!nesterov || (momentum > 0 && dampening === 0)) return;
    throw new ArgumentError(
      `SGD: expected momentum above 0 and dampening 0 with nesterov, got momentum ${momentum} and dampening ` +
        `${dampening}.`,
    );
  }
}
