// The project's sources as syntax trees, for tests about the code itself.
import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

/** Sources by path, such as "src/nn/activation/relu.ts". */
export type Files = ReadonlyMap<string, string>;

/** AssemblyScript: another language, compiled apart. */
export const ASSEMBLY = "src/backend/wasm/assembly/";

export function parse(path: string, source: string): ts.SourceFile {
  return ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** All TypeScript files below the folders. */
export function readTree(...folders: string[]): Files {
  const files = new Map<string, string>();
  const read = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) read(path);
      else if (path.endsWith(".ts")) files.set(path, readFileSync(join(path), "utf8"));
    }
  };
  folders.forEach(read);
  return files;
}
