// What run.mjs starts in Node, Bun and Deno: `child.mjs 1,2,3,4` prints one line of JSON for each number of threads, and
// one for the reference backend. It ends by itself: threads must not keep a process alive.
import { cell, referenceOperations } from "./cell.mjs";

for (const count of globalThis.process.argv[2].split(",").map(Number)) console.log(JSON.stringify(await cell(count)));
console.log(JSON.stringify({ reference: await referenceOperations() }));
