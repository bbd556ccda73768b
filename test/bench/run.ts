// `npm run bench`: kernels in GFLOPS, models in samples a second. Seeded; median and spread of one run.
//
//   npm run bench -- --models seed3,seed2 --batches 1,32 --threads 1,2 --seconds 1 --layers --json out/bench.json
//
// Absolute figures move with the machine: compare only figures of one run.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { backendInfo, conv2d, conv2dInputGrad, conv2dWeightGrad, matmul, rand, type Layer } from "handgrad";
import { setThreads } from "handgrad/threads";
import { MODEL_NAMES, makeCall, quantile, timesOf, type ModelName } from "./models.js";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: MODEL_NAMES.join(",") },
    batches: { type: "string", default: "1,32,128" },
    threads: { type: "string", default: "1,2" },
    seconds: { type: "string", default: "1" },
    layers: { type: "boolean", default: false },
    kernels: { type: "boolean", default: true },
    json: { type: "string" },
  },
  allowNegative: true,
});
const seconds = Number(values.seconds);
const list = (text: string): string[] => text.split(",").filter((word) => word !== "");

interface Result {
  readonly what: string;
  readonly threads: number;
  readonly unit: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}
const results: Result[] = [];

function report(what: string, threads: number, unit: string, perMs: number, times: readonly number[]): void {
  const [median, low, high] = [0.5, 0.9, 0.1].map((share) => perMs / quantile(times, share));
  results.push({ what, threads, unit, median, low, high });
  const figure = (value: number): string => value.toPrecision(4).padStart(9);
  console.log(`${what.padEnd(38)} ${threads} thread  ${figure(median)} ${unit}   (${figure(low)} .. ${figure(high)})`);
}

// Shapes of small CNNs: [N, C, H, O, K, padding].
const SHAPES = [
  [32, 1, 28, 16, 3, 0],
  [32, 16, 14, 32, 3, 0],
  [32, 32, 14, 64, 3, 1],
  [32, 64, 16, 128, 3, 1],
  [32, 128, 16, 128, 3, 1],
  [32, 3, 32, 64, 5, 0],
  [32, 64, 14, 128, 5, 0],
];

function kernels(threads: number): void {
  for (const [n, c, h, o, k, padding] of SHAPES) {
    const x = rand([n, c, h, h], { seed: 1 });
    const w = rand([o, c, k, k], { seed: 2 });
    const y = conv2d(x, w, null, { padding });
    const flops = 2 * y.size * c * k * k;
    const name = `${c}->${o} ${h}x${h} k${k} p${padding}`;
    report(
      `conv2d ${name}`,
      threads,
      "GFLOPS",
      flops / 1e6,
      timesOf(() => conv2d(x, w, null, { padding }), seconds / 2),
    );
    const dx = (): unknown => conv2dInputGrad(y, w, x.shape, { padding });
    report(`  input gradient`, threads, "GFLOPS", flops / 1e6, timesOf(dx, seconds / 2));
    const dw = (): unknown => conv2dWeightGrad(x, y, w.shape, { padding });
    report(`  weight gradient`, threads, "GFLOPS", flops / 1e6, timesOf(dw, seconds / 2));
  }
  for (const n of [256, 512]) {
    const [a, b] = [rand([n, n], { seed: 1 }), rand([n, n], { seed: 2 })];
    report(
      `matmul ${n}`,
      threads,
      "GFLOPS",
      (2 * n * n * n) / 1e6,
      timesOf(() => matmul(a, b), seconds),
    );
  }
}

// Puts a clock around the passes of the layers' classes, not of the layers: a model runs layers whose own functions were
// replaced in another order. The sum over the layers is a little less than the whole step.
function layerTimes(name: ModelName, batch: number): void {
  const { model, call } = makeCall(name, batch, "train");
  const spent = new Map<string, number>();
  const places = new Map(model.namedChildren().map(([place, layer]) => [layer, place]));
  const classes = new Set<Layer>([...places.keys()].map((layer) => Object.getPrototypeOf(layer) as Layer));
  const restore = [...classes].flatMap((prototype) =>
    (["forward", "backward"] as const).map((pass) => clockAround(prototype, pass, places, spent)),
  );
  for (let i = 0; i < 5; i++) call();
  for (const key of spent.keys()) spent.set(key, 0); // in the order in which they ran
  const steps = 40;
  for (let i = 0; i < steps; i++) call();
  for (const undo of restore) undo();
  const total = [...spent.values()].reduce((a, b) => a + b, 0);
  for (const [key, ms] of spent) {
    const share = `${((100 * ms) / total).toFixed(1)} %`.padStart(7);
    console.log(`    ${key.padEnd(28)} ${((1000 * ms) / steps).toFixed(0).padStart(7)} us ${share}`);
  }
}

function clockAround(
  prototype: Layer,
  pass: "forward" | "backward",
  places: ReadonlyMap<Layer, string>,
  spent: Map<string, number>,
): () => void {
  const original = prototype[pass] as (...args: unknown[]) => unknown;
  const timed = function (this: Layer, ...args: unknown[]): unknown {
    const start = performance.now();
    const result = original.apply(this, args);
    const key = `${places.get(this)} ${this.describe().split("(")[0]} ${pass}`;
    spent.set(key, (spent.get(key) ?? 0) + performance.now() - start);
    return result;
  };
  const owns = Object.hasOwn(prototype, pass); // Dropout inherits its passes
  Object.defineProperty(prototype, pass, { value: timed, configurable: true, writable: true });
  return () => {
    if (owns) Object.defineProperty(prototype, pass, { value: original });
    else delete (prototype as unknown as Record<string, unknown>)[pass];
  };
}

console.log(`Node ${process.version}, handgrad on ${backendInfo().name}; median (10th .. 90th percentile)`);
for (const count of list(values.threads).map(Number)) {
  const threads = await setThreads(count);
  if (values.kernels) kernels(threads);
  for (const name of list(values.models) as ModelName[]) {
    for (const batch of list(values.batches).map(Number)) {
      for (const mode of ["train", "predict"] as const) {
        const { call } = makeCall(name, batch, mode);
        report(`${name} ${mode} batch ${batch}`, threads, "samples/s", batch * 1000, timesOf(call, seconds));
      }
      if (values.layers) layerTimes(name, batch);
    }
  }
}
await setThreads(1);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ node: process.version, results }, null, 1));
