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
  "an app that trains a CNN": { names: CNN, from: "handgrad", limit: 49_800 },
  "an app that predicts with a model file": { names: "loadModel", from: "handgrad/predict", limit: 30_000 },
  "the same with the kit": { names: "loadModel, kit", from: "handgrad/predict", limit: 43_000 },
  "the plain backend, loaded where it is needed": { names: "plain", from: "handgrad/plain", limit: 7_000 },
};
const MODULES = { kernels: 18_100, kit: 8_000 };

async function bundle({ names, from }) {
  const contents = `import { ${names} } from "${from}"; globalThis.app = { ${names} };`;
  const options = { bundle: true, minify: true, write: false, format: "esm", platform: "browser", target: "es2022" };
  const { outputFiles } = await build({ stdin: { contents, resolveDir: root }, logLevel: "error", ...options });
  return Buffer.from(outputFiles[0].contents);
}

const sizes = Object.entries(MODULES).map(([name, limit]) => [name, readFileSync(`${root}out/${name}.wasm`), limit]);
for (const [name, app] of Object.entries(APPS)) sizes.push([name, await bundle(app), app.limit]);
let failed = 0;
for (const [name, bytes, limit] of sizes) {
  const size = gzipSync(bytes, { level: 9 }).length;
  if (size > limit) failed++;
  console.log(`${size <= limit ? "ok  " : "FAIL"} ${name}: ${bytes.length} bytes, ${size} gzipped, limit ${limit}`);
}
console.log(`${sizes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
