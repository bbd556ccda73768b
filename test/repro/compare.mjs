// Compares what a runtime gave with test/repro/expected.json and names the first thing that differs.
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("expected.json", import.meta.url);

export function readExpected() {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

export async function writeExpected(expected) {
  const { format, resolveConfig } = await import("prettier");
  const options = await resolveConfig(FILE);
  writeFileSync(FILE, await format(JSON.stringify(expected), { ...options, parser: "json" }));
}

/** What differs, in words; an empty list if nothing does. `result` is what cell.mjs gave. */
export function differences(result, expected) {
  if (result.error !== undefined) return [result.error];
  if (result.reference !== undefined) return namedDifferences("reference", result.reference, expected.reference);
  const { train, operations } = result;
  const found = [
    ...listDifference("loss of training step", train.trainLosses, expected.train.trainLosses),
    ...listDifference("evaluation loss of epoch", train.evalLosses, expected.train.evalLosses),
    ...namedDifferences("final", train.weights, expected.train.weights),
    ...namedDifferences("operation", operations, expected.operations),
  ];
  if (found.length === 0 && train.digest !== expected.train.digest) {
    found.push(`digest: expected ${expected.train.digest}, got ${train.digest}`);
  }
  return found;
}

function listDifference(what, got, expected) {
  if (got.length !== expected.length) return [`${what}: expected ${expected.length} numbers, got ${got.length}`];
  const place = expected.findIndex((value, i) => !Object.is(value, got[i]));
  return place < 0 ? [] : [`${what} ${place + 1}: expected ${expected[place]}, got ${got[place]}`];
}

function namedDifferences(what, got, expected) {
  const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...names]
    .filter((name) => got[name] !== expected[name])
    .map((name) => `${what} ${name}: expected ${expected[name]}, got ${got[name]}`);
}
