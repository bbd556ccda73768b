// Readers of files: what is written comes back, damaged and foreign files are refused with the place of the fault.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  DataLoader,
  centerCrop,
  decodeImage,
  encodeCifar10,
  imageFolder,
  imagesFromRgba,
  makeShapes,
  parseCifar10,
  parseCifar100,
  pixelsFromCsv,
  readCifar10,
  resize,
  type ByteImages,
} from "../../src/entries/data.js";
import { ArgumentError, FileError, FormatError, ShapeError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { fromRgba } from "../../src/ops/create.js";
import { throwsExactly } from "../support/errors.js";

const folder = mkdtempSync(join(tmpdir(), "handgrad-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

function images(n: number): ByteImages {
  return { data: Uint8Array.from({ length: n * 3072 }, (_, i) => (31 * i + (i >> 10)) % 256), shape: [n, 3, 32, 32] };
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: Error) => error,
  );
}

describe("CIFAR's binary layout", () => {
  it("is read as it was written, one file or several", () => {
    const file = encodeCifar10(images(3), [9, 0, 4]);
    expect(file.length).toBe(3 * 3073);
    const set = parseCifar10(file, encodeCifar10(images(1), [7]).buffer);
    expect([set.length, set.sampleShape, [...set.labels!]]).toEqual([4, [3, 32, 32], [9, 0, 4, 7]]);
    expect(set.source).toEqual({ data: Uint8Array.of(...images(3).data, ...images(1).data), shape: [4, 3, 32, 32] });
    expect(set.classes![9]).toBe("truck");
    expect(set.get(1)[0].at(2, 31, 31)).toBe(Math.fround(images(3).data[2 * 3072 - 1] / 255));
  });

  it("of CIFAR-100 has two labels a record", () => {
    const file = new Uint8Array(2 * 3074);
    file.set([19, 99, ...images(2).data.subarray(0, 3072), 3, 7, ...images(2).data.subarray(3072)]);
    expect([...parseCifar100(file).labels!]).toEqual([99, 7]);
    expect([...parseCifar100(file, { labels: "coarse" }).labels!]).toEqual([19, 3]);
    expect(parseCifar100(file).source).toEqual(images(2));
  });

  it("is refused when cut short, of another kind, or with labels that cannot be", () => {
    const file = encodeCifar10(images(2), [1, 2]);
    const damaged = file.slice();
    damaged[3073] = 10;
    throwsExactly(
      () => parseCifar10(file.subarray(0, 4000)),
      FormatError,
      "parseCifar10: expected records of 3073 bytes, got 4000 bytes, beginning with 01 00 1f 3e (927 beyond the last whole record; " +
        "the file is cut short, or is not the binary version).",
    );
    throwsExactly(
      () => parseCifar10(file, Uint8Array.of(0x1f, 0x8b, 8, 0)),
      FormatError,
      "parseCifar10: file 1: expected records of 3073 bytes, got 4 bytes, beginning with 1f 8b 08 00; this looks like gzip data " +
        "(4 beyond the last whole record; the file is cut short, or is not the binary version).",
    );
    throwsExactly(
      () => parseCifar10(damaged),
      FormatError,
      "parseCifar10: expected a label from 0 to 9, got 10 in record 1 (the file is damaged, or of another data set).",
    );
    expect(() => parseCifar10(new Uint8Array(0))).toThrow(FormatError);
    expect(() => parseCifar10()).toThrow(ArgumentError);
    expect(() => encodeCifar10(images(1), [10])).toThrow(ArgumentError);
    expect(() => encodeCifar10({ data: new Uint8Array(3), shape: [1, 3, 1, 1] }, [1])).toThrow(ShapeError);
  });

  it("is opened as a folder, and a missing file is named", async () => {
    const place = join(folder, "cifar-10-batches-bin");
    mkdirSync(place);
    for (let i = 1; i <= 5; i++) writeFileSync(join(place, `data_batch_${i}.bin`), encodeCifar10(images(2), [i, 0]));
    const error = await rejection(readCifar10(place));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain(join(place, "test_batch.bin"));
    writeFileSync(join(place, "test_batch.bin"), encodeCifar10(images(1), [3]));
    const { train, test } = await readCifar10(place);
    expect([[...train.labels!], [...test.labels!]]).toEqual([[1, 0, 2, 0, 3, 0, 4, 0, 5, 0], [3]]);
  });
});

describe("a table of pixels", () => {
  it("is read with and without header, labels in any column, Windows line ends, spaces and a byte order mark", () => {
    const shape = [1, 1, 2] as const;
    const expected = {
      images: { data: Uint8Array.of(0, 255, 17, 3), shape: [2, 1, 1, 2] },
      labels: Int32Array.of(7, 300),
    };
    const texts: readonly (readonly [string, number | string | null | undefined])[] = [
      ["label,a,b\n7,0,255\n300,17,3\n", undefined],
      ["7,0,255\n300,17,3", undefined],
      ["\ufeffa,b,label\r\n0,255,7\r\n17,3,300\r\n\r\n", undefined],
      ["a,kind,b\n0,7,255\n17,300,3\n", "kind"],
      [" 0 , 7,255\n17,300 ,3\n", 1],
    ];
    for (const [text, labelColumn] of texts) {
      const options = labelColumn === undefined ? { shape } : { shape, labelColumn };
      expect(pixelsFromCsv(new TextEncoder().encode(text), options)).toEqual(expected);
      if (!text.startsWith("\ufeff")) expect(pixelsFromCsv(text, options)).toEqual(expected);
    }
    expect(pixelsFromCsv("0,255\n17,3\n", { shape: [1, 2], labelColumn: null })).toEqual({
      images: expected.images,
      labels: new Int32Array(0),
    });
  });

  it("comes back whatever the numbers", () => {
    const property = fc.property(fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { minLength: 1 }), (rows) => {
      const text = rows.map((row, i) => [i, ...row].join(",")).join("\n");
      const { images: got, labels } = pixelsFromCsv(text, { shape: [1, 2, 2] });
      expect([...got.data]).toEqual(rows.flatMap((row) => [...row]));
      expect([...labels]).toEqual(rows.map((_, i) => i));
    });
    fc.assert(property, { seed: 1, numRuns: 50 });
  });

  it.each([
    ["7,0,256\n", 'expected a pixel, a whole number from 0 to 255, got "256" in line 1, column 2.'],
    ["label,a,b\n7,0,1\n7,0.5,1\n", 'expected a pixel, a whole number from 0 to 255, got "0.5" in line 3, column 1.'],
    ["7,,1\n", 'expected a pixel, a whole number from 0 to 255, got "" in line 1, column 1.'],
    ["-1,0,1\n", 'expected a label, a whole number of at least 0, got "-1" in line 1, column 0.'],
    ["7,0,1\n7,0\n", "expected 3 columns as in line 1, got 2 in line 2."],
    ["7,0,1\n7,0,1,2\n", "expected 3 columns as in line 1, got more than 3 in line 2."],
    ["7,0,1,2\n", "expected 2 columns for images [1, 1, 2], got 4 in line 1."],
    ["", "expected 2 columns for images [1, 1, 2], got 1 in line 1."],
    ["label,a,b\n", "expected at least one row, got a header alone."],
    ["7,0,1\n\n7,0,1\n", 'expected a label, a whole number of at least 0, got "" in line 2, column 0.'],
  ])("%j is refused with its place", (text, message) => {
    throwsExactly(() => pixelsFromCsv(text, { shape: [1, 1, 2] }), FormatError, `pixelsFromCsv: ${message}`);
  });
});

