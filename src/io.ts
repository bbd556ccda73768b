// The entry handgrad/io: weights, checkpoints and models as files.
export { decodeSafetensors, encodeSafetensors, type DecodeOptions, type SafetensorsFile } from "./io/safetensors.js";
export type { NumberType } from "./io/numbers.js";
