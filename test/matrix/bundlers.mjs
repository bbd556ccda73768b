// Threads and training workers wherever a bundler puts the package: it is packed, installed beside each bundler in a folder outside this repository,
// and a small app is built, served and opened in browsers, or run in Node, Bun and Deno. Two threads must run and give the bits
// of one, a training worker those of fit, and the app's own worker.js must stay untouched. After a build:
//   node test/matrix/bundlers.mjs            esbuild, Node and Chromium: what is installed anyway
//   node test/matrix/bundlers.mjs --all      every bundler and runtime, from npm
//   node test/matrix/bundlers.mjs --all --folder DIR    the same, keeps what it installs in DIR for the next time
// The last line is "N passed, N failed".
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { linkPackage, makeProject, root, run } from "../package/project.mjs";
import { RUNTIMES } from "../repro/runtimes.mjs";
import * as builds from "./builds.mjs";
import { ISOLATED, servePages, visit } from "./pages.mjs";

const { values: given } = parseArgs({ options: { all: { type: "boolean" }, folder: { type: "string" } } });
const FILES = ["handgrad-kernel-thread.js", "handgrad-training-worker.js"];
let passed = 0;
let failed = 0;

function check(title, holds, got) {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${title}${holds ? "" : `: got ${JSON.stringify(got)}`}`);
}

// What each page is sent with; by the file of a thread one sees how a policy is met.
const policies = {
  open: () => ISOLATED,
  documents: (isPage) => (isPage ? ISOLATED : {}), // a server that sends the two headers with pages only
  self: () => ({ ...ISOLATED, "Content-Security-Policy": "worker-src 'self'" }),
  blob: () => ({ ...ISOLATED, "Content-Security-Policy": "worker-src blob:" }),
  none: () => ({ ...ISOLATED, "Content-Security-Policy": "worker-src 'none'" }),
  plain: () => ({}),
};

// Training in a worker gives the bits of fit, or the error says why there is none.
const trains = ({ worker }) => worker === "same";
const refused = ({ worker }) =>
  /^BackendError: trainInWorker: expected a worker, got .*worker-src.*fit of handgrad/.test(worker);
const also = (one, other) => (result) => one(result) && other(result);

const threads = (count) => (result) =>
  result.threads === count && result.core === count && result.same === true && result.ms < 5000;
const two = also(threads(2), trains);
const one = (reason, worker = trains) => also(also(threads(1), worker), (result) => reason.test(result.reason));
const byFile = (result) => two(result) && /started by the file/.test(result.reason) && result.violations === 0;
const byText = (result) =>
  two(result) && /started by the inlined worker/.test(result.reason) && result.violations === 0;

/**
 * Pages: [folder's key, policy, what must hold]. Where the thread's file is: "emitted" by the bundler, "beside" the bundle if
 * somebody lays it there, or "unknown", because the bundle does not know its own address.
 */
function casesOf(key, file) {
  const cases = [
    [key, "open", file === "emitted" ? byFile : byText],
    [key, "documents", two],
    [key, "blob", two],
    [key, "none", one(/no other starts here .*policy.*worker-src/, refused)],
    [key, "plain", one(/cross-origin isolated/)],
  ];
  if (file === "emitted") return [...cases, [key, "self", byFile]];
  if (file === "unknown") return [...cases, [key, "self", one(/policy may forbid it: worker-src blob:/, refused)]];
  // Asked for in vain, with a reason; laid beside the bundle by hand, as docs/threads.md says; and another build's file.
  return [
    ...cases,
    [key, "self", one(/handgrad-kernel-thread\.js: it did not load/, refused)],
    [`${key}-file`, "self", two],
    [`${key}-old`, "self", one(/it is no thread of this build/, ({ worker }) => /one of another build/.test(worker))],
    [`${key}-old`, "open", byText],
  ];
}

const OLD = 'postMessage({ handgrad: "0.0.1", kind: "ready", build: "0.0.1" });';

async function pages(project, list, served, runtimes) {
  const folders = {};
  const cases = [];
  for (const [name, build, file] of list) {
    const folder = await build(project(name));
    folders[name] = folder;
    for (const [key, prepare] of [
      ["file", (to) => FILES.forEach((name) => copyFileSync(join(root, "dist", name), join(to, name)))],
      ["old", (to) => FILES.forEach((name) => writeFileSync(join(to, name), OLD))],
    ]) {
      if (file !== "beside") continue;
      const copy = `${folder}-${key}`;
      rmSync(copy, { recursive: true, force: true });
      run("cp", ["-r", folder, copy], root);
      prepare(copy);
      folders[`${name}-${key}`] = copy;
    }
    cases.push(...casesOf(name, file));
  }
  const server = await servePages(folders, policies);
  const all = [
    ...cases.map(([key, policy, holds]) => [`${key}, ${policy}`, `${server.origin}/${key}/${policy}/`, holds]),
    ...served.map(({ title, origin, holds }) => [title, `${origin}/`, holds]),
  ];
  try {
    for (const name of runtimes) {
      const runtime = RUNTIMES.find((each) => each.name === name);
      server.state.foreign = 0;
      const urls = all.map(([, url]) => url);
      const results = await visit(runtime, runtime.command(), server, urls);
      all.forEach(([title, , holds], i) => check(`${runtime.label}: ${title}`, holds(results[i]), results[i]));
      check(
        `${runtime.label}: nobody started the app's own worker.js`,
        server.state.foreign === 0,
        server.state.foreign,
      );
    }
  } finally {
    server.close();
  }
}

