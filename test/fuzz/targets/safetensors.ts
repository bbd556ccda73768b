// safetensors under the fuzz harness.
import { Tensor, zeros } from "../../../src/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../../src/entries/io.js";
import { oneTensorFile, safetensorsFile } from "../../support/safetensors.js";
import { strangers } from "../../support/strangers.js";
import { below, oneOf } from "../random.js";
import type { FuzzTarget } from "../target.js";

type Header = Record<string, Record<string, unknown>>;

const SIZES = [0, 1, 2, 3, 4, -1, 0.5, 1e300, 65536, 4294967296, 9007199254740991, 9007199254740993];
const NAMES = ["__proto__", "__metadata__", "constructor", "", "a", "x", "é", "\ud800", "n".repeat(300)];
const TYPES = [
  "F16",
  "BF16",
  "F32",
  "F64",
  "I8",
  "I16",
  "I32",
  "I64",
  "U8",
  "U16",
  "U32",
  "U64",
  "BOOL",
  "F8_E4M3",
  "f32",
  "",
];
const ODD = [null, [], {}, "", "1", true, -1, 1e21, [[]], { a: 1 }];

/** Header and data of a valid file. */
function split(bytes: Uint8Array): { header: Header; data: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { header: JSON.parse(text) as Header, data: bytes.subarray(8 + length) };
}

function changeEntry(entry: Record<string, unknown>, random: () => number): void {
  const shape = entry.shape as number[];
  const offsets = entry.data_offsets as number[];
  const changes: (() => void)[] = [
    () => (entry.dtype = oneOf(random, TYPES)),
    () => (shape[below(random, shape.length + 1)] = oneOf(random, SIZES)),
    () => shape.push(oneOf(random, SIZES)),
    () => (offsets[below(random, 2)] += oneOf(random, [-8, -4, -1, 1, 4, 8, 1e6])),
    () => (offsets[below(random, 3)] = oneOf(random, SIZES)),
    () => (entry[oneOf(random, ["dtype", "shape", "data_offsets", "other"])] = oneOf(random, ODD)),
    () => delete entry[oneOf(random, ["dtype", "shape", "data_offsets"])],
  ];
  oneOf(random, changes)();
}

function changeText(text: string, random: () => number): string {
  const at = below(random, text.length);
  const changes: (() => string)[] = [
    () => text + " ".repeat(below(random, 9)),
    () => text.replace(/\d+/g, (digits) => (random() < 0.2 ? `${digits}.0` : digits)),
    () => text.replace("{", `{${text.slice(1, -1)},`), // every name twice
    () =>
      text.slice(0, at) + oneOf(random, ["\\u0061", "\\ud800", "\n", "[", "{", '"', "1e5", "\0", ","]) + text.slice(at),
    () => `${text.slice(0, -1)},"deep":${"[".repeat(below(random, 200))}`,
    () => text.replace(/"([a-z])/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
  ];
  return oneOf(random, changes)();
}

export const target: FuzzTarget = {
  name: "safetensors",
  seeds() {
    const tensors = { "0.weight": new Tensor([1, 2, 3, 4, 5, 6], [2, 3]), "0.bias": new Tensor([7, 8]) };
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`layers.${i}.weight`, zeros([3, 4])]));
    const mixed = {
      __metadata__: { format: "pt" },
      half: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
      empty: { dtype: "U8", shape: [0, 3], data_offsets: [4, 4] },
      long: { dtype: "I64", shape: [1], data_offsets: [4, 12] },
      flag: { dtype: "BOOL", shape: [], data_offsets: [12, 13] },
    };
    return [
      ...[encodeSafetensors(tensors, { format: "pt", note: "ä" }), encodeSafetensors({}), encodeSafetensors(many)],
      safetensorsFile(mixed, [0, 60, 0, 192, 5, 0, 0, 0, 0, 0, 0, 0, 1]),
      ...strangers("safetensors").map(({ bytes }) => bytes),
      oneTensorFile("F64", [2, 2], Float64Array.of(1, -2, 1e-310, NaN)),
      oneTensorFile("BF16", [3], Uint16Array.of(1, 2, 65535)),
      oneTensorFile("I32", [1, 2], Int32Array.of(-1, 16777216)),
      oneTensorFile("U64", [1], BigUint64Array.of(2n ** 63n)),
    ];
  },
  parse(bytes) {
    decodeSafetensors(bytes, { round: (bytes.at(-1) ?? 0) % 2 === 1 });
  },
  mutate(bytes, random) {
    const { header, data } = split(bytes);
    const names = Object.keys(header).filter((name) => name !== "__metadata__");
    const name = oneOf(random, names);
    const way = below(random, 10);
    if (way < 5 && name !== undefined) changeEntry(header[name], random);
    if (way === 5) header.__metadata__ = oneOf(random, ODD) as never;
    if (way === 6) (header.__metadata__ ??= {})[oneOf(random, NAMES)] = oneOf(random, [...ODD, "text"]);
    if (way === 7 && name !== undefined) {
      Object.defineProperty(header, oneOf(random, NAMES), { value: header[name], enumerable: true });
      if (random() < 0.5) delete header[name];
    }
    let text = JSON.stringify(header);
    if (way >= 8) text = changeText(text, random);
    const file = safetensorsFile(text, random() < 0.1 ? data.subarray(1) : data);
    if (random() < 0.05) new DataView(file.buffer).setUint32(0, below(random, 2 * file.length), true);
    return file;
  },
  allocationLimit: (bytes) => 5 * bytes.length + 1024, // a copy of the header, float32 from bytes
};
