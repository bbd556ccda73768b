// One timed prediction in ONNX Runtime: MODEL BATCH predict|start THREADS SECONDS node|web, with PEERS (a folder in which the
// runtimes are installed) and ONNX_DIR set. `start`: milliseconds from nothing to the first prediction.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { timed } from "./timed.mjs";

const [model, batch, mode, threads, seconds, kind] = process.argv.slice(2);
const before = performance.now();
const require = createRequire(`${process.env.PEERS}/package.json`);
const ort = require(`onnxruntime-${kind}`);
const shape = { seed3: [1, 28, 28], seed2: [1, 28, 28], seed0: [3, 32, 32], vggblock: [64, 16, 16] }[model];
const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1 };
if (kind === "web") ort.env.wasm.numThreads = Number(threads);
const session = await ort.InferenceSession.create(readFileSync(`${process.env.ONNX_DIR}/${model}.onnx`), options);
const dims = [Number(batch), ...shape];
const x = new ort.Tensor("float32", Float32Array.from({ length: dims.reduce((a, b) => a * b) }, Math.random), dims);
const call = () => session.run({ x });
await call();
const ms = mode === "start" ? performance.now() - before : await timed(call, Number(seconds));
const version = ort.env.versions[kind];
console.log(JSON.stringify({ ms, version: `ONNX Runtime ${version} ${kind === "web" ? "web" : "native"}` }));
process.exit(0);
