// The entry handgrad/io: weights, checkpoints and models as files.
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "./io/safetensors.js";
