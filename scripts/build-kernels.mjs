// Compiles the AssemblyScript kernels to WebAssembly. Writes the bytes as a text into one TypeScript module, and the types of
// what the module exports into another. `npm run build:kernels`; the output is not committed.
import { mkdirSync, readFileSync, statSync, writeFileSync, readdirSync, existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = "src/backend/wasm/assembly";
const options = [
  ...["--optimizeLevel", "3", "--shrinkLevel", "1", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--importMemory", "--sharedMemory", "--maximumMemory", "16384"], // 1 GiB, see instance.ts
  ...["--disableWarning", "112"], // a function of one file gives v128 to another; the modules export none such
  ...["--enable", "simd", "--enable", "threads", "--disable", "mutable-globals", "--use", "abort="],
];

// The modules. They share a memory, in whose first 64 kB each has its constants, and a table, in which each has its places.
const TABLE = 256;
const MODULES = [
  {
    name: "kernels",
    folder: source,
    text: "src/backend/wasm/kernels.generated.ts",
    types: "src/backend/wasm/assembly.generated.ts",
    up: "./",
    memory: 1024,
    place: 1, // 0 stands for no function
    places: 63,
  },
  {
    name: "kit",
    folder: `${source}/kit`,
    text: "src/backend/wasm/kit/kernels.generated.ts",
    types: "src/backend/wasm/kit/assembly.generated.ts",
    up: "../",
    memory: 32768,
    place: 64,
    places: TABLE - 64,
  },
  // Parts of them in their places, for handgrad/predict: each kernel has the place in the table that it has there.
  { name: "predict", folder: `${source}/predict`, text: "src/backend/wasm/predict.generated.ts", memory: 1024 },
  {
    name: "predictKit",
    folder: `${source}/predict/kit`,
    text: "src/backend/wasm/kit/predict.generated.ts",
    memory: 32768,
  },
];

// What a field of a record may be (assembly/record.ts): its type in the glue, and its letter in runtime/record.ts.
const KINDS = {
  i32: { type: "number", letter: "i" },
  f64: { type: "number", letter: "f" },
  Room: { type: "number", letter: "i" },
  Flag: { type: "boolean", letter: "i" },
  In: { type: "Operand", letter: "<" },
  Out: { type: "Operand", letter: ">" },
  InOut: { type: "Operand", letter: "=" },
};

const sources = readdirSync(root + source, { recursive: true }).map((name) => `${source}/${name}`);
const inputs = [...sources, "scripts/build-kernels.mjs"];
const newest = Math.max(...inputs.map((path) => statSync(root + path).mtimeMs));
const outputs = MODULES.flatMap(({ text, types }) => [text, types ?? text]);
const upToDate = outputs.every((path) => existsSync(root + path) && statSync(root + path).mtimeMs > newest);
if (!process.argv.includes("--force") && upToDate) process.exit(0);

mkdirSync(root + "out", { recursive: true });
const placeOf = new Map(); // of each kernel in the table, by its full name
for (const module of MODULES) {
  const { bytes, parts } = await compile(module);
  const { letters, values, text } = encode(bytes);
  writeFileSync(
    root + module.text,
    `// Made by scripts/build-kernels.mjs from ${module.folder}; decode.ts tells how to read it.\n` +
      `export const KERNEL_LETTERS: string = ${JSON.stringify(letters)};\n` +
      `export const KERNEL_VALUES: string = "${values}";\nexport const KERNEL_TEXT: string =\n  "${text}";\n`,
  );
  if (module.types !== undefined) writeFileSync(root + module.types, typesOf(module, parts));
  console.log(`${module.name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
}

async function compile(module) {
  const { name, folder, memory } = module;
  let program;
  let parts;
  const files = ["--outFile", `out/${name}.wasm`, "--textFile", `out/${name}.wat`, "--baseDir", root];
  const result = await asc.main([`${folder}/index.ts`, ...files, "--memoryBase", String(memory), ...options], {
    stdout: process.stdout,
    stderr: process.stderr,
    transforms: [
      {
        afterInitialize: (initialized) => void (program = initialized),
        afterCompile(made) {
          parts = exportsOf(program, folder);
          if (module.place === undefined) fillPlaces(made, module, parts.kernels);
          else fillTable(made, module, parts.kernels);
        },
      },
    ],
  });
  if (result.error) {
    console.error(String(result.error));
    process.exit(1);
  }
  const [, last, length] = /.*\(data \$\d+ \(i32\.const (\d+)\) "(.*?)"\)/s.exec(
    readFileSync(`${root}out/${name}.wat`, "utf8"),
  ) ?? [0, memory, ""];
  if (Number(last) + length.length > memory + 31744) throw new Error(`${name}: too many constants`);
  return { bytes: readFileSync(`${root}out/${name}.wasm`), parts };
}

// Kernels are the exports (record, chunk, scratch) -> nothing; all others are functions of numbers that the glue calls.
function exportsOf({ filesByName }, folder) {
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
  visit(filesByName.get(`${folder}/index`));
  return { kernels, functions };
}

// A field is a number of 32 bits or, aligned to 64, a float64. Those of a base class come from a record of the contract.
function recordOf({ name, members, base }) {
  const inherited = base === null ? null : recordOf(base);
  let end = 0;
  const fields = [...members.values()].map(({ name: field, typeNode, instance: { memoryOffset } }) => {
    const kind = typeNode.name.identifier.text;
    if (!(kind in KINDS)) throw new Error(`${name}.${field}: expected one of ${Object.keys(KINDS)}, got ${kind}`);
    const size = kind === "f64" ? 8 : 4;
    if (memoryOffset !== Math.ceil(end / size) * size) throw new Error(`${name}.${field}: got ${memoryOffset}`);
    end = memoryOffset + size;
    return { field, kind, offset: memoryOffset };
  });
  return { name, base: inherited, fields, own: fields.slice(inherited?.fields.length ?? 0), words: end / 4 };
}

function makeTable(module, first) {
  module.removeTable("0");
  module.addTable("0", TABLE, TABLE);
  if (first) module.addTableExport("0", "table");
  else module.addTableImport("0", "env", "table");
}

// Kernels are called by their places in the table, not by names. The first module makes it, the others fill in their places.
function fillTable(module, { name, place, places }, kernels) {
  if (kernels.length > places) throw new Error(`${name}: got ${kernels.length} kernels for ${places} places`);
  makeTable(module, place === 1);
  const functions = kernels.map(({ internal }) => internal);
  functions.forEach((internal, i) => placeOf.set(internal, place + i));
  module.addActiveElementSegment("0", "kernels", functions, module.i32.const(place));
  for (const { name: kernel } of kernels) module.removeExport(kernel);
}

// The same for a module whose kernels have their places from others.
function fillPlaces(module, { memory }, kernels) {
  makeTable(module, memory === 1024);
  for (const { name, internal } of kernels) {
    module.addActiveElementSegment("0", name, [internal], module.i32.const(placeOf.get(internal)));
    module.removeExport(name);
  }
}

function typesOf({ folder, up, place }, { kernels, functions }) {
  const first = place === 1;
  const bases = new Map();
  const addBase = (record) => {
    if (record === null) return;
    addBase(record.base);
    bases.set(record.name, record);
  };
  for (const { record } of kernels) addBase(record.base);
  const text = [
    `// Made by scripts/build-kernels.mjs from ${folder}: its kernels with the fields of their records, its other exports.`,
    `import type { ${[...bases.keys()].join(", ")} } from "${up}../kernels.js";`,
    ...(first ? [] : [`import { load } from "./load.js";`]),
    `import { ${first ? "kernels" : "laterKernel"}, type Kernel, type Operand } from "${up}runtime/record.js";`,
    ...(first ? ["", "const writeNothing = (): number => 0;"] : []),
  ];
  for (const { name, base, fields, own, words } of bases.values()) {
    const reals = fields.some(({ kind }) => kind === "f64") ? ", f: Float64Array" : "";
    const words32 = base === null && own.every(({ kind }) => kind === "f64") ? "_n" : "n";
    text.push("", `function write${name}(${words32}: Int32Array, g: ${name}${reals}): number {`);
    if (base !== null) text.push(`  write${base.name}(n, g);`);
    for (const { field, kind, offset } of own) {
      const value = kind === "Flag" ? `Number(g.${field})` : `g.${field}`;
      text.push(kind === "f64" ? `  f[${offset / 8}] = ${value};` : `  n[${offset / 4}] = ${value};`);
    }
    text.push(`  return ${words};`, "}");
  }
  const kernelType = ({ record }) => {
    const fields = record.own.map(({ field, kind }) => `${field}: ${KINDS[kind].type}`).join(", ");
    return `Kernel<${record.base?.name ?? "null"}, readonly [${fields}]>`;
  };
  const letters = ({ record }) => record.own.map(({ kind }) => KINDS[kind].letter).join("");
  if (first) {
    text.push("", "export const [");
    for (const { name, path } of kernels) text.push(`  /** ${path}.ts */`, `  ${name},`);
    text.push("]: [");
    for (const each of kernels) text.push(`  ${each.name}: ${kernelType(each)},`);
    const names = ["Nothing", ...bases.keys()];
    const codes = kernels.map((each) => {
      return names.indexOf(each.record.base?.name ?? "Nothing").toString(36) + letters(each);
    });
    text.push(
      "] = kernels(",
      `  [${names.map((each) => `write${each}`).join(", ")}],`,
      `  "${codes.join(" ")}",`,
      ");",
    );
  } else {
    // Each by itself, so that bundlers can leave out what nobody uses.
    kernels.forEach((each, i) => {
      const base = `write${each.record.base?.name ?? "Nothing"}`;
      text.push("", `/** ${each.path}.ts */`, `export const ${each.name}: ${kernelType(each)} =`);
      text.push(`  /* @__PURE__ */ laterKernel(${place + i}, ${base}, "${letters(each)}", load);`);
    });
  }
  if (!first) return text.concat("").join("\n");
  text.push("", "/** What the module exports beside its kernels. */", "export interface Exports {");
  text.push("  readonly table: WebAssembly.Table;");
  for (const { name, path, count, returns } of functions) {
    const parameters = Array.from({ length: count }, (_, i) => `${"abcdefgh"[i]}: number`).join(", ");
    text.push(`  /** ${path}.ts */`, `  ${name}(${parameters}): ${returns === "void" ? "void" : "number"};`);
  }
  return text.concat("}", "").join("\n");
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
