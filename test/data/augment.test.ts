// What random transforms do: known answers, bounds of what is drawn, each image by itself, the same from their plain options.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as data from "../../src/entries/data.js";
import { TRANSFORM_NAMES, revive } from "../../src/data/augment/revive.js";
import { SampleRandom } from "../../src/data/augment/sampleRandom.js";
import { Draws, type Transform } from "../../src/data/augment/transform.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

const key = (epoch = 0, seed = 1): data.DrawKey => ({ seed, stream: 0, epoch });

function run(
  transform: Transform,
  x: Tensor,
  epoch = 0,
  indices = Array.from({ length: x.shape[0] }, (_, i) => i),
): Tensor {
  return transform.apply(x.clone(), new Draws(key(epoch), 0, indices));
}

/** N images whose numbers are all different. */
function counted(n: number, c: number, h: number, w: number): Tensor {
  return new Tensor(
    Float32Array.from({ length: n * c * h * w }, (_, i) => i / (n * c * h * w)),
    [n, c, h, w],
  );
}

/** One with options away from the defaults for each transform of the package. */
const all: Record<string, Transform> = {
  alternatingHorizontalFlip: data.alternatingHorizontalFlip(),
  centerCrop: data.centerCrop([3, 4]),
  colorJitter: data.colorJitter({ brightness: 0.3, contrast: [0.5, 1.5], saturation: 0.2, hue: 0.1 }),
  cutout: data.cutout(3, { fill: [0.1, 0.2, 0.3] }),
  elasticTransform: data.elasticTransform({ alpha: 20, sigma: 2, fill: 0.5 }),
  grayscale: data.grayscale({ channels: 3 }),
  normalize: data.normalize([0.1, 0.2, 0.3], 2),
  padImages: data.padImages([1, 2], { paddingMode: "symmetric" }),
  randomAffine: data.randomAffine({ degrees: [5, 20], translate: [0.2, 0.1], scale: [0.8, 1.1], shear: 5 }),
  randomApply: data.randomApply([data.randomHorizontalFlip(), data.randomRotation(20)], { p: 0.7 }),
  randomChoice: data.randomChoice([data.randomVerticalFlip(), data.cutout(2), data.randomErasing()]),
  randomCrop: data.randomCrop([5, 4], { padding: [1, 2], paddingMode: "edge" }),
  randomErasing: data.randomErasing({ p: 0.9, value: "random", scale: [0.1, 0.2] }),
  randomHorizontalFlip: data.randomHorizontalFlip({ p: 0.3 }),
  randomResizedCrop: data.randomResizedCrop(4, { scale: [0.3, 0.6] }),
  randomRotation: data.randomRotation([10, 30], { interpolation: "bilinear", fill: 0.3 }),
  randomTranslate: data.randomTranslate([1, 2], { paddingMode: "reflect" }),
  randomVerticalFlip: data.randomVerticalFlip({ p: 0.6 }),
  randomZoom: data.randomZoom([0.7, 1.3], { interpolation: "bilinear" }),
  resize: data.resize(4, { keepAspect: true }),
};

describe("every transform", () => {
  it("is in the table of workers, and has a row here", () => {
    expect([...TRANSFORM_NAMES].sort()).toEqual(Object.keys(all).sort());
  });

  it.each(Object.entries(all))("%s is made again from its options, also through JSON", (name, transform) => {
    expect(transform.name).toBe(name);
    const { options } = JSON.parse(JSON.stringify(transform)) as Transform;
    const again = revive({ name, options });
    expect(again.options).toEqual(transform.options);
    const x = counted(5, 3, 6, 7);
    expect(run(again, x)).toEqual(run(transform, x));
  });

  it.each(Object.entries(all))("%s treats each image by its own draws, whoever stands beside it", (_, transform) => {
    const x = counted(6, 3, 6, 7);
    const together = run(transform, x, 3);
    for (let i = 0; i < 6; i++) expect(run(transform, x.take([i]), 3, [i]).slice(0)).toEqual(together.slice(i));
    expect(run(transform, x.take([4, 1]), 3, [4, 1])).toEqual(together.take([4, 1]));
  });

  it("draws numbers that never change (reproducibility)", () => {
    const random = new SampleRandom().seek({ seed: 7, stream: 2, epoch: 5 }, 3, 11);
    expect(Array.from({ length: 5 }, () => random.uint32())).toEqual(PINNED);
    expect(random.seek({ seed: 7, stream: 2, epoch: 5 }, 3, 11).uint32()).toBe(PINNED[0]);
    for (const other of [
      random.seek({ seed: 8, stream: 2, epoch: 5 }, 3, 11).uint32(),
      random.seek({ seed: 7, stream: 3, epoch: 5 }, 3, 11).uint32(),
      random.seek({ seed: 7, stream: 2, epoch: 6 }, 3, 11).uint32(),
      random.seek({ seed: 7, stream: 2, epoch: 5 }, 4, 11).uint32(),
      random.seek({ seed: 7, stream: 2, epoch: 5 }, 3, 12).uint32(),
      random.seek({ seed: 7, stream: 2, epoch: 5 }, 3, 11, "batch").uint32(),
    ]) {
      expect(other).not.toBe(PINNED[0]);
    }
  });
});

