// What run.mjs starts in Node, Bun and Deno: `child.mjs 1,2,3,4` prints one line of JSON for each number of threads, and
// with "reference" one for the reference backend, with "wide" all on vectors of 256 bits. It ends by itself: threads must not keep a process alive.
import { setWideVectors } from "../../dist/wide.js";
import { cell, referenceOperations } from "./cell.mjs";

const [counts, ...wishes] = globalThis.process.argv.slice(2);
if (wishes.includes("wide")) await setWideVectors();
for (const count of counts.split(",").map(Number)) console.log(JSON.stringify(await cell(count)));
if (wishes.includes("reference")) console.log(JSON.stringify({ reference: await referenceOperations() }));
