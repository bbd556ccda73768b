// CIFAR-10's binary layout under the fuzz harness.
import { encodeCifar10, parseCifar10 } from "../../../src/entries/data.js";
import { below } from "../random.js";
import type { FuzzTarget } from "../target.js";

function file(records: number): Uint8Array {
  const data = Uint8Array.from({ length: records * 3072 }, (_, i) => i);
  const labels = Array.from({ length: records }, (_, i) => i % 10);
  return encodeCifar10({ data, shape: [records, 3, 32, 32] }, labels);
}

export const target: FuzzTarget = {
  name: "cifar",
  seeds: () => [file(1)],
  parse(bytes) {
    parseCifar10(bytes);
  },
  // Another label, or a record more or less.
  mutate(bytes, random) {
    const changed = bytes.slice();
    changed[3073 * below(random, Math.max(1, Math.floor(bytes.length / 3073)))] = below(random, 20);
    return random() < 0.5 ? changed : changed.subarray(0, 3073 * below(random, 3));
  },
  allocationLimit: (bytes) => 8 * bytes.length + 4096, // images, labels, and what names them
};
