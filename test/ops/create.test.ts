import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { arange, eye, fromRgba, full, ones, rand, randn, zeros } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { getSeed, Generator, manualSeed } from "../../src/numbers/random.js";
import { throwsExactly } from "../support/errors.js";

describe("zeros, ones and full", () => {
  it("fill every number of the shape", () => {
    expect(zeros([2, 3]).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(ones([2]).toArray()).toEqual([1, 1]);
    expect(full([1, 2], -0.5).toArray()).toEqual([[-0.5, -0.5]]);
    expect(full([], 3).item()).toBe(3);
    expect(full([2], NaN).toArray()).toEqual([NaN, NaN]);
    expect(zeros([0, 4]).shape).toEqual([0, 4]);
    expect(zeros([2]).dtype).toBe("float32");
  });

  it("refuse what is no shape, or no number", () => {
    const text = (who: string, got: string): string =>
      `${who}: expected a shape of whole numbers of at least 0, got ${got}.`;
    throwsExactly(() => zeros([-1]), ShapeError, text("zeros", "[-1]"));
    throwsExactly(() => ones(3 as never), ShapeError, text("ones", "3 (in brackets, such as [3])"));
    throwsExactly(() => full([1.5], 0), ShapeError, text("full", "[1.5]"));
    throwsExactly(() => full([2], "0" as never), ArgumentError, 'full: expected value to be a number, got "0".');
  });
});

describe("eye", () => {
  it("has ones on the diagonal, square or not", () => {
    expect(eye(3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(eye(3, 2).toArray()).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(eye(0).shape).toEqual([0, 0]);
  });

  it("refuses sizes that are none", () => {
    throwsExactly(() => eye(-1), ArgumentError, "eye: expected n to be a whole number of at least 0, got -1.");
    throwsExactly(
      () => eye(2, 0.5),
      ArgumentError,
      "eye: expected columns to be a whole number of at least 0, got 0.5.",
    );
  });
});

describe("arange", () => {
  it("counts from 0, from a start, and by a step, without the end", () => {
    expect(arange(4).toArray()).toEqual([0, 1, 2, 3]);
    expect(arange(2, 5).toArray()).toEqual([2, 3, 4]);
    expect(arange(1, 10, 4).toArray()).toEqual([1, 5, 9]);
    expect(arange(1, 9, 4).toArray()).toEqual([1, 5]);
    expect(arange(3, 0, -1).toArray()).toEqual([3, 2, 1]);
    expect(arange(2.5).toArray()).toEqual([0, 1, 2]);
    expect(arange(3, 3).shape).toEqual([0]);
    expect(arange(0).shape).toEqual([0]);
  });

  it("rounds each number once, so that no error adds up", () => {
    const tenths = arange(0, 100, 0.1);
    expect(tenths.size).toBe(1000);
    expect([...tenths.data]).toEqual(Array.from({ length: 1000 }, (_, i) => Math.fround(i * 0.1)));
  });

  it("refuses a step of 0 or away from the end, and what is not finite", () => {
    const text = (start: number, end: number, step: number): string =>
      `arange: expected a step that leads from start ${start} to end ${end}, got ${step} (swap the two, ` +
      `or change its sign).`;
    throwsExactly(() => arange(-3), ArgumentError, text(0, -3, 1));
    throwsExactly(() => arange(0, 5, 0), ArgumentError, text(0, 5, 0));
    throwsExactly(() => arange(0, 5, -1), ArgumentError, text(0, 5, -1));
    throwsExactly(() => arange(Infinity), ArgumentError, "arange: expected end to be a finite number, got Infinity.");
    throwsExactly(() => arange(NaN, 5), ArgumentError, "arange: expected start to be a finite number, got NaN.");
    throwsExactly(
      () => arange(0, 5, "1" as never),
      ArgumentError,
      'arange: expected step to be a finite number, got "1".',
    );
  });
});

describe("rand and randn", () => {
  it("give the same numbers for the same seed, whatever was drawn before", () => {
    const first = rand([2, 3], { seed: 5 });
    rand([7]);
    expect(first.shape).toEqual([2, 3]);
    expect(rand([2, 3], { seed: 5 }).toArray()).toEqual(first.toArray());
    expect(rand([2, 3], { seed: 6 }).toArray()).not.toEqual(first.toArray());
    expect(randn([3], { seed: 5 }).toArray()).toEqual(randn([3], { seed: 5 }).toArray());
  });

  it("follow manualSeed, and go on from draw to draw", () => {
    manualSeed(1);
    const first = [rand([3]), randn([3]), rand([3])].map((tensor) => tensor.toArray());
    expect(first[2]).not.toEqual(first[0]);
    manualSeed(1);
    expect([rand([3]), randn([3]), rand([3])].map((tensor) => tensor.toArray())).toEqual(first);
    manualSeed(2);
    expect(rand([3]).toArray()).not.toEqual(first[0]);
  });

  it("depend on no other generator, whether it is made before or after, nor share its draws", () => {
    manualSeed(1);
    const alone = rand([4]).toArray();
    manualSeed(1);
    const other = new Float32Array(4);
    new Generator("draw").fillUniform(other, 0, 1);
    expect(rand([4]).toArray()).toEqual(alone);
    expect([...other]).not.toEqual(alone);
    expect(rand([4], { seed: getSeed() }).toArray()).not.toEqual(alone);
  });

  it("have the mean and the spread of their distribution", () => {
    const n = 20000;
    const moments = (data: Float32Array): [mean: number, variance: number] => {
      const mean = data.reduce((sum, value) => sum + value, 0) / n;
      return [mean, data.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / n];
    };
    const uniform = rand([n], { seed: 3 }).data;
    expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
    // Five standard deviations of each estimate.
    expect(Math.abs(moments(uniform)[0] - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(moments(uniform)[1] - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    const normal = randn([n], { seed: 3 }).data;
    expect(Math.abs(moments(normal)[0])).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(moments(normal)[1] - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });

  it("refuse a bad shape, seed or option", () => {
    throwsExactly(() => rand([-1]), ShapeError, "rand: expected a shape of whole numbers of at least 0, got [-1].");
    throwsExactly(
      () => randn([2], { seed: -1 }),
      ArgumentError,
      "randn: expected seed to be a whole number from 0 to 9007199254740991, got -1.",
    );
    throwsExactly(
      () => rand([2], { sed: 1 } as never),
      ArgumentError,
      'rand: unknown option "sed", did you mean "seed"? (options: seed).',
    );
  });
});

describe("fromRgba", () => {
  // Two rows of three pixels; alpha differs and must not matter.
  const bytes = [255, 0, 51, 255, 0, 255, 0, 0, 102, 102, 102, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 255, 255];

  it("puts the channels in planes and divides by 255", () => {
    const x = fromRgba(new Uint8ClampedArray(bytes), 3, 2);
    expect(x.shape).toEqual([1, 3, 2, 3]);
    const plane = (values: number[][]): number[][] => values.map((row) => row.map((value) => Math.fround(value / 255)));
    expect(x.slice(0).toArray()).toEqual([
      plane([
        [255, 0, 102],
        [1, 5, 0],
      ]),
      plane([
        [0, 255, 102],
        [2, 6, 0],
      ]),
      plane([
        [51, 0, 102],
        [3, 7, 255],
      ]),
    ]);
  });

  it("weighs red, green and blue for gray", () => {
    const x = fromRgba(new Uint8Array(bytes), 3, 2, { channels: 1 });
    expect(x.shape).toEqual([1, 1, 2, 3]);
    const gray = [(299 * 255 + 114 * 51) / 255000, 0.587, 0.4, (299 + 2 * 587 + 3 * 114) / 255000];
    expect([...x.data].slice(0, 4)).toEqual(gray.map(Math.fround));
    expect(x.at(0, 0, 1, 2)).toBe(Math.fround(0.114));
    expect(fromRgba(new Uint8Array(4).fill(255), 1, 1, { channels: 1 }).item()).toBe(1);
  });

  it("takes bytes of another realm, and Node's Buffer", () => {
    const foreign = runInNewContext("new Uint8ClampedArray([255, 0, 0, 255])") as Uint8ClampedArray;
    expect(fromRgba(foreign, 1, 1).slice(0).toArray()).toEqual([[[1]], [[0]], [[0]]]);
    expect(
      fromRgba(Buffer.from([0, 255, 0, 0]), 1, 1)
        .slice(0)
        .toArray(),
    ).toEqual([[[0]], [[1]], [[0]]]);
  });

  it.each<[string, () => unknown, typeof ShapeError, string]>([
    [
      "RGB without alpha",
      () => fromRgba(new Uint8Array(18), 3, 2),
      ShapeError,
      "fromRgba: expected 24 bytes for 3 x 2 pixels of R, G, B, A, got 18 (add an alpha byte to each pixel).",
    ],
    [
      "a wrong size",
      () => fromRgba(new Uint8Array(bytes), 2, 2),
      ShapeError,
      "fromRgba: expected 16 bytes for 2 x 2 pixels of R, G, B, A, got 24 (check width and height).",
    ],
    [
      "floats",
      () => fromRgba(new Float32Array(4) as never, 1, 1),
      ArgumentError,
      "fromRgba: expected bytes (Uint8ClampedArray or Uint8Array), got Float32Array(4) (a canvas gives them with " +
        'pixelFormat "rgba-unorm8").',
    ],
    [
      "a width of 0",
      () => fromRgba(new Uint8Array(0), 0, 1),
      ArgumentError,
      "fromRgba: expected width to be a whole number of at least 1, got 0.",
    ],
    [
      "four channels",
      () => fromRgba(new Uint8Array(4), 1, 1, { channels: 4 as never }),
      ArgumentError,
      "fromRgba: expected channels to be 3 (RGB) or 1 (gray), got 4.",
    ],
    [
      "an unknown option",
      () => fromRgba(new Uint8Array(4), 1, 1, { channel: 1 } as never),
      ArgumentError,
      'fromRgba: unknown option "channel", did you mean "channels"? (options: channels).',
    ],
  ])("refuses %s", (_, act, type, message) => throwsExactly(act, type, message));
});
