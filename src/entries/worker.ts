// The entry handgrad/worker: training in a worker, from the side of the page or the server.
export { trainInWorker, type WorkerData, type WorkerTraining } from "../worker/trainInWorker.js";
export type { Named, WorkerOptions } from "../worker/workerOptions.js";
export type { AverageSpec, LossSpec, MetricSpec, OptimizerSpec, ScheduleSpec } from "../worker/specs.js";
export type { TrainingProgress } from "../worker/stream.js";
