// Checkpoints as files of a folder, in Node and what is like it. A file appears under its name when it is whole and on the disk:
// by hand, because Node has no such write, and packages that have one (write-file-atomic) sync the file but not the folder's entry.
import { FileError } from "../base/errors.js";
import type { CheckpointStore } from "./store.js";

type Fs = typeof import("node:fs");
type Path = typeof import("node:path");

const OLD = 60 * 60 * 1000; // ms; no file is written for so long
const TEMPORARY = /^\..*\.(\d+)\.tmp$/; // ".checkpoint-000001.safetensors.4711.tmp", with the process's id

/** Whether this runtime has files. */
export function hasFiles(): boolean {
  return globalThis.process?.getBuiltinModule?.("node:fs") !== undefined;
}

/** The folder at this path; it is made if there is none. */
export class FolderStore implements CheckpointStore {
  readonly sync = true;
  readonly #folder: string;
  readonly #fs: Fs;
  readonly #path: Path;
  #cleaned = false;

  constructor(folder: string) {
    this.#fs = globalThis.process.getBuiltinModule("node:fs");
    this.#path = globalThis.process.getBuiltinModule("node:path");
    this.#folder = this.#path.resolve(folder);
    this.#try("make the folder", "", () => this.#fs.mkdirSync(this.#folder, { recursive: true }));
  }

  list(): string[] {
    return this.#try("list the folder", "", () => this.#fs.readdirSync(this.#folder));
  }

  read(name: string): Uint8Array | null {
    const path = this.#path.join(this.#folder, name);
    return this.#try("read", name, () => {
      if (!this.#fs.existsSync(path)) return null;
      const { buffer, byteOffset, length } = this.#fs.readFileSync(path);
      return new Uint8Array(buffer, byteOffset, length);
    });
  }

  // A temporary file beside it, all bytes to the disk, then the name, then the folder's entry to the disk. Whoever reads the
  // folder at any time, also after a crash, finds the whole file or none.
  write(name: string, bytes: Uint8Array): void {
    if (!this.#cleaned) this.#removeLeftovers();
    this.#cleaned = true;
    const path = this.#path.join(this.#folder, name);
    const temporary = this.#path.join(this.#folder, `.${name}.${globalThis.process.pid}.tmp`);
    this.#try(`write ${bytes.length} bytes to`, name, () => {
      try {
        const file = this.#fs.openSync(temporary, "w");
        try {
          this.#fs.writeFileSync(file, bytes);
          this.#fs.fsyncSync(file);
        } finally {
          this.#fs.closeSync(file);
        }
        this.#fs.renameSync(temporary, path);
      } catch (error) {
        this.#fs.rmSync(temporary, { force: true });
        throw error;
      }
      this.#syncFolder();
    });
  }

  remove(name: string): void {
    this.#try("delete", name, () => this.#fs.rmSync(this.#path.join(this.#folder, name), { force: true }));
  }

  // Windows cannot open a folder; there the name reaches the disk when the system sees fit.
  #syncFolder(): void {
    if (globalThis.process.platform === "win32") return;
    const folder = this.#fs.openSync(this.#folder, "r");
    try {
      this.#fs.fsyncSync(folder);
    } finally {
      this.#fs.closeSync(folder);
    }
  }

  // Temporary files of processes that died while they wrote. Before the first write, not when the folder is opened: who only
  // reads takes nothing away from who writes.
  #removeLeftovers(): void {
    for (const entry of this.list()) {
      const process = TEMPORARY.exec(entry)?.[1];
      if (process === undefined) continue;
      const path = this.#path.join(this.#folder, entry);
      const modified = this.#fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (modified === undefined || (isAlive(Number(process)) && Date.now() - modified < OLD)) continue;
      this.#try("delete", entry, () => this.#fs.rmSync(path, { force: true }));
    }
  }

  #try<T>(what: string, name: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const place = name === "" ? this.#folder : this.#path.join(this.#folder, name);
      const remedy = REMEDIES[code ?? ""] ?? "see the cause";
      throw new FileError(`Checkpoints: expected to ${what} ${place}, got ${message} (${remedy}).`, { cause });
    }
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "free some space; the checkpoints before it are whole",
  EDQUOT: "free some space; the checkpoints before it are whole",
  EFBIG: "the file system takes no file of this size; the checkpoints before it are whole",
  EACCES: "check the permissions",
  EPERM: "check the permissions",
  EROFS: "choose a folder that can be written",
  ENOTDIR: "choose another path",
  EEXIST: "choose another path: there is a file of this name",
};

// A process of our own id that left a file is an earlier one that had the same id.
function isAlive(id: number): boolean {
  if (id === globalThis.process.pid) return false;
  try {
    globalThis.process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is there, and somebody else's
  }
}