// Philox4x32-10 of the counters [3 * 2^20, 11, 5, 2 * 256 + 5] and the next, under the key [7, 0].
const PINNED = [368335758, 1670193080, 1741180925, 2600441830, 526888285];

describe("flips", () => {
  it("mirror rows, or the order of the rows", () => {
    const x = new Tensor([[[[1, 2, 3], [4, 5, 6]]]]); // prettier-ignore
    expect(data.horizontalFlip(x).toArray()).toEqual([[[[3, 2, 1], [6, 5, 4]]]]); // prettier-ignore
    expect(data.verticalFlip(x).toArray()).toEqual([[[[4, 5, 6], [1, 2, 3]]]]); // prettier-ignore
    expect(run(data.randomHorizontalFlip({ p: 1 }), x)).toEqual(data.horizontalFlip(x));
    expect(run(data.randomVerticalFlip({ p: 1 }), counted(2, 2, 4, 3))).toEqual(data.verticalFlip(counted(2, 2, 4, 3)));
    expect(run(data.randomHorizontalFlip({ p: 0 }), x)).toEqual(x);
  });

  it("alternate: each image is flipped in every other epoch, half of them in each", () => {
    const x = counted(200, 1, 1, 2);
    const flipped = [0, 1, 2, 3].map((epoch) => {
      const y = run(data.alternatingHorizontalFlip(), x, epoch);
      return Array.from({ length: 200 }, (_, i) => y.at(i, 0, 0, 0) !== x.at(i, 0, 0, 0));
    });
    expect(flipped[2]).toEqual(flipped[0]);
    expect(flipped[1]).toEqual(flipped[0].map((each) => !each));
    expect(flipped[3]).toEqual(flipped[1]);
    const share = flipped[0].filter((each) => each).length;
    expect(Math.abs(share - 100)).toBeLessThan(5 * Math.sqrt(50));
  });
});

