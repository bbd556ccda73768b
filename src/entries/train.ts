// The entry handgrad/train: training with validation, callbacks, checkpoints and a history, and what belongs to it.
export { fit, type Training } from "../train/fit.js";
export type { FitOptions } from "../train/fitOptions.js";
export type { BestEpoch, FitResult } from "../train/result.js";
export type { TrainingHandle } from "../train/handle.js";
export { History, type BatchRecord, type EpochRecord, type HistoryJson } from "../train/history.js";
export type { DataSource, Loader, Target, TrainBatch } from "../train/source.js";
export type { Metric, MetricFunction, MetricObject, Metrics, Results, TrainLoss } from "../train/measure.js";
export { classWeights } from "../train/classWeights.js";

// Callbacks
export type { Callback } from "../train/callbacks.js";
export type { MonitorOptions } from "../train/monitor.js";
export { earlyStopping, type EarlyStoppingOptions } from "../train/earlyStopping.js";
export { progress, type ProgressOptions } from "../train/progress.js";

// The loss over learning rates
export { lrFind, type LrFinding, type LrFindOptions, type LrPoint } from "../train/lrFind.js";

// A model over a data set
export { evaluate, predict, type EvaluateOptions, type PredictOptions } from "../train/evaluate.js";

// Averages of the weights
export { AveragedWeights, EMA, SWA } from "../train/averagedWeights.js";
export type { AveragedState, EMAOptions, SWAOptions } from "../train/averagedWeights.js";
export { updateBatchNorm } from "../train/updateBatchNorm.js";
