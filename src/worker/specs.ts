// Losses, optimizers, schedules, metrics and averages as plain data: { type, ...what the constructor takes }. These are types; the
// classes are looked up in the worker, by specTables.ts.
import type * as Losses from "../loss/losses.js";
import type * as Metrics from "./metricClasses.js";
import type { Lookahead } from "../optim/lookahead.js";
import type * as Optimizers from "../optim/optimizers.js";
import type * as Schedules from "../optim/schedules/schedules.js";
import type { EMA, SWA } from "../train/averagedWeights.js";

// The nth argument of each class of a module, with its name.
type Spec<M, K extends keyof M & string, N extends number, Also = object> = {
  [Name in K]: M[Name] extends abstract new (...args: infer A) => unknown
    ? { readonly type: Name } & NonNullable<A[N]> & Also
    : never;
}[K];

type LossName = Exclude<keyof typeof Losses, "CosineEmbedding" | "TripletMargin">; // these take several inputs

/** A loss: its class and its options, `{ type: "CrossEntropy", labelSmoothing: 0.1 }`, or the name alone. */
export type LossSpec = Spec<typeof Losses, LossName, 0> | LossName;

type RuleName = keyof typeof Optimizers;

/** An optimizer of all parameters of the model: its class and its options, `{ type: "Adam", lr: 1e-3 }`, or the name alone. */
export type OptimizerSpec =
  | Spec<typeof Optimizers, RuleName, 1>
  | RuleName
  | ({ readonly type: "Lookahead"; readonly optimizer: OptimizerSpec } & ConstructorParameters<typeof Lookahead>[1]);

type PerGroup = number | readonly number[];

/**
 * A schedule: its class, and what its constructor takes, all by name: `{ type: "OneCycleLR", maxLr: 0.01, epochs: 5, stepsPerEpoch:
 * 938 }`. `optimizer` says whose it is where there are several, from 0; default 0.
 */
export type ScheduleSpec = {
  /** Which of several optimizers, from 0. Default 0. */
  readonly optimizer?: number;
} & (
  | ({ readonly type: "StepLR"; readonly stepSize: number } & Options<"StepLR", 2>)
  | ({ readonly type: "MultiStepLR"; readonly milestones: readonly number[] } & Options<"MultiStepLR", 2>)
  | { readonly type: "ExponentialLR"; readonly gamma: number }
  | ({ readonly type: "CosineAnnealingLR"; readonly tMax: number } & Options<"CosineAnnealingLR", 2>)
  | ({ readonly type: "CosineAnnealingWarmRestarts"; readonly t0: number } & Options<"CosineAnnealingWarmRestarts", 2>)
  | ({ readonly type: "CyclicLR"; readonly baseLr: PerGroup; readonly maxLr: PerGroup } & Omit<
      Options<"CyclicLR", 3>,
      "scaleFn"
    >)
  | ({ readonly type: "OneCycleLR"; readonly maxLr: PerGroup } & Options<"OneCycleLR", 2>)
  | ({ readonly type: "LinearLR" } & Options<"LinearLR", 1>)
  | ({ readonly type: "PolynomialLR" } & Options<"PolynomialLR", 1>)
  | ({ readonly type: "ReduceLROnPlateau" } & Options<"ReduceLROnPlateau", 1>)
  | {
      readonly type: "SequentialLR";
      readonly schedules: readonly ScheduleSpec[];
      readonly milestones: readonly number[];
    }
  | { readonly type: "ChainedScheduler"; readonly schedules: readonly ScheduleSpec[] }
);

type Options<K extends keyof typeof Schedules, N extends number> = NonNullable<
  ConstructorParameters<(typeof Schedules)[K]>[N & keyof ConstructorParameters<(typeof Schedules)[K]>]
>;

type MetricName = keyof typeof Metrics;

/** A metric: "accuracy" (the plain function), or a class of handgrad/metrics, `{ type: "F1", average: "macro" }`, or its name alone. */
export type MetricSpec = "accuracy" | MetricName | Spec<typeof Metrics, MetricName, 0>;

/** Averaged weights: `{ type: "EMA", decay: 0.99 }`. */
export type AverageSpec =
  | ({ readonly type: "EMA" } & ConstructorParameters<typeof EMA>[1])
  | ({ readonly type: "SWA" } & ConstructorParameters<typeof SWA>[1]);
