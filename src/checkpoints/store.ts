// A place for checkpoints, as the rest sees it: bytes by name.
import type { Bytes } from "../files/bytes.js";

/**
 * Bytes by name, anywhere: a folder, a database, a server. A method may answer at once or by a promise; it throws or rejects
 * when it cannot do its work.
 *
 * @example
 * const files = new Map<string, Uint8Array>();
 * const inMemory: CheckpointStore = {
 *   list: () => [...files.keys()],
 *   read: (name) => files.get(name) ?? null,
 *   write: (name, bytes) => void files.set(name, bytes),
 *   remove: (name) => void files.delete(name),
 * };
 */
export interface CheckpointStore {
  /** Whether all methods answer at once, so that `saveSync` can use them. Default false. */
  readonly sync?: boolean;
  /** The names of what is stored whole, in any order; names of other things do no harm. */
  list(): readonly string[] | Promise<readonly string[]>;
  /** The bytes of this name, or null if there are none. */
  read(name: string): Uint8Array | null | Promise<Uint8Array | null>;
  /**
   * Stores bytes under a name that is not in use: all of them or nothing, whenever the process dies, and for good when it has
   * answered.
   */
  write(name: string, bytes: Bytes): void | Promise<void>;
  /** Deletes this name. */
  remove(name: string): void | Promise<void>;
}
