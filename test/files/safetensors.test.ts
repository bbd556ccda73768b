// safetensors: what is written byte for byte, every number format that is read, and every refusal with its whole text.
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError, Tensor, zeros } from "../../src/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/entries/io.js";
import { throwsExactly } from "../support/errors.js";
import { oneTensorFile, safetensorsFile } from "../support/safetensors.js";

function numbersOf(dtype: string, numbers: ArrayBufferView & ArrayLike<unknown>, options = {}): number[] {
  return [...decodeSafetensors(oneTensorFile(dtype, [numbers.length], numbers), options).tensors.x.data];
}

describe("Writing safetensors", () => {
  it("gives the length of the header, the header padded to 8 bytes, and the numbers", () => {
    const header = '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const padded = header + " ".repeat((8 - (header.length % 8)) % 8);
    expect(encodeSafetensors({ b: new Tensor([1, -2]) }, { format: "pt" })).toEqual(
      safetensorsFile(padded, new Uint8Array(Float32Array.of(1, -2).buffer)),
    );
  });

  it("then reading gives names, order, shapes, numbers and texts back, also NaN, infinity and -0", () => {
    const tensors = {
      "0.weight": new Tensor([1, 2, 3, 4, 5, 6], [2, 3]),
      "0.bias": new Tensor([NaN, Infinity, -0]),
      scalar: new Tensor([7], []),
      empty: zeros([0, 5]),
    };
    const read = decodeSafetensors(encodeSafetensors(tensors, { note: "ä 🙂\n", "": "" }));
    expect(Object.keys(read.tensors)).toEqual(Object.keys(tensors));
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      expect(read.tensors[name].shape).toEqual(shape);
      expect([...read.tensors[name].data]).toEqual([...data]);
    }
    expect(read.metadata).toEqual({ note: "ä 🙂\n", "": "" });
    expect(read.dtypes).toEqual({ "0.weight": "F32", "0.bias": "F32", scalar: "F32", empty: "F32" });
  });

  it("knows names that mean something to JavaScript", () => {
    const tensors = JSON.parse('{"__proto__":1,"constructor":2,"toString":3,"":4}') as Record<string, never>;
    const named = Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, new Tensor([value])]));
    const read = decodeSafetensors(encodeSafetensors(named, JSON.parse('{"__proto__":"x"}') as Record<string, string>));
    expect(Object.entries(read.tensors).map(([name, x]) => [name, x.item()])).toEqual(Object.entries(tensors));
    expect(Object.getPrototypeOf(read.tensors)).toBe(Object.prototype);
    expect(Object.entries(read.metadata)).toEqual([["__proto__", "x"]]);
  });

  it("of nothing is a header of nothing", () => {
    expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {}, dtypes: {}, skipped: {} });
  });

  it.each<[string, () => unknown, string]>([
    ["a list", () => encodeSafetensors([] as never), "expected an object of tensors by name, got []."],
    [
      "a Map",
      () => encodeSafetensors(new Map() as never),
      "expected an object of tensors by name, got an object (Map).",
    ],
    [
      "a tensor alone",
      () => encodeSafetensors(zeros([1]) as never),
      "expected an object of tensors by name, got an object (Tensor).",
    ],
    [
      "an array",
      () => encodeSafetensors({ a: new Float32Array(2) } as never),
      'expected "a" to be a Tensor, got Float32Array(2) (wrap it: new Tensor(data, shape)).',
    ],
    [
      "float64",
      () => encodeSafetensors({ a: zeros([2]).toFloat64() } as never),
      'expected "a" in float32, got float64 (use toFloat32()).',
    ],
    [
      "the format's own name",
      () => encodeSafetensors({ __metadata__: zeros([1]) }),
      `expected another name than "__metadata__" (it is the format's own for texts).`,
    ],
    [
      "half a surrogate pair",
      () => encodeSafetensors({ "a\ud800": zeros([1]) }),
      'expected names of well-formed text, got half a surrogate pair in "a\\ud800".',
    ],
    [
      "a text that is a number",
      () => encodeSafetensors({}, { epoch: 3 } as never),
      'expected the metadata "epoch" to be a string, got 3 (use String or JSON.stringify).',
    ],
    [
      "a broken text",
      () => encodeSafetensors({}, { a: "\udc00" }),
      'expected well-formed text, got half a surrogate pair in "a".',
    ],
    ["texts that are null", () => encodeSafetensors({}, null as never), "expected texts by name, got null."],
  ])("refuses %s", (_, act, message) => throwsExactly(act, ArgumentError, `encodeSafetensors: ${message}`));
});

