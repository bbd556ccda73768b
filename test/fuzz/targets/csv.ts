// Tables of pixels under the fuzz harness.
import { pixelsFromCsv } from "../../../src/entries/data.js";
import { below, oneOf } from "../random.js";
import type { FuzzTarget } from "../target.js";

const text = (lines: string): Uint8Array => Uint8Array.from(lines, (sign) => sign.charCodeAt(0));

export const target: FuzzTarget = {
  name: "csv",
  seeds: () => [
    text("label,a,b,c,d\n7,0,255,3,4\n0,1,2,3,4\n"),
    text("7,0,255,3,4\r\n0, 1,2 ,3,4\r\n"),
    text("1,2,3,4"),
  ],
  parse(bytes) {
    pixelsFromCsv(bytes, { shape: [1, 2, 2] });
  },
  // A sign that means something, anywhere.
  mutate(bytes, random) {
    const changed = bytes.slice();
    changed[below(random, Math.max(1, bytes.length))] = text(
      oneOf(random, [",", "\n", "\r", " ", "9", "-", ".", "l", '"']),
    )[0];
    return changed;
  },
  allocationLimit: (bytes) => 16 * bytes.length + 4096, // columns, names, numbers
};
