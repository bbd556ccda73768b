// Losses and metrics over many batches: means in which every sample counts the same, also those of a last batch that is not full.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { Tensor } from "../base/tensor.js";
import { Loss } from "../loss/loss.js";
import type { Json } from "../nn/config.js";
import type { Target } from "./source.js";

/** A metric of one batch, such as `accuracy`; over several batches its mean, weighted by their samples. */
export type MetricFunction = (outputs: Tensor, targets: never) => number;

/**
 * A metric that gathers over batches: `update` takes one, `compute` gives the result of all, `reset` begins anew. With a property
 * `state` that can be read and set (plain data), or methods `state()` and `restore(state)`, it survives a resume within an epoch;
 * else it is left out of that epoch's running results.
 */
export interface MetricObject {
  /** Takes a batch. */
  update(outputs: Tensor, targets: never): unknown;
  /** The result of all batches since the last reset: a number, a tensor, or plain data. */
  compute(): unknown;
  /** Forgets all batches. */
  reset(): unknown;
}

/** A metric of either kind. */
export type Metric = MetricFunction | MetricObject;

/** Metrics by the names that they have in the history. */
export type Metrics = Readonly<Record<string, Metric>>;

/** What a loss has to do: one of this package, or your own. */
export interface TrainLoss {
  /** The loss of a batch, a number. */
  forward(outputs: Tensor, targets: never): number | Tensor;
  /** Its gradient for the outputs. */
  backward(): Tensor;
}

/** Results by name. */
export type Results = Record<string, Json>;

/** What is needed to go on gathering. */
export interface MeasureState {
  readonly samples: number;
  readonly loss: readonly [sum: number, weight: number];
  readonly sums: Readonly<Record<string, number>>;
  /** The state of metric objects; null for one that does not tell it. */
  readonly states: Readonly<Record<string, Json>>;
}

/** Throws unless these are metrics; a copy. */
export function checkMetrics(who: string, name: string, metrics: unknown): Metrics {
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) {
    throw new ArgumentError(`${who}: expected ${name} by name, such as { accuracy }, got ${show(metrics)}.`);
  }
  for (const [key, metric] of Object.entries(metrics)) {
    if (typeof metric === "function" && !isClass(metric)) continue;
    const methods = ["update", "compute", "reset"];
    const object = metric as Record<string, unknown> | null;
    if (typeof object === "object" && methods.every((method) => typeof object?.[method] === "function")) continue;
    const remedy = typeof metric === "function" ? " (make one: new ...)" : "";
    throw new ArgumentError(
      `${who}: expected ${name}.${key} as a function (outputs, targets) => number or an object with update, compute and ` +
        `reset, got ${show(metric)}${remedy}.`,
    );
  }
  return { ...(metrics as Metrics) };
}

/** Throws unless this is a loss. */
export function checkLoss(who: string, name: string, loss: unknown): TrainLoss {
  const given = loss as Partial<TrainLoss> | null;
  if (typeof given === "object" && typeof given?.forward === "function" && typeof given.backward === "function") {
    return given as TrainLoss;
  }
  const remedy = typeof loss === "function" ? ` (make one: new ${loss.name}())` : "";
  throw new ArgumentError(
    `${who}: expected ${name} to have forward and backward, such as new CrossEntropy(), got ${show(loss)}${remedy}.`,
  );
}

/** The loss of a batch, as a number. */
export function lossOf(who: string, loss: TrainLoss, outputs: Tensor, targets: Target): number {
  const value = loss.forward(outputs, targets as never);
  if (typeof value === "number") return value;
  throw new ArgumentError(
    `${who}: expected the loss of a batch to be a number, got ${show(value)} (with reduction "mean" or "sum").`,
  );
}

/**
 * How much the loss of a batch counts in the mean of several: what a loss of this package divided by, so that the mean over
 * batches is that over all targets, whatever their weights; for your own its samples.
 */
export function weightOf(loss: TrainLoss, samples: number): number {
  return loss instanceof Loss ? loss.divisor : samples;
}

/** Whether the losses of several batches add up: one of this package with reduction "sum". */
export function isSum(loss: TrainLoss): boolean {
  return loss instanceof Loss && loss.sums;
}

/** Gathers the loss and the metrics of batches. */
export class Measure {
  readonly #who: string;
  readonly #metrics: Metrics;
  #samples = 0;
  #lossSum = 0;
  #lossWeight = 0;
  #sums: Record<string, number> = {};
  #lost = new Set<string>(); // metrics that are not whole, because their state could not be stored

