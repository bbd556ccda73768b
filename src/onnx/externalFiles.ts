// The files beside a model: weights may lie in "model.onnx.data". The caller gives their bytes by name; nothing is fetched, and a
// place in a file counts only once it is known to be inside of it.
import { checkBytes, nearestHint, show } from "../base/check.js";
import { ArgumentError, FormatError } from "../base/errors.js";

/** Where numbers lie, as the file says it: location, offset, length. */
type Entries = readonly { readonly key: string | undefined; readonly value: string | undefined }[];

// Tensors may share numbers, but not so often that a small file becomes a large model.
const MOST_READ = 4;

export class ExternalFiles {
  readonly #files = new Map<string, Uint8Array>();
  #read = 0;

  /** @param files the bytes by name, as the option `files` of importOnnx */
  constructor(who = "", files: unknown = {}) {
    if (typeof files !== "object" || files === null || Array.isArray(files) || ArrayBuffer.isView(files)) {
      throw new ArgumentError(
        `${who}: expected files as an object of bytes by name, such as { "model.onnx.data": bytes }, got ${show(files)}.`,
      );
    }
    const entries: Iterable<[unknown, unknown]> = files instanceof Map ? files : Object.entries(files);
    for (const [name, bytes] of entries)
      this.#files.set(String(name), checkBytes(`${who}: files[${show(name)}]`, bytes));
  }

  /** How many bytes all of them hold. */
  get size(): number {
    return [...this.#files.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The bytes at a place, `count` of them. */
  bytesOf(who: string, entries: Entries, count: number): Uint8Array {
    const said = new Map(entries.map(({ key = "", value = "" }) => [key, value]));
    const location = said.get("location") ?? "";
    const file = this.#find(who, location);
    const offset = placeOf(who, "offset", said.get("offset")) ?? 0;
    const length = placeOf(who, "length", said.get("length")) ?? count;
    const where = `of ${showFile(location)}`;
    if (length !== count) {
      throw new FormatError(`${who}: expected ${count} bytes for its shape and type, got ${length} ${where}.`);
    }
    if (offset + length > file.length) {
      throw new FormatError(
        `${who}: expected bytes ${offset} to ${offset + length} ${where}, got a file of ${file.length} bytes (it is cut ` +
          `short, or of another model).`,
      );
    }
    this.#read += length;
    if (this.#read > MOST_READ * this.size) {
      throw new FormatError(
        `${who}: expected at most ${MOST_READ} times the bytes of the files beside the model, got more (tensors overlap).`,
      );
    }
    return file.subarray(offset, offset + length);
  }

  // By its name in the model, or by the last part of that: files move together, folders do not.
  #find(who: string, location: string): Uint8Array {
    const name = lastPart(location);
    const found = this.#files.get(location) ?? this.#files.get(name);
    if (found !== undefined) return found;
    const names = [...this.#files.keys()];
    const alike = names.filter((each) => lastPart(each) === name);
    if (alike.length === 1) return this.#files.get(alike[0]) as Uint8Array;
    const got = names.length === 0 ? "none" : names.slice(0, 4).map(showFile).join(", ");
    const hint = nearestHint(name, names).replace("?", "");
    const key = show(name.slice(0, 80));
    throw new FormatError(
      `${who}: expected the file ${showFile(location)}, which holds its numbers (external data), got ${got}${hint} (give ` +
        `its bytes, too: importOnnx(bytes, { files: { ${key}: dataBytes } }), or save the model with the weights inside).`,
    );
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function showFile(name: string): string {
  return show(name.slice(0, 80));
}

function placeOf(who: string, name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new FormatError(
    `${who}: expected ${name} of its external data to be a whole number, got ${show(text.slice(0, 40))}.`,
  );
}
