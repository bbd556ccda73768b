// Plants the faults of faults.ts, one at a time, in a copy of the project, and tells which of them no test notices.
//
//   npm run mutants [-- NAME]      those whose name contains NAME; a minute or so for each
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAULTS, type Fault } from "./faults.js";

const COPIED = ["src", "test", "package.json", "tsconfig.json", "vitest.config.ts"];

const only = process.argv[2] ?? "";
const folder = mkdtempSync(join(tmpdir(), "handgrad-mutants-"));
const survivors: string[] = [];
try {
  for (const name of COPIED) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  if (noticed([])) throw new Error("The tests fail without any fault.");
  for (const fault of FAULTS.filter(({ name }) => name.includes(only))) {
    const found = planted(fault);
    console.log(`${found ? "noticed " : "SURVIVED"}  ${fault.name}`);
    if (!found) survivors.push(fault.name);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(survivors.length === 0 ? "Every fault is noticed." : `${survivors.length} faults are not noticed.`);
process.exitCode = survivors.length === 0 ? 0 : 1;

function planted({ name, file, text, wrong, tests = [] }: Fault): boolean {
  const path = join(folder, file);
  const before = readFileSync(path, "utf8");
  if (before.split(text).length !== 2) throw new Error(`${name}: expected its text once in ${file}.`);
  writeFileSync(
    path,
    before.replace(text, () => wrong),
  );
  try {
    return noticed(tests);
  } finally {
    writeFileSync(path, before);
  }
}

function noticed(tests: readonly string[]): boolean {
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const options = ["run", "--bail=1", "--reporter=dot", "test/nn", ...tests];
  return spawnSync(process.execPath, [vitest, ...options], { cwd: folder, stdio: "ignore" }).status !== 0;
}
