// Training in a worker with the built package in Node: a module of the caller's, a process that ends by itself, also in CommonJS, and
// a server that answers meanwhile. Run after a build; the last line is "N passed, N failed".
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Adam, Conv2d, Flatten, Linear, ReLU, Sequential, manualSeed, rand } from "handgrad";
import { batches } from "handgrad/data";
import { fit } from "handgrad/train";
import { trainInWorker } from "handgrad/worker";
import { Gain, count, noise } from "./served.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
let passed = 0;
let failed = 0;
function check(title, holds, got) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

const outcome = ({ history }, model) =>
  JSON.stringify([
    history.batches,
    history.column("runningCount"),
    model.parameters().map(({ value }) => [...value.data]),
  ]);

// Layer, data and metric are the module's own; fit has the same ones here.
async function ownModule() {
  const build = () => {
    manualSeed(1);
    return new Sequential(new Gain(), new Linear(16, 3));
  };
  const [here, there] = [build(), build()];
  const options = { epochs: 3 };
  const want = await fit(here, noise({ samples: 40 }), {
    ...{ optimizer: new Adam(here.parameters(), { lr: 0.01 }), metrics: { count }, ...options },
  });
  const got = await trainInWorker(
    there,
    { source: "noise", args: { samples: 40 } },
    {
      ...{ optimizer: { type: "Adam", lr: 0.01 }, metrics: { count: { name: "count" } }, ...options },
      worker: () => new Worker(new URL("./served.mjs", import.meta.url)),
    },
  );
  const [a, b] = [outcome(want, here), outcome(got, there)];
  check("a module of the caller's trains its own layer on its own data with fit's bits", a === b, [a, b]);
}

// Both ends of a thread: the event loop of the server is free, and the numbers are there in the end.
async function besideServer() {
  const server = createServer((_, response) => response.end("hello"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const model = new Sequential(new Conv2d(1, 16, 3), new ReLU(), new Flatten(), new Linear(16 * 26 * 26, 10));
  const data = batches(rand([256, 1, 28, 28]), new Int32Array(256), { size: 128 });
  const training = trainInWorker(model, data, { optimizer: "Adam", epochs: 100000 });
  for await (const { steps } of training) if (steps > 2) break;
  const first = training.steps;
  let answers = 0;
  for (; training.steps < first + 20; answers++) {
    const response = await fetch(`http://127.0.0.1:${port}`);
    if ((await response.text()) !== "hello") break;
  }
  training.stop();
  await training;
  server.close();
  // In one thread there would be at most one answer for each step that is longer than 16 ms.
  check("a server answers again and again within the steps of a training", answers > 40, answers);
}

const program = `
const model = new Sequential(new Linear(4, 2));
const data = batches(rand([8, 4]), [0, 1, 0, 1, 0, 1, 0, 1], { size: 4 });
trainInWorker(model, data, { optimizer: { type: "SGD", lr: 0.1 }, epochs: 2, threads: 2 }).then(({ ended, epochs }) => {
  console.log(ended, epochs);
});
`;
const NAMES = [
  ["Sequential, Linear, rand", "handgrad"],
  ["batches", "handgrad/data"],
  ["trainInWorker", "handgrad/worker"],
];
const run = (...args) => execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 60_000 });

await ownModule();
await besideServer();
const esm = NAMES.map(([names, from]) => `import { ${names} } from "${from}";`).join("\n");
const cjs = NAMES.map(([names, from]) => `const { ${names} } = require("${from}");`).join("\n");
const [one, other] = [run("--input-type=module", "-e", esm + program), run("-e", cjs + program)];
check("a process ends by itself after a training in a worker", one === "completed 2\n", one);
check("in CommonJS, too", other === "completed 2\n", other);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
