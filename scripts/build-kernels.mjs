// Compiles the AssemblyScript kernels to WebAssembly and writes the bytes as a text into a TypeScript module.
// `npm run build:kernels`; the output is not committed.
import { mkdirSync, readFileSync, statSync, writeFileSync, readdirSync, existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = "src/backend/wasm/assembly";
const output = "src/backend/wasm/kernels.generated.ts";
const options = [
  ...["--optimizeLevel", "3", "--shrinkLevel", "1", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--importMemory", "--sharedMemory", "--maximumMemory", "16384"], // 1 GiB, see instance.ts
  ...["--disableWarning", "112"], // a function of one file gives v128 to another; the module exports none such
  ...["--enable", "simd", "--enable", "threads", "--disable", "mutable-globals", "--use", "abort="],
];

const sources = readdirSync(root + source, { recursive: true }).map((name) => `${source}/${name}`);
const inputs = [...sources, "scripts/build-kernels.mjs"];
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
const { letters, values, text } = encode(bytes);
writeFileSync(
  root + output,
  `// Made by scripts/build-kernels.mjs from ${source}; decode.ts tells how to read it.\n` +
    `export const KERNEL_LETTERS: string = ${JSON.stringify(letters)};\n` +
    `export const KERNEL_VALUES: string = "${values}";\nexport const KERNEL_TEXT: string =\n  "${text}";\n`,
);
console.log(`kernels: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);

// Text that packs as well as the bytes themselves (base64 would take half as much again, because its letters straddle the
// bytes): a letter for each of the most frequent bytes, and one of two first letters with a second one for the others.
function encode(bytes) {
  const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
    (c) => !"\"$'<\\`".includes(c),
  );
  const single = letters.length - 2;
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const frequent = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b).slice(0, single);
  const others = [...counts.keys()].filter((byte) => !frequent.includes(byte));
  const codes = [];
  frequent.forEach((byte, i) => (codes[byte] = letters[i]));
  others.forEach((byte, i) => {
    codes[byte] = letters[single + Math.floor(i / letters.length)] + letters[i % letters.length];
  });
  const values = frequent.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { letters: letters.join(""), values, text: Array.from(bytes, (byte) => codes[byte]).join("") };
}
