// IDX, not packed, under the fuzz harness.
import { parseIdx } from "../../../src/entries/data.js";
import { below, oneOf } from "../random.js";
import type { FuzzTarget } from "../target.js";

const TYPES = [0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e];
const BYTES = [1, 1, 2, 4, 4, 8];
const SIZES = [0, 1, 2, 255, 256, 65536, 2147483648, 4294967295];

/** A file of this type and shape whose bytes count up. */
export function idxFile(type: number, shape: readonly number[]): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const header = 4 + 4 * shape.length;
  const file = new Uint8Array(header + count * BYTES[TYPES.indexOf(type)]);
  file.set([0, 0, type, shape.length]);
  shape.forEach((size, axis) => new DataView(file.buffer).setUint32(4 + 4 * axis, size));
  for (let i = header; i < file.length; i++) file[i] = i;
  return file;
}

/** A header with another type, number of axes or size. */
export function changeIdx(bytes: Uint8Array, random: () => number): Uint8Array {
  const file = bytes.slice();
  const way = below(random, 4);
  if (way === 0) file[2] = oneOf(random, [...TYPES, 0x0a, 0]);
  if (way === 1) file[3] = random() < 0.7 ? below(random, 5) : oneOf(random, [128, 255]);
  if (way >= 2) {
    const axis = below(random, Math.max(1, Math.min(file[3], Math.floor(file.length / 4) - 1)));
    const value = random() < 0.5 ? oneOf(random, SIZES) : below(random, file.length);
    new DataView(file.buffer).setUint32(4 + 4 * axis, value);
  }
  return file;
}

export const target: FuzzTarget = {
  name: "idx",
  seeds: () => [
    ...TYPES.map((type) => idxFile(type, [2, 3])),
    ...[
      idxFile(0x08, [4]),
      idxFile(0x08, [2, 28, 28]),
      idxFile(0x0d, [0, 7]),
      idxFile(0x08, new Array<number>(255).fill(1)),
    ],
  ],
  parse(bytes) {
    parseIdx(bytes);
  },
  mutate: changeIdx,
  allocationLimit: (bytes) => 2 * bytes.length + 1024, // the numbers, and again in the machine's byte order
};
