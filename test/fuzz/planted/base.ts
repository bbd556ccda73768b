// A format for showing that the harness sees what is wrong with a parser: the word OK, then bytes.
import { FormatError } from "../../../src/base/errors.js";
import type { FuzzTarget } from "../target.js";

/** A target that is right but for what `fault` does with some of the bytes behind the OK. */
export function planted(name: string, fault: (value: number, bytes: Uint8Array) => unknown): { target: FuzzTarget } {
  const target: FuzzTarget = {
    name,
    seeds: () => [Uint8Array.of(0x4f, 0x4b, 1, 2, 3, 4)],
    parse(bytes) {
      if (bytes[0] !== 0x4f || bytes[1] !== 0x4b) throw new FormatError("parse: expected OK, got other bytes.");
      fault(bytes[2], bytes);
      if (bytes.length !== 6) throw new FormatError(`parse: expected 6 bytes, got ${bytes.length}.`);
    },
    mutate(bytes, random) {
      bytes[2 + Math.floor(random() * 4)] = Math.floor(random() * 256);
      return bytes;
    },
    allocationLimit: (bytes) => 1024 + bytes.length,
  };
  return { target };
}