describe("imagesFromRgba", () => {
  it("is fromRgba for several images", () => {
    const one = { data: Uint8ClampedArray.of(10, 20, 30, 255, 40, 50, 60, 255), width: 2, height: 1 };
    for (const channels of [1, 3] as const) {
      const y = imagesFromRgba([one, one], { channels });
      expect(y.shape).toEqual([2, channels, 1, 2]);
      expect(y.slice([1, 2])).toEqual(fromRgba(one.data, 2, 1, { channels }));
    }
  });

  it("puts a background behind what is transparent, and refuses it without", () => {
    const half = { data: Uint8ClampedArray.of(0, 0, 0, 51), width: 1, height: 1 };
    expect([...imagesFromRgba([half], { background: [255, 0, 255] }).data]).toEqual([
      Math.fround(0.8),
      0,
      Math.fround(0.8),
    ]);
    throwsExactly(
      () => imagesFromRgba([half]),
      ArgumentError,
      "imagesFromRgba: expected opaque pixels, got alpha 51 at x 0, y 0 (give { background: 255 } for white).",
    );
  });
});

const fixtures = JSON.parse(readFileSync(new URL("../fixtures/images.json", import.meta.url), "utf8")) as {
  readonly cases: readonly { name: string; file: string; size: [number, number]; most: number; rgb: number[] }[];
  readonly transparent: { file: string; rgba: number[]; size: [number, number] };
  readonly keyed: string;
};
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