describe("cuts", () => {
  it("randomCrop cuts what stands in the padded image, at every place alike", () => {
    const x = counted(1, 2, 3, 4);
    for (const paddingMode of ["constant", "edge", "reflect", "symmetric"] as const) {
      const padded = run(data.padImages(2, { paddingMode, fill: -1 }), x);
      const places = new Set<number>();
      for (let epoch = 0; epoch < 60; epoch++) {
        const y = run(data.randomCrop([3, 4], { padding: 2, paddingMode, fill: -1 }), x, epoch);
        let found = -1;
        for (let top = 0; top <= 4; top++) {
          for (let left = 0; left <= 4; left++) {
            const part = padded.slice(null, null, [top, top + 3], [left, left + 4]);
            if (part.data.every((value, i) => value === y.data[i])) found = top * 5 + left;
          }
        }
        expect(found).toBeGreaterThanOrEqual(0);
        places.add(found);
      }
      expect(places.size).toBeGreaterThan(12);
    }
  });

  it("centerCrop keeps the middle, resize with keepAspect the shorter side", () => {
    const x = counted(1, 1, 4, 5);
    expect(run(data.centerCrop(2), x)).toEqual(x.slice(null, null, [1, 3], [1, 3]));
    expect(run(data.resize(8, { keepAspect: true }), x).shape).toEqual([1, 1, 8, 10]);
    expect(run(data.resize(8, { keepAspect: true }), counted(1, 1, 9, 4)).shape).toEqual([1, 1, 18, 8]);
  });

  it("randomTranslate moves by whole pixels, at most as far as it may", () => {
    const x = counted(1, 1, 5, 5);
    const seen = new Set<string>();
    for (let epoch = 0; epoch < 80; epoch++) {
      const y = run(data.randomTranslate([0, 1], { fill: -1 }), x, epoch);
      for (const by of [-1, 0, 1]) {
        const moved = Array.from({ length: 25 }, (_, i) => {
          const from = (i % 5) + by;
          return from < 0 || from > 4 ? -1 : x.data[i + by];
        });
        if (moved.every((value, i) => value === y.data[i])) seen.add(String(by));
      }
    }
    expect(seen.size).toBe(3);
  });

  it.each<[string, Transform, string]>([
    [
      "a cut too large",
      data.randomCrop(8, { padding: 1 }),
      "randomCrop: expected images of at least 8 x 8 with their padding, got 7 x 6 (give more padding, or resize first).",
    ],
    [
      "reflection beyond the image",
      data.padImages(5, { paddingMode: "reflect" }),
      "padImages: expected padding of at most 4 for reflect on 5 pixels, got 5.",
    ],
    ["a center too large", data.centerCrop(5), "centerCrop: expected images of at least 5 x 5, got 5 x 4 (pad first)."],
  ])("refuse %s", (_, transform, message) => {
    throwsExactly(() => run(transform, counted(1, 1, 5, 4)), ShapeError, message);
  });
});

describe("geometry", () => {
  it("rotation by quarter turns moves whole pixels, in both ways of sampling", () => {
    const x = counted(2, 3, 4, 4);
    const quarter = (image: Tensor): Tensor => {
      const y = image.clone();
      for (let p = 0; p < 6; p++)
        for (let r = 0; r < 4; r++)
          for (let c = 0; c < 4; c++) y.data[p * 16 + r * 4 + c] = image.data[p * 16 + c * 4 + 3 - r];
      return y;
    };
    for (const interpolation of ["nearest", "bilinear"] as const) {
      expect(data.rotate(x, 90, { interpolation })).toEqual(quarter(x));
      expect(data.rotate(x, -270, { interpolation })).toEqual(quarter(x));
      expect(data.rotate(x, 360, { interpolation })).toEqual(x);
    }
  });

  it("no map and no displacement leave images as they are", () => {
    const property = fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), (h, w) => {
      const x = counted(2, 1, h, w);
      for (const interpolation of ["nearest", "bilinear"] as const) {
        expect(data.affine(x, { interpolation })).toEqual(x);
        expect(data.elastic(x, new Tensor(new Float32Array(2 * h * w), [2, h, w]), { interpolation })).toEqual(x);
      }
    });
    fc.assert(property, { seed: 1, numRuns: 50 });
  });

  it("zoom by a factor of 3 shows the middle", () => {
    const x = counted(1, 1, 3, 3);
    expect(run(data.randomZoom([3, 3]), x).data.every((value) => value === x.data[4])).toBe(true);
  });

  it("elastic fields are smooth, and as strong as alpha says", () => {
    const x = counted(1, 1, 16, 16);
    expect(run(data.elasticTransform({ alpha: 0 }), x)).toEqual(x);
    const change = (alpha: number): number => {
      const y = run(data.elasticTransform({ alpha, sigma: 3 }), x);
      return y.data.reduce((sum, value, i) => sum + Math.abs(value - x.data[i]), 0);
    };
    expect(change(40)).toBeGreaterThan(2 * change(5));
  });
});

