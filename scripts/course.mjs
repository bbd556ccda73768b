// `npm run course -- 3.2`: checks answers to the course's exercises; builds the package first if nobody has.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const run = (...args) => spawnSync(process.execPath, args, { cwd, stdio: "inherit" }).status ?? 1;

if (!existsSync(`${cwd}dist/index.js`)) {
  console.log("building handgrad, once ...");
  const steps = [
    ["scripts/build-kernels.mjs"],
    ["scripts/build-worker.mjs"],
    ["node_modules/tsup/dist/cli-default.js", "--silent"],
  ];
  if (steps.some((step) => run(...step) !== 0)) process.exit(1);
}
process.exitCode = run("--import", "tsx", "course/run.ts", ...process.argv.slice(2));
