// Weights that PyTorch wrote: loaded by their names into the lessons' networks, in every float format, these give PyTorch's
// answers; and what we write of them is PyTorch's file. test/fixtures/make_weights.py made them; npm run roundtrip does the
// same with a live PyTorch, in both directions.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Tensor, type Sequential } from "../../src/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/entries/io.js";
import { EPS32, expectClose } from "../support/close.js";
import { INPUT_SHAPES, NETWORKS, lessonInput } from "../support/lessons.js";

type Name = keyof typeof NETWORKS;

interface Described {
  readonly dtypes: Readonly<Record<string, string>>;
  /** In float64, [4, 10]. */
  readonly answers: readonly number[];
  /** How far PyTorch's float32 answers are from these. */
  readonly float32Apart: number;
  /** The largest answer. */
  readonly largest: number;
}

const folder = new URL("../fixtures/weights/", import.meta.url);
const described = JSON.parse(readFileSync(new URL("weights.json", folder), "utf8")) as Record<Name, Described>;
const names = Object.keys(NETWORKS) as Name[];

function load(name: Name): { bytes: Uint8Array; model: Sequential } {
  const bytes = readFileSync(new URL(`${name}.safetensors`, folder));
  const model = NETWORKS[name]();
  model.loadStateDict(decodeSafetensors(bytes).tensors);
  return { bytes: new Uint8Array(bytes), model };
}

describe("A state dict that PyTorch wrote", () => {
  it.each(names)("is loaded by its names, with its number formats told: %s", (name) => {
    const { bytes, model } = load(name);
    const { tensors, dtypes, metadata } = decodeSafetensors(bytes);
    expect(dtypes).toEqual(described[name].dtypes);
    expect(metadata).toEqual({ format: "pt" });
    expect(Object.keys(tensors)).toEqual(Object.keys(model.stateDict()));
  });

  it.each(names)("gives PyTorch's answers within float32 rounding: %s", (name) => {
    const { answers, float32Apart, largest } = described[name];
    const y = load(name).model.predict(lessonInput(name));
    // PyTorch's own float32 run is this far away; another order of summation may be as far again, and a few last bits.
    expectClose(y.data, answers, 2 * float32Apart + 8 * EPS32 * largest);
  });

  it("in float32 is, byte for byte, what encodeSafetensors writes of the model", () => {
    const { bytes, model } = load("lesson4");
    expect(Buffer.compare(encodeSafetensors(model.stateDict(), { format: "pt" }), bytes)).toBe(0);
  });

  it("of another network is refused by name, and nothing changes", () => {
    const model = NETWORKS.lesson4();
    const before = encodeSafetensors(model.stateDict());
    const { tensors } = decodeSafetensors(readFileSync(new URL("lesson3.safetensors", folder)));
    expect(() => model.loadStateDict(tensors)).toThrow(
      "expected the model's 8 names, got 6 missing (3.weight, 3.bias,",
    );
    expect(Buffer.compare(encodeSafetensors(model.stateDict()), before)).toBe(0);
  });
});

it("the input of the fixtures is arithmetic", () => {
  const x = lessonInput("lesson1");
  expect(x.shape).toEqual([4, ...INPUT_SHAPES.lesson1]);
  expect([...x.data.subarray(0, 4)]).toEqual([0, 8, 18, 30].map((level) => Math.fround(level / 255)));
  expect(Tensor.isTensor(x)).toBe(true);
});