  constructor(who: string, metrics: Metrics) {
    this.#who = who;
    this.#metrics = metrics;
    this.reset();
  }

  /** Samples so far. */
  get samples(): number {
    return this.#samples;
  }

  /** The mean loss so far; NaN before the first. */
  get loss(): number {
    return this.#lossSum / this.#lossWeight;
  }

  /** Begins anew. */
  reset(): void {
    this.#samples = this.#lossSum = this.#lossWeight = 0;
    this.#sums = Object.fromEntries(Object.keys(this.#metrics).map((name) => [name, 0]));
    this.#lost.clear();
    for (const metric of Object.values(this.#metrics)) if (typeof metric !== "function") metric.reset();
  }

  /** Takes the loss of a batch. */
  addLoss(loss: TrainLoss, value: number, samples: number): void {
    if (isSum(loss)) {
      this.#lossSum += value;
      this.#lossWeight += samples;
      return;
    }
    const weight = weightOf(loss, samples);
    this.#lossSum += value * weight;
    this.#lossWeight += weight;
  }

  /** Takes the outputs of a batch. */
  add(outputs: Tensor, targets: Target, samples: number): void {
    this.#samples += samples;
    for (const [name, metric] of Object.entries(this.#metrics)) {
      if (typeof metric !== "function") {
        metric.update(outputs, targets as never);
        continue;
      }
      const value: unknown = metric(outputs, targets as never);
      if (typeof value !== "number") {
        throw new ArgumentError(`${this.#who}: expected metric "${name}" to give a number, got ${show(value)}.`);
      }
      this.#sums[name] += value * samples;
    }
  }

  /** The results under their names, with a prefix: valLoss, valAccuracy. Without losses there is none among them. */
  results(prefix: string): Results {
    const results: Results = {};
    const nameOf = (name: string): string => (prefix === "" ? name : prefix + name[0].toUpperCase() + name.slice(1));
    if (this.#lossWeight > 0) results[nameOf("loss")] = this.loss;
    for (const [name, metric] of Object.entries(this.#metrics)) {
      if (this.#lost.has(name)) continue;
      results[nameOf(name)] =
        typeof metric === "function" ? this.#sums[name] / this.#samples : plain(this.#who, name, metric.compute());
    }
    return results;
  }

  /** What has been gathered, as plain data. */
  state(): MeasureState {
    const objects = Object.entries(this.#metrics).filter(([, metric]) => typeof metric !== "function");
    const states = objects.map(([name, metric]): [string, Json] => [name, stateOf(metric as Stateful) ?? null]);
    return {
      samples: this.#samples,
      loss: [this.#lossSum, this.#lossWeight],
      sums: { ...this.#sums },
      states: Object.fromEntries(states),
    };
  }

  /** Goes on from there. A metric that did not tell its state is left out of the results until the next reset. */
  restore({ samples, loss, sums, states }: MeasureState): void {
    this.reset();
    this.#samples = samples;
    [this.#lossSum, this.#lossWeight] = loss;
    this.#sums = { ...sums };
    for (const [name, state] of Object.entries(states)) {
      const metric = this.#metrics[name] as Stateful | undefined;
      if (metric === undefined) continue; // of a run that looked at more
      if (state === null || !restoreState(metric, state)) this.#lost.add(name);
    }
  }
}

// A metric whose state can be stored: a property that is read and set, as that of handgrad/metrics, or two methods.
type Stateful = MetricObject & { state?: unknown; restore?: unknown };

function stateOf(metric: Stateful): Json | undefined {
  const { state } = metric;
  return (typeof state === "function" ? (state as () => Json).call(metric) : state) as Json | undefined;
}

function restoreState(metric: Stateful, state: Json): boolean {
  const { state: own, restore } = metric;
  if (typeof own !== "function") metric.state = state;
  else if (typeof restore === "function") (restore as (state: Json) => void).call(metric, state);
  else return false;
  return true;
}

// A result as plain data, for JSON.
function plain(who: string, name: string, value: unknown): Json {
  if (value === null || ["number", "string", "boolean"].includes(typeof value)) return value as Json;
  if (Tensor.isTensor(value)) return value.toArray() as Json;
  if (ArrayBuffer.isView(value) && "length" in value) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map((item) => plain(who, name, item));
  if (typeof value === "object" && Object.getPrototypeOf(Object.getPrototypeOf(value) ?? {}) === null) {
    return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, plain(who, name, item)]));
  }
  throw new ArgumentError(
    `${who}: expected metric "${name}" to give a number, a tensor or plain data, got ${show(value)}.`,
  );
}

function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}
