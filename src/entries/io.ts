// The entry handgrad/io: weights, checkpoints and models as files.
export { decodeNpy, encodeNpy, type NpyFile } from "../files/npy.js";
export type { Bytes } from "../files/bytes.js";
export type { ChooseOptions } from "../files/choice.js";
export type { DecodeOptions, NumberType } from "../files/numbers.js";
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "../files/safetensors.js";

// Models for apps: architecture, weights and what goes in, in one file
export { saveModel, type SaveModelOptions } from "../models/saveModel.js";
export { loadModel, type LoadModelOptions } from "../models/loadModel.js";
export { LoadedModel, type Classification, type ClassifyOptions, type ModelInput } from "../models/loadedModel.js";
export type { FullInputSpec, InputSpec } from "../models/inputSpec.js";
export type { ImageOptions, RgbaImage } from "../models/imageInput.js";
export type { LayerClass } from "../nn/layers.js";

// Checkpoints: a training run stops, and goes on as if it had not
export { decodeCheckpoint, encodeCheckpoint, type RunToSave } from "../checkpoints/checkpoint.js";
export type { Checkpoint, SavedOptimizer } from "../checkpoints/checkpointState.js";
export { restoreCheckpoint } from "../checkpoints/restoreCheckpoint.js";
export { openCheckpoints, type CheckpointsOptions } from "../checkpoints/openCheckpoints.js";
export { Checkpoints } from "../checkpoints/checkpoints.js";
export type { FoundCheckpoint, ReadOptions, RestoredRun, SkippedCheckpoint } from "../checkpoints/checkpoints.js";
export type { Best, CheckpointEntry } from "../checkpoints/checkpointNames.js";
export type { CheckpointStore } from "../checkpoints/store.js";
export type { AnyBatches, Run } from "../checkpoints/run.js";
export type { RandomState } from "../numbers/random.js";
