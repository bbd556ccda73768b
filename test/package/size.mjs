// How many bytes an app downloads: the kernels of both modules, and a minified bundle that trains a CNN, both after gzip, held against
// limits; and what trainInWorker adds. `npm run size` after a build; the last line is "N passed, N failed".
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LIMITS = { kernels: 19_600, kit: 8_000, app: 51_600, trainInWorker: 9_000 }; // bytes
const NAMES = "Tensor, Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Linear, Dropout, CrossEntropy, Adam";

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

// `outdir`: with chunks of their own for what is loaded later; only the first file counts.
async function bundle(more = "", options = {}) {
  const contents = `import { ${NAMES} } from "handgrad"; ${more} globalThis.app = { ${NAMES} };`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    ...{
      logLevel: "error",
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2022",
    },
    ...options,
  });
  return Buffer.from(outputFiles[0].contents);
}

const app = await bundle();
// An app that trains in a worker alone, beside one that only makes batches.
const split = { splitting: true, outdir: `${root}out/size` };
const BATCHES = `import { batches } from "handgrad/data"; globalThis.batches = batches;`;
const worker = `${BATCHES} import { trainInWorker } from "handgrad/worker"; globalThis.train = trainInWorker;`;
const [without, withWorker] = [await bundle(BATCHES, split), await bundle(worker, split)];
const read = (name) => readFileSync(`${root}out/${name}.wasm`);
const sizes = {
  kernels: [read("kernels").length, gzipped(read("kernels"))],
  kit: [read("kit").length, gzipped(read("kit"))],
  app: [app.length, gzipped(app)],
  trainInWorker: [withWorker.length - without.length, gzipped(withWorker) - gzipped(without)],
};
let failed = 0;
for (const [name, [length, size]] of Object.entries(sizes)) {
  const fits = size <= LIMITS[name];
  if (!fits) failed++;
  console.log(`${fits ? "ok  " : "FAIL"} ${name}: ${length} bytes, ${size} gzipped, limit ${LIMITS[name]}`);
}
console.log(`${4 - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
