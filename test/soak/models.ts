// Bounded memory over many models that are trained and dropped, without gc() and without a dispose: in a synchronous loop, in
// which the engine never says what it collected, in an asynchronous one, and with a memory that threads cannot share, as in a
// page that is not isolated. Each row is a process of its own: kernel memory never shrinks.
// `npm run soak` runs all rows; `tsx test/soak/models.ts --models 10000 --large 300` these alone.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "10000" },
    large: { type: "string", default: "300" },
    row: { type: "string" },
  },
});

const ROWS = ["small sync", "small async", "large sync", "large async", "large sync unshared", "large async unshared"];
const SPARE = 200; // MiB beside three times what one model needs

type Figures = Readonly<Record<"resident" | "kernel" | "arrays" | "heap", number>>;

async function run(row: string): Promise<boolean> {
  const [size, order, unshared] = row.split(" ");
  if (unshared !== undefined) delete (globalThis as { SharedArrayBuffer?: unknown }).SharedArrayBuffer;
  const { Adam, CrossEntropy, Flatten, Linear, ReLU, Sequential, backendInfo, randn } = await import("handgrad");
  const { makeNetwork } = await import("../bench/models.js");
  const [shape, batch, steps] = size === "large" ? [[3, 32, 32], 32, 5] : [[1, 28, 28], 16, 1];
  const make = (): InstanceType<typeof Sequential> =>
    size === "large"
      ? new Sequential(new Flatten(), new Linear(3072, 1024), new ReLU(), new Linear(1024, 10))
      : makeNetwork("seed3").model;
  const count = Number(size === "large" ? values.large : values.models);
  const x = randn([batch, ...shape], { seed: 1 });
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const turn = (): Promise<void> | undefined =>
    order === "async" ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  const figures = (): Figures => {
    const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
    const all = { resident: rss, kernel: backendInfo().memoryBytes, arrays: arrayBuffers, heap: heapUsed };
    return Object.fromEntries(Object.entries(all).map(([name, n]) => [name, Math.round(n / 1048576)])) as Figures;
  };
  let one: Figures | undefined;
  for (let i = 1; i <= count; i++) {
    const model = make();
    const optimizer = new Adam(model.parameters());
    const loss = new CrossEntropy();
    for (let step = 0; step < steps; step++) {
      loss.forward(model.forward(x), labels);
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      if (order === "async") await turn(); // an await in the other loop would end its job
    }
    if (i !== 1 && i % Math.ceil(count / 10) !== 0) continue;
    const now = figures();
    one ??= now;
    console.log(
      `${row}, model ${i}: resident ${now.resident}, kernel ${now.kernel}, arrays ${now.arrays}, heap ${now.heap} MiB`,
    );
    for (const name of Object.keys(now) as (keyof Figures)[]) {
      // A memory that threads cannot share has its full size from the start; what of it is in use is resident.
      if (now[name] <= 3 * one[name] + SPARE) continue;
      console.log(`${row}: ${name} memory grew from ${one[name]} to ${now[name]} MiB`);
      return false;
    }
  }
  return true;
}

if (values.row !== undefined) {
  process.exit((await run(values.row)) ? 0 : 1);
}
const failed = ROWS.filter((row) => {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), "--row", row];
  const counts = ["--models", values.models, "--large", values.large];
  return spawnSync(process.execPath, [...args, ...counts], { stdio: "inherit" }).status !== 0;
});
console.log(failed.length === 0 ? "memory is bounded over models" : `failed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
