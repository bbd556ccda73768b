// What it costs that fit lets others run every 16 ms: the time of an epoch with it and without (yieldEvery far away), in turns, and of the
// loop that everybody writes. `npm run bench:yielding [-- --rounds 9]`, after a build, on a quiet machine.
import { parseArgs } from "node:util";
import { Adam, CrossEntropy, manualSeed } from "handgrad";
import { batches } from "handgrad/data";
import { fit } from "handgrad/train";
import { digits, lessonFour } from "./lessonFour.js";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });
const { x, y } = digits(4096);

async function byFit(yieldEvery: number): Promise<void> {
  const model = lessonFour();
  const data = batches(x, y, { size: 64, shuffle: true });
  await fit(model, data, {
    optimizer: new Adam(model.parameters()),
    epochs: 1,
    yieldEvery,
    nanGuard: false,
    batchHistory: false,
  });
}

function plain(): void {
  const model = lessonFour();
  const [loss, optimizer] = [new CrossEntropy(), new Adam(model.parameters())];
  for (const [images, labels] of batches(x, y, { size: 64, shuffle: true })) {
    loss.forward(model.forward(images), labels);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
}

const ways: readonly (readonly [name: string, run: () => unknown])[] = [
  ["the plain loop", plain],
  ["fit, never yielding", () => byFit(1_000_000)],
  ["fit, yielding every 16 ms", () => byFit(16)],
];
const times = ways.map((): number[] => []);
for (let round = -1; round < Number(values.rounds); round++) {
  for (const [i, [, run]] of ways.entries()) {
    manualSeed(1);
    const began = performance.now();
    await run();
    if (round >= 0) times[i].push(performance.now() - began);
  }
}
const medians = times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
ways.forEach(([name], i) => {
  const more = (100 * (medians[i] / medians[1] - 1)).toFixed(1);
  console.log(`${name.padEnd(28)} ${medians[i].toFixed(0).padStart(6)} ms an epoch of 4,096   ${more} %`);
});
