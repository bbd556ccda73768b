// 08: weights travel. Load what PyTorch wrote, answer as PyTorch does, write files that PyTorch and NumPy read.
//
//   npm run build && npx tsx examples/08-weights.ts [FOLDER]
//
// FOLDER is where the files go (a temporary one if it is left out).
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Conv2d, Dropout, Flatten, FormatError, Linear, MaxPool2d, ReLU, Sequential, Tensor } from "handgrad";
import { decodeNpy, decodeSafetensors, encodeNpy, encodeSafetensors } from "handgrad/io";
import { decodeNpz, encodeNpz } from "handgrad/npz";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "handgrad-weights-"));
mkdirSync(folder, { recursive: true });

// Lesson 4's network. PyTorch has built the same one from the same list, and wrote its state dict (test/fixtures/weights).
const model = new Sequential(
  new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }),
  new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }),
  new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10),
); // prettier-ignore

const fixtures = new URL("../test/fixtures/weights/", import.meta.url);
const fromPyTorch = readFileSync(new URL("lesson4.safetensors", fixtures));
const { tensors, dtypes, metadata } = decodeSafetensors(fromPyTorch);
console.log("From PyTorch:", metadata);
for (const [name, { shape }] of Object.entries(tensors)) console.log(`  ${name.padEnd(10)} ${dtypes[name]} [${shape}]`);
model.loadStateDict(tensors); // names and shapes are checked; after an error nothing has changed

// The same four images as there, made by arithmetic, and the answers that PyTorch gave.
const images = new Tensor(
  Float32Array.from({ length: 4 * 28 * 28 }, (_, i) => ((i * i + 7 * i) % 256) / 255),
  [4, 1, 28, 28],
);
const answers = JSON.parse(readFileSync(new URL("weights.json", fixtures), "utf8")) as {
  readonly lesson4: { readonly answers: number[] };
};
const logits = model.predict(images);
const away = logits.data
  .map((logit, i) => Math.abs(logit - answers.lesson4.answers[i]))
  .reduce((a, b) => Math.max(a, b));
console.log(`Our answers are at most ${away.toExponential(1)} away from PyTorch's in float64.`);

// And back: safetensors for PyTorch, .npz and .npy for NumPy.
const written = encodeSafetensors(model.stateDict(), { format: "pt" });
writeFileSync(join(folder, "digits.safetensors"), written);
writeFileSync(join(folder, "digits.npz"), encodeNpz(model.stateDict(), { compress: true }));
writeFileSync(join(folder, "logits.npy"), encodeNpy(logits));
console.log(`Wrote digits.safetensors, digits.npz and logits.npy to ${folder}.`);
console.log("Same bytes as PyTorch's file:", Buffer.compare(written, fromPyTorch) === 0);
const again = decodeNpz(readFileSync(join(folder, "digits.npz"))).tensors["7.weight"];
console.log("Read back:", again.shape, decodeNpy(readFileSync(join(folder, "logits.npy"))).tensor.shape);

// A download that broke off is refused as a whole.
try {
  decodeSafetensors(written.subarray(0, 100_000));
} catch (error) {
  if (!(error instanceof FormatError)) throw error;
  console.log(error.message);
}