describe("decodeImage", () => {
  it.each(fixtures.cases.map((each) => [each.name, each] as const))(
    "%s has the pixels that Pillow sees",
    async (name, each) => {
      const x = await decodeImage(bytesOf(each.file));
      const [h, w] = each.size;
      expect(x.shape).toEqual([3, h, w]);
      // Decoders of JPEG may round differently.
      const bound = name.includes("JPEG") ? 3 / 255 : 0.1 / 65535;
      for (let i = 0; i < h * w; i++) {
        for (let c = 0; c < 3; c++) {
          const expected = each.rgb[3 * i + c] / each.most;
          expect(Math.abs(x.data[c * h * w + i] - expected)).toBeLessThanOrEqual(bound);
        }
      }
    },
  );

  it("asks for a background where pixels are transparent, by alpha or by a color", async () => {
    const { file, rgba } = fixtures.transparent;
    const error = await rejection(decodeImage(bytesOf(file)));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toContain("expected opaque pixels, got alpha");
    const x = await decodeImage(bytesOf(file), { background: 255 });
    expect(x.at(1, 0, 0)).toBeCloseTo((rgba[1] * rgba[3] + 255 * (255 - rgba[3])) / 255 / 255, 6);
    expect((await rejection(decodeImage(bytesOf(fixtures.keyed)))).message).toContain("got alpha 0 at x 3, y 2");
    expect((await decodeImage(bytesOf(fixtures.keyed), { background: [0, 0, 255] })).at(2, 2, 3)).toBe(1);
  });

  it("makes gray of color as fromRgba does", async () => {
    const [{ file, rgb }] = fixtures.cases;
    const x = await decodeImage(bytesOf(file), { channels: 1 });
    expect(x.at(0, 0, 0)).toBe(Math.fround((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2]) / 255000));
  });

  it("refuses what is cut short, damaged, no image or claims to be huge", async () => {
    const png = bytesOf(fixtures.cases[0].file);
    const jpeg = bytesOf(fixtures.cases.find(({ name }) => name === "JPEG")!.file);
    for (const bytes of [
      png.subarray(0, 20),
      png.subarray(0, png.length - 30),
      jpeg.subarray(0, 300),
      jpeg.subarray(0, 4),
    ]) {
      const error = await rejection(decodeImage(bytes));
      expect(error).toBeInstanceOf(FormatError);
      expect(error.message).toMatch(/^decodeImage: expected a whole (PNG|JPEG) image, got \d+ bytes/);
    }
    const flipped = png.slice();
    flipped[45] ^= 1;
    expect(await rejection(decodeImage(flipped))).toBeInstanceOf(FormatError);
    const huge = png.slice();
    huge.set([0x7f, 0xff, 0xff, 0xff], 16);
    expect((await rejection(decodeImage(huge))).message).toContain(
      "expected at most 100000000 pixels, got 2147483647 x 5",
    );
    expect((await rejection(decodeImage(new TextEncoder().encode("<html>")))).message).toContain(
      "this looks like an HTML page",
    );
  });

  it("takes decoders of the caller's", async () => {
    const png = (): { data: number[]; width: number; height: number; channels: number } => ({
      data: [51],
      width: 1,
      height: 1,
      channels: 1,
    });
    const x = await decodeImage(bytesOf(fixtures.cases[0].file), { decoders: { png }, channels: 1 });
    expect(x).toEqual(new Tensor([0.2], [1, 1, 1]));
  });
});

