// One timed prediction in ONNX Runtime native: MODEL BATCH predict THREADS SECONDS, with PEERS and ONNX_DIR set.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [model, batch, , threads, seconds] = process.argv.slice(2);
const require = createRequire(`${process.env.PEERS}/package.json`);
const ort = require("onnxruntime-node");
const shape = { seed3: [1, 28, 28], seed2: [1, 28, 28], seed0: [3, 32, 32], vggblock: [64, 16, 16] }[model];
const session = await ort.InferenceSession.create(readFileSync(`${process.env.ONNX_DIR}/${model}.onnx`), {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
});
const dims = [Number(batch), ...shape];
const x = new ort.Tensor("float32", Float32Array.from({ length: dims.reduce((a, b) => a * b) }, Math.random), dims);
for (let i = 0; i < 5; i++) await session.run({ x });
const times = [];
const end = performance.now() + Number(seconds) * 1000;
while (performance.now() < end || times.length < 7) {
  const start = performance.now();
  await session.run({ x });
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    ms: times[times.length >> 1],
    version: `ONNX Runtime ${require("onnxruntime-node/package.json").version}`,
  }),
);
process.exit(0);