function inProcess(title, command, cwd, holds = two) {
  const marker = join(cwd, "foreign-worker-started");
  rmSync(marker, { force: true });
  let result;
  try {
    const lines = run(command[0], command.slice(1), cwd).trim().split("\n");
    result = JSON.parse(lines[lines.length - 1]);
  } catch (error) {
    result = { error: String(error.stderr || error.message) };
  }
  check(title, holds(result) && !existsSync(marker), result);
}

async function processes(project, list) {
  const node = process.execPath;
  const app = project("node");
  const answer = readFileSync(new URL("app/answer.mjs", import.meta.url), "utf8").replace("export ", "");
  const esm = `${answer}\nconsole.log(JSON.stringify(await answer()));`;
  const required = answer.replace(/import (.*) from (.*);/g, "const $1 = require($2);");
  const cjs = `${required}\nanswer().then((result) => console.log(JSON.stringify(result)));`;
  const mixed = `import { setThreads } from "handgrad/threads";\n${required.replace(/.*setThreads.*require.*\n/, "")}`;
  const beside = `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n${mixed}\nconsole.log(JSON.stringify(await answer()));`;
  inProcess("Node: --input-type=module -e", [node, "--input-type=module", "-e", esm], app);
  inProcess("Node: -e in CommonJS", [node, "-e", cjs], app);
  inProcess("Node: no code from strings", [node, "--disallow-code-generation-from-strings", "-e", cjs], app);
  inProcess("Node: options that its threads do not need", [node, "--import", "./src/onlyMain.mjs", "-e", cjs], app);
  const permissions = ["--experimental-permission", "--allow-fs-read=*", "-e", cjs];
  inProcess(
    "Node: threads not permitted",
    [node, ...permissions],
    app,
    one(/no other starts here .*[Aa]ccess/, ({ worker }) => /[Aa]ccess/.test(worker)),
  );
  writeFileSync(join(app, "src/beside.mjs"), beside);
  inProcess(
    "Node: CommonJS beside ESM are two copies, and the models' one says so",
    [node, "src/beside.mjs"],
    app,
    ({ threads, core, same, reason }) =>
      threads === 2 && core === 1 && same && /one thread .*another copy of handgrad .* has 2 threads/.test(reason),
  );
  for (const [name, build] of list) {
    const file = await build(project(name));
    inProcess(`Node: ${name}`, [node, file], dirname(file));
  }
}

