// The entry handgrad/data: reading data sets and cutting them into batches.
export { batches, type Batch, type Batches, type BatchesOptions, type BatchesPosition } from "../data/batches.js";
export { imagesFromIdx, labelsFromIdx, parseIdx, readIdx, type IdxArray, type IdxData } from "../data/idx.js";
export { permutation } from "../data/permutation.js";
