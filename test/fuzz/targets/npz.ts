// .npz under the fuzz harness: the archive around, and with right checksums the arrays inside.
import { unzipSync, zipSync } from "fflate";
import { Tensor, zeros } from "../../../src/index.js";
import { readZipDirectory } from "../../../src/files/zip.js";
import { decodeNpz, encodeNpz } from "../../../src/entries/npz.js";
import { numpyFiles } from "../../support/numpy.js";
import { strangers } from "../../support/strangers.js";
import { below, oneOf } from "../random.js";
import type { FuzzTarget } from "../target.js";
import { target as npy } from "./npy.js";

const EXTREMES = [0, 1, 2, 8, 20, 46, 1000, 65535, 65536, 2147483647, 2147483648, 4294967295];
const NAMES = ["a.npy", ".npy", "a.txt", "__proto__.npy", "é.npy", "", "../a.npy"];

// Sizes of fields by their place in the three kinds of records.
const FIELDS = {
  local: [4, 6, 8, 14, 18, 22, 26, 28],
  central: [6, 8, 10, 16, 20, 24, 28, 30, 32, 42],
  end: [4, 6, 8, 10, 12, 16, 20],
};
const FOUR_BYTES = { local: [14, 18, 22], central: [16, 20, 24, 42], end: [12, 16] };

function changeRecord(bytes: Uint8Array, random: () => number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = readZipDirectory("seed", bytes);
  const end = bytes.length - 22;
  const central = view.getUint32(end + 16, true);
  const kind = members.length === 0 ? "end" : oneOf(random, ["local", "central", "end"] as const);
  const start = { local: members[0]?.start ?? 0, central, end }[kind];
  const field = oneOf(random, FIELDS[kind]);
  const value = random() < 0.5 ? oneOf(random, EXTREMES) : below(random, bytes.length);
  if (FOUR_BYTES[kind].includes(field)) view.setUint32(start + field, value, true);
  else view.setUint16(start + field, value, true);
  return bytes;
}

function changeMember(bytes: Uint8Array, random: () => number): Uint8Array {
  const members = Object.entries(unzipSync(bytes));
  if (members.length === 0) return bytes;
  const changed = below(random, members.length);
  const entries = members.map(([name, content], i): [string, Uint8Array] => {
    if (i !== changed) return [name, content];
    return random() < 0.8 ? [name, npy.mutate(content, random)] : [oneOf(random, NAMES), content];
  });
  return zipSync(Object.fromEntries(entries), { level: random() < 0.2 ? 1 : 0, mtime: new Date(1980, 0, 1) });
}

export const target: FuzzTarget = {
  name: "npz",
  seeds: () => [
    ...numpyFiles()
      .filter(({ name }) => ["savez", "savez_compressed", "savez of nothing"].includes(name))
      .map(({ bytes }) => bytes),
    ...strangers("npz files").map(({ bytes }) => bytes),
    ...[false, true].map((compress) => encodeNpz({ a: new Tensor([1, 2]), b: zeros([10, 10]) }, { compress })),
  ],
  parse(bytes) {
    decodeNpz(bytes);
  },
  mutate: (bytes, random) => (random() < 0.6 ? changeRecord(bytes, random) : changeMember(bytes, random)),
  // Deflate packs at most 1032 to 1; the unpacking, the array and its conversion each take their part of that.
  allocationLimit: (bytes) => 16 * 1032 * bytes.length + 1024 * 1024,
};