describe("erasing", () => {
  it("cutout erases a square of its size around a pixel, cut at the edges", () => {
    const x = new Tensor(new Float32Array(72).fill(1), [1, 2, 6, 6]);
    const sizes = new Set<number>();
    for (let epoch = 0; epoch < 100; epoch++) {
      const y = run(data.cutout(3), x, epoch);
      const rows = new Set<number>();
      const columns = new Set<number>();
      y.data.forEach((value, i) => {
        if (value !== 0) return;
        rows.add(Math.floor(i / 6) % 6);
        columns.add(i % 6);
      });
      const erased = y.data.filter((value) => value === 0).length / 2;
      expect(erased).toBe(rows.size * columns.size);
      expect(rows.size).toBeLessThanOrEqual(3);
      sizes.add(erased);
    }
    expect([...sizes].sort((a, b) => a - b)).toEqual([4, 6, 9]);
  });

  it("randomErasing erases a share and a shape within its bounds, with its probability", () => {
    let changed = 0;
    for (let epoch = 0; epoch < 400; epoch++) {
      const y = run(
        data.randomErasing({ p: 0.5, scale: [0.1, 0.3], ratio: [0.5, 2], value: -1 }),
        counted(1, 1, 20, 20),
        epoch,
      );
      const erased = y.data.filter((value) => value === -1).length;
      if (erased === 0) continue;
      changed++;
      expect(erased / 400).toBeGreaterThan(0.07);
      expect(erased / 400).toBeLessThan(0.35);
    }
    expect(Math.abs(changed - 200)).toBeLessThan(50);
  });
});

describe("choices", () => {
  it("randomApply applies with its probability, randomChoice one of its transforms", () => {
    const x = counted(300, 1, 1, 2);
    const flip = data.randomHorizontalFlip({ p: 1 });
    const y = run(data.randomApply([flip], { p: 0.25 }), x);
    const flipped = Array.from({ length: 300 }, (_, i) => i).filter(
      (i) => y.at(i, 0, 0, 0) !== x.at(i, 0, 0, 0),
    ).length;
    expect(Math.abs(flipped - 75)).toBeLessThan(5 * Math.sqrt(56));
    const z = run(data.randomChoice([flip, data.normalize(0, 0.5), data.normalize(0, 0.25)]), x);
    const kinds = Array.from({ length: 300 }, (_, i) => {
      const [before, after] = [x.at(i, 0, 0, 1), z.at(i, 0, 0, 1)];
      return Math.round(after / before) || 1;
    });
    expect(new Set(kinds.slice(5))).toEqual(new Set([1, 2, 4]));
  });

  it("of images whose sizes then differ is refused", () => {
    throwsExactly(
      () => run(data.randomChoice([data.padImages(1), data.padImages(2)]), counted(20, 1, 2, 2)),
      ShapeError,
      "randomChoice: expected transformed samples of one shape, [1, 6, 6], got [1, 4, 4].",
    );
  });
});

describe("normalize and statistics", () => {
  it("subtracts and divides each channel, rounded step by step", () => {
    const x = new Tensor([0.3, 0.7], [1, 2, 1, 1]);
    const y = run(data.normalize([0.1, 0.2], [0.3, 0.4]), x);
    const f = Math.fround;
    expect([...y.data]).toEqual([f(f(f(0.3) - f(0.1)) / f(0.3)), f(f(f(0.7) - f(0.2)) / f(0.4))]);
  });

  it("channelStatistics are those that make mean 0 and deviation 1", () => {
    const x = counted(4, 3, 5, 5);
    const { mean, std } = data.channelStatistics(x);
    const again = data.channelStatistics(run(data.normalize(mean, std), x));
    again.mean.forEach((m) => expect(Math.abs(m)).toBeLessThan(1e-6));
    again.std.forEach((s) => expect(Math.abs(s - 1)).toBeLessThan(1e-6));
  });

  it("refuses what does not fit", () => {
    throwsExactly(
      () => data.normalize(0, 0),
      ArgumentError,
      "normalize: expected std other than 0, got 0 at channel 0.",
    );
    throwsExactly(
      () => run(data.normalize([0, 0], 1), counted(1, 3, 1, 1)),
      ArgumentError,
      "normalize: expected mean of 1 or 3 channels, got [0, 0].",
    );
  });
});

