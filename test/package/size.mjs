// How many bytes an app downloads: the kernels of both modules, and a minified bundle that trains a CNN, both after gzip, held against
// limits. `npm run size` after a build; the last line is "N passed, N failed".
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LIMITS = { kernels: 19_600, kit: 8_000, app: 51_600 }; // bytes
const NAMES = "Tensor, Sequential, Conv2d, ReLU, MaxPool2d, Flatten, Linear, Dropout, CrossEntropy, Adam";

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

async function bundle() {
  const contents = `import { ${NAMES} } from "handgrad"; globalThis.app = { ${NAMES} };`;
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
  });
  return Buffer.from(outputFiles[0].contents);
}

const app = await bundle();
const read = (name) => readFileSync(`${root}out/${name}.wasm`);
const sizes = { kernels: read("kernels"), kit: read("kit"), app };
let failed = 0;
for (const [name, bytes] of Object.entries(sizes)) {
  const size = gzipped(bytes);
  const fits = size <= LIMITS[name];
  if (!fits) failed++;
  console.log(`${fits ? "ok  " : "FAIL"} ${name}: ${bytes.length} bytes, ${size} gzipped, limit ${LIMITS[name]}`);
}
console.log(`${3 - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
