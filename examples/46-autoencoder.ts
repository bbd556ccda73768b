// An autoencoder: 28 x 28 pixels through eight numbers and back. What it cannot say with eight numbers it leaves out; and because the
// numbers of similar pictures are similar, one can walk from one picture to another.
// Run with: npx tsx examples/46-autoencoder.ts
import {
  Adam,
  Conv2d,
  Flatten,
  Generator,
  Linear,
  manualSeed,
  MaxPool2d,
  MSE,
  ReLU,
  Sequential,
  Tensor,
  Unflatten,
  Upsample,
} from "handgrad";

const SIZE = 28;
const CODE = 8;
const STEPS = 1000;
const BATCH = 32;

/** Rings and crosses of drawn place, size and width. */
function draw(generator: Generator, count: number): Tensor {
  const images = new Tensor(new Float32Array(count * SIZE * SIZE), [count, 1, SIZE, SIZE]);
  for (let image = 0; image < count; image++) {
    const isRing = generator.integer(2) === 0;
    const [x, y] = [9 + generator.integer(10), 9 + generator.integer(10)];
    const [radius, width] = [5 + generator.integer(4), 1 + generator.integer(2)];
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        const [dx, dy] = [Math.abs(column - x), Math.abs(row - y)];
        const isOnRing = Math.abs(Math.sqrt(dx * dx + dy * dy) - radius) <= width;
        const isOnCross = Math.min(dx, dy) <= width - 1 && Math.max(dx, dy) <= radius;
        if (isRing ? isOnRing : isOnCross) images.data[(image * SIZE + row) * SIZE + column] = 1;
      }
    }
  }
  return images;
}

manualSeed(1);
const encoder = new Sequential(
  new Conv2d(1, 8, 3, { padding: 1 }),
  new ReLU(),
  new MaxPool2d(2),
  new Conv2d(8, 16, 3, { padding: 1 }),
  new ReLU(),
  new MaxPool2d(2),
  new Flatten(),
  new Linear(16 * 7 * 7, 64),
  new ReLU(),
  new Linear(64, CODE),
);
const decoder = new Sequential(
  new Linear(CODE, 64),
  new ReLU(),
  new Linear(64, 16 * 7 * 7),
  new ReLU(),
  new Unflatten(1, [16, 7, 7]),
  new Upsample({ scaleFactor: 2 }),
  new Conv2d(16, 8, 3, { padding: 1 }),
  new ReLU(),
  new Upsample({ scaleFactor: 2 }),
  new Conv2d(8, 1, 3, { padding: 1 }),
);
const model = new Sequential(["encoder", encoder], ["decoder", decoder]);

const generator = new Generator("draw", { seed: 2 });
const test = draw(generator, 64);
const loss = new MSE();
const optimizer = new Adam(model.parameters(), { lr: 0.003 });
const mean = test.data.reduce((sum, value) => sum + value, 0) / test.size;
console.log(`a picture of nothing but the mean: ${(mean * (1 - mean)).toFixed(4)}`);
for (let step = 1; step <= STEPS; step++) {
  const images = draw(generator, BATCH);
  const error = loss.forward(model.forward(images), images);
  optimizer.zeroGrad();
  model.backward(loss.backward(), { inputGrad: false });
  optimizer.step();
  if (step % 250 === 0) console.log(`step ${step}: mean squared error ${error.toFixed(4)}`);
}
console.log(`unseen pictures: mean squared error ${loss.forward(model.predict(test), test).toFixed(4)}`);

// Halfway between two pictures: the mean of their codes, decoded.
const codes = encoder.predict(test);
const steps = [0, 0.25, 0.5, 0.75, 1];
const walk = new Tensor(
  Float32Array.from({ length: steps.length * CODE }, (_, i) => {
    const [t, k] = [steps[Math.floor(i / CODE)], i % CODE];
    return (1 - t) * codes.data[k] + t * codes.data[CODE + k];
  }),
  [steps.length, CODE],
);
const pictures = decoder.predict(walk);
const shades = " .:-=+*#%@";
for (let row = 0; row < SIZE; row += 2) {
  const line = steps.map((_, i) => {
    const start = (i * SIZE + row) * SIZE;
    return Array.from(
      pictures.data.subarray(start, start + SIZE),
      (value) => shades[Math.max(0, Math.min(9, Math.round(9 * value)))],
    ).join("");
  });
  console.log(line.join(" "));
}
