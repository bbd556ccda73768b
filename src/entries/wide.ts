// The entry handgrad/wide: vectors of 256 bits for the kernels of the default backend, in Node.
export { setWideVectors } from "../backend/wasm/wide/setWideVectors.js";
