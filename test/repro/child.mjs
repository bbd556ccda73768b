// What run.mjs starts in Node, Bun and Deno: `child.mjs 1,2,3,4` prints one line of JSON for each number of threads, and
// with a second argument one for the reference backend. It ends by itself: threads must not keep a process alive.
import { cell, referenceOperations } from "./cell.mjs";

const [counts, withReference] = globalThis.process.argv.slice(2);
for (const count of counts.split(",").map(Number)) console.log(JSON.stringify(await cell(count)));
if (withReference !== undefined) console.log(JSON.stringify({ reference: await referenceOperations() }));