describe("Reading safetensors", () => {
  it("takes every float16 for the number it is", () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const numbers = numbersOf("F16", halves);
    numbers.forEach((number, i) => {
      const [exponent, fraction] = [(i >> 10) & 31, i & 1023];
      const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
      const expected = exponent < 31 ? size : fraction === 0 ? Infinity : NaN;
      expect(number).toBe(i < 32768 ? expected : -expected);
    });
  });

  it("takes every bfloat16 for the upper half of a float32", () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const words = Uint32Array.from(halves, (half) => half * 65536);
    expect(numbersOf("BF16", halves)).toEqual([...new Float32Array(words.buffer)]);
  });

  it("rounds float64 to the nearest float32, ties to even", () => {
    const tie = 1 + 2 ** -24;
    const numbers = [0.1, tie, tie + 2 ** -40, 3 * 2 ** -150, -1e-60, NaN, -Infinity, 3.4028235677973362e38];
    expect(numbersOf("F64", Float64Array.from(numbers))).toEqual(numbers.map(Math.fround));
    expect(Math.fround(tie)).toBe(1);
  });

  it("takes integers and booleans exactly", () => {
    expect(numbersOf("I8", Int8Array.of(-128, 127))).toEqual([-128, 127]);
    expect(numbersOf("U8", Uint8Array.of(0, 255))).toEqual([0, 255]);
    expect(numbersOf("I16", Int16Array.of(-32768, 32767))).toEqual([-32768, 32767]);
    expect(numbersOf("U16", Uint16Array.of(0, 65535))).toEqual([0, 65535]);
    expect(numbersOf("I32", Int32Array.of(-16777216, 16777217 - 1, -(2 ** 31)))).toEqual([
      -16777216,
      16777216,
      -(2 ** 31),
    ]);
    expect(numbersOf("U32", Uint32Array.of(16777216, 2 ** 32 - 256))).toEqual([16777216, 2 ** 32 - 256]);
    expect(numbersOf("I64", BigInt64Array.of(-1n, 2n ** 62n, -(2n ** 63n)))).toEqual([-1, 2 ** 62, -(2 ** 63)]);
    expect(numbersOf("U64", BigUint64Array.of(1n, 2n ** 63n))).toEqual([1, 2 ** 63]);
    expect(numbersOf("BOOL", Uint8Array.of(1, 0))).toEqual([1, 0]);
  });

  it("with { round: true } takes the nearest float32 of a 64-bit integer, ties to even, not rounded twice", () => {
    const tie = 2n ** 60n + 2n ** 36n; // halfway between two float32
    const integers = [tie, tie + 1n, tie - 1n, -tie, -tie - 1n, -tie + 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 16777217n];
    const [even, above] = [2 ** 60, 2 ** 60 + 2 ** 37];
    expect(numbersOf("I64", BigInt64Array.from(integers), { round: true })).toEqual([
      ...[even, above, even, -even, -above, -even],
      ...[2 ** 53, 2 ** 63, 16777216],
    ]);
    expect(numbersOf("U64", BigUint64Array.of(2n ** 64n - 1n), { round: true })).toEqual([2 ** 64]);
    expect(numbersOf("F64", Float64Array.of(1e300), { round: true })).toEqual([Infinity]);
  });

  it.each<[string, ArrayBufferView & ArrayLike<unknown>, string]>([
    ["I32", Int32Array.of(1, 16777217), "an integer of at most 24 significant bits (float32), got 16777217 at index 1"],
    [
      "U32",
      Uint32Array.of(2 ** 32 - 1),
      "an integer of at most 24 significant bits (float32), got 4294967295 at index 0",
    ],
    [
      "I64",
      BigInt64Array.of(-16777217n),
      "an integer of at most 24 significant bits (float32), got -16777217 at index 0",
    ],
    ["F64", Float64Array.of(1, -1e39), "a magnitude below 3.4e38 (float32), got -1e+39 at index 1"],
  ])("refuses what float32 cannot hold: %s", (dtype, numbers, message) => {
    throwsExactly(
      () => numbersOf(dtype, numbers),
      FormatError,
      `decodeSafetensors: tensor "x": expected ${message} (read with { round: true } to take the nearest float32).`,
    );
  });

  it("does not take an integer beyond 2^53 for a neighbor that float32 holds", () => {
    expect(() => numbersOf("I64", BigInt64Array.of(2n ** 60n + 1n))).toThrow(FormatError);
    expect(() => numbersOf("U64", BigUint64Array.of(2n ** 63n + 2n ** 11n))).toThrow(FormatError);
  });

  it("refuses booleans that are neither 0 nor 1", () => {
    throwsExactly(
      () => numbersOf("BOOL", Uint8Array.of(1, 2)),
      FormatError,
      'decodeSafetensors: tensor "x": expected booleans of 0 or 1, got 2 at index 1 (the file is damaged).',
    );
  });

  it("reports the number formats", () => {
    expect(decodeSafetensors(oneTensorFile("BF16", [1], Uint16Array.of(1))).dtypes).toEqual({ x: "BF16" });
  });

  it("takes tensors in any order of the file, and other writers' spaces", () => {
    const text =
      '{ "a":{"shape":[1],"data_offsets":[1,2],"dtype":"U8"},\n"b":{"dtype":"I8","shape":[],"data_offsets":[0,1]}} ';
    const { tensors } = decodeSafetensors(safetensorsFile(text, [255, 3]));
    expect([tensors.a.toArray(), tensors.b.toArray()]).toEqual([[3], -1]);
  });

  it("copies, whatever the bytes are a part of: a Buffer, an odd offset, an ArrayBuffer, shared memory", () => {
    const file = encodeSafetensors({ x: new Tensor([1.5, 2.5]) });
    const shared = new Uint8Array(new SharedArrayBuffer(file.length));
    shared.set(file);
    const odd = new Uint8Array(file.length + 3);
    odd.set(file, 3);
    for (const bytes of [Buffer.from(file), odd.subarray(3), file.slice().buffer, shared]) {
      const { x } = decodeSafetensors(bytes).tensors;
      if (ArrayBuffer.isView(bytes)) bytes.fill(0);
      expect([...x.data]).toEqual([1.5, 2.5]);
    }
  });

  it.each([[undefined], ["a.safetensors"], [[1, 2]], [new DataView(new ArrayBuffer(9))], [new Float32Array(4)]])(
    "refuses %s, which is no bytes",
    (bytes) => {
      expect(() => decodeSafetensors(bytes as never)).toThrow(ArgumentError);
      expect(() => decodeSafetensors(bytes as never)).toThrow("expected bytes (Uint8Array or ArrayBuffer), got");
    },
  );

  it("refuses unknown options", () => {
    throwsExactly(
      () => decodeSafetensors(encodeSafetensors({}), { roundd: true } as never),
      ArgumentError,
      'decodeSafetensors: unknown option "roundd", did you mean "round"? (options: round, names).',
    );
  });
});

