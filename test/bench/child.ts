// One timed piece of work in a process of its own: MODEL BATCH train|predict THREADS SECONDS -> {"ms": median}.
import { setThreads } from "handgrad/threads";
import { matmul, rand } from "handgrad";
import { makeCall, quantile, timesOf, type ModelName } from "./models.js";

const [model, batch, mode, threads, seconds] = process.argv.slice(2);
await setThreads(Number(threads));
let call: () => void;
if (model === "matmul") {
  const [a, b] = [rand([512, 512], { seed: 1 }), rand([512, 512], { seed: 2 })];
  call = () => void matmul(a, b);
} else {
  ({ call } = makeCall(model as ModelName, Number(batch), mode as "train" | "predict"));
}
console.log(JSON.stringify({ ms: quantile(timesOf(call, Number(seconds)), 0.5) }));
process.exit(0);
