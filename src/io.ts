// The entry handgrad/io: weights, checkpoints and models as files.
export { decodeNpy, encodeNpy, type NpyFile } from "./io/npy.js";
export type { DecodeOptions, NumberType } from "./io/numbers.js";
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "./io/safetensors.js";

// Models for apps: architecture, weights and what goes in, in one file
export { saveModel, type SaveModelOptions } from "./io/saveModel.js";
export { loadModel, type LoadModelOptions } from "./io/loadModel.js";
export { LoadedModel, type Classification, type ClassifyOptions } from "./io/loadedModel.js";
export type { FullInputSpec, InputSpec } from "./io/inputSpec.js";
export type { ImageOptions, RgbaImage } from "./io/imageInput.js";
export type { LayerClass } from "./io/layerTable.js";

// Checkpoints: a training run stops, and goes on as if it had not
export {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
  type RunToSave,
  type SavedOptimizer,
} from "./io/checkpoint.js";
export { restoreCheckpoint } from "./io/restoreCheckpoint.js";
export { openCheckpoints, type CheckpointsOptions } from "./io/openCheckpoints.js";
export { Checkpoints } from "./io/checkpoints.js";
export type { FoundCheckpoint, ReadOptions, RestoredRun, SkippedCheckpoint } from "./io/checkpoints.js";
export type { Best, CheckpointEntry } from "./io/checkpointNames.js";
export type { CheckpointStore } from "./io/store.js";
export type { AnyBatches, Run } from "./io/run.js";
export type { RandomState } from "./random.js";
