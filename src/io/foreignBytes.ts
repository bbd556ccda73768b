// Bytes that are not what a reader of model files expects: which thing the user has in hand, and what to do with it.
import { checkBytes, show } from "../check.js";
import { ArgumentError } from "../errors.js";

const REMEDIES: Readonly<Record<string, string>> = {
  "[object Promise]": "write await before it",
  "[object Response]": "await response.arrayBuffer()",
  "[object Blob]": "await blob.arrayBuffer()",
  "[object File]": "await file.arrayBuffer()",
  "[object String]": "read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()",
};

/** The bytes of a file, whatever holds them. */
export function bytesOf(who: string, value: unknown): Uint8Array {
  const remedy = REMEDIES[Object.prototype.toString.call(value)];
  if (remedy === undefined) return checkBytes(who, value);
  throw new ArgumentError(`${who}: expected bytes (Uint8Array or ArrayBuffer), got ${show(value)} (${remedy}).`);
}

// What files that are taken for model files begin with.
const BEGINNINGS: readonly (readonly [start: string, what: string])[] = [
  ["PK\x03\x04", "a zip file (PyTorch's .pt, Keras' .keras, NumPy's .npz: write the weights as safetensors there)"],
  ["\x89HDF", "an HDF5 file (Keras: write the weights as safetensors there)"],
  ["\x80\x02", "a Python pickle (PyTorch: write the weights as safetensors there)"],
  ["\x1f\x8b", "a gzip file (unpack it first)"],
  ["\x93NUMPY", "a NumPy array"],
  ["version https://git-lfs", "a pointer of Git LFS (get the file itself: git lfs pull)"],
  ["<", "a page of HTML or XML (look at the address, and at response.ok)"],
  ["{", "a JSON text"],
];

/** Names a well-known kind of file by its first bytes; "" for any other. */
export function foreign(bytes: Uint8Array): string {
  if (bytes.length === 0) return "no bytes (an empty file)";
  const start = String.fromCharCode(...bytes.subarray(0, 32)).replace(/^(\xef\xbb\xbf)?\s+/, "");
  return BEGINNINGS.find(([beginning]) => start.startsWith(beginning))?.[1] ?? "";
}
