// What a page (or a server) and its training worker say to each other. All of it is plain data that messages can carry.
import type { ConvAlgorithm } from "../backend/convAlgorithm.js";
import type { BackendInfo } from "../backend/kernels.js";
import type { FloatArray } from "../base/tensor.js";
import type { Shape } from "../base/shape.js";
import type { TransformConfig } from "../data/augment/revive.js";
import type { BatchesPosition } from "../data/epochs.js";
import type { Json, LayerConfig } from "../nn/config.js";
import type { GeneratorState, RandomState } from "../numbers/random.js";
import type { GroupState } from "../optim/state.js";
import type { BatchRecord, EpochRecord, HistoryJson } from "../train/history.js";
import type { FitResult } from "../train/result.js";
import type { PackedError } from "./packedError.js";

/** A tensor's numbers with a buffer of their own. */
export interface Numbers {
  readonly data: FloatArray;
  readonly shape: Shape;
}

/** Targets: labels, or a tensor. */
export type PackedTargets = Int32Array | Numbers;

/** Images as bytes, or numbers. */
export interface PackedSamples {
  readonly data: FloatArray | Uint8Array | Uint8ClampedArray;
  readonly shape: Shape;
}

/** Where batches come from. */
export type PackedSource =
  | {
      readonly kind: "batches";
      readonly x: Numbers;
      readonly y: PackedTargets;
      readonly options: object;
      readonly position: BatchesPosition;
    }
  | {
      readonly kind: "loader";
      readonly set:
        | { readonly x: PackedSamples; readonly y: PackedTargets; readonly module?: undefined }
        | { readonly module: string };
      readonly indices: Int32Array | null;
      readonly transforms: readonly TransformConfig[];
      readonly batchTransforms: readonly TransformConfig[];
      readonly sampler: { readonly weights: Float64Array; readonly options: object } | null;
      readonly options: object;
      readonly position: BatchesPosition;
    }
  | { readonly kind: "list"; readonly batches: readonly (readonly [x: Numbers, y: PackedTargets])[] }
  | { readonly kind: "named"; readonly name: string; readonly args: unknown };

/** All of a model that changes while it is trained. */
export interface ModelState {
  /** Parameters and buffers, each under its first name. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  /** Paths of the layers in eval mode. */
  readonly evalLayers: readonly string[];
  /** Names of the parameters that are not learned. */
  readonly frozen: readonly string[];
  /** Where the generators of the layers stand. */
  readonly generators: readonly (readonly [name: string, state: GeneratorState])[];
}

/** A model. */
export interface PackedModel {
  readonly config: LayerConfig;
  /** State that has several names: each further name with the first one. */
  readonly shared: readonly (readonly [name: string, first: string])[];
  /** Types that classes of the caller's say, which must not be those of classes of this package. */
  readonly foreign: readonly string[];
  /** Names of the parameters that have a gradient already. */
  readonly graded: readonly string[];
  readonly state: ModelState;
}

/** The options of an optimizer as they are now, by groups where it has several. */
export interface OptimizerOptions {
  readonly type: string;
  readonly options: { readonly [name: string]: Json };
  readonly groups?: readonly GroupState[];
}

/** What an optimizer keeps for each parameter. */
export type PackedMemory = readonly (Readonly<Record<string, number | Float32Array>> | null)[];

/** An optimizer of the caller's: its options, its parameters by name, what it keeps. */
export interface PackedOptimizer extends OptimizerOptions {
  readonly parameters: readonly string[];
  readonly memory: PackedMemory;
}

/** How a callback's method is to be called: not at all, later in a row with others, or at once, while the run waits. */
export type Waits = Readonly<
  Record<"onStart" | "onEpochStart" | "onBatchEnd" | "onEpochEnd", "never" | "later" | "now">
>;

/** Everything that a run is made of. */
export interface Setup {
  readonly model: PackedModel;
  readonly data: PackedSource;
  /** The same source as data where both are one object. */
  readonly validation: PackedSource | "data" | null;
  readonly optimizers: readonly (PackedOptimizer | { readonly spec: unknown })[];
  /** Options of fit, loss, schedules, metrics, averages, checkpoints as they were given. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly threads: number;
  readonly algorithm: ConvAlgorithm;
  readonly random: RandomState;
  readonly waits: Waits;
  /** States of callbacks that have one, by their names. */
  readonly states: CallbackStates;
}

/** States of callbacks by name. */
export type CallbackStates = readonly (readonly [name: string, state: Json])[];

/** Where the run is. */
export interface Counted {
  readonly epoch: number;
  readonly epochs: number;
  readonly batch: number;
  readonly batches: number | null;
  readonly samples: number;
  readonly runningLoss: number;
  readonly steps: number;
}

/** What the caller's side answers when the run has waited for its callbacks. */
export interface Heard {
  /** Whether a callback threw. */
  readonly failed: boolean;
  /** What callbacks changed in the model; null: nothing. */
  readonly model: ModelState | null;
  /** The options of the caller's optimizers, where callbacks changed them; null: nothing. */
  readonly optimizers: readonly OptimizerOptions[] | null;
  readonly states: CallbackStates;
}

/** To the worker. */
export type ToWorker =
  | { readonly kind: "start"; readonly setup: Setup }
  | { readonly kind: "pause" | "resume" | "abort" }
  | { readonly kind: "stop"; readonly reason: string }
  | { readonly kind: "heard"; readonly heard: Heard };

/** What of the run the caller's objects are brought to. */
export interface Brought {
  readonly model: ModelState;
  /** Options, and at the end of the run what is kept for each parameter; of optimizers of the caller's alone. */
  readonly optimizers: readonly (OptimizerOptions & { readonly memory?: PackedMemory })[];
}

/** From the worker. */
export type FromWorker =
  | { readonly kind: "ready"; readonly build: string }
  /** The records of batches since the last message, and where the run is. */
  | { readonly kind: "progress"; readonly counted: Counted; readonly records: readonly BatchRecord[] }
  /** The run waits for the callbacks. */
  | {
      readonly kind: "wait";
      readonly method: "onStart" | "onEpochStart" | "onBatchEnd" | "onEpochEnd";
      readonly counted: Counted;
      readonly records: readonly BatchRecord[];
      readonly record: EpochRecord | null;
      readonly brought: Brought | null;
      /** With onStart of a run that goes on: the history before, and the states of callbacks. */
      readonly resumed: { readonly history: HistoryJson; readonly states: CallbackStates } | null;
      /** With onStart: what the worker computes with. */
      readonly backend: BackendInfo | null;
    }
  | {
      readonly kind: "end";
      /** Null when it has not begun. */
      readonly counted: Counted | null;
      readonly records: readonly BatchRecord[];
      readonly result: Omit<FitResult, "history">;
      readonly error: PackedError | null;
      /** Why it failed, if it did: an abort, a callback, or the error. */
      readonly why: "abort" | "callback" | "error" | null;
      readonly brought: Brought | null;
      readonly positions: readonly (BatchesPosition | null)[];
    };
