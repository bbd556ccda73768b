// Weights there and back with a live PyTorch and NumPy: npm run roundtrip. For each of the lessons' networks, handgrad writes
// safetensors, .npz and .npy; PyTorch loads them and must give the same answers; then PyTorch writes other weights in four
// number formats, and handgrad must give PyTorch's answers. Needs Debian's python3-torch.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { manualSeed, type Tensor } from "../../src/index.js";
import { decodeNpy, decodeSafetensors, encodeNpy, encodeSafetensors } from "../../src/entries/io.js";
import { decodeNpz, encodeNpz } from "../../src/entries/npz.js";
import { EPS32 } from "../support/close.js";
import { NETWORKS, lessonInput } from "../support/lessons.js";

interface Figures {
  readonly handgrad: number;
  readonly torch: number;
  readonly largest: number;
}

type Name = keyof typeof NETWORKS;

const names = Object.keys(NETWORKS) as Name[];
const folder = fileURLToPath(new URL("../../out/roundtrip/", import.meta.url));
const script = fileURLToPath(new URL("torch_weights.py", import.meta.url));
let failed = 0;

function check(what: string, distance: number, figures: Figures): void {
  const bound = 2 * figures.torch + 8 * EPS32 * figures.largest; // as in test/files/weights.test.ts
  const ok = distance <= bound;
  if (!ok) failed++;
  console.log(`${ok ? "ok  " : "FAIL"} ${what}: ${distance.toExponential(1)} away, ${bound.toExponential(1)} allowed`);
}

function largestDistance(a: Tensor, b: Tensor): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
}

function read(file: string): Uint8Array {
  return readFileSync(folder + file);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of names) {
  manualSeed(1);
  const model = NETWORKS[name]();
  const x = lessonInput(name);
  writeFileSync(`${folder}${name}.safetensors`, encodeSafetensors(model.stateDict(), { format: "pt" }));
  writeFileSync(`${folder}${name}.npz`, encodeNpz(model.stateDict(), { compress: true }));
  writeFileSync(`${folder}${name}.x.npy`, encodeNpy(x));
  writeFileSync(`${folder}${name}.y.npy`, encodeNpy(model.predict(x)));
}

// Debian's PyTorch finds its own kernels, whatever the machine sets for other programs.
const env = { ...process.env };
for (const name of ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]) delete env[name];
const output = execFileSync("/usr/bin/python3", [script, folder], { env, encoding: "utf8" });
const { versions, figures } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as {
  versions: string;
  figures: Record<string, Figures>; // by network, and by network and format
};
console.log(versions);
for (const name of names) check(`${name}, handgrad -> PyTorch`, figures[name].handgrad, figures[name]);

for (const name of names) {
  for (const format of ["F32", "F16", "BF16", "F64"]) {
    const expected = decodeNpy(read(`${name}.${format}.y.npy`)).tensor;
    const { tensors, dtypes } = decodeSafetensors(read(`${name}.${format}.safetensors`));
    if (!Object.values(dtypes).every((dtype) => dtype === format)) throw new Error(`${name}: not all are ${format}`);
    const archive = decodeNpz(read(`${name}.${format}.npz`)).tensors;
    for (const [from, state] of Object.entries({ safetensors: tensors, npz: archive })) {
      const model = NETWORKS[name]();
      model.loadStateDict(state);
      const distance = largestDistance(model.predict(lessonInput(name)), expected);
      check(`${name}, PyTorch ${format} (${from}) -> handgrad`, distance, figures[`${name}.${format}`]);
    }
  }
}
console.log(failed === 0 ? "All round trips agree." : `${failed} round trips failed`);
process.exitCode = failed === 0 ? 0 : 1;
