// Makes what a worker thread runs (src/backend/wasm/runtime/worker.ts) a text: in a TypeScript module, to start threads from
// wherever a bundler puts the library, and as the file that the package holds for pages whose policy wants one.
// `npm run build:kernels`, after the kernels; the output is not committed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build as bundle, transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const runtime = "src/backend/wasm/runtime";
const read = (path) => readFileSync(root + path, "utf8");
const source = read(`${runtime}/worker.ts`);

// A thread counts only if it is of the same build: the same version, kernels and worker.
const { version } = JSON.parse(read("package.json"));
const texts = ["src/backend/wasm/kernels.generated.ts", "src/backend/wasm/kit/kernels.generated.ts"].map(read);
const hash = createHash("sha256").update(texts.join()).update(source).digest("hex");
const build = `${version}-${hash.slice(0, 12)}`;

// iife: the same text runs as a module, as a classic script, and in Node with `eval: true`, and leaves no names behind.
const { code } = await transform(source, {
  loader: "ts",
  format: "iife",
  target: "es2022",
  minify: true,
  define: { HANDGRAD_BUILD: JSON.stringify(build) },
});
const text = code.trim();
write(
  `${runtime}/worker.generated.ts`,
  `// Made by scripts/build-worker.mjs from worker.ts.\n` +
    `export const WORKER_BUILD: string = ${JSON.stringify(build)};\n` +
    `export const WORKER_TEXT: string =\n  ${JSON.stringify(text)};\n`,
);
mkdirSync(`${root}out`, { recursive: true });
write("out/handgrad-kernel-thread.js", `// A kernel thread of handgrad ${version}, started by setThreads.\n${text}\n`);

// What a worker of a DataLoader runs, bundled with the transforms.
const loader = "src/data/loader";
const { outputFiles } = await bundle({
  entryPoints: [`${root}${loader}/worker.ts`],
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  minify: true,
  keepNames: false,
  logLevel: "error",
});
write(
  `${loader}/worker.generated.ts`,
  `// Made by scripts/build-worker.mjs from worker.ts.\nexport const LOADER_WORKER_TEXT: string =\n` +
    `  ${JSON.stringify(outputFiles[0].text.trim())};\n`,
);

write("out/handgrad-data-worker.js", `// A worker of handgrad's DataLoader.\n${outputFiles[0].text.trim()}\n`);

// What a worker of trainInWorker runs: all of the package that can train. It is a classic script, whose address is that of its scope.
const training = await bundle({
  entryPoints: [`${root}src/worker/worker.ts`],
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  minify: true,
  logLevel: "error",
  define: { "import.meta.url": "self.location.href" },
});
const trainingText = training.outputFiles[0].text.trim();
write(
  `src/worker/worker.generated.ts`,
  `// Made by scripts/build-worker.mjs from worker.ts.\nexport const TRAINING_WORKER_TEXT: string =\n` +
    `  ${JSON.stringify(trainingText)};\n`,
);
write("out/handgrad-training-worker.js", `// A training worker of handgrad ${version}.\n${trainingText}\n`);

function write(path, content) {
  if (!existsSync(root + path) || read(path) !== content) writeFileSync(root + path, content);
}