const F32 = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
const FOUR = [0, 0, 0, 0];

function lengthOnly(length: bigint): Uint8Array {
  const file = safetensorsFile({ a: F32 }, FOUR);
  new DataView(file.buffer).setBigUint64(0, length, true);
  return file;
}

describe("Hostile safetensors files are refused:", () => {
  it.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(0), "expected at least 8 bytes, got 0 (the file is cut short)."],
    [
      "a header that ends beyond the file",
      lengthOnly(1000n),
      "expected a header of 1000 bytes, got 58 bytes after the first 8 (the file is cut short, or not safetensors).",
    ],
    [
      "a header of more than 100 MB",
      lengthOnly(2n ** 64n - 1n),
      "expected a header of at most 100000000 bytes, got 18446744073709552000 in the first 8 bytes (ff ff ff ff; PyTorch " +
        "writes this format by safetensors.torch.save_file, not torch.save).",
    ],
    [
      "a .pt file of torch.save",
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0),
      "expected a header of at most 100000000 bytes, got 578712552184433500 in the first 8 bytes (50 4b 03 04; this looks " +
        "like a zip archive (or a NumPy .npz); PyTorch writes this format by safetensors.torch.save_file, not torch.save).",
    ],
    [
      "a header of 0 bytes",
      lengthOnly(0n),
      "expected a header that begins with {, got another (the file is not safetensors).",
    ],
    [
      "a header with a space first",
      safetensorsFile(" {}"),
      "expected a header that begins with {, got another (the file is not safetensors).",
    ],
    [
      "a header that is no JSON",
      safetensorsFile("{'a': 1}"),
      "expected a header of JSON, got text that does not parse (the file is damaged).",
    ],
    [
      "a header with text after its end",
      safetensorsFile("{}{}"),
      "expected a header of JSON, got text that does not parse (the file is damaged).",
    ],
    [
      "bad UTF-8",
      safetensorsFile(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)),
      "expected a header in UTF-8, got other bytes (the file is damaged).",
    ],
    [
      "half a surrogate pair",
      safetensorsFile('{"__metadata__":{"a":"\\ud800"}}'),
      'expected a header of JSON, got half a surrogate pair in "\\ud800" (the file is damaged).',
    ],
    [
      "a name twice",
      safetensorsFile(`{"a":${JSON.stringify(F32)},"a":${JSON.stringify(F32)}}`, FOUR),
      'expected a header of JSON, got the name "a" twice (the file is damaged).',
    ],
    [
      "a name twice, once with an escape",
      safetensorsFile(`{"a":${JSON.stringify(F32)},"\\u0061" :${JSON.stringify(F32)}}`, FOUR),
      'expected a header of JSON, got the name "a" twice (the file is damaged).',
    ],
    [
      "a field twice",
      safetensorsFile('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', FOUR),
      'expected a header of JSON, got the name "shape" twice (the file is damaged).',
    ],
    [
      "deep nesting",
      safetensorsFile('{"a":' + "[".repeat(100000)),
      "expected a header of JSON, got more than 64 levels (the file is damaged).",
    ],
    [
      "an entry that is a list",
      safetensorsFile({ a: [1] }),
      'tensor "a": expected { dtype, shape, data_offsets }, got [1].',
    ],
    [
      "an unknown field",
      safetensorsFile({ a: { ...F32, scale: 2 } }, FOUR),
      'tensor "a": expected dtype, shape and data_offsets, got "scale".',
    ],
    [
      "an unknown number format",
      safetensorsFile({ a: { ...F32, dtype: "f32" } }, FOUR),
      'tensor "a": expected dtype F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, BOOL, got "f32", did you ' +
        'mean "F32"?',
    ],
    ["no number format", safetensorsFile({ a: { shape: [1] } }), 'tensor "a": expected a dtype, got undefined.'],
    [
      "a shape of text",
      safetensorsFile({ a: { ...F32, shape: "1" } }, FOUR),
      'tensor "a": expected a shape of whole numbers of at least 0, got "1".',
    ],
    [
      "a negative size",
      safetensorsFile('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', FOUR),
      "expected a header of JSON, got a number that is not written as a whole one at character 29 (the file is damaged).",
    ],
    [
      "a broken size",
      safetensorsFile('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', FOUR),
      "expected a header of JSON, got a number that is not written as a whole one at character 30 (the file is damaged).",
    ],
    [
      "a size with an exponent",
      safetensorsFile('{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}', FOUR),
      "expected a header of JSON, got a number that is not written as a whole one at character 30 (the file is damaged).",
    ],
    [
      "a size above 2^53",
      safetensorsFile('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', FOUR),
      'tensor "a": expected a shape of whole numbers of at least 0, got [9007199254740992].',
    ],
    [
      "sizes whose product is above 2^53",
      safetensorsFile({ a: { ...F32, shape: [2 ** 30, 2 ** 30] } }, FOUR),
      'tensor "a": expected a shape that a file can hold, got [1073741824, 1073741824] (the header is damaged).',
    ],
    [
      "such sizes behind a zero",
      safetensorsFile({ a: { ...F32, shape: [0, 2 ** 30, 2 ** 30], data_offsets: [0, 0] } }),
      'tensor "a": expected a shape that a file can hold, got [0, 1073741824, 1073741824] (the header is damaged).',
    ],
    [
      "a shape that does not fit its bytes",
      safetensorsFile({ a: { ...F32, shape: [2] } }, FOUR),
      'tensor "a": expected 8 bytes for F32 [2], got data_offsets [0, 4] (4 bytes).',
    ],
    [
      "offsets in reverse",
      safetensorsFile({ a: { ...F32, data_offsets: [4, 0] } }, FOUR),
      'tensor "a": expected 4 bytes for F32 [1], got data_offsets [4, 0] (-4 bytes).',
    ],
    [
      "one offset",
      safetensorsFile({ a: { ...F32, data_offsets: [0] } }, FOUR),
      'tensor "a": expected data_offsets [begin, end] of whole numbers, got [0].',
    ],
    [
      "offsets beyond the file",
      safetensorsFile({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, FOUR),
      "expected 70 bytes by the header, got 66 (the file is cut short).",
    ],
    [
      "bytes that belong to no tensor",
      safetensorsFile({ a: F32 }, [...FOUR, 0]),
      "expected 66 bytes by the header, got 67 (the file goes on after its tensors).",
    ],
    [
      "a gap",
      safetensorsFile({ a: { ...F32, data_offsets: [1, 5] } }, [...FOUR, 0]),
      'tensor "a": expected data that begin at 0, got 1 (it leaves a gap before it).',
    ],
    [
      "an overlap",
      safetensorsFile({ a: F32, b: { ...F32, data_offsets: [2, 6] } }, [...FOUR, 0, 0]),
      'tensor "b": expected data that begin at 4, got 2 (it overlaps the one before).',
    ],
    [
      "two tensors on the same bytes",
      safetensorsFile({ a: F32, b: F32 }, FOUR),
      'tensor "b": expected data that begin at 4, got 0 (it overlaps the one before).',
    ],
    [
      "metadata that is a list",
      safetensorsFile({ __metadata__: ["a"] }),
      'expected __metadata__ to be texts by name, got ["a"].',
    ],
    [
      "metadata of numbers",
      safetensorsFile({ __metadata__: { epoch: 3 } }),
      'expected the metadata "epoch" to be a text, got 3.',
    ],
  ])("%s", (_, file, message) => {
    throwsExactly(() => decodeSafetensors(file), FormatError, `decodeSafetensors: ${message}`);
  });

  it("every truncation of a valid file", () => {
    const file = encodeSafetensors({ a: new Tensor([1, 2], [2, 1]), b: new Tensor([3]) }, { note: "x" });
    for (let length = 0; length < file.length; length++) {
      expect(() => decodeSafetensors(file.subarray(0, length))).toThrow(FormatError);
    }
  });

  it("names of a million characters are cut in messages", () => {
    const name = "n".repeat(1e6);
    expect(() => decodeSafetensors(safetensorsFile({ [name]: 1 }))).toThrow(/^.{100,300}$/);
  });
});
