// Lookahead: slow weights that follow those of another optimizer, some of the way every few steps.
import { finite, knownKeys, show, whole } from "../base/check.js";
import { OPTIMIZER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { kept, keptNow } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { numbersNow } from "../base/tensor.js";
import type { Json } from "../nn/config.js";
import type { Parameter } from "../nn/parameter.js";
import { moveTowards } from "./inPlace.js";
import { ParameterMemory } from "./memory.js";
import { Optimizer } from "./optimizer.js";
import type { ScheduledGroup, ScheduledOptimizer } from "./schedules/scheduler.js";
import { checkParameterStates, type GroupState, type OptimizerState, type ParameterState } from "./state.js";

/** Options of {@link Lookahead}; each is also a live property of the optimizer. */
export interface LookaheadOptions {
  /** How many steps the other optimizer makes between two of the slow weights, at least 1. Default 5. */
  readonly k?: number;
  /** How much of the way the slow weights go, from 0 to 1. Default 0.5. */
  readonly alpha?: number;
}

const OPTIONS: OptionTable<LookaheadOptions> = {
  k: { check: (who, name, value) => whole(who, name, value, 1), default: 5 },
  alpha: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 0.5 },
};

const SLOW = "slowBuffer";

/**
 * Runs another optimizer, and after every k of its steps
 *
 *     slow = slow + alpha * (w - slow),  w = slow
 *
 * where the slow weights start as the weights before the first step. Schedules and groups are those of the other optimizer,
 * which is not to be stepped by itself.
 *
 * @param optimizer the one whose steps are made
 *
 * @example
 * const optimizer = new Lookahead(new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }), { k: 5, alpha: 0.5 });
 *
 * @throws ArgumentError for what is no optimizer, and an unusable option
 * @see Zhang, Lucas, Hinton and Ba, "Lookahead optimizer: k steps forward, 1 step back", NeurIPS 2019
 */
export class Lookahead extends Optimizer {
  /** The optimizer whose steps are made. */
  readonly optimizer: Optimizer;
  #settings: { readonly k: number; readonly alpha: number };
  #steps = 0; // since the last of the slow weights
  #memories = new Map<Parameter, ParameterMemory>();

  constructor(optimizer: Optimizer, options: LookaheadOptions = {}) {
    if (!(optimizer instanceof Optimizer)) {
      const hint = fromOtherCopy(optimizer, OPTIMIZER);
      throw new ArgumentError(`Lookahead: expected an optimizer such as new SGD(...), got ${show(optimizer)}${hint}.`);
    }
    super("Lookahead", optimizer.parameters);
    this.optimizer = optimizer;
    this.#settings = readOptions("Lookahead", OPTIONS, options);
  }

  /** How many steps lie between two of the slow weights. */
  get k(): number {
    return this.#settings.k;
  }

  /** Checked when it is set. */
  set k(k: number) {
    this.#settings = readOptions("Lookahead", OPTIONS, { ...this.#settings, k });
  }

  /** How much of the way the slow weights go. */
  get alpha(): number {
    return this.#settings.alpha;
  }

  /** Checked when it is set. */
  set alpha(alpha: number) {
    this.#settings = readOptions("Lookahead", OPTIONS, { ...this.#settings, alpha });
  }

  /** The learning rate of the other optimizer. */
  get lr(): number {
    return (this.optimizer as ScheduledOptimizer).lr;
  }

  /** Set there. */
  set lr(lr: number) {
    (this.optimizer as ScheduledOptimizer).lr = lr;
  }

  /** The groups of the other optimizer: what schedules set. */
  get groups(): readonly ScheduledGroup[] {
    return (this.optimizer as ScheduledOptimizer).groups ?? [this.optimizer as ScheduledOptimizer];
  }

  step(): void {
    for (const parameter of this.#learning()) {
      if (this.#memories.has(parameter)) continue;
      const memory = new ParameterMemory(parameter.value);
      keptNow(memory.array(SLOW)).set(numbersNow(parameter.value));
      this.#memories.set(parameter, memory);
    }
    this.optimizer.step();
    this.#steps++;
    if (this.#steps < this.k) return;
    this.#steps = 0;
    for (const parameter of this.#learning()) {
      const { value } = parameter;
      const slow = this.#memories.get(parameter)?.array(SLOW);
      if (slow === undefined) continue;
      moveTowards(kernelsFor("Lookahead.step", value), slow, kept(value), this.alpha);
      numbersNow(value).set(keptNow(slow));
    }
  }

  protected override readState(): OptimizerState {
    const { type, options, groups, state } = this.optimizer.liveState();
    const inner = { type, options, ...(groups && { groups: groups as unknown as Json }) };
    return {
      type: "Lookahead",
      options: { ...this.#settings, steps: this.#steps, optimizer: inner },
      state: state.map((entry, i): ParameterState | null => {
        const slow = this.#memories.get(this.parameters[i])?.read();
        return slow === undefined ? entry : { ...entry, ...slow };
      }),
    };
  }

  protected override prepareState(who: string, { options, state }: OptimizerState): () => void {
    const names = [...Object.keys(OPTIONS), "steps", "optimizer"];
    knownKeys(who, options, names);
    const { steps, optimizer: inner, ...own } = options as Record<string, Json>;
    const settings = readOptions(who, OPTIONS, own);
    const made = whole(who, "steps", steps, 0, settings.k - 1);
    const { type, options: theirs, groups } = (inner ?? {}) as unknown as OptimizerState;
    const slow = state.map((entry): ParameterState | null => {
      return entry !== null && Object.hasOwn(entry, SLOW) ? { [SLOW]: entry[SLOW] } : null;
    });
    checkParameterStates(who, this.parameters, slow, { [SLOW]: "tensor" });
    const rest = state.map((entry): ParameterState | null => {
      if (entry === null) return null;
      const others = Object.entries(entry).filter(([name]) => name !== SLOW);
      return others.length === 0 ? null : Object.fromEntries(others);
    });
    const theirState = {
      type,
      options: theirs,
      state: rest,
      ...(groups && { groups: groups as readonly GroupState[] }),
    };
    const apply = this.optimizer.prepareLoad(who, theirState);
    const fills = slow.map((entry, i) => {
      const { value } = this.parameters[i];
      return entry && (this.#memories.get(this.parameters[i]) ?? new ParameterMemory(value)).prepare(entry);
    });
    return () => {
      apply();
      this.#settings = settings;
      this.#steps = made;
      const memories = new Map<Parameter, ParameterMemory>();
      fills.forEach((fill, i) => fill && memories.set(this.parameters[i], fill()));
      this.#memories = memories;
    };
  }

  #learning(): readonly Parameter[] {
    return this.parameters.filter((parameter) => parameter.hasGrad && parameter.requiresGrad);
  }
}
