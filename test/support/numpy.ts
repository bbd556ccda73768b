// Reads the files that NumPy wrote (test/fixtures/make_numpy.py).
import { readFileSync } from "node:fs";

export interface NumpyFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it is a float32 .npy file in C order, as the library itself writes. */
  readonly exact: boolean;
  /** By name; "" for the one array of a .npy file. */
  readonly arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly numbers: readonly number[] }>>;
}

interface Stored {
  readonly name: string;
  readonly file: string;
  readonly exact?: boolean;
  readonly arrays: Readonly<Record<string, { readonly shape: number[]; readonly numbers: (number | string)[] }>>;
}

/** All files, .npy and .npz. */
export function numpyFiles(): NumpyFile[] {
  const text = readFileSync(new URL("../fixtures/numpy.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { files: Stored[] }).files.map(({ name, file, exact = false, arrays }) => ({
    name,
    bytes: new Uint8Array(Buffer.from(file, "base64")),
    exact,
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([key, { shape, numbers }]) => [key, { shape, numbers: numbers.map(toNumber) }]),
    ),
  }));
}

function toNumber(value: number | string): number {
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value); // "nan" is NaN
}
