// Flat memory over a long run: training steps and predictions, resident size and heap from the first thousand steps on.
// `npm run soak -- --steps 20000 --predictions 200000 --threads 1,2`; prints a line every tenth part, fails on growth.
import { parseArgs } from "node:util";
import { backendInfo } from "handgrad";
import { setThreads } from "handgrad/threads";
import { makeCall } from "../bench/models.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "20000" },
    predictions: { type: "string", default: "200000" },
    threads: { type: "string", default: "1,2" },
  },
});
const megabytes = (bytes: number): number => Math.round(bytes / 1048576);
let failed = 0;

async function soak(mode: "train" | "predict", count: number, threads: number): Promise<void> {
  await setThreads(threads);
  const { call } = makeCall("seed3", mode === "train" ? 16 : 1, mode);
  const settle = Math.min(1000, Math.floor(count / 2));
  let start: { rss: number; heap: number; kernel: number } | undefined;
  for (let i = 1; i <= count; i++) {
    call();
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (i !== settle && i % Math.ceil(count / 10) !== 0) continue;
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    const now = { rss: megabytes(rss), heap: megabytes(heapUsed), kernel: megabytes(backendInfo().memoryBytes) };
    start ??= i >= settle ? now : undefined;
    console.log(
      `${mode} ${threads} thread, call ${i}: resident ${now.rss} MB, heap ${now.heap} MB, kernel ${now.kernel} MB`,
    );
    if (start !== undefined && (now.rss > start.rss + 32 || now.heap > start.heap + 8 || now.kernel > start.kernel)) {
      console.log(`memory grew from resident ${start.rss}, heap ${start.heap}, kernel ${start.kernel} MB`);
      failed++;
    }
  }
}

for (const threads of values.threads.split(",").map(Number)) {
  await soak("train", Number(values.steps), threads);
  await soak("predict", Number(values.predictions), threads);
}
await setThreads(1);
console.log(failed === 0 ? "memory is flat" : `${failed} checks failed`);
process.exit(failed === 0 ? 0 : 1);
