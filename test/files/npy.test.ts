// .npy: files that NumPy wrote, the same bytes as NumPy for what is written, and every refusal with its whole text.
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError, ShapeError, Tensor, zeros } from "../../src/index.js";
import { decodeNpy, encodeNpy } from "../../src/entries/io.js";
import { throwsExactly } from "../support/errors.js";
import { numpyFiles } from "../support/numpy.js";

const files = numpyFiles().filter(({ arrays }) => "" in arrays);

describe("A .npy file that NumPy wrote", () => {
  it.each(files)("is read: $name", ({ bytes, arrays }) => {
    const { shape, numbers } = arrays[""];
    const { tensor } = decodeNpy(bytes);
    expect(tensor.shape).toEqual(shape);
    expect([...tensor.data]).toEqual(numbers.map(Math.fround));
  });

  it.each(files.filter(({ exact }) => exact))("is written with the same bytes: $name", ({ bytes, arrays }) => {
    const { shape, numbers } = arrays[""];
    expect(encodeNpy(new Tensor(Float32Array.from(numbers), shape))).toEqual(bytes);
  });

  it("tells its number format", () => {
    const found = new Map(files.map(({ name, bytes }) => [name, decodeNpy(bytes).dtype]));
    expect([found.get("<f2 C"), found.get(">f8 F"), found.get("|u1 C"), found.get("bool"), found.get("<i8 C")]).toEqual(
      [...["F16", "F64", "U8", "BOOL", "I64"]],
    );
  });
});

/** A file of version 1.0 with this header and data, byte for byte. */
function npyFile(header: string, data: ArrayLike<number> = [], version = [1, 0]): Uint8Array {
  const size =
    version[0] === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  const text = [...header].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version, ...size, ...text, ...Array.from(data)]);
}

function header(descr: string, shape: string, order = "False"): string {
  return `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}}`;
}

