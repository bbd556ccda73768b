// Packed IDX under the fuzz harness. Unpacking is the platform's and asynchronous, so an input takes much longer than
// elsewhere, and what the platform allocates for it is not seen.
import { gzipSync, gunzipSync } from "node:zlib";
import { readIdx } from "../../../src/entries/data.js";
import { below } from "../random.js";
import type { FuzzTarget } from "../target.js";
import { changeIdx, idxFile } from "./idx.js";

export const target: FuzzTarget = {
  name: "idx gzip",
  seeds: () => [idxFile(0x08, [4]), idxFile(0x0c, [2, 3]), idxFile(0x08, [3, 100, 100])].map((file) => gzip(file)),
  parse: async (bytes) => {
    await readIdx(bytes);
  },
  mutate(bytes, random) {
    if (random() < 0.7) return gzip(changeIdx(new Uint8Array(gunzipSync(bytes)), random));
    bytes[random() < 0.5 ? below(random, 10) : bytes.length - 1 - below(random, 8)] = below(random, 256); // header or trailer
    return bytes;
  },
  allocationLimit: (bytes) => 2 * 1032 * bytes.length + 65536, // deflate packs at most 1032 to 1
};

function gzip(file: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(file));
}
