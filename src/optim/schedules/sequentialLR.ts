// SequentialLR: several schedules of one optimizer, one after the other.
import { show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Json } from "../../nn/config.js";
import { checkSchedules, prepareSchedules } from "./chainedScheduler.js";
import { LRScheduler, type ScheduledOptimizer, type SchedulerState } from "./scheduler.js";

/**
 * Several schedules one after the other: the first until step milestones[0], then the second until milestones[1], and so on.
 * Each starts at its step 0, from the learning rate that the optimizer had before there was a schedule.
 *
 * @param schedules schedules of `optimizer`, made in this order
 * @param milestones the step at which each but the first one starts, growing
 *
 * @example
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.01, totalIters: 5 });
 * const schedule = new SequentialLR(optimizer, [warmUp, new CosineAnnealingLR(optimizer, 95)], [5]);
 *
 * @throws ArgumentError for unusable milestones, or schedules of another optimizer or without a step to start from
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export class SequentialLR extends LRScheduler {
  readonly #schedules: readonly LRScheduler[];
  readonly #milestones: readonly number[];
  #t = 0;

  constructor(optimizer: ScheduledOptimizer, schedules: readonly LRScheduler[], milestones: readonly number[]) {
    super("SequentialLR", optimizer);
    const list = checkSchedules(this.who, schedules);
    list.forEach((schedule, i) => {
      if (schedule.optimizer === optimizer && schedule.restart !== undefined) return;
      const got = schedule.optimizer === optimizer ? `a ${schedule.constructor.name}` : "one of another optimizer";
      throw new ArgumentError(
        `${this.who}: expected schedule ${i} to be a schedule of this optimizer that starts at a step, got ${got}.`,
      );
    });
    const growing = (t: number, i: number): boolean => Number.isSafeInteger(t) && t > (i === 0 ? 0 : milestones[i - 1]);
    if (!Array.isArray(milestones) || milestones.length !== list.length - 1 || !milestones.every(growing)) {
      throw new ArgumentError(
        `${this.who}: expected milestones as ${list.length - 1} growing steps from 1, one less than the schedules, got ` +
          `${show(milestones)}.`,
      );
    }
    this.#schedules = list;
    this.#milestones = [...milestones];
    list[0].restart?.();
  }

  override step(): void {
    const t = this.#t + 1;
    const schedule = this.#schedules[this.#milestones.filter((milestone) => milestone <= t).length];
    if (this.#milestones.includes(t)) schedule.restart?.();
    else schedule.step();
    this.#t = t;
  }

  protected override readState(): { readonly [name: string]: Json } {
    return { step: this.#t, schedules: this.#schedules.map((schedule) => schedule.stateDict()) };
  }

  protected override prepareState(who: string, { step, schedules }: SchedulerState): () => void {
    const t = whole(who, "step", step, 0);
    const apply = prepareSchedules(who, this.#schedules, schedules);
    return () => {
      apply();
      this.#t = t;
    };
  }
}
