// Names what a file looks like from its first bytes, for error messages. It decides nothing else.

// First bytes of formats that end up in the place of a data file.
const SIGNATURES: readonly (readonly [name: string, ...first: number[]])[] = [
  ["a PNG image", 0x89, 0x50, 0x4e, 0x47],
  ["a JPEG image", 0xff, 0xd8, 0xff],
  ["a GIF image", 0x47, 0x49, 0x46, 0x38],
  ["a zip archive (or a NumPy .npz)", 0x50, 0x4b, 0x03, 0x04],
  ["an empty zip archive", 0x50, 0x4b, 0x05, 0x06],
  ["gzip data", 0x1f, 0x8b],
  ["bzip2 data", 0x42, 0x5a, 0x68],
  ["xz data", 0xfd, 0x37, 0x7a, 0x58, 0x5a],
  ["a NumPy .npy file", 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
  ["an HDF5 file", 0x89, 0x48, 0x44, 0x46],
  ["a PDF document", 0x25, 0x50, 0x44, 0x46],
];

const TEXT_STARTS: readonly (readonly [name: string, start: RegExp])[] = [
  ["an HTML page, perhaps of a download that failed", /^\s*<(!doctype html|html|head|body)/i],
  ["an XML file", /^\s*</],
  ["a JSON file", /^\s*(\{|\[|")/],
  ["a Git LFS pointer instead of the file itself", /^version https:\/\/git-lfs/],
];

const PEEK = 64; // bytes that are enough to tell text from binary data

/** `89 50 4e 47; this looks like a PNG image`: the first bytes, and a guess where there is one. */
export function describeBytes(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const guess = guessFormat(bytes);
  return guess === undefined ? hex : `${hex}; this looks like ${guess}`;
}

function guessFormat(bytes: Uint8Array): string | undefined {
  const signature = SIGNATURES.find(([, ...first]) => first.every((byte, i) => bytes[i] === byte));
  if (signature !== undefined) return signature[0];
  const peek = Array.from(bytes.subarray(0, PEEK));
  const isText = peek.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
  if (!isText) return undefined;
  // A UTF-8 byte order mark may come first.
  const text = String.fromCharCode(...peek).replace(/^\u00ef\u00bb\u00bf/, "");
  const kind = TEXT_STARTS.find(([, start]) => start.test(text));
  if (kind !== undefined) return kind[0];
  return peek.every((byte) => byte < 0x7f) ? "a text file" : undefined;
}
