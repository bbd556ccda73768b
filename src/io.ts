// The entry handgrad/io: weights, checkpoints and models as files.
export { decodeSafetensors, encodeSafetensors, type DecodeOptions, type SafetensorsFile } from "./io/safetensors.js";
export type { NumberType } from "./io/numbers.js";
export { saveModel, type SaveModelOptions } from "./io/saveModel.js";
export { loadModel, type LoadModelOptions } from "./io/loadModel.js";
export { LoadedModel, type Classification, type ClassifyOptions } from "./io/loadedModel.js";
export type { FullInputSpec, InputSpec } from "./io/inputSpec.js";
export type { ImageOptions, RgbaImage } from "./io/imageInput.js";
export type { LayerClass } from "./io/layerTable.js";
