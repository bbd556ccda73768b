// 09: a training run that stops in the middle and goes on as if it had not. Small and offline.
//
//   npx tsx examples/09-checkpoints.ts [folder]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Adam, CrossEntropy, Dropout, Linear, ReLU, Sequential, accuracy, manualSeed, randn } from "handgrad";
import { batches } from "handgrad/data";
import { openCheckpoints, type Checkpoints } from "handgrad/io";

const EPOCHS = 6;

// Points inside and outside of a circle.
const points = randn([200, 2], { seed: 1 });
const labels = Int32Array.from({ length: 200 }, (_, i) => (points.at(i, 0) ** 2 + points.at(i, 1) ** 2 < 1.4 ? 1 : 0));

// Everything that holds state, built in the same way each time. The seed may be another one: a checkpoint brings its own.
function build(seed: number) {
  manualSeed(seed);
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Dropout(0.2), new Linear(32, 2));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  return { model, optimizer, batches: batches(points, labels, { size: 32, shuffle: true }) };
}

// Trains until the end or until `stopAfter` steps; saves after each epoch, and where it stops.
async function train(run: ReturnType<typeof build>, checkpoints: Checkpoints, stopAfter = Infinity): Promise<number[]> {
  const { model, optimizer, batches: data } = run;
  const loss = new CrossEntropy();
  const found = await checkpoints.restore<number>(run); // null where there is nothing to go on from
  const losses = found?.history ?? [];
  if (found !== null)
    console.log(`going on from ${found.name}: epoch ${data.position.epoch}, batch ${data.position.batch}`);
  while (data.position.epoch < EPOCHS) {
    for (const [x, y] of data) {
      losses.push(loss.forward(model.forward(x), y));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      if (losses.length === stopAfter) {
        checkpoints.saveSync({ ...run, history: losses });
        return losses;
      }
    }
    checkpoints.saveSync({ ...run, history: losses, metric: accuracy(model.predict(points), labels) });
  }
  return losses;
}

const given = process.argv[2];
const folder = given ?? mkdtempSync(join(tmpdir(), "handgrad-"));

const whole = build(1);
const wholeLosses = await train(whole, await openCheckpoints(join(folder, "whole"), { best: "max" }));

const place = join(folder, "stopped");
const first = await train(build(1), await openCheckpoints(place, { best: "max" }), 17);
console.log(`stopped after ${first.length} of ${wholeLosses.length} steps`);

// Another process would begin here.
const resumed = build(99);
const checkpoints = await openCheckpoints(place, { best: "max" });
const losses = await train(resumed, checkpoints);
console.log("kept:", (await checkpoints.list()).map(({ name, best }) => (best ? `${name} (best)` : name)).join(", "));

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));
const weights = Object.entries(whole.model.stateDict());
const equal =
  same(losses, wholeLosses) && weights.every(([name, { data }]) => same(data, resumed.model.stateDict()[name].data));
console.log(equal ? "Losses and weights are the same, bit for bit." : "Losses or weights differ.");
if (given === undefined) rmSync(folder, { recursive: true });
