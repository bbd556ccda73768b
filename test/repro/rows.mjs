// Keeps the rows of each runtime in out/repro, so that a matrix that takes an hour can be run in parts. Rows count only as
// long as expected.json is the one that they were compared with.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../../out/repro/", import.meta.url);
const expected = createHash("sha256")
  .update(readFileSync(new URL("expected.json", import.meta.url)))
  .digest("hex");

export function keepRows(name, rows) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), JSON.stringify({ expected, rows }));
}

/** The last rows of each of these runtimes; of "node", which is one of the others, none. */
export function keptRows(runtimes) {
  return runtimes
    .filter(({ name }) => name !== "node")
    .flatMap(({ name, label, arch, note = "" }) => {
      const file = new URL(`${name}.json`, folder);
      const kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
      if (kept.expected === expected) return kept.rows;
      const problems = ["not run since expected.json changed"];
      return [{ runtime: label, version: "", arch, note, threads: "", digest: "", problems }];
    });
}
