// Compiles the AssemblyScript kernels to WebAssembly and writes the bytes as base64 into a TypeScript module.
// `npm run build:kernels`; the output is not committed.
import { mkdirSync, readFileSync, statSync, writeFileSync, readdirSync, existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = "src/backend/wasm/assembly";
const output = "src/backend/wasm/kernels.generated.ts";
const options = [
  ...["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--importMemory", "--sharedMemory", "--maximumMemory", "16384"], // 1 GiB, see instance.ts
  ...["--enable", "simd", "--enable", "threads", "--disable", "mutable-globals", "--use", "abort="],
];

const inputs = [...readdirSync(root + source).map((name) => `${source}/${name}`), "scripts/build-kernels.mjs"];
const newest = Math.max(...inputs.map((path) => statSync(root + path).mtimeMs));
if (!process.argv.includes("--force") && existsSync(root + output) && statSync(root + output).mtimeMs > newest) {
  process.exit(0);
}

mkdirSync(root + "out", { recursive: true });
const result = await asc.main(
  [
    `${source}/index.ts`,
    "--outFile",
    "out/kernels.wasm",
    "--textFile",
    "out/kernels.wat",
    "--baseDir",
    root,
    ...options,
  ],
  { stdout: process.stdout, stderr: process.stderr },
);
if (result.error) {
  console.error(String(result.error));
  process.exit(1);
}
const bytes = readFileSync(root + "out/kernels.wasm");
writeFileSync(
  root + output,
  `// Made by scripts/build-kernels.mjs from ${source}.\nexport const KERNELS_BASE64: string =\n  "${bytes.toString("base64")}";\n`,
);
console.log(`kernels: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
