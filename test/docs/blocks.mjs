// The code in the documentation: fenced blocks of Markdown files and @example blocks of doc comments. No running here.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths below `folder` that end so, relative to the repository's root. */
export function filesBelow(root, folder, ending) {
  const names = readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`);
  return names.filter((name) => name.endsWith(ending) && !/\/(api|assembly)\//.test(name)).sort();
}

/**
 * Fenced blocks of a Markdown file: { path, line, language, info, code }. `info` is what follows the language: "quote"
 * says that the block repeats lines of the source and is no program.
 */
export function fencedBlocks(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/^```([a-z]*) *([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language, info, code] = match;
    return { path, line: text.slice(0, match.index).split("\n").length, language, info, code };
  });
}

/** The @example blocks of a source file: { path, line, code }. */
export function examples(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  const pattern = /^ *\* @example *\n((?: *\*(?!\/| @)[^\n]*\n)+)/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length,
    code: match[1].replace(/^ *\* ?/gm, ""),
  }));
}

/** The paths that a Markdown file links to, without anchors, and those in the repository only. */
export function links(root, path) {
  const text = readFileSync(join(root, path), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => !/^(https?:|#)/.test(target)).map((target) => target.split("#")[0]);
}
