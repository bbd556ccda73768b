// What schedules of the learning rate share: which groups they set, how far they are, their state. The formulas are in the
// files beside this one, as functions of the step.
import { finite, knownKeys, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Json } from "../../nn/config.js";
import type { Optimizer } from "../optimizer.js";

/** An optimizer with a learning rate; one of your own may have `lr` alone. */
export type ScheduledOptimizer = Optimizer & {
  /** Learning rate. */
  lr: number;
  /** Its groups of parameters, where it has them. */
  readonly groups?: readonly ScheduledGroup[];
};

/** A group of parameters as a schedule sees it. */
export interface ScheduledGroup {
  /** Learning rate. */
  lr: number;
  /** Momentum, where it has one. */
  momentum?: number;
  /** Decay rates, where it has these. */
  betas?: readonly [number, number];
}

/** The state of a schedule: plain JSON. What its constructor was given is not in it. */
export interface SchedulerState {
  /** Name of the class. */
  readonly type: string;
  /** The learning rate of each group. */
  readonly lrs: readonly number[];
  /** What else the schedule keeps. */
  readonly [name: string]: Json;
}

/** Base of the schedules. A schedule sets learning rates when it is made and with each `step`. */
export abstract class LRScheduler {
  /** Whose learning rates it sets. */
  readonly optimizer: ScheduledOptimizer;
  /** Its groups; the optimizer itself where it has none. */
  protected readonly groups: readonly ScheduledGroup[];
  /** Name of the class, for messages. */
  protected readonly who: string;

  constructor(who: string, optimizer: ScheduledOptimizer) {
    const groups: unknown = optimizer?.groups ?? [optimizer];
    if (!Array.isArray(groups) || !groups.every((group) => typeof (group as ScheduledGroup | null)?.lr === "number")) {
      throw new ArgumentError(
        `${who}: expected an optimizer with a learning rate lr, such as new SGD(...), got ${show(optimizer)}.`,
      );
    }
    this.who = who;
    this.optimizer = optimizer;
    this.groups = groups as readonly ScheduledGroup[];
  }

  /** The learning rate of each group, as it is now. */
  get lastLr(): readonly number[] {
    return this.groups.map(({ lr }) => lr);
  }

  /** The learning rates of the next step; call it after the optimizer's step, by batch or by epoch as it was made for. */
  abstract step(metric?: number): void;

  /** @internal Goes back to step 0, from the learning rates that it started from; not every schedule can. */
  restart?(): void;

  /** Where it is: plain JSON, to be stored beside the optimizer's state. */
  stateDict(): SchedulerState {
    return { type: this.who, lrs: this.lastLr, ...this.readState() };
  }

  /** What JSON.stringify writes: {@link LRScheduler.stateDict}. `loadStateDict(JSON.parse(text))` reads it. */
  toJSON(): SchedulerState {
    return this.stateDict();
  }

  /**
   * Goes to where `stateDict` was read, the learning rates of the optimizer included: the next `step` is the one that followed.
   * The schedule must have been made with the same arguments. After an error nothing has changed.
   *
   * @throws ArgumentError for a state of another schedule or of other groups
   */
  loadStateDict(state: SchedulerState): void {
    this.prepareLoad(`${this.who}.loadStateDict`, state)();
  }

  /** @internal Checks a state; what is returned goes there and cannot fail. */
  prepareLoad(who: string, state: SchedulerState): () => void {
    knownKeys(who, state, ["type", "lrs", ...Object.keys(this.readState())]);
    if (state.type !== this.who) {
      throw new ArgumentError(`${who}: expected the state of ${this.who}, got that of ${show(state.type)}.`);
    }
    const lrs = checkList(who, "lrs", state.lrs, this.groups.length);
    const apply = this.prepareState(who, state);
    return () => {
      this.groups.forEach((group, i) => (group.lr = lrs[i]));
      apply();
    };
  }

  /** What `stateDict` holds but type and learning rates. */
  protected abstract readState(): { readonly [name: string]: Json };

  /** Checks what {@link readState} gave; what is returned takes it over and cannot fail. */
  protected abstract prepareState(who: string, state: SchedulerState): () => void;
}

/** Where a schedule is: step t = 0, 1, ..., a group's place, its learning rate so far, and the one it started from. */
export interface SchedulePoint {
  readonly t: number;
  readonly i: number;
  readonly lr: number;
  readonly base: number;
}

