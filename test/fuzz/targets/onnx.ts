// ONNX under the fuzz harness. Seeds are files that PyTorch wrote, that we write, drawn ones in the forms of other exporters, and
// small ones made by hand.
import { readFileSync, readdirSync } from "node:fs";
import { MODEL } from "../../../src/onnx/schema.js";
import { decode, encode, type Draft } from "../../../src/onnx/wire.js";
import { exportOnnx, importOnnx } from "../../../src/entries/onnx.js";
import { floats, ints, node, onnxFile } from "../../support/onnxFiles.js";
import { drawModel, randomOf } from "../../support/onnxModels.js";
import { drawStrangersFile, type StrangersFile } from "../../support/onnxStrangers.js";
import type { FuzzTarget } from "../target.js";

const DATA = "torch_dynamo.onnx.data";
const FIXTURES = new URL("../../fixtures/onnx/", import.meta.url);

// Beside each file lies one with weights, which one of them reads.
const data = new Uint8Array(readFileSync(new URL(`strangers/${DATA}`, FIXTURES)));

function seeds(): Uint8Array[] {
  const files = readdirSync(FIXTURES).filter((name) => name.endsWith(".onnx") && !/^lesson|wrongly/.test(name));
  const pytorch = files.sort().map((name) => new Uint8Array(readFileSync(new URL(name, FIXTURES))));
  const ours = [1, 2, 3, 5, 8, 13, 21, 34].map((seed) => {
    const { model, inputShape } = drawModel(randomOf(seed));
    return exportOnnx(model, inputShape);
  });
  const chain = { input: ["a"], output: ["y"] };
  const byHand = [
    onnxFile({ nodes: [node("Relu")], inputShape: [3] }),
    onnxFile({
      nodes: [
        node("MatMul", {}, { input: ["x", "w"], output: ["a"] }),
        node("Add", {}, { ...chain, input: ["a", "b"] }),
      ],
      weights: [floats("w", [3, 2], [1, 2, 3, 4, 5, 6]), floats("b", [2], [1, 2])],
      inputShape: [3],
    }),
    onnxFile({
      nodes: [
        node("Pad", { mode: "constant" }, { input: ["x", "p"], output: ["a"] }),
        node("AveragePool", { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }, chain),
      ],
      weights: [ints("p", [0, 0, 1, 1, 0, 0, 1, 1])],
    }),
    onnxFile({
      nodes: [
        node("Shape", {}, { output: ["s"] }),
        node("Gather", {}, { input: ["s", "zero"], output: ["n"] }),
        node("Unsqueeze", {}, { input: ["n", "axes"], output: ["u"] }),
        node("Concat", { axis: 0 }, { input: ["u", "rest"], output: ["t"] }),
        node("Reshape", {}, { input: ["x", "t"], output: ["y"] }),
      ],
      weights: [ints("zero", [0], []), ints("axes", [0]), ints("rest", [-1])],
    }),
  ];
  const strangers = Array.from({ length: 9 }, (_, seed) => drawStrangersFile(seed)).filter(isImported);
  const outside = new Uint8Array(readFileSync(new URL("strangers/torch_dynamo.onnx", FIXTURES)));
  return [...byHand, ...pytorch, ...ours, outside, ...strangers.map(({ bytes }) => bytes)];
}

// One with several outputs wants a choice, and few have what we have not.
function isImported({ bytes }: StrangersFile): boolean {
  try {
    importOnnx(bytes);
    return true;
  } catch {
    return false;
  }
}

type Node = Record<string, unknown>;
const EXTREMES = [
  0,
  1,
  -1,
  2,
  3,
  7,
  13,
  64,
  255,
  65_536,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 62,
  -(2 ** 63),
];

/** Every list, text and number of a message, as the object and key that hold it. */
function slots(value: unknown, found: [holder: Node, key: string][] = []): [holder: Node, key: string][] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) found.push([value as Node, key]);
    slots(inner, found);
  }
  return found;
}

function change(message: object, random: () => number): void {
  const all = slots(message);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const [holder, key] = pick(all);
  const value = holder[key];
  if (typeof value === "number") {
    const next = random() < 0.4 ? value + pick([-1, 1]) : pick(EXTREMES);
    const narrow = key === "dataType" || key === "elemType" || key === "type" || key === "dataLocation";
    holder[key] = narrow ? Math.floor(random() * 18) : next;
  } else if (typeof value === "string") {
    if (/^\d+$/.test(value) && random() < 0.7) {
      holder[key] = String(pick(EXTREMES)); // a place in another file
      return;
    }
    const texts = all.map(([from, name]) => from[name]).filter((text) => typeof text === "string");
    holder[key] =
      random() < 0.7 ? pick(texts) : pick(["", "x", "a.b.c", "Conv", "Constant", "\u0000", "y".repeat(300)]);
  } else if (value instanceof Uint8Array) {
    holder[key] =
      random() < 0.5
        ? value.slice(0, Math.floor(random() * (value.length + 1)))
        : new Uint8Array(Math.floor(random() * 64));
  } else if (Array.isArray(value) && value.length > 0) {
    const at = Math.floor(random() * value.length);
    const way = random();
    if (way < 0.4) value.splice(at, 1);
    else if (way < 0.7) value.splice(at, 0, value[Math.floor(random() * value.length)]);
    else value.push(...value.splice(at, 1));
  }
}

/** Another file of the same kind: fields of the messages changed, or bytes where the lengths and tags are. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.3) {
    const file = bytes.slice();
    for (let i = 1 + Math.floor(random() * 3); i > 0 && file.length > 0; i--) {
      file[Math.floor(random() * file.length)] =
        random() < 0.5 ? Math.floor(random() * 256) : (1 << Math.floor(random() * 8)) - 1;
    }
    return random() < 0.2 ? file.slice(0, Math.floor(random() * file.length)) : file;
  }
  try {
    const message = decode("mutate", MODEL, bytes) as Draft<typeof MODEL>;
    for (let i = 1 + Math.floor(random() * 3); i > 0; i--) change(message, random);
    return encode(MODEL, message);
  } catch {
    return bytes.slice(0, Math.floor(random() * bytes.length)); // a change that the wire format cannot hold
  }
}

export const target: FuzzTarget = {
  name: "onnx",
  seeds,
  parse: (bytes) => void importOnnx(bytes, { files: { [DATA]: data } }),
  mutate,
  // Weights of 2 bytes a number become 4, and 4 again where they are transposed; one constant may be read in both ways. What nodes
  // compute from weights is bounded by four times the file; two readings of a batch axis may each do that.
  allocationLimit: (bytes) => 24 * (bytes.length + data.length) + 131_072,
};
