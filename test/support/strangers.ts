// Reads the files that carry more than tensors (test/fixtures/make_strangers.py).
import { readFileSync } from "node:fs";

export interface Stranger {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The numbers of each tensor by its name. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  /** Names of what is not of numbers. */
  readonly skipped: readonly string[];
}

/** The files whose names begin so. */
export function strangers(start: string): Stranger[] {
  const text = readFileSync(new URL("../fixtures/strangers.json", import.meta.url), "utf8");
  const { files } = JSON.parse(text) as { files: (Omit<Stranger, "bytes"> & { readonly file: string })[] };
  return files
    .filter(({ name }) => name.startsWith(start))
    .map(({ file, ...rest }) => ({ ...rest, bytes: new Uint8Array(Buffer.from(file, "base64")) }));
}
