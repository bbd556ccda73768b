// An empty project with the packed package in it, laid there as npm would: what a newcomer has after `npm install`.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a command printed; an Error with `stdout` and `stderr` if it failed. */
export function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Makes a package of this repository's node_modules one of the project's. */
export function linkPackage(project, name) {
  const link = join(project, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(root, "node_modules", name), link);
}

/** Packs the package and lays it, with its dependencies (and with `peers` its optional ones), into a new folder. */
export function makeProject({ peers = false } = {}) {
  const project = mkdtempSync(join(tmpdir(), "handgrad-package-"));
  const [pack] = JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", project], root));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  mkdirSync(join(project, "node_modules", "handgrad"), { recursive: true });
  run("tar", ["xzf", pack.filename, "-C", "node_modules/handgrad", "--strip-components=1"], project);
  mkdirSync(join(project, "node_modules", "@types"));
  const names = [...Object.keys(manifest.dependencies), "cwise-compiler", "uniq", "iota-array", "is-buffer"];
  if (peers) names.push(...Object.keys(manifest.peerDependencies));
  for (const name of names) linkPackage(project, name);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  return { project, pack, manifest };
}
