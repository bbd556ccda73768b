// .npy under the fuzz harness; its seeds are files that NumPy wrote.
import { decodeNpy } from "../../../src/entries/io.js";
import { numpyFiles } from "../../support/numpy.js";
import { below, oneOf } from "../random.js";
import type { FuzzTarget } from "../target.js";

const SEEDS = [
  ...[
    "<f2 C",
    ">f4 C",
    "<f4 F",
    "<f8 C",
    ">i8 F",
    "|u1 C",
    "<u2 C",
    "bool",
    "float32 ()",
    "float32 (0, 7)",
    "version 2",
  ],
  ...["version 3", "special >f2"],
];
const DESCRS = [
  "<f2",
  ">f2",
  "<f4",
  ">f4",
  "<f8",
  "<i8",
  ">u8",
  "|i1",
  "|b1",
  "|u1",
  "<f3",
  "|O",
  "<c8",
  "<U4",
  "",
  "f4",
  "<V8",
];
const SHAPES = [
  "()",
  "(0,)",
  "(1,)",
  "(3)",
  "(2, 3, 2)",
  "(3, 4L)",
  "(1e3,)",
  "(-1,)",
  "(4294967296, 4294967296)",
].concat(["(9007199254740993,)", "(0, 9007199254740991, 9)", `(${"1, ".repeat(70)})`, "[2]", "((1,),)", "None"]);
const PIECES = ["{", "}", "'", '"', "(", ",", ":", "\\", "\n", "\0", "# ", "True", "0", "'descr': '<f4', ", "\xff"];

function changeHeader(text: string, random: () => number): string {
  const at = below(random, text.length + 1);
  const changes: (() => string)[] = [
    () => text.replace(/'descr': '[^']*'/, `'descr': '${oneOf(random, DESCRS)}'`),
    () => text.replace(/\(.*\)/, oneOf(random, SHAPES)),
    () => text.replace(/True|False/, oneOf(random, ["True", "False", "None", "'C'", "1"])),
    () => text.slice(0, at) + oneOf(random, PIECES) + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1 + below(random, 8)),
    () => text.trimEnd() + " ".repeat(below(random, 300)),
    () => text.padEnd(random() < 0.1 ? oneOf(random, [9999, 10001]) : 500),
  ];
  return oneOf(random, changes)();
}

export const target: FuzzTarget = {
  name: "npy",
  seeds: () =>
    numpyFiles()
      .filter(({ name }) => SEEDS.some((seed) => name.startsWith(seed)))
      .map(({ bytes }) => bytes),
  parse(bytes) {
    decodeNpy(bytes, { round: (bytes.at(-1) ?? 0) % 2 === 1 });
  },
  mutate(bytes, random) {
    const start = bytes[6] === 1 ? 10 : 12;
    const end = start + bytes[8] + 256 * bytes[9];
    const text = changeHeader(String.fromCharCode(...bytes.subarray(start, end)), random);
    const version = random() < 0.9 ? bytes[6] : below(random, 5);
    const size = version === 1 ? 10 : 12;
    const data = bytes.subarray(end);
    const file = new Uint8Array(size + text.length + data.length);
    file.set([...bytes.subarray(0, 6), version, 0, text.length & 255, (text.length >> 8) & 255, text.length >> 16]);
    file.set(
      Array.from(text, (letter) => letter.charCodeAt(0)),
      size,
    );
    file.set(data, size + text.length);
    return file;
  },
  allocationLimit: (bytes) => 8 * bytes.length + 1024, // float32 from bytes, and once more to change the order
};
