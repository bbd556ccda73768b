// A folder for one cell: the package from its tarball, what the cell names from npm, and the sources it runs.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../package/project.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Makes the folder of a cell and fills it. */
export function makeHome(folder, { name, packages = [], type = "module", manifest = {}, files = {} }, tarball) {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, "package.json"))) {
    writeFileSync(join(home, "package.json"), JSON.stringify({ name: "consumer", private: true, type, ...manifest }));
  }
  rmSync(join(home, "node_modules/handgrad"), { recursive: true, force: true });
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  run("npm", ["install", ...options, ...packages, tarball], home);
  copyFileSync(join(HERE, "program.mjs"), join(home, "program.mjs"));
  for (const [path, text] of Object.entries(files)) write(join(home, path), text);
  return home;
}

function write(path, text) {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}
