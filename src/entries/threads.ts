// The entry handgrad/threads: how many threads the kernels of the default backend use.
export { setThreads } from "../backend/wasm/runtime/threads.js";
