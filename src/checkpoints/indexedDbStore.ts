// Checkpoints in a browser's IndexedDB: one record a checkpoint, each written in one transaction, which is whole or not at all.
// By hand, because four requests are all that is needed, and their promises must wait for the transaction, not the request.
import { FileError } from "../base/errors.js";
import type { CheckpointStore } from "./store.js";

const RECORDS = "checkpoints";

/** Whether this runtime has the database. */
export function hasIndexedDb(): boolean {
  return globalThis.indexedDB !== undefined;
}

/** The database of this name; it is made if there is none. It is open during an operation only. */
export class IndexedDbStore implements CheckpointStore {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async list(): Promise<string[]> {
    const keys = await this.#do("list", "readonly", (records) => records.getAllKeys());
    return keys.map(String);
  }

  async read(name: string): Promise<Uint8Array | null> {
    const found: unknown = await this.#do(`read ${name} of`, "readonly", (records) => records.get(name));
    return found instanceof Uint8Array ? found : null;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#do(`write ${bytes.length} bytes as ${name} to`, "readwrite", (records) => records.add(bytes, name));
  }

  async remove(name: string): Promise<void> {
    await this.#do(`delete ${name} of`, "readwrite", (records) => records.delete(name));
  }

  // Resolves when the transaction is complete, not when the request is: only then the record is there for good.
  async #do<T>(
    what: string,
    mode: IDBTransactionMode,
    request: (records: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    let database: IDBDatabase | undefined;
    try {
      const opened = await open(this.#name);
      database = opened;
      return await new Promise<T>((resolve, reject) => {
        const transaction = opened.transaction(RECORDS, mode, { durability: "strict" });
        const asked = request(transaction.objectStore(RECORDS));
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = () => reject(transaction.error ?? asked.error);
      });
    } catch (cause) {
      const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      const full = cause instanceof Error && cause.name === "QuotaExceededError";
      const remedy = full ? "free some space; the checkpoints before it are whole" : "see the cause";
      const place = `the database ${JSON.stringify(this.#name)}`;
      throw new FileError(`Checkpoints: expected to ${what} ${place}, got ${message} (${remedy}).`, { cause });
    } finally {
      database?.close();
    }
  }
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = globalThis.indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another page holds an older version of the database open"));
  });
}
