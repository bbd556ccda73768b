// The documentation as a newcomer uses it, with the packed package in an empty project: every TypeScript block of README.md
// and docs/, and every @example of the source, compiles strictly and runs, in ESM and the blocks also in CommonJS; comments
// that show a result are right; quoted lines stand in the source; links, scripts and files that are named exist.
// Run after a build; the last line is "N passed, N failed".
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { makeProject, root, run } from "../package/project.mjs";
import { examples, fencedBlocks, filesBelow, links } from "./blocks.mjs";
import { toJavaScript, withClaims } from "./doctest.mjs";
import { FRAGMENTS, SETUP } from "./setup.mjs";

let passed = 0;
let failed = 0;
function report(title, problems) {
  if (problems.length === 0) passed++;
  else failed++;
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${title}`);
  for (const problem of problems) console.log(`     ${problem}`);
}

const { project, manifest } = makeProject({ peers: true });
const documents = ["README.md", "CHANGELOG.md", ...filesBelow(root, "docs", ".md"), ...filesBelow(root, "examples", ".md")];
const sources = filesBelow(root, "src", ".ts");
const blocks = documents.flatMap((path) => fencedBlocks(root, path));

/** Which entry exports a name that an example uses without importing it. */
const entryOf = new Map();
for (const entry of Object.keys(manifest.exports).filter((key) => !key.endsWith(".json"))) {
  const name = entry.replace(/^\./, manifest.name);
  const file = join(project, "node_modules", manifest.name, manifest.exports[entry].import.default);
  for (const key of Object.keys(await import(pathToFileURL(file).href))) if (!entryOf.has(key)) entryOf.set(key, name);
}

function withImports(code) {
  const used = [...entryOf.keys()].filter(
    (name) => new RegExp(`(?<![.\\w"])${name}\\b(?!["\\w])`).test(code) && !new RegExp(`^\\s*(import .*|(const|class) )\\b${name}\\b`, "m").test(code),
  );
  return used.map((name) => `import { ${name} } from "${entryOf.get(name)}";\n`).join("") + code;
}

// What an example takes for granted: that of its file, else that of its folder.
function setupOf(path) {
  return SETUP[path] ?? SETUP[path.slice(0, path.lastIndexOf("/") + 1)] ?? "";
}

function programsOfExamples() {
  return sources.flatMap((path) =>
    examples(root, path)
      .map(({ line, code }, i) => ({ title: `${path}:${line}`, code, setup: SETUP[`${path}#${i + 1}`] ?? "", path }))
      .filter(({ code }) => !FRAGMENTS.has(`${path} ${code.split("\n")[0]}`))
      .map(({ title, code, setup }) => ({ title, code: withImports(`${setupOf(path)}${setup}${code}`), forms: ["mjs"] })),
  );
}

function programsOfDocuments() {
  const programs = blocks.filter(({ language, info }) => language === "ts" && info !== "quote");
  return programs.map((given) => {
    // A block that imports nothing stands on what its page takes for granted.
    const stands = SETUP[given.path] !== undefined && !/^import /m.test(given.code);
    const block = stands ? { ...given, code: withImports(SETUP[given.path] + given.code) } : given;
    const next = blocks[blocks.indexOf(given) + 1]; // what it prints, if that is shown
    const prints = next?.path === block.path && next.info === "output" ? next.code : undefined;
    // "esm": it exports, or asks for its own address. CommonJS has no top-level await.
    const asksForEsm = block.info === "esm" || /^(?!\s)[^\n]*\bawait /m.test(block.code);
    const forms = asksForEsm ? ["mjs"] : ["mjs", "cjs"];
    return { title: `${block.path}:${block.line}`, code: block.code, forms, prints };
  });
}