describe("mixtures", () => {
  const x = counted(3, 1, 4, 4);
  const labels = Int32Array.of(0, 1, 1);
  const random = (index: number): SampleRandom => new SampleRandom().seek(key(), 0, index, "batch");

  it("mixUp lays each image over the one before it, by the share that its target tells", () => {
    for (const alpha of [0.2, 1, 4]) {
      const [y, targets] = data.mixUp({ numClasses: 2, alpha })([x, labels], random(3));
      const share = targets.at(0, 0); // image 0 of class 0, with image 2 of class 1
      expect(targets.at(0, 1)).toBeCloseTo(1 - share, 6);
      expect(targets.at(2, 1)).toBeCloseTo(1, 6);
      for (let i = 0; i < 3; i++) {
        const other = (i + 2) % 3;
        for (let p = 0; p < 16; p++) {
          expect(y.data[i * 16 + p]).toBeCloseTo(share * x.data[i * 16 + p] + (1 - share) * x.data[other * 16 + p], 6);
        }
      }
    }
  });

  it("cutMix takes a rectangle of the image before, and its area as share", () => {
    for (let draw = 0; draw < 50; draw++) {
      const [y, targets] = data.cutMix({ numClasses: 2 })([x, labels], random(draw));
      let taken = 0;
      for (let p = 0; p < 16; p++) {
        if (y.data[p] === x.data[32 + p]) taken++;
        else expect(y.data[p]).toBe(x.data[p]);
      }
      expect(targets.at(0, 0)).toBeCloseTo(1 - taken / 16, 6);
      expect(targets.at(0, 1)).toBeCloseTo(taken / 16, 6);
    }
  });

  it("shares of Beta(alpha, alpha) have mean 1/2 and variance 1 / (4 (2 alpha + 1))", () => {
    for (const alpha of [0.3, 1, 2.5]) {
      const shares = Array.from({ length: 4000 }, (_, i) =>
        data.mixUp({ numClasses: 2, alpha })([x, labels], random(i))[1].at(0, 0),
      );
      const mean = shares.reduce((a, b) => a + b) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      const expected = 1 / (4 * (2 * alpha + 1));
      expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(expected / 4000));
      expect(Math.abs(variance - expected)).toBeLessThan(0.1 * expected);
    }
  });

  it("mix targets that are probabilities, and refuse labels without their number of classes", () => {
    const soft = new Tensor([[1, 0], [0, 1], [0.5, 0.5]]); // prettier-ignore
    expect(data.mixUp()([x, soft], random(1))[1].shape).toEqual([3, 2]);
    throwsExactly(
      () => data.mixUp()([x, labels], random(1)),
      ArgumentError,
      "mixUp: expected numClasses for labels, got none (as in mixUp({ numClasses: 10 })).",
    );
    throwsExactly(
      () => data.mixUp({ numClasses: 1 })([x, labels], random(1)),
      ArgumentError,
      "mixUp: expected labels from 0 to 0, got 1 at index 1.",
    );
  });
});

describe("testTimeAugmentation", () => {
  it("is the weighted mean over the views", () => {
    const x = counted(2, 1, 4, 4);
    const corner = (images: Tensor): Tensor => new Tensor([0, 1].map((i) => [images.at(i, 0, 0, 0)]));
    const flipped = data.testTimeAugmentation(corner, x);
    for (const i of [0, 1]) expect(flipped.at(i, 0)).toBeCloseTo((x.at(i, 0, 0, 0) + x.at(i, 0, 0, 3)) / 2, 6);
    const shifted = data.testTimeAugmentation({ predict: corner }, x, data.flipAndShiftViews());
    const at = (i: number, row: number, column: number): number => x.at(i, 0, row, column);
    for (const i of [0, 1]) {
      // Shifted by -1 the corner shows the reflected (1, 1), by +1 the pixel (1, 1); mirrored (1, 2) both times.
      const expected = (at(i, 0, 0) + at(i, 0, 3)) / 4 + (2 * at(i, 1, 1) + 2 * at(i, 1, 2)) / 8;
      expect(shifted.at(i, 0)).toBeCloseTo(expected, 6);
    }
  });

  it("refuses no views", () => {
    throwsExactly(
      () => data.testTimeAugmentation((x) => x, counted(1, 1, 2, 2), []),
      ArgumentError,
      "testTimeAugmentation: expected views as flipViews() gives them, got [].",
    );
  });
});
