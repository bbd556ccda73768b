// A denoising U-Net: shapes drawn at random, noise on top, and a graph that learns to take it away. It has skip connections, so that
// edges stay where they are.
// Run with: npx tsx examples/45-denoising-unet.ts
import {
  Adam,
  Concat,
  Conv2d,
  Generator,
  Graph,
  type Layer,
  manualSeed,
  MaxPool2d,
  MSE,
  normal,
  ReLU,
  Sequential,
  Subtract,
  Tensor,
  Upsample,
} from "handgrad";

const SIZE = 32;
const NOISE = 0.4; // standard deviation; the shapes are 1 on 0
const STEPS = 150;
const BATCH = 16;

/** Images with one to three discs and bars, and the same with noise. */
function draw(generator: Generator, count: number): { clean: Tensor; noisy: Tensor } {
  const clean = new Tensor(new Float32Array(count * SIZE * SIZE), [count, 1, SIZE, SIZE]);
  for (let image = 0; image < count; image++) {
    for (let shapes = 1 + generator.integer(3); shapes > 0; shapes--) {
      const isDisc = generator.integer(2) === 0;
      const [x, y] = [generator.integer(SIZE), generator.integer(SIZE)];
      const [a, b] = [3 + generator.integer(7), 3 + generator.integer(7)];
      for (let row = 0; row < SIZE; row++) {
        for (let column = 0; column < SIZE; column++) {
          const [dx, dy] = [(column - x) / a, (row - y) / b];
          const isInside = isDisc ? dx * dx + dy * dy < 1 : Math.abs(dx) < 1 && Math.abs(dy) < 0.4;
          if (isInside) clean.data[(image * SIZE + row) * SIZE + column] = 1;
        }
      }
    }
  }
  const noisy = new Tensor(
    clean.data.map((value) => value + NOISE * normal(generator)),
    clean.shape,
  );
  return { clean, noisy };
}

manualSeed(1);
const conv = (from: number, to: number): Layer => new Sequential(new Conv2d(from, to, 3, { padding: 1 }), new ReLU());

// Down twice, up twice, and beside what comes up what was there on the way down. It learns the noise; what is left is the image.
const unet = new Graph([
  ["enc1", conv(1, 8)],
  ["enc2", new Sequential(new MaxPool2d(2), conv(8, 16))],
  ["low", new Sequential(new MaxPool2d(2), conv(16, 32), new Upsample({ scaleFactor: 2 }))],
  ["cat2", new Concat(), "low", "enc2"],
  ["dec2", new Sequential(conv(48, 16), new Upsample({ scaleFactor: 2 }))],
  ["cat1", new Concat(), "dec2", "enc1"],
  ["dec1", conv(24, 8)],
  ["noise", new Conv2d(8, 1, 3, { padding: 1 })],
  ["clean", new Subtract(), "x", "noise"],
]);
console.log(String(unet.summary([1, SIZE, SIZE])));

const generator = new Generator("draw", { seed: 2 });
const test = draw(generator, 32);
const loss = new MSE();
const optimizer = new Adam(unet.parameters(), { lr: 0.003 });
const before = loss.forward(test.noisy, test.clean);
for (let step = 1; step <= STEPS; step++) {
  const { clean, noisy } = draw(generator, BATCH);
  const error = loss.forward(unet.forward(noisy), clean);
  optimizer.zeroGrad();
  unet.backward(loss.backward(), { inputGrad: false });
  optimizer.step();
  if (step % 50 === 0) console.log(`step ${step}: mean squared error ${error.toFixed(4)}`);
}

const denoised = unet.predict(test.noisy);
const after = loss.forward(denoised, test.clean);
console.log(
  `unseen images: ${before.toFixed(4)} with noise, ${after.toFixed(4)} without (${(before / after).toFixed(0)} times less)`,
);

// One image, as text: with noise, denoised, and as it was.
const shades = " .:-=+*#%@";
for (let row = 0; row < SIZE; row += 2) {
  const line = [test.noisy, denoised, test.clean].map((images) => {
    const pixels = images.data.subarray(row * SIZE, (row + 1) * SIZE);
    return Array.from(pixels, (value) => shades[Math.max(0, Math.min(9, Math.round(9 * value)))]).join("");
  });
  console.log(line.join("   "));
}
