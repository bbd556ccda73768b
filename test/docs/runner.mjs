// Runs programs one after the other in the project of check.mjs and prints "ok NAME" or "FAIL NAME: error" for each; what
// the program itself prints goes to NAME.out.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { claim } from "./doctest.mjs";

globalThis.claim = claim;
const project = process.cwd();
const require = createRequire(join(project, "package.json"));
const { setBackend, wasm } = await import(pathToFileURL(require.resolve("handgrad").replace(/cjs$/, "js")).href);
const say = console.log;

for (const name of process.argv.slice(2)) {
  let printed = "";
  console.log = (...values) => (printed += `${format(...values)}\n`);
  try {
    if (name.endsWith(".cjs")) await require(join(project, name));
    else await import(pathToFileURL(join(project, name)).href);
    say(`ok ${name}`);
  } catch (error) {
    say(`FAIL ${name}: ${String(error?.stack ?? error).replace(/\n/g, " | ")}`);
  }
  writeFileSync(join(project, `${name}.out`), printed);
  setBackend(wasm);
}
process.exit(0); // an example may have started threads, or wait for something
