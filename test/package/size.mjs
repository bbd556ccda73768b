// How many bytes an app downloads: the kernels of both modules, and minified bundles of apps, all after gzip, held against limits.
// `npm run size` after a build; the last line is "N passed, N failed".
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const CNN = "Tensor, Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Linear, Dropout, CrossEntropy, Adam";

// Names that an app imports from an entry, and the most bytes that its bundle may have.
const APPS = {
  "one tensor": { names: "Tensor", from: "handgrad", limit: 6_000 },
  "an app that trains a CNN": { names: CNN, from: "handgrad", limit: 51_600 },
  "an app that predicts with a model file": { names: "loadModel", from: "handgrad/predict", limit: 30_000 },
  "the same with the kit": { names: "loadModel, kit", from: "handgrad/predict", limit: 45_500 },
  "the plain backend, loaded where it is needed": { names: "plain", from: "handgrad/plain", limit: 7_000 },
};
const MODULES = { kernels: 19_600, kit: 8_000 };
const WORKER_LIMIT = 9_000;

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

// `outdir`: with chunks of their own for what is loaded later; only the first file counts.
async function bundle(imports, more = {}) {
  const contents = imports
    .map(({ names, from }, i) => `import { ${names} } from "${from}"; globalThis.app${i} = { ${names} };`)
    .join("\n");
  const options = { bundle: true, minify: true, write: false, format: "esm", platform: "browser", target: "es2022" };
  const { outputFiles } = await build({
    ...{ stdin: { contents, resolveDir: root }, logLevel: "error", ...options },
    ...more,
  });
  return Buffer.from(outputFiles[0].contents);
}

const sizes = [];
const add = (name, length, size, limit) => sizes.push({ name, length, size, limit });
for (const [name, limit] of Object.entries(MODULES)) {
  const bytes = readFileSync(`${root}out/${name}.wasm`);
  add(name, bytes.length, gzipped(bytes), limit);
}
for (const [name, app] of Object.entries(APPS)) {
  const bytes = await bundle([app]);
  add(name, bytes.length, gzipped(bytes), app.limit);
}
// An app that makes a model and batches and trains in a worker, beside one that does not train.
const split = { splitting: true, outdir: `${root}out/size` };
const app = [{ names: CNN, from: "handgrad" }, { names: "batches", from: "handgrad/data" }]; // prettier-ignore
const [without, withWorker] = await Promise.all(
  [app, [...app, { names: "trainInWorker", from: "handgrad/worker" }]].map((list) => bundle(list, split)),
);
add("trainInWorker", withWorker.length - without.length, gzipped(withWorker) - gzipped(without), WORKER_LIMIT);

const failed = sizes.filter(({ size, limit }) => size > limit).length;
for (const { name, length, size, limit } of sizes) {
  console.log(`${size <= limit ? "ok  " : "FAIL"} ${name}: ${length} bytes, ${size} gzipped, limit ${limit}`);
}
console.log(`${sizes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
