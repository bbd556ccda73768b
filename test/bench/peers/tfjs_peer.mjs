// One timed prediction in TensorFlow.js on WebAssembly: MODEL BATCH predict|start THREADS SECONDS, with PEERS (a folder in which
// it is installed) set. `start`: milliseconds from nothing to the first prediction.
import { createRequire } from "node:module";
import { timed } from "./timed.mjs";

const [model, batch, mode, threads, seconds] = process.argv.slice(2);
const before = performance.now();
const require = createRequire(`${process.env.PEERS}/package.json`);
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(`${process.env.PEERS}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
wasm.setThreadsCount(Number(threads));
await tf.setBackend("wasm");
await tf.ready();
const conv = (filters, padding, inputShape) =>
  tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu", padding, ...(inputShape ? { inputShape } : {}) });
const pool = () => tf.layers.maxPooling2d({ poolSize: 2, strides: 2 });
const border = () => tf.layers.zeroPadding2d({ padding: 1 });
const tail = [tf.layers.flatten(), tf.layers.dense({ units: 32, activation: "relu" }), tf.layers.dense({ units: 10 })];
const layers = {
  seed3: [conv(16, "valid", [28, 28, 1]), border(), pool(), conv(32, "valid"), border(), pool(), ...tail],
  seed2: [conv(32, "same", [28, 28, 1]), pool(), conv(64, "same"), pool(), ...tail],
}[model];
const net = tf.sequential({ layers });
const x = tf.randomNormal([Number(batch), 28, 28, 1]);
const call = () => {
  const y = net.predict(x, { batchSize: Number(batch) });
  y.dataSync();
  y.dispose();
};
call();
const ms = mode === "start" ? performance.now() - before : await timed(call, Number(seconds));
console.log(JSON.stringify({ ms, version: `TensorFlow.js ${tf.version.tfjs} wasm` }));
process.exit(0);
