// Files in Node and what is like it, reached in a way that browser bundles do not follow.
import { ArgumentError, FileError } from "../../base/errors.js";

type Fs = typeof import("node:fs");
type Path = typeof import("node:path");

/** Reads folders and files; every failure is a FileError that names the path. */
export interface NodeFiles {
  /** Names in a folder, and whether each is a folder, in the order of their code units. */
  list(folder: string): { readonly name: string; readonly isFolder: boolean }[];
  read(path: string): Promise<Uint8Array>;
  join(...parts: string[]): string;
}

/** @throws ArgumentError in a runtime without files, such as a browser */
export function nodeFiles(who: string): NodeFiles {
  const fs: Fs | undefined = globalThis.process?.getBuiltinModule?.("node:fs");
  const path: Path | undefined = globalThis.process?.getBuiltinModule?.("node:path");
  if (fs === undefined || path === undefined) {
    throw new ArgumentError(
      `${who}: expected a runtime with files (Node, Bun, Deno), got one without (fetch the bytes).`,
    );
  }
  const failed = (what: string, place: string, cause: unknown): FileError =>
    new FileError(`${who}: expected to ${what} ${place}, got ${(cause as Error).message} (see the cause).`, { cause });
  return {
    list(folder) {
      try {
        return fs
          .readdirSync(folder)
          .sort((a, b) => (a < b ? -1 : 1))
          .map((name) => ({ name, isFolder: fs.statSync(path.join(folder, name)).isDirectory() }));
      } catch (cause) {
        throw failed("list the folder", folder, cause);
      }
    },
    async read(file) {
      try {
        const { buffer, byteOffset, length } = await fs.promises.readFile(file);
        return new Uint8Array(buffer, byteOffset, length);
      } catch (cause) {
        throw failed("read", file, cause);
      }
    },
    join: (...parts) => path.join(...parts),
  };
}
