// The long form of fuzzing: `npm run fuzz`. Options: --inputs N (5,000,000 over all targets), --seed N (1), --jobs N,
// --target NAME (its file's name, may be given several times), --input N (that one input alone).
import { parseArgs } from "node:util";
import { allTargets, fuzz, stemOf } from "./harness.js";
import { failureText, table } from "./table.js";

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "5000000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string" },
    target: { type: "string", multiple: true },
    input: { type: "string" },
  },
});

const targets = allTargets().filter((url) => values.target === undefined || values.target.includes(stemOf(url)));
if (targets.length === 0) throw new Error(`expected --target ${allTargets().map(stemOf).join(", ")}`);
const one = values.input === undefined ? undefined : number("input", values.input);
const inputs = one === undefined ? number("inputs", values.inputs) : targets.length;
const seed = number("seed", values.seed);
const begun = performance.now();
let told = begun;
const reports = await fuzz({
  targets,
  inputs,
  seed,
  from: one ?? 0,
  ...(values.jobs === undefined ? {} : { jobs: number("jobs", values.jobs) }),
  onProgress: (done) => {
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    console.log(`${done} of ${inputs} inputs, ${((told - begun) / 1000).toFixed(0)} s`);
  },
});
console.log(table(reports));
console.log(`seed ${seed}, ${((performance.now() - begun) / 1000).toFixed(0)} s, Node ${process.version}`);
const failed = reports.filter(({ failures }) => failures.length > 0);
for (const report of failed) console.error(failureText(report, seed));
process.exitCode = failed.length === 0 ? 0 : 1;

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`expected --${name} to be a whole number, got ${text}`);
}
