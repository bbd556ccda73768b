// The package where its users use it: packed, installed from the tarball beside each tool in a folder outside this repository, and
// the same small program run there (consumers/program.mjs). Every cell gives the same digest, or says what is wanted instead.
//   node test/matrix/consumers.mjs                     Node as ESM and CommonJS, TypeScript and vitest, which are installed anyway
//   node test/matrix/consumers.mjs --all               every cell, with what it needs from npm
//   node test/matrix/consumers.mjs --only next,parcel  some of them; --folder DIR keeps what it installs for the next time
//   node test/matrix/consumers.mjs --all --markdown docs/recipes/bundlers.md    writes the table between the marks there
// The last line is "N passed, N failed".
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run, root } from "../package/project.mjs";
import { CELLS } from "./consumers/cells.mjs";
import { makeHome } from "./consumers/home.mjs";

const { values: given } = parseArgs({
  options: {
    all: { type: "boolean" },
    only: { type: "string" },
    folder: { type: "string" },
    markdown: { type: "string" },
  },
});
const names = given.only?.split(",");
const cells = CELLS.filter(({ name, common }) => (names === undefined ? given.all || common : names.includes(name)));
const folder = given.folder ?? mkdtempSync(join(tmpdir(), "handgrad-consumers-"));
mkdirSync(folder, { recursive: true });
const rows = [];
try {
  const [pack] = JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], root));
  const tarball = join(folder, pack.filename);
  for (const cell of cells) rows.push(await runCell(cell, tarball));
} finally {
  if (given.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
if (given.markdown !== undefined) writeTable(given.markdown);
const failed = rows.filter(({ holds }) => !holds).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runCell(cell, tarball) {
  let result;
  let version = "";
  try {
    const home = makeHome(folder, cell, tarball);
    ({ version = "", ...result } = await cell.run(home));
  } catch (error) {
    result = { error: String(error.stderr || error.stdout || error.message).slice(-2000) };
  }
  const holds = cell.holds(result);
  console.log(`${holds ? "ok  " : "FAIL"} ${cell.title} ${version}${holds ? "" : `: got ${JSON.stringify(result)}`}`);
  return { ...cell, version, holds };
}

function writeTable(file) {
  const lines = rows.map(
    ({ title, version, holds, note = "" }) => `| ${title} | ${version} | ${holds ? "runs" : "fails"} | ${note} |`,
  );
  const table = ["| where | version | | |", "|---|---|---|---|", ...lines].join("\n");
  const text = readFileSync(file, "utf8");
  const [start, end] = ["<!-- consumers -->", "<!-- /consumers -->"];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file}: expected the marks ${start} and ${end}.`);
  writeFileSync(file, `${text.slice(0, from + start.length)}\n\n${table}\n\n${text.slice(to)}`);
}
