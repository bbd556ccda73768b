// .npz: archives that NumPy wrote, archives read back, and hostile ones: damaged, encrypted, overlapping, lying about sizes.
import { deflateSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError, Tensor, randn, zeros } from "../../src/index.js";
import { decodeNpy, encodeNpy } from "../../src/entries/io.js";
import { crc32 } from "../../src/files/crc32.js";
import { decodeNpz, encodeNpz } from "../../src/entries/npz.js";
import { throwsExactly } from "../support/errors.js";
import { numpyFiles } from "../support/numpy.js";

const archives = numpyFiles().filter(({ arrays }) => !("" in arrays));
const tensors = { "0.weight": randn([3, 4], { seed: 1 }), "0.bias": new Tensor([NaN, -0, 7]), größe: zeros([0, 2]) };

function sameTensors(got: Record<string, Tensor>, expected: Record<string, Tensor>): void {
  expect(Object.keys(got)).toEqual(Object.keys(expected));
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(got[name].shape).toEqual(shape);
    expect([...got[name].data]).toEqual([...data]);
  }
}

it("CRC-32 has its check value", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

describe("An .npz file", () => {
  it.each(archives)("that NumPy wrote is read: $name", ({ bytes, arrays }) => {
    const { tensors: read } = decodeNpz(bytes);
    expect(Object.keys(read)).toEqual(Object.keys(arrays));
    for (const [name, { shape, numbers }] of Object.entries(arrays)) {
      expect(read[name].shape).toEqual(shape);
      expect([...read[name].data]).toEqual(numbers.map(Math.fround));
    }
  });

  it("tells the number formats", () => {
    const [savez] = archives;
    expect(decodeNpz(savez.bytes).dtypes).toEqual({ "0.weight": "F32", "0.bias": "F64", labels: "I64" });
  });

  it.each([false, true])("is read as it was written, compress: %s", (compress) => {
    sameTensors(decodeNpz(encodeNpz(tensors, { compress })).tensors, tensors);
    sameTensors(decodeNpz(encodeNpz({}, { compress })).tensors, {});
  });

  it("packs when asked to, and has the same bytes each time", () => {
    const big = { zeros: zeros([100, 100]) };
    expect(encodeNpz(big).length).toBeGreaterThan(40000);
    expect(encodeNpz(big, { compress: true }).length).toBeLessThan(1000);
    expect(encodeNpz(big)).toEqual(encodeNpz(big));
  });

  it("may hold names that mean something to JavaScript", () => {
    const named = Object.fromEntries(["__proto__", "constructor", ""].map((name, i) => [name, new Tensor([i])]));
    sameTensors(decodeNpz(encodeNpz(named)).tensors, named);
  });

  it.each<[string, () => unknown, string]>([
    ["a list", () => encodeNpz([] as never), "expected an object of tensors by name, got []."],
    [
      "an array",
      () => encodeNpz({ a: [1] } as never),
      'expected "a" to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).',
    ],
    [
      "half a surrogate pair",
      () => encodeNpz({ "\ud800": zeros([1]) }),
      'expected names of well-formed text without NUL, of at most 20000 characters, got "\\ud800".',
    ],
    [
      "an unknown option",
      () => encodeNpz({}, { compres: true } as never),
      'unknown option "compres", did you mean "compress"? (options: compress).',
    ],
  ])("is not written of %s", (_, act, message) => throwsExactly(act, ArgumentError, `encodeNpz: ${message}`));
});

function thrownText(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

/** A zip archive of fflate's making, then changed by `change`; offsets are found by the signatures. */
function archive(
  files: Record<string, Uint8Array>,
  change: (view: DataView, local: number, central: number, end: number) => void = () => undefined,
  level: 0 | 6 = 0,
): Uint8Array {
  const bytes = zipSync(files, { level, mtime: new Date(1980, 0, 1) });
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  change(view, 0, view.getUint32(end + 16, true), end);
  return bytes;
}

const one = encodeNpy(new Tensor([1, 2, 3]));
const files = { "a.npy": one };

/** An archive of one deflated member whose unpacked size is said to be `size`. */
function lying(data: Uint8Array, size: number): Uint8Array {
  return archive(
    { "a.npy": data },
    (view, local, central) => {
      view.setUint32(local + 22, size, true);
      view.setUint32(central + 24, size, true);
    },
    6,
  );
}

describe("Hostile .npz files are refused:", () => {
  it.each<[string, Uint8Array, string]>([
    [
      "an empty file",
      new Uint8Array(0),
      "expected a zip archive with its directory at the end, got none (the file is cut short).",
    ],
    [
      "a .npy file",
      one,
      "expected a zip archive (it begins with 50 4b), got 93 4e 55 4d; this looks like a NumPy .npy file.",
    ],
    [
      "bytes after the end",
      Uint8Array.from([...archive(files), 0]),
      "expected a zip archive with its directory at the end, got none (the file is cut short).",
    ],
    [
      "a part of several disks",
      archive(files, (view, _l, _c, end) => view.setUint16(end + 4, 1, true)),
      "expected one zip archive of less than 4 GiB, got a part of one, or a larger one.",
    ],
    [
      "more entries than there are",
      archive(files, (view, _l, _c, end) => [8, 10].forEach((at) => view.setUint16(end + at, 60000, true))),
      "expected a whole zip archive, got a damaged one (its directory is not where it says).",
    ],
    [
      "fewer entries than there are",
      archive({ ...files, "b.npy": one }, (view, _l, _c, end) =>
        [8, 10].forEach((at) => view.setUint16(end + at, 1, true)),
      ),
      "expected a whole zip archive, got a damaged one (its directory is longer than its entries).",
    ],
    [
      "a directory elsewhere",
      archive(files, (view, _l, central, end) => view.setUint32(end + 16, central + 1, true)),
      "expected a whole zip archive, got a damaged one (its directory is not where it says).",
    ],
    [
      "encrypted data",
      archive(files, (view, _l, central) => view.setUint16(central + 8, 1, true)),
      'member "a.npy": expected plain data, got encrypted ones.',
    ],
    [
      "another method",
      archive(files, (view, _l, central) => view.setUint16(central + 10, 12, true)),
      'member "a.npy": expected stored or deflated data (method 0 or 8), got method 12.',
    ],
    [
      "two names for one member",
      archive(files, (view) => view.setUint8(30, 0x62)),
      'member "a.npy": expected a whole zip archive, got a damaged one (it has another name or method in its own header).',
    ],
    [
      "a member in the directory",
      archive(files, (view, _l, central) => view.setUint32(central + 20, 10000, true)),
      'member "a.npy": expected a whole zip archive, got a damaged one (it goes into the directory).',
    ],
    [
      "members that share bytes",
      archive({ ...files, "b.npy": one }, (view, _l, central) => {
        const second = central + 46 + 5;
        view.setUint32(second + 42, 0, true); // both are the first
        view.setUint8(second + 46, 0x61);
      }),
      'member "a.npy": expected a whole zip archive, got a damaged one (it overlaps another one).',
    ],
    [
      "stored data of two sizes",
      archive(files, (view, _l, central) => view.setUint32(central + 24, 5, true)),
      `member "a.npy": expected a whole zip archive, got a damaged one (${one.length} packed bytes cannot be 5).`,
    ],
    [
      "a size that deflate cannot reach",
      lying(one, 4e9),
      `member "a.npy": expected a whole zip archive, got a damaged one (${deflateSync(one).length} packed bytes cannot be ` +
        "4000000000).",
    ],
    [
      "a size that is too small",
      lying(one, 100),
      'array "a": expected 100 bytes unpacked, got 101 or more (the file is damaged).',
    ],
    [
      "a size that is too large",
      lying(one, 1000),
      'array "a": expected 1000 bytes unpacked, got 140 (the file is damaged).',
    ],
    [
      "a changed byte",
      archive(files, (view) => view.setUint8(30 + 5 + 130, 7)),
      'array "a": expected bytes of CRC-32 d140a677, got d599b40f (the file is damaged).',
    ],
    [
      "data that do not unpack",
      archive(files, (view) => view.setUint8(30 + 5, 0xff), 6),
      'array "a": expected deflated data, got bytes that do not unpack (the file is damaged).',
    ],
    ["a name twice, once without its end", archive({ ...files, a: one }), 'expected every name once, got "a" twice.'],
    [
      "a member that is not .npy inside",
      archive({ "a.npy": Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) }),
      'array "a": expected a .npy file (it begins with 93 4e 55 4d), got 01 02 03 04.',
    ],
  ])("%s", (_, file, message) => throwsExactly(() => decodeNpz(file), FormatError, `decodeNpz: ${message}`));

  it("more than maxBytes when unpacked, without unpacking", () => {
    const bomb = encodeNpz({ zeros: zeros([2_000_000]) }, { compress: true });
    expect(bomb.length).toBeLessThan(10_000);
    throwsExactly(
      () => decodeNpz(bomb, { maxBytes: 1e6 }),
      FormatError,
      "decodeNpz: expected at most 1000000 bytes unpacked, got 8000128 by the directory (set maxBytes if the file is to be " +
        "trusted).",
    );
    expect(decodeNpz(bomb).tensors.zeros.size).toBe(2_000_000);
  });

  it("data that go on far beyond the size that is said, without unpacking them to the end", () => {
    const bomb = lying(new Uint8Array(20_000_000), 1000);
    const seen = /expected 1000 bytes unpacked, got (\d+) or more/;
    expect(() => decodeNpz(bomb)).toThrow(seen);
    const reached = thrownText(() => decodeNpz(bomb)).match(seen)![1];
    expect(Number(reached)).toBeLessThan(5_000_000); // one piece
  });

  it("every truncation", () => {
    for (const bytes of [
      ...archives.map((file) => file.bytes),
      encodeNpz(tensors),
      encodeNpz(tensors, { compress: true }),
    ]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeNpz(bytes.subarray(0, length))).toThrow(FormatError);
      }
    }
  });
});

it("decodeNpy says that an .npz file is another thing", () => {
  expect(() => decodeNpy(encodeNpz(tensors))).toThrow("this looks like a zip archive (or a NumPy .npz)");
});
