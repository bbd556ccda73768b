// ChainedScheduler: several schedules of one optimizer at the same time.
import { show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Json } from "../../nn/config.js";
import { LRScheduler, type SchedulerState } from "./scheduler.js";

/**
 * Several schedules at the same time: each step of the chain is one of each schedule, in their order. Those that multiply the
 * learning rate, which most do, multiply each other's.
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 5 });
 * const schedule = new ChainedScheduler([warmUp, new ExponentialLR(optimizer, 0.95)]);
 *
 * @throws ArgumentError for what is no list of schedules of one optimizer
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler extends LRScheduler {
  readonly #schedules: readonly LRScheduler[];

  constructor(schedules: readonly LRScheduler[]) {
    const list = checkSchedules("ChainedScheduler", schedules);
    super("ChainedScheduler", list[0].optimizer);
    this.#schedules = list;
  }

  override step(): void {
    for (const schedule of this.#schedules) schedule.step();
  }

  protected override readState(): { readonly [name: string]: Json } {
    return { schedules: this.#schedules.map((schedule) => schedule.stateDict()) };
  }

  protected override prepareState(who: string, state: SchedulerState): () => void {
    return prepareSchedules(who, this.#schedules, state.schedules);
  }
}

/** Throws unless these are schedules of one optimizer; a copy of the list. */
export function checkSchedules(who: string, schedules: unknown): readonly LRScheduler[] {
  const list: readonly unknown[] = Array.isArray(schedules) ? [...(schedules as unknown[])] : [];
  if (list.length === 0 || !list.every((item) => item instanceof LRScheduler)) {
    throw new ArgumentError(`${who}: expected a list of schedules, got ${show(schedules)}.`);
  }
  list.forEach((item, i) => {
    if (list.indexOf(item) !== i) throw new ArgumentError(`${who}: expected each schedule once, got one twice.`);
    if (item.optimizer === list[0].optimizer) return;
    throw new ArgumentError(`${who}: expected schedules of one optimizer, got another one's at index ${i}.`);
  });
  return list;
}

/** Checks the states of schedules, one for each; what is returned takes them over and cannot fail. */
export function prepareSchedules(who: string, schedules: readonly LRScheduler[], states: unknown): () => void {
  if (!Array.isArray(states) || states.length !== schedules.length) {
    throw new ArgumentError(`${who}: expected the states of ${schedules.length} schedules, got ${show(states)}.`);
  }
  const steps = schedules.map((schedule, i) =>
    schedule.prepareLoad(`${who}: schedules[${i}]`, states[i] as SchedulerState),
  );
  return () => steps.forEach((step) => step());
}
