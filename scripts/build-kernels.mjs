// Compiles the AssemblyScript kernels to WebAssembly. Writes the bytes as a text into one TypeScript module, and the types of
// what the module exports into another. `npm run build:kernels`; the output is not committed.
import { mkdirSync, readFileSync, statSync, writeFileSync, readdirSync, existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = "src/backend/wasm/assembly";
const output = "src/backend/wasm/kernels.generated.ts";
const typesOutput = "src/backend/wasm/assembly.generated.ts";
const options = [
  ...["--optimizeLevel", "3", "--shrinkLevel", "1", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--importMemory", "--sharedMemory", "--maximumMemory", "16384"], // 1 GiB, see instance.ts
  ...["--disableWarning", "112"], // a function of one file gives v128 to another; the module exports none such
  ...["--enable", "simd", "--enable", "threads", "--disable", "mutable-globals", "--use", "abort="],
];

// What a field of a record may be (assembly/record.ts): its type in the glue, and the mark that runtime/record.ts knows.
const KINDS = {
  i32: { type: "number", mark: "" },
  f64: { type: "number", mark: "#" },
  Room: { type: "number", mark: "" },
  Flag: { type: "boolean", mark: "" },
  In: { type: "Input", mark: ">" },
  Out: { type: "Output", mark: "<" },
  InOut: { type: "Output", mark: "=" },
};

const sources = readdirSync(root + source, { recursive: true }).map((name) => `${source}/${name}`);
const inputs = [...sources, "scripts/build-kernels.mjs"];
const newest = Math.max(...inputs.map((path) => statSync(root + path).mtimeMs));
const upToDate = [output, typesOutput].every(
  (path) => existsSync(root + path) && statSync(root + path).mtimeMs > newest,
);
if (!process.argv.includes("--force") && upToDate) process.exit(0);

mkdirSync(root + "out", { recursive: true });
let program;
let parts;
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
  {
    stdout: process.stdout,
    stderr: process.stderr,
    transforms: [
      {
        afterInitialize: (initialized) => void (program = initialized),
        afterCompile(module) {
          parts = exportsOf(program);
          fillTable(module, parts.kernels);
        },
      },
    ],
  },
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
writeFileSync(root + typesOutput, typesOf(parts));
console.log(`kernels: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);

// Kernels are the exports (record, chunk, scratch) -> nothing; all others are functions of numbers that the glue calls.
function exportsOf({ filesByName }) {
  const kernels = [];
  const functions = [];
  const visit = (file) => {
    for (const [name, element] of file.exports ?? []) {
      const [instance] = element.instances.values();
      const { parameterTypes, returnType } = instance.signature;
      const types = parameterTypes.map(String);
      const record = parameterTypes[0]?.classReference;
      const path = file.internalName.slice(source.length + 1);
      const isKernel = record && types.slice(1).join() === "i32,usize" && String(returnType) === "void";
      if (isKernel) kernels.push({ name, path, internal: instance.internalName, record: recordOf(record) });
      else functions.push({ name, path, count: types.length, returns: String(returnType) });
    }
    for (const other of file.exportsStar ?? []) visit(other);
  };
  visit(filesByName.get(`${source}/index`));
  return { kernels, functions };
}

// A field is a number of 32 bits or, aligned to 64, a float64: what runtime/record.ts writes.
function recordOf({ name, members }) {
  let at = 0;
  const fields = [...members.values()].map(({ name: field, typeNode, instance }) => {
    const kind = typeNode.name.identifier.text;
    if (!(kind in KINDS)) throw new Error(`${name}.${field}: expected one of ${Object.keys(KINDS)}, got ${kind}`);
    const size = kind === "f64" ? 8 : 4;
    at = Math.ceil(at / size) * size;
    if (instance.memoryOffset !== at)
      throw new Error(`${name}.${field}: expected at ${at}, got ${instance.memoryOffset}`);
    at += size;
    return { field, kind };
  });
  return { name, fields };
}

// Kernels are called by their places in the module's table, not by names.
function fillTable(module, kernels) {
  const places = kernels.length + 1; // 0 stands for no function
  module.removeTable("0");
  module.addTable("0", places, places);
  const functions = kernels.map(({ internal }) => internal);
  module.addActiveElementSegment("0", "kernels", functions, module.i32.const(1));
  for (const { name } of kernels) module.removeExport(name);
}

function typesOf({ kernels, functions }) {
  const records = new Map(kernels.map(({ record }) => [record.name, record]));
  const lines = [
    `// Made by scripts/build-kernels.mjs from ${source}: its kernels with their records, and its other exports.`,
    `import { kernels, type Input, type Kernel, type Output } from "./runtime/record.js";`,
  ];
  for (const { name, fields } of records.values()) {
    lines.push("", `export interface ${name}Record {`);
    for (const { field, kind } of fields) lines.push(`  readonly ${field}: ${KINDS[kind].type};`);
    lines.push("}");
  }
  lines.push("", "export const [");
  for (const { name, path } of kernels) lines.push(`  /** ${path}.ts */`, `  ${name},`);
  lines.push("]: [");
  for (const { name, record } of kernels) lines.push(`  ${name}: Kernel<${record.name}Record>,`);
  const list = ({ fields }) => fields.map(({ field, kind }) => KINDS[kind].mark + field).join(" ");
  lines.push(`] = kernels("${kernels.map(({ record }) => list(record)).join(";")}");`);
  lines.push("", "/** What the module exports beside its kernels. */", "export interface Exports {");
  for (const { name, path, count, returns } of functions) {
    const parameters = Array.from({ length: count }, (_, i) => `${"abcdefgh"[i]}: number`).join(", ");
    lines.push(`  /** ${path}.ts */`, `  ${name}(${parameters}): ${returns === "void" ? "void" : "number"};`);
  }
  return lines.concat("}", "").join("\n");
}

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
