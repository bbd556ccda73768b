// `npm run bench:peers`: the same work by handgrad and by the peers that are installed, in alternation in one run, and the
// ratios of their medians (samples a second, ours over theirs).
//
// PyTorch: Debian's python3-torch. ONNX Runtime and TensorFlow.js: set PEERS to a folder with onnxruntime-node,
// @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm installed. --node PATH picks another Node.js for handgrad.
//   npm run bench:peers -- --rounds 5 --seconds 1 --only seed3 --json out/peers.json
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

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
const python = "/usr/bin/python3";
const onnx = `${here}../../out/onnx`;
const { node } = values;

type Peer = "torch" | "ort" | "tfjs";
interface Work {
  readonly peer: Peer;
  readonly model: string;
  readonly batch: number;
  readonly mode: "train" | "predict";
  readonly threads: number;
  readonly must: number;
  readonly goal: number;
}

const train = (model: string, batch: number, threads: number, must: number, goal: number): Work => ({
  peer: "torch",
  model,
  batch,
  mode: "train",
  threads,
  must,
  goal,
});
const predict = (peer: Peer, model: string, batch: number, must: number, goal: number): Work => ({
  peer,
  model,
  batch,
  mode: "predict",
  threads: 1,
  must,
  goal,
});

const WORK: Work[] = [
  ...[1, 2].flatMap((t) => [train("seed3", 32, t, 1.5, 2.5), train("seed3", 128, t, 1.5, 2.5)]),
  ...[1, 2].flatMap((t) => [train("seed2", 32, t, 1.2, 2.0), train("seed2", 128, t, 1.2, 2.0)]),
  ...[1, 2].flatMap((t) => [train("seed0", 32, t, 0.7, 1.2), train("vggblock", 32, t, 0.9, 1.3)]),
  ...[predict("tfjs", "seed3", 32, 2, 3), predict("tfjs", "seed2", 32, 2, 3)],
  ...[predict("ort", "vggblock", 32, 0.8, 1.1), predict("ort", "seed2", 32, 0.5, 0.8)],
  ...[predict("ort", "seed3", 1, 0.7, 1), predict("ort", "seed2", 1, 0.5, 0.8)],
  { ...predict("torch", "matmul", 1, 0.36, 0.45), mode: "train" },
];

// PyTorch is started without settings that tie OpenBLAS to another machine.
function run(command: string, args: string[], threads: number): { ms: number; version?: string } {
  const env: NodeJS.ProcessEnv = { ...process.env, OMP_NUM_THREADS: String(threads), ONNX_DIR: onnx };
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  const output = execFileSync(command, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as { ms: number; version?: string };
}

function command(who: Peer | "handgrad", { model, batch, mode, threads }: Work): { ms: number; version?: string } {
  const args = [model, String(batch), mode, String(threads), values.seconds];
  if (who === "handgrad") return run(node, [`${here}../../out/bench/child.mjs`, ...args], threads);
  if (who === "torch") return run(python, [`${here}peers/torch_peer.py`, ...args], threads);
  return run(process.execPath, [`${here}peers/${who}_peer.mjs`, ...args], threads);
}

function available(peer: Peer): boolean {
  try {
    if (peer === "torch") execFileSync(python, ["-c", "import torch"], { stdio: "ignore" });
    else if (process.env.PEERS === undefined) return false;
    else {
      const folder = { ort: "onnxruntime-node", tfjs: "@tensorflow/tfjs-backend-wasm" }[peer];
      if (!existsSync(`${process.env.PEERS}/node_modules/${folder}`)) return false;
    }
    if (peer === "ort") {
      mkdirSync(onnx, { recursive: true });
      for (const model of ["seed3", "seed2", "vggblock"]) {
        const args = [`${here}peers/torch_peer.py`, model, "1", "export", "1", "1", `${onnx}/${model}.onnx`];
        if (!existsSync(`${onnx}/${model}.onnx`)) execFileSync(python, args, { stdio: "ignore" });
      }
    }
    return true;
  } catch {
    return false;
  }
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const results: object[] = [];
const peers = new Map((["torch", "ort", "tfjs"] as const).map((peer) => [peer, available(peer)]));
const nodeVersion = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
console.log(`handgrad on Node ${nodeVersion}`);
console.log(`peers installed: ${[...peers].map(([peer, there]) => `${peer} ${there ? "yes" : "no"}`).join(", ")}`);
for (const work of WORK.filter((each) => `${each.model} ${each.mode}`.includes(values.only))) {
  if (!peers.get(work.peer)) continue;
  const ours: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  let version = "";
  for (let round = 0; round < Number(values.rounds); round++) {
    const mine = command("handgrad", work);
    const other = command(work.peer, work);
    version = other.version ?? work.peer;
    ours.push(mine.ms);
    theirs.push(other.ms);
    ratios.push(other.ms / mine.ms);
  }
  ratios.sort((a, b) => a - b);
  const ratio = median(theirs) / median(ours);
  const what = `${work.model} ${work.mode} batch ${work.batch}, ${work.threads} thread`;
  const spread = `${ratios[0].toFixed(2)} .. ${ratios[ratios.length - 1].toFixed(2)}`;
  const sps = (ms: number): string =>
    Math.round((work.batch / ms) * 1000)
      .toString()
      .padStart(7);
  console.log(
    `${what.padEnd(38)} ours ${sps(median(ours))}/s  ${version.padEnd(26)} ${sps(median(theirs))}/s  ratio ` +
      `${ratio.toFixed(2)} (${spread})  must ${work.must} goal ${work.goal}`,
  );
  results.push({ ...work, version, oursMs: median(ours), theirsMs: median(theirs), ratio, ratios });
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ node: nodeVersion, results }, null, 1));
