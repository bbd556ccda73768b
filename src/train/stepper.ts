// One batch of training, and the step of the optimizers after one or several of them.
import type { Tensor } from "../base/tensor.js";
import { kept } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import type { Parameter } from "../nn/parameter.js";
import { multiply } from "../ops/arithmetic.js";
import { clipGradNorm, clipGradValue } from "../optim/clip.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { LRScheduler } from "../optim/schedules/scheduler.js";
import { ReduceLROnPlateau } from "../optim/schedules/reduceLROnPlateau.js";
import { SWA } from "./averagedWeights.js";
import { Guard } from "./guard.js";
import type { BatchRecord, EpochRecord } from "./history.js";
import { isSum, lossOf, weightOf } from "./measure.js";
import type { Target } from "./source.js";
import type { Trainer } from "./trainer.js";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Forward, backward and steps of a run. */
export class Stepper {
  readonly #run: Trainer;
  readonly #guard: Guard | null;
  readonly #parameters: readonly Parameter[];
  #pending = 0; // batches whose gradients are added up
  #weight = 0; // of these batches
  #last: { readonly x: Tensor; readonly y: Target; readonly record: Writable<BatchRecord> } | undefined;

  constructor(run: Trainer) {
    this.#run = run;
    const { loss, optimizer, nanGuard } = run.settings;
    this.#guard = nanGuard ? new Guard(run.model, loss) : null;
    this.#parameters = optimizer.flatMap(({ parameters }) => parameters);
  }

  /** Batches whose gradients wait for a step. */
  get pending(): number {
    return this.#pending;
  }

  /** Forward and backward of a batch, and a step if it is time. */
  batch(x: Tensor, y: Target): BatchRecord {
    const { model, settings, running, counts } = this.#run;
    const { loss, optimizer, accumulate } = settings;
    this.#guard?.remember();
    const outputs = model.forward(x);
    const value = lossOf("fit", loss, outputs, y);
    const samples = x.shape[0];
    const record: Writable<BatchRecord> = {
      epoch: counts.epochs + 1,
      batch: counts.batch + 1,
      loss: value,
      lr: firstRate(optimizer[0]),
      gradNorm: null,
    };
    this.#last = { x, y, record };
    if (!Number.isFinite(value)) this.#refuse("a finite loss", value);
    running.addLoss(loss, value, samples);
    const weight = weightOf(loss, samples);
    if (this.#pending === 0) for (const each of optimizer) each.zeroGrad();
    const gradient = loss.backward();
    // With several batches each gradient counts as its loss does, and finish() divides by all; a sum adds up as it is.
    model.backward(accumulate === 1 || isSum(loss) ? gradient : multiply(gradient, weight), { inputGrad: false });
    this.#pending++;
    this.#weight += weight;
    running.add(outputs, y, samples);
    if (this.#pending === accumulate) this.finish();
    return record;
  }

  /** The step, with the gradients that are there; nothing without any. */
  finish(): void {
    if (this.#pending === 0) return;
    const { settings, counts } = this.#run;
    const { loss, optimizer, clipNorm, clipValue, accumulate, batchSchedule, average } = settings;
    if (accumulate > 1 && !isSum(loss)) for (const parameter of this.#parameters) divide(parameter, this.#weight);
    this.#pending = this.#weight = 0;
    if (this.#guard !== null || clipNorm !== Infinity) {
      const most = clipNorm === Infinity ? Number.MAX_VALUE : clipNorm;
      const norm = clipGradNorm(this.#parameters, most, { errorIfNonfinite: false });
      if (this.#last !== undefined) this.#last.record.gradNorm = norm;
      if (!Number.isFinite(norm)) this.#refuse("gradients with a finite norm", norm);
    }
    if (clipValue !== Infinity) clipGradValue(this.#parameters, clipValue);
    for (const each of optimizer) each.step();
    for (const schedule of batchSchedule) schedule.step();
    if (average !== undefined && !(average instanceof SWA)) average.update();
    counts.steps++;
  }

  /** What is done once an epoch. */
  endEpoch(record: EpochRecord): void {
    const { epochSchedule, restoreBest, validation } = this.#run.settings;
    const monitor = restoreBest?.in(record) ?? record[validation === undefined ? "runningLoss" : "valLoss"];
    for (const schedule of epochSchedule) stepEpoch(schedule, monitor as number);
  }

  #refuse(what: string, value: number): void {
    if (this.#guard === null || this.#last === undefined) return;
    const { x, y, record } = this.#last;
    throw this.#guard.explain(`epoch ${record.epoch}, batch ${record.batch}`, what, value, x, y);
  }
}

// Of the first group: groups need not have one learning rate.
function firstRate(optimizer: Optimizer): number {
  const { groups } = optimizer as unknown as { readonly groups?: readonly { readonly lr?: number }[] };
  const [first] = groups ?? [optimizer as { readonly lr?: number }];
  return first?.lr ?? NaN;
}

// Others take no metric; a number means an epoch to some.
function stepEpoch(schedule: LRScheduler, metric: number): void {
  if (schedule instanceof ReduceLROnPlateau) schedule.step(metric);
  else schedule.step();
}

function divide(parameter: Parameter, divisor: number): void {
  if (!parameter.hasGrad || !parameter.requiresGrad) return;
  const { grad } = parameter;
  const by = grad.like([1]);
  by.data[0] = divisor;
  const sums = kept(grad);
  kernelsFor("fit", grad).divide({ shape: [grad.size], stridesA: [1], stridesB: [0] }, sums, by.data, sums);
}