describe("Reading .npy", () => {
  it("takes the entries in any order, either kind of quotes, and the long integers of Python 2", () => {
    const text = `{"shape": (2L,\t1L ,),"fortran_order":False,\n 'descr':"|i1" ,}  \n`;
    expect(decodeNpy(npyFile(text, [255, 2], [2, 0])).tensor.toArray()).toEqual([[-1], [2]]);
  });

  it("refuses integers that float32 cannot hold, unless told to round", () => {
    const file = npyFile(header("'<i4'", "(1,)"), [1, 0, 0, 1]);
    throwsExactly(
      () => decodeNpy(file),
      FormatError,
      "decodeNpy: expected an integer of at most 24 significant bits (float32), got 16777217 at index 0 (read with { " +
        "round: true } to take the nearest float32).",
    );
    expect(decodeNpy(file, { round: true }).tensor.toArray()).toEqual([16777216]);
  });

  it("refuses what is no bytes, and unknown options", () => {
    throwsExactly(
      () => decodeNpy("x.npy" as never),
      ArgumentError,
      'decodeNpy: expected bytes (Uint8Array or ArrayBuffer), got "x.npy" (read the file first: readFileSync(path), or await ' +
        "(await fetch(url)).arrayBuffer()).",
    );
    expect(() => decodeNpy(new Uint8Array(0), { rounded: true } as never)).toThrow("unknown option");
  });

  const TYPES = "f2, f4, f8, b1, i1, i2, i4, i8, u1, u2, u4, u8";
  const KEYS = "descr, fortran_order and shape";
  it.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(0), "expected at least 10 bytes, got 0 (the file is cut short)."],
    [
      "a zip archive",
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0, 0),
      "expected a .npy file (it begins with 93 4e 55 4d), got 50 4b 03 04; this looks like a zip archive (or a NumPy .npz).",
    ],
    ["version 4.0", npyFile("{}", [], [4, 0]), "expected version 1.0, 2.0 or 3.0, got 4.0."],
    ["version 1.1", npyFile("{}", [], [1, 1]), "expected version 1.0, 2.0 or 3.0, got 1.1."],
    [
      "a header that ends beyond the file",
      npyFile(header("'<f4'", "()")).subarray(0, 40),
      "expected a header of 63 bytes, got 40 (the file is cut short).",
    ],
    [
      "a long header",
      npyFile(`{${" ".repeat(10000)}}`),
      "expected a header of at most 10000 bytes (as NumPy does), got 10002.",
    ],
    [
      "code in the header",
      npyFile("__import__('os').abort()"),
      "expected a Python dict of texts, True, False and whole numbers in the header, got \"__import__('os').abo\" at " +
        "character 0.",
    ],
    ["a list as header", npyFile("['<f4']"), "expected { in the header, got \"['<f4']\" at character 0."],
    [
      "an unknown entry",
      npyFile("{'data': 'x'}"),
      `expected ${KEYS} in the header, got "'data': 'x'}" at character 1.`,
    ],
    [
      "an entry twice",
      npyFile("{'descr': '<f4', 'descr': '<f4'}"),
      "expected descr once in the header, got \"'descr': '<f4'}\" at character 17.",
    ],
    [
      "text after the header",
      npyFile(`${header("'<f4'", "(0,)")} + 1`),
      'expected nothing after the } in the header, got " + 1" at character 55.',
    ],
    [
      "no descr",
      npyFile("{'fortran_order': False, 'shape': (1,)}"),
      "expected descr to be a text such as '<f4', got the header \"{'fortran_order': False, 'shape': (1,)}\".",
    ],
    [
      "an order of text",
      npyFile(header("'<f4'", "(1,)", "'C'")),
      "expected fortran_order to be True or False, got the header \"{'descr': '<f4', 'fortran_order': 'C', 'shape': " +
        '(1,)}".',
    ],
    [
      "a shape that is a number",
      npyFile(header("'<f4'", "3")),
      'expected a text, True, False or a tuple of whole numbers in the header, got "3}" at character 50.',
    ],
    [
      "a shape without its comma",
      npyFile(header("'<f4'", "(3)")),
      'expected a tuple, with a comma after its only size in the header, got ")}" at character 52.',
    ],
    [
      "a negative size",
      npyFile(header("'<f4'", "(-1,)")),
      'expected a Python dict of texts, True, False and whole numbers in the header, got "-1,)}" at character 51.',
    ],
    [
      "a size above 2^53",
      npyFile(header("'<f4'", "(9007199254740993,)")),
      'expected sizes of whole numbers up to 2^53 in the header, got "9007199254740993,)}" at character 51.',
    ],
    [
      "sizes whose product is above 2^53",
      npyFile(header("'<f4'", "(4294967296, 4294967296)")),
      "expected a shape that a file can hold, got [4294967296, 4294967296] (the header is damaged).",
    ],
    [
      "65 axes",
      npyFile(header("'<f4'", `(${"1,".repeat(65)})`)),
      'expected at most 64 axes in the header, got "1,)}" at character 179.',
    ],
    [
      "objects",
      npyFile(header("'|O'", "(1,)")),
      `expected descr to be < or > with ${TYPES}, got "|O", which is pickled Python objects, which can run code (save ` +
        "array.astype('float32') instead).",
    ],
    [
      "a structure",
      npyFile(header("[('x', '<f4')]", "(1,)")),
      "expected a text, True, False or a tuple of whole numbers in the header, got \"[('x', '<f4')], 'for\" at character 10.",
    ],
    [
      "text",
      npyFile(header("'<U4'", "(1,)")),
      `expected descr to be < or > with ${TYPES}, got "<U4", which is text (save array.astype('float32') instead).`,
    ],
    [
      "a number format without a byte order",
      npyFile(header("'|f4'", "(1,)"), [0, 0, 0, 0]),
      `expected descr to be < or > with ${TYPES}, got "|f4" (save array.astype('float32') instead).`,
    ],
    [
      "a name that means something to JavaScript",
      npyFile(header("'<constructor'", "(1,)")),
      `expected descr to be < or > with ${TYPES}, got "<constructor", which is complex numbers (save ` +
        "array.astype('float32') instead).",
    ],
    [
      "too few numbers",
      npyFile(header("'<f4'", "(2,)"), [0, 0, 0, 0]),
      "expected 73 bytes for F32 [2], got 69 (the file is cut short).",
    ],
    [
      "too many",
      npyFile(header("'<f4'", "()"), [0, 0, 0, 0, 0]),
      "expected 67 bytes for F32 [], got 68 (the file is too long, or holds several arrays).",
    ],
  ])("refuses %s", (_, file, message) => throwsExactly(() => decodeNpy(file), FormatError, `decodeNpy: ${message}`));

  it("refuses every truncation of every file", () => {
    for (const { bytes } of files) {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeNpy(bytes.subarray(0, length))).toThrow(FormatError);
      }
    }
  });
});

describe("Writing .npy", () => {
  it("refuses what is not a float32 tensor, and more axes than NumPy has", () => {
    throwsExactly(
      () => encodeNpy([1, 2] as never),
      ArgumentError,
      "encodeNpy: expected the tensor to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    );
    throwsExactly(
      () => encodeNpy(zeros([2]).toFloat64() as never),
      ArgumentError,
      "encodeNpy: expected the tensor in float32, got float64 (use toFloat32()).",
    );
    throwsExactly(
      () => encodeNpy(zeros(new Array<number>(33).fill(1))),
      ShapeError,
      "encodeNpy: expected at most 32 axes, got 33 (NumPy has no more; reshape).",
    );
  });
});