/** Of code for frameworks, which does not run here: what it imports from the package must be there, types included. */
function programsOfFrameworks() {
  return blocks
    .filter(({ language }) => ["tsx", "js", "svelte", "html"].includes(language))
    .map(({ path, line, code }) => ({ line, path, lines: code.match(/^ *import [^;]* from "handgrad[^"]*";$/gm) ?? [] }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ path, line, lines }) => ({ title: `${path}:${line} imports what is there`, code: lines.join("\n"), forms: ["mjs"] }));
}

/** Compiles all programs strictly at once; gives the messages by file name. */
function compile(names) {
  const strict = { strict: true, noImplicitOverride: true, exactOptionalPropertyTypes: true, noEmit: true };
  const target = { target: "es2022", lib: ["es2022", "dom", "dom.iterable"], module: "esnext" };
  const types = { moduleResolution: "bundler", typeRoots: [join(root, "node_modules/@types")], types: ["node"] };
  const options = { ...strict, ...target, ...types, moduleDetection: "force", skipLibCheck: true, esModuleInterop: true };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: names }));
  try {
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], project);
    return [];
  } catch (error) {
    return String(error.stdout).split("\n");
  }
}

function checkPrograms() {
  const programs = [...programsOfDocuments(), ...programsOfFrameworks(), ...programsOfExamples()].map((program, i) => ({ ...program, name: `p${i}` }));
  let claims = 0;
  for (const { name, code, forms } of programs) {
    writeFileSync(join(project, `${name}.ts`), code);
    const checked = withClaims(code);
    claims += checked.claims;
    for (const form of forms) {
      writeFileSync(join(project, `${name}.${form}`), toJavaScript(checked.code, form === "mjs" ? "esm" : "cjs"));
    }
  }
  const messages = compile(programs.map(({ name }) => `${name}.ts`));
  const files = programs.flatMap(({ name, forms }) => forms.map((form) => `${name}.${form}`));
  const results = run(process.execPath, [join(root, "test/docs/runner.mjs"), ...files], project).split("\n");
  for (const { title, name, forms, prints } of programs) {
    const wrong = messages.filter((message) => message.startsWith(`${name}.ts(`));
    for (const form of forms) {
      const line = results.find((result) => new RegExp(`^(ok|FAIL) ${name}\\.${form}\\b`).test(result)) ?? "no answer";
      if (!line.startsWith("ok")) wrong.push(line);
      const printed = readFileSync(join(project, `${name}.${form}.out`), "utf8");
      if (prints !== undefined && printed !== prints) wrong.push(`expected it to print\n${prints}got\n${printed}`);
    }
    report(title, wrong);
  }
  report(`the comments show ${claims} results`, claims >= 60 ? [] : ["expected at least 60: are they still found?"]);
}

function checkQuotes() {
  const lines = new Set(sources.flatMap((path) => readFileSync(join(root, path), "utf8").split("\n").map((l) => l.trim())));
  for (const { path, line, code } of blocks.filter(({ info }) => info === "quote")) {
    const missing = code.trim().split("\n").filter((text) => !lines.has(text.trim()));
    report(`${path}:${line} quotes the source`, missing.map((text) => `no line of src is: ${text}`));
  }
}

function checkNames() {
  for (const path of documents) {
    const missing = links(root, path).filter((target) => !existsSync(join(root, dirname(path), target)));
    const text = readFileSync(join(root, path), "utf8");
    const scripts = [...text.matchAll(/npm run ([\w:-]+)/g)].filter(([, name]) => manifest.scripts[name] === undefined);
    const commands = [...text.matchAll(/npx (?:tsx|vitest run) ([\w./-]+)/g)].map(([, file]) => file);
    report(`${path}: what it links to and names exists`, [
      ...missing.map((target) => `no file ${normalize(join(dirname(path), target))}`),
      ...scripts.map(([name]) => `no script: ${name}`),
      ...commands.filter((file) => !existsSync(join(root, file))).map((file) => `no file ${file}`),
    ]);
  }
}

try {
  checkPrograms();
  checkQuotes();
  checkNames();
} finally {
  rmSync(project, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