/** The rule of a schedule: a group's learning rate at step t. At t = 0 `lr` is what the group has then. */
export type RateRule = (point: SchedulePoint) => number;

// The learning rate that a group started from, as long as a schedule has just been made for it and none has taken a step: the
// next schedule for the same group starts from there, too (a warm-up has then changed lr already).
const starts = new WeakMap<ScheduledGroup, { readonly base: number; readonly lr: number }>();

/** Base of the schedules whose learning rates are a rule of the step. */
export abstract class RuleScheduler extends LRScheduler {
  readonly #rate: RateRule;
  readonly #momentum: ((t: number, i: number) => number) | undefined;
  #bases: readonly number[];
  #t = 0;

  /** `momentum`: a rule for what {@link setMomentum} sets. */
  constructor(who: string, optimizer: ScheduledOptimizer, rate: RateRule, momentum?: (t: number, i: number) => number) {
    super(who, optimizer);
    this.#rate = rate;
    this.#momentum = momentum;
    this.#bases = this.groups.map((group) => {
      const start = starts.get(group);
      return start?.lr === group.lr ? start.base : group.lr;
    });
    this.#set(0);
    this.groups.forEach((group, i) => starts.set(group, { base: this.#bases[i], lr: group.lr }));
  }

  /** The learning rates of the next step. */
  override step(): void {
    this.moveTo(this.#t + 1);
  }

  /** The learning rates of step t, as if it was the next one. */
  protected moveTo(t: number): void {
    this.groups.forEach((group) => starts.delete(group));
    this.#set(t);
  }

  /** @internal Goes back to step 0, from the learning rates that it started from. */
  override restart(): void {
    this.groups.forEach((group, i) => (group.lr = this.#bases[i]));
    this.#set(0);
  }

  protected override readState(): { readonly [name: string]: Json } {
    return { step: this.#t, baseLrs: this.#bases };
  }

  protected override prepareState(who: string, { step, baseLrs }: SchedulerState): () => void {
    const t = finite(who, "step", step, 0);
    const bases = checkList(who, "baseLrs", baseLrs, this.groups.length);
    return () => {
      this.#t = t;
      this.#bases = bases;
      this.#setMomentum(t);
    };
  }

  // All are computed before one is set: a rule may fail.
  #set(t: number): void {
    const lrs = this.groups.map(({ lr }, i) => this.#rate({ t, i, lr, base: this.#bases[i] }));
    this.groups.forEach((group, i) => (group.lr = lrs[i]));
    this.#setMomentum(t);
    this.#t = t;
  }

  #setMomentum(t: number): void {
    const rule = this.#momentum;
    if (rule !== undefined) this.groups.forEach((group, i) => setMomentum(group, rule(t, i)));
  }
}

/** Sets a group's momentum, or the first of its betas where it has these. */
function setMomentum(group: ScheduledGroup, value: number): void {
  if (group.betas !== undefined) group.betas = [value, group.betas[1]];
  else group.momentum = value;
}

/** Throws unless each group has a momentum or betas. */
export function checkHasMomentum(who: string, optimizer: ScheduledOptimizer): void {
  const groups = (optimizer?.groups ?? [optimizer]) as readonly (ScheduledGroup | undefined)[];
  if (groups.every((group) => group?.momentum !== undefined || group?.betas !== undefined)) return;
  throw new ArgumentError(
    `${who}: expected an optimizer with momentum or betas, got one without (give { cycleMomentum: false }).`,
  );
}

/** A number for each group: one for all of them, or a list. */
export function perGroup(
  who: string,
  name: string,
  value: unknown,
  { groups = [undefined] }: { readonly groups?: readonly unknown[] },
  max: number = Infinity,
): readonly number[] {
  if (!Array.isArray(value)) return groups.map(() => finite(who, name, value, 0, max));
  return checkList(who, name, value, groups.length, max);
}

function checkList(who: string, name: string, value: unknown, length: number, max?: number): readonly number[] {
  if (!Array.isArray(value) || value.length !== length) {
    throw new ArgumentError(
      `${who}: expected ${name} as a list of ${length} numbers, one for each group of the optimizer, got ${show(value)}.`,
    );
  }
  return value.map((item: unknown, i) => finite(who, `${name}[${i}]`, item, 0, max));
}
