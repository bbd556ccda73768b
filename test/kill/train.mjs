// A short training run that saves after every batch, to be killed: node train.mjs DIGITS FOLDER THREADS. It goes on from the
// latest checkpoint of the folder if there is one. On standard output it says by single letters what it is doing, so that the
// parent knows what a kill has hit, and at the end its digests.
// KILL_AT=PHASE:N kills the process itself in that phase of the N-th save.
import { createHash } from "node:crypto";
import fs from "node:fs";
import {
  Adam,
  Conv2d,
  CrossEntropy,
  Dropout,
  Dropout2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Tensor,
  manualSeed,
} from "handgrad";
import { batches } from "handgrad/data";
import { encodeCheckpoint, openCheckpoints } from "handgrad/io";
import { setThreads } from "handgrad/threads";

const EPOCHS = 5;
const [digits, folder, threads] = process.argv.slice(2);
const [killPhase, killSave] = (process.env.KILL_AT ?? ":0").split(":");
let saves = 0;

const say = (text) => fs.writeSync(1, text);
const enter = (phase, letter) => {
  say(letter);
  if (phase === killPhase && saves === Number(killSave)) process.kill(process.pid, "SIGKILL");
};
const { writeFileSync, fsyncSync, renameSync, rmSync } = fs;
let renamed = false;
fs.writeFileSync = (file, bytes) => {
  enter("write", "w");
  if (killPhase !== "half" || saves !== Number(killSave)) return writeFileSync(file, bytes);
  writeFileSync(file, bytes.subarray(0, bytes.length / 2));
  return enter("half", "w");
};
fs.fsyncSync = (file) => {
  enter(renamed ? "syncFolder" : "sync", renamed ? "g" : "f");
  return fsyncSync(file);
};
fs.renameSync = (from, to) => {
  enter("rename", "r");
  renameSync(from, to);
  renamed = true;
};
fs.rmSync = (path, options) => {
  enter("delete", "d");
  return rmSync(path, options);
};

manualSeed(Number(process.env.SEED ?? 1)); // a resumed run is given another one: it must not matter
await setThreads(Number(threads));
const model = new Sequential(
  ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }), new Dropout2d(0.1)],
  ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
  ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
);
const optimizer = new Adam(model.parameters());
const bytes = fs.readFileSync(digits); // a label and 28 x 28 levels for each digit
const count = bytes.length / 785;
const x = new Tensor(new Float32Array(count * 784), [count, 1, 28, 28]);
const labels = new Int32Array(count);
for (let i = 0; i < count; i++) {
  labels[i] = bytes[i * 785];
  for (let k = 0; k < 784; k++) x.data[i * 784 + k] = bytes[i * 785 + 1 + k] / 255;
}
const data = batches(x, labels, { size: 32, shuffle: true });
const run = { model, optimizer, batches: data };
const checkpoints = await openCheckpoints(folder, { keep: 2, best: "min" });
const found = await checkpoints.restore(run);
const history = found?.history ?? [];
const loss = new CrossEntropy();

function save(metric) {
  saves++;
  say("S");
  renamed = false;
  checkpoints.saveSync(metric === undefined ? { ...run, history } : { ...run, history, metric });
  say("s");
}

if (found === null) save();
say("B");
while (data.position.epoch < EPOCHS) {
  for (const [images, targets] of data) {
    const value = loss.forward(model.forward(images), targets);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
    history.push(value);
    save(data.position.batch === data.length ? value : undefined);
  }
}
const digest = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest("hex").slice(0, 16);
};
const weights = digest(...Object.values(model.stateDict()).map((tensor) => tensor.data));
const state = digest(encodeCheckpoint({ ...run, history }));
say(`E\n${JSON.stringify({ weights, state, steps: history.length, from: found?.name ?? null })}\n`);
process.exit(0);
