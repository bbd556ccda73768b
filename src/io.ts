// The entry handgrad/io: weights, checkpoints and models as files.
export { decodeNpy, encodeNpy, type NpyFile } from "./io/npy.js";
export type { DecodeOptions, NumberType } from "./io/numbers.js";
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "./io/safetensors.js";
