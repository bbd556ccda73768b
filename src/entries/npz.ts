// The entry handgrad/npz: NumPy's archives of arrays. It needs the package fflate; .npy files alone are in handgrad/io.
export { decodeNpz, encodeNpz, type DecodeNpzOptions, type EncodeNpzOptions, type NpzFile } from "../files/npz.js";
export type { Bytes } from "../files/bytes.js";
export type { ChooseOptions } from "../files/choice.js";
export type { DecodeOptions, NumberType } from "../files/numbers.js";
