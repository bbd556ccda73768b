// The wire format by hand, and numbers in every type.
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/base/errors.js";
import { floatsOf, intsOf } from "../../src/onnx/numbers.js";
import { DATA_TYPE, TENSOR, type TensorDraft } from "../../src/onnx/schema.js";
import { decode, encode, many, one } from "../../src/onnx/wire.js";
import { throwsExactly } from "../support/errors.js";

const INNER = { text: one(1, "string") };
const OUTER = { count: one(1, "int64"), ratio: one(2, "float"), inner: one(3, INNER), list: many(4, "int64", 3) };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("The wire format", () => {
  it("is read and written as the format's own example: field 1, 150 is 08 96 01", () => {
    expect(encode(OUTER, { count: 150 })).toEqual(bytes(0x08, 0x96, 0x01));
    expect(decode("t", OUTER, bytes(0x08, 0x96, 0x01))).toEqual({
      count: 150,
      ratio: undefined,
      inner: undefined,
      list: [],
    });
  });

  it("has messages, texts, floats and negative numbers", () => {
    const file = encode(OUTER, { count: -1, ratio: 0.5, inner: { text: "é" }, list: [1, 2] });
    expect([...file]).toEqual([
      ...[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      ...[0x15, 0, 0, 0, 0x3f],
      ...[0x1a, 4, 0x0a, 2, 0xc3, 0xa9],
      ...[0x20, 1, 0x20, 2],
    ]);
    expect(decode("t", OUTER, file)).toEqual({ count: -1, ratio: 0.5, inner: { text: "é" }, list: [1, 2] });
  });

  it("reads packed lists, skips unknown fields, and takes the last of a number that is there twice", () => {
    expect(decode("t", OUTER, bytes(0x22, 2, 7, 8)).list).toEqual([7, 8]);
    expect(decode("t", OUTER, bytes(0x78, 1, 0x7a, 1, 9, 0x7d, 0, 0, 0, 0, 0x08, 1, 0x08, 2)).count).toBe(2);
  });

  it.each<[string, Uint8Array, string]>([
    ["a cut number", bytes(0x08), " in count: premature EOF"],
    ["a length beyond the end", bytes(0x1a, 0xff, 0xff, 0xff, 0x7f), " in inner: premature EOF"],
    ["another wire type", bytes(0x0a, 1, 1), " in count: expected wire type 0, got 2"],
    ["a group", bytes(0x7b, 0x7c), ": group 15"],
    ["a message that is there twice", bytes(0x1a, 0, 0x1a, 0), " in inner: it is there twice"],
    ["more than allowed", bytes(0x22, 4, 1, 2, 3, 4), " in list[0]: there are more than 3"],
    [
      "packed numbers that end elsewhere",
      bytes(0x22, 1, 0x80, 1),
      " in list[0]: its numbers do not end where its length says",
    ],
    ["a fault inside a message", bytes(0x1a, 2, 0x0a, 5), " in inner.text: premature EOF"],
  ])("refuses %s", (_title, file, where) => {
    throwsExactly(
      () => decode("t", OUTER, file),
      FormatError,
      `t: expected a whole ONNX file, got one that breaks${where}.`,
    );
  });

  it("refuses text that is not UTF-8", () => {
    expect(() => decode("t", OUTER, bytes(0x1a, 3, 0x0a, 1, 0xff))).toThrow(FormatError);
  });
});

describe("Numbers", () => {
  const tensor = (draft: TensorDraft) => decode("t", TENSOR, encode(TENSOR, draft));
  const raw = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer);

  it("of float16 are exact, all 65,536 of them", () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const numbers = floatsOf("t", tensor({ dims: [65_536], dataType: DATA_TYPE.float16, rawData: raw(bits) }));
    for (const [i, value] of numbers.entries()) {
      const [sign, exponent, mantissa] = [i >> 15 ? -1 : 1, (i >> 10) & 31, i & 1023];
      const normal = exponent === 31 ? (mantissa === 0 ? Infinity : NaN) : (1 + mantissa / 1024) * 2 ** (exponent - 15);
      const expected = sign * (exponent === 0 ? mantissa * 2 ** -24 : normal);
      if (!Object.is(value, expected)) throw new Error(`float16 ${i.toString(16)}: expected ${expected}, got ${value}`);
    }
  });

  it("of bfloat16 are the upper halves of float32", () => {
    const halves = Uint16Array.of(0x3f80, 0xc020, 0x7f80, 0x0001);
    const numbers = floatsOf("t", tensor({ dims: [4], dataType: DATA_TYPE.bfloat16, rawData: raw(halves) }));
    expect([...numbers]).toEqual([1, -2.5, Infinity, 2 ** -133]);
  });

  it("come from raw bytes or from the list of their type", () => {
    const { float, double, float16, int64, int32 } = DATA_TYPE;
    expect([...floatsOf("t", tensor({ dims: [2], dataType: float, floatData: [1.5, -2] }))]).toEqual([1.5, -2]);
    expect([...floatsOf("t", tensor({ dims: [2], dataType: double, doubleData: [0.1, 1] }))]).toEqual([
      Math.fround(0.1),
      1,
    ]);
    expect([...floatsOf("t", tensor({ dims: [], dataType: double, rawData: raw(Float64Array.of(3)) }))]).toEqual([3]);
    expect([...floatsOf("t", tensor({ dims: [1], dataType: float16, int32Data: [0x3c00] }))]).toEqual([1]);
    expect(intsOf("t", tensor({ dims: [2], dataType: int64, int64Data: [-1, 2 ** 40] }))).toEqual([-1, 2 ** 40]);
    expect(intsOf("t", tensor({ dims: [1], dataType: int32, rawData: raw(Int32Array.of(-7)) }))).toEqual([-7]);
    expect(intsOf("t", tensor({ dims: [1], dataType: float, floatData: [1] }))).toBeUndefined();
  });

  it.each<[string, TensorDraft, string]>([
    ["too few", { dims: [2, 2], dataType: 1, floatData: [1] }, "t: expected 4 numbers for [2, 2], got 1."],
    ["half a number", { dims: [1], dataType: 1, rawData: bytes(1, 2) }, "t: expected 1 numbers for [1], got 0.5."],
    [
      "a huge shape",
      { dims: [2 ** 31, 2 ** 31], dataType: 1 },
      "t: expected a shape of whole numbers of at least 0, got [2147483648, 2147483648].",
    ],
    ["a negative size", { dims: [-1], dataType: 1 }, "t: expected a shape of whole numbers of at least 0, got [-1]."],
    [
      "integers",
      { dims: [0], dataType: 7 },
      "t: expected numbers of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16, got INT64.",
    ],
    [
      "an unknown type",
      { dims: [0], dataType: 99 },
      "t: expected numbers of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16, got type 99.",
    ],
    [
      "two places",
      { dims: [1], dataType: 1, floatData: [1], rawData: bytes(0, 0, 0, 0) },
      "t: expected its numbers in one place, got them in several.",
    ],
    ["the wrong list", { dims: [1], dataType: 1, int32Data: [1] }, "t: expected 1 numbers for [1], got 0."],
    [
      "what float32 cannot hold",
      { dims: [1], dataType: 11, doubleData: [1e39] },
      "t: expected a magnitude below 3.4e38 (float32), got 1e+39 at index 0 (read with { round: true } to take the nearest float32).",
    ],
    [
      "external data",
      { dims: [1], dataType: 1, dataLocation: 1, externalData: [{ key: "location", value: "weights.bin" }] },
      't: expected the file "weights.bin", which holds its numbers (external data), got none (give its bytes, too: ' +
        'importOnnx(bytes, { files: { "weights.bin": dataBytes } }), or save the model with the weights inside).',
    ],
  ])("are refused for %s", (_title, draft, message) => {
    throwsExactly(() => floatsOf("t", tensor(draft)), FormatError, message);
  });
});
