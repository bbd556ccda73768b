// The digest matrix: trains the same network in every runtime and compares all bits with expected.json.
// `npm run repro` runs everything, installing what is missing into out/runtimes; `npm run repro -- --help` lists options.
// The last line is "N passed, N failed"; a cell counts as failed if one bit differs or the runtime does not run.
import { parseArgs } from "node:util";
import { readFileSync, writeFileSync } from "node:fs";
import { differences, readExpected, writeExpected } from "./compare.mjs";
import { keepRows, keptRows } from "./rows.mjs";
import { execute, versionOf } from "./execute.mjs";
import { RUNTIMES } from "./runtimes.mjs";
import { writeTable } from "./table.mjs";

const HELP = `npm run repro -- [options]
  --runtimes a,b   only these of: ${RUNTIMES.map(({ name }) => name).join(", ")}
  --threads 1,2    numbers of threads (default 1,2,3,4)
  --markdown FILE  writes the table between the marks in FILE; runtimes that are not run now keep the lines of their last
                   run against the same expected.json
  --update         writes expected.json anew from this Node with one thread; say why in CHANGELOG.md under Numerics`;

const { values } = parseArgs({
  options: {
    runtimes: { type: "string" },
    threads: { type: "string", default: "1,2,3,4" },
    markdown: { type: "string" },
    update: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function chosen() {
  // "node" is the Node that runs this; the others have their versions from npm.
  if (values.runtimes === undefined) return RUNTIMES.filter(({ name }) => name !== "node");
  return values.runtimes.split(",").map((name) => {
    const found = RUNTIMES.find((runtime) => runtime.name === name);
    if (found === undefined)
      throw new Error(`--runtimes: expected some of ${RUNTIMES.map((r) => r.name).join(", ")}, got ${name}.`);
    return found;
  });
}

function counts() {
  const list = values.threads.split(",").map(Number);
  if (list.some((count) => !Number.isInteger(count) || count < 1))
    throw new Error(`--threads: expected numbers such as 1,2, got ${values.threads}.`);
  return list;
}

async function update() {
  const [{ train, operations }, { reference }] = await execute(RUNTIMES[0], [process.execPath], [1]);
  await writeExpected({ train, operations, reference });
  console.log(`expected.json: ${train.digest}`);
}

// A page that is not isolated has one thread, whatever is asked for.
function threadsWanted(runtime, asked) {
  return runtime.page === "plain" ? 1 : asked;
}

/** Runs one runtime, prints each cell as soon as it is there, and gives a row for each. */
async function rowsOf(runtime, expected) {
  const about = { runtime: runtime.label, version: "", arch: runtime.arch, note: runtime.note ?? "" };
  const rows = [];
  const add = (row) => {
    rows.push({ ...about, ...row });
    print(rows[rows.length - 1]);
  };
  try {
    const command = runtime.command();
    about.version = versionOf(command);
    await execute(runtime, command, runtime.page === "plain" ? [1, 2] : counts(), (result) =>
      add(rowOf(runtime, result, expected)),
    );
  } catch (error) {
    add({ threads: "", digest: "", problems: [`not run: ${error.message}`] });
  }
  return rows;
}

function rowOf(runtime, result, expected) {
  const problems = differences(result, expected);
  const { asked, threads, reason } = result;
  if (asked !== undefined && threads !== threadsWanted(runtime, asked)) {
    problems.push(`${asked} threads asked for, ${threads} ran: ${reason}`);
  }
  if (runtime.wide && asked !== undefined && !/vectors of 256 bits/.test(reason)) problems.push(reason);
  const shown = asked === threads ? (asked ?? "") : `${threads} (${asked} asked for)`;
  const digest = result.train?.digest ?? "";
  return { threads: result.reference === undefined ? shown : "reference", digest, problems };
}

function print({ runtime, version, arch, note, threads, digest, problems }) {
  const what = threads === "reference" ? "reference backend" : `threads ${threads}`;
  const where = [runtime, version, arch, note, what].filter((part) => part !== "").join(", ");
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${where} ${digest.slice(0, 16)}`);
  for (const problem of problems.slice(0, 5)) console.log(`     ${problem}`);
}

async function main() {
  const expected = readExpected();
  console.log(`expected ${expected.train.digest.slice(0, 16)}, ${Object.keys(expected.operations).length} operations`);
  const rows = [];
  for (const runtime of chosen()) {
    const found = await rowsOf(runtime, expected);
    keepRows(runtime.name, found);
    rows.push(...found);
  }
  if (values.markdown !== undefined) {
    writeFileSync(values.markdown, writeTable(readFileSync(values.markdown, "utf8"), keptRows(RUNTIMES)));
  }
  const failed = rows.filter(({ problems }) => problems.length > 0).length;
  console.log(`${rows.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  if (values.help) console.log(HELP);
  else await (values.update ? update() : main());
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