async function otherRuntimes(project) {
  const app = project("node");
  for (const name of ["bun", "deno"]) {
    const { label, command, args } = RUNTIMES.find((each) => each.name === name);
    const start = [...command(), ...args];
    inProcess(`${label}: the package`, [...start, "src/process.mjs"], app);
    const file = await builds.esbuildProcess("esm", "mjs")(project("esbuild"));
    inProcess(`${label}: bundled by esbuild`, [...start, file], dirname(file));
  }
  const [bun] = RUNTIMES.find((each) => each.name === "bun").command();
  const out = join(app, "out-bun");
  mkdirSync(out, { recursive: true });
  copyFileSync(join(app, "src/worker.js"), join(out, "worker.js"));
  run(bun, ["build", "src/process.mjs", "--outfile", join(out, "app.mjs"), "--target", "bun"], app);
  inProcess("Bun: bundled by Bun", [bun, join(out, "app.mjs")], out);
  run(bun, ["build", "--compile", "src/process.mjs", "--outfile", join(out, "app")], app);
  inProcess("Bun: compiled to a program", [join(out, "app")], out);
}

/** A project with the package, and with what `packages` names, from npm. */
function install(folder, name, packages, tarball) {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  if (!existsSync(join(project, "package.json"))) writeFileSync(join(project, "package.json"), '{ "private": true }\n');
  rmSync(join(project, "node_modules/handgrad"), { recursive: true, force: true });
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  run("npm", ["install", ...options, ...packages, tarball], project);
  if (packages.some((each) => each.startsWith("esbuild"))) run("node", ["node_modules/esbuild/install.js"], project);
  builds.layApp(project);
  return project;
}

async function everything() {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), "handgrad-bundlers-"));
  mkdirSync(folder, { recursive: true });
  const closing = [];
  try {
    const [pack] = JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], root));
    const tarball = join(folder, pack.filename);
    const others = ["esbuild", "rollup", "@rollup/plugin-node-resolve", "webpack"];
    const bundlers = install(folder, "bundlers", others, tarball);
    const vites = {};
    for (const major of [5, 6, 7, 8])
      vites[`vite${major}`] = install(folder, `vite${major}`, [`vite@${major}`], tarball);
    const project = (name) => vites[name] ?? bundlers;
    const served = [];
    let foreign = 0;
    for (const [name, home] of Object.entries(vites)) {
      for (const [what, exclude, holds] of [
        ["its server", [], (result) => two(result) && result.violations === 0],
        ["its server, the package excluded", ["handgrad", "handgrad/threads"], byFile],
        [
          "its server, one entry excluded: two copies, and the models' one says so",
          ["handgrad/threads"],
          ({ threads, core, same, reason }) =>
            threads === 2 && core === 1 && same && /one thread .*another copy of handgrad/.test(reason),
        ],
      ]) {
        const server = await builds.viteServer(home, ISOLATED, exclude, () => foreign++);
        closing.push(server);
        served.push({ title: `${name}, ${what}`, origin: server.origin, holds });
      }
    }
    const list = [
      ["esbuild", builds.esbuildPage("esm"), "beside"],
      ["esbuild-iife", builds.esbuildPage("iife"), "unknown"],
      ["rollup", builds.rollupPage("es"), "beside"],
      ["rollup-iife", builds.rollupPage("iife"), "beside"],
      ["webpack", builds.webpackPage, "emitted"],
      ...Object.keys(vites).map((name) => [name, builds.vitePage, "emitted"]),
    ];
    await processes(project, [
      ["esbuild to ESM", builds.esbuildProcess("esm", "mjs")],
      ["esbuild to CommonJS", builds.esbuildProcess("cjs", "cjs")],
      ["Rollup", builds.rollupProcess],
      ["webpack", builds.webpackProcess],
    ]);
    await otherRuntimes(project);
    await pages(project, list, served, ["chromium", "firefox"]);
    check("no worker.js of the app's own was started by pages of Vite's servers", foreign === 0, foreign);
  } finally {
    for (const server of closing) await server.close();
    if (given.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function withWhatIsHere() {
  const { project } = makeProject();
  try {
    linkPackage(project, "esbuild");
    builds.layApp(project);
    await processes(
      () => project,
      [
        ["esbuild to ESM", builds.esbuildProcess("esm", "mjs")],
        ["esbuild to CommonJS", builds.esbuildProcess("cjs", "cjs")],
      ],
    );
    if (existsSync("/usr/bin/chromium")) {
      await pages(() => project, [["esbuild", builds.esbuildPage("esm"), "beside"]], [], ["chromium"]);
    } else console.log("no pages: there is no /usr/bin/chromium here");
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

await (given.all === true ? everything() : withWhatIsHere());
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