describe("imageFolder", () => {
  const place = join(folder, "pets");
  const [x] = makeShapes({ samples: 6, seed: 1, size: 9 }).all();
  const write = (path: string, i: number, width = 9): void => {
    mkdirSync(join(place, path, ".."), { recursive: true });
    const data = Uint8Array.from({ length: 9 * width }, (_, p) =>
      Math.round(255 * x.data[i * 81 + Math.floor(p / width) * 9 + (p % 9)]),
    );
    writeFileSync(join(place, path), encode({ data, width, height: 9, channels: 1 }));
  };
  ["dog/b.png", "dog/a.PNG", "cat/tall/z.png", "cat/y.png"].forEach((path, i) => write(path, i));
  writeFileSync(join(place, "cat", "notes.txt"), "no image");
  writeFileSync(join(place, "README"), "no class");
  writeFileSync(join(place, "cat", "photo.jpg"), bytesOf(fixtures.cases.find(({ name }) => name === "JPEG")!.file));

  it("has the folders as classes, in the order of names, and all images below them", async () => {
    const set = imageFolder(place, { channels: 1 });
    expect([set.classes, [...set.labels], set.length]).toEqual([["cat", "dog"], [0, 0, 0, 1, 1], 5]);
    const names = ["cat/photo.jpg", "cat/tall/z.png", "cat/y.png", "dog/a.PNG", "dog/b.png"];
    expect(set.files).toEqual(names.map((name) => join(place, name)));
    const [image, label] = await set.get(4);
    expect(label).toBe(1);
    expect(image).toEqual(x.slice(0));
  });

  it("goes through a DataLoader once the sizes are equal, and says what to do where they are not", async () => {
    const options = { batchSize: 5, shuffle: true, seed: 1 };
    for await (const [batch, y] of new DataLoader(imageFolder(place), {
      ...options,
      transform: [resize(8), centerCrop(6)],
    })) {
      expect(batch.shape).toEqual([5, 3, 6, 6]);
      expect([...y].sort()).toEqual([0, 0, 0, 1, 1]);
    }
    const loop = async (): Promise<void> => {
      for await (const [batch] of new DataLoader(imageFolder(place), options)) void batch;
    };
    expect((await rejection(loop())).message).toMatch(
      /^DataLoader: expected samples of one shape, .* \(sample \d; for images of different sizes give a transform such as resize/,
    );
  });

  it("refuses folders without classes or images, names a damaged file, and one that is gone", async () => {
    mkdirSync(join(folder, "empty", "cat"), { recursive: true });
    throwsExactly(
      () => imageFolder(join(folder, "empty")),
      ArgumentError,
      `imageFolder: expected .png, .jpg or .jpeg files of class "cat" in ${join(folder, "empty")}, got none.`,
    );
    expect(() => imageFolder(join(folder, "empty", "cat"))).toThrow("expected a folder for each class");
    expect(() => imageFolder(join(folder, "nowhere"))).toThrow(FileError);
    mkdirSync(join(folder, "bad", "cat"), { recursive: true });
    writeFileSync(join(folder, "bad", "cat", "x.png"), "no png");
    const error = await rejection(imageFolder(join(folder, "bad")).get(0));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(join(folder, "bad", "cat", "x.png"));
    const set = imageFolder(place);
    rmSync(set.files[0]);
    expect(await rejection(set.get(0))).toBeInstanceOf(FileError);
  });
});
