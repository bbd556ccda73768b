// `npm run bench:start`: from nothing to the first prediction of lesson 4's network, each time in a process of its own.
//
//   npm run bench:start -- --rounds 20 --node PATH --beside FOLDER
//
// --beside: another checkout, built (npm run build), measured in alternation. The medians and the least of each part, in
// milliseconds; `process` is what the runtime takes before the first line runs.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    node: { type: "string", default: process.execPath },
    beside: { type: "string" },
  },
});
const child = new URL("startChild.mjs", import.meta.url).pathname;
const addressOf = (folder: string): string => pathToFileURL(resolve(folder, "dist/index.js")).href;
const folders = ["."].concat(values.beside ?? []);
const found = folders.map(() => [] as Record<string, number>[]);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [i, folder] of folders.entries()) {
    const text = execFileSync(values.node, [child, addressOf(folder)], { encoding: "utf8" });
    found[i].push(JSON.parse(text) as Record<string, number>);
  }
}
const version = execFileSync(values.node, ["--version"], { encoding: "utf8" }).trim();
console.log(`Node ${version}, ${values.rounds} processes each; median (least), milliseconds`);
for (const [i, folder] of folders.entries()) {
  const parts = ["ms", "import", "make", "first", "second", "process"].map((part) => {
    const times = found[i].map((each) => each[part]).sort((a, b) => a - b);
    const name = part === "ms" ? "import + make + first" : part;
    return `${name} ${times[times.length >> 1].toFixed(1)} (${times[0].toFixed(1)})`;
  });
  console.log(`${folder}: ${parts.join("  ")}`);
}
