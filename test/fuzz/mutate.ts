// Changes of files that know nothing of their format: bits, pieces, lengths, and integers at their extremes.
import { below, oneOf } from "./random.js";

type Change = (bytes: Uint8Array, random: () => number, other: Uint8Array) => Uint8Array;

const EXTREMES = [
  0n,
  1n,
  2n,
  127n,
  128n,
  255n,
  256n,
  32767n,
  65535n,
  65536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
].concat([2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 100_000_000n, 100_000_001n]);

/** One to four changes, drawn; `other` is a file to take pieces from. */
export function mutateBytes(bytes: Uint8Array, random: () => number, other: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let count = 1 + below(random, 4); count > 0; count--) changed = oneOf(random, CHANGES)(changed, random, other);
  return changed;
}

const flipBit: Change = (bytes, random) => {
  if (bytes.length === 0) return bytes;
  const changed = bytes.slice();
  changed[below(random, bytes.length)] ^= 1 << below(random, 8);
  return changed;
};

const setByte: Change = (bytes, random) => {
  if (bytes.length === 0) return bytes;
  const changed = bytes.slice();
  changed[below(random, bytes.length)] = below(random, 256);
  return changed;
};

const truncate: Change = (bytes, random) => bytes.slice(0, below(random, bytes.length + 1));

const insert: Change = (bytes, random) => {
  const piece = Uint8Array.from({ length: 1 + below(random, 8) }, () => below(random, 256));
  return spliced(bytes, below(random, bytes.length + 1), 0, piece);
};

const remove: Change = (bytes, random) => {
  return spliced(bytes, below(random, bytes.length + 1), 1 + below(random, 8), new Uint8Array(0));
};

const repeat: Change = (bytes, random) => {
  const from = below(random, bytes.length + 1);
  return spliced(bytes, from, 0, bytes.slice(from, from + 1 + below(random, 32)));
};

const splice: Change = (bytes, random, other) => {
  const from = below(random, other.length + 1);
  const piece = other.slice(from, from + 1 + below(random, 64));
  return spliced(bytes, below(random, bytes.length + 1), oneOf(random, [0, piece.length]), piece);
};

// Early bytes twice as often: headers hold most integers.
const extremeInteger: Change = (bytes, random) => {
  const size = oneOf(random, [1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  const changed = bytes.slice();
  const room = bytes.length - size + 1;
  const at = below(random, random() < 0.5 ? Math.min(room, 64) : room);
  let value = oneOf(random, EXTREMES);
  const little = random() < 0.7;
  for (let i = 0; i < size; i++) {
    changed[at + (little ? i : size - 1 - i)] = Number(value & 255n);
    value >>= 8n;
  }
  return changed;
};

const CHANGES: readonly Change[] = [
  ...[flipBit, flipBit, setByte, setByte, truncate, insert, remove, repeat, splice, extremeInteger, extremeInteger],
];

function spliced(bytes: Uint8Array, at: number, removed: number, piece: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(at + removed, bytes.length));
  const changed = new Uint8Array(at + piece.length + rest.length);
  changed.set(bytes.subarray(0, at));
  changed.set(piece, at);
  changed.set(rest, at + piece.length);
  return changed;
}
