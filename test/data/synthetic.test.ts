// Drawn data sets: seeded, balanced, each sample a function of its number, different enough and learnable by the simplest rule.
import { describe, expect, it } from "vitest";
import { makeDigits, makeShapes, makeSpirals, makeStripes, type TensorDataset } from "../../src/entries/data.js";
import { ArgumentError } from "../../src/base/errors.js";
import { manualSeed } from "../../src/numbers/random.js";
import { throwsExactly } from "../support/errors.js";

type Make = (options: { samples: number; seed?: number }) => TensorDataset;
const all: readonly [string, Make, number][] = [
  ["makeDigits", makeDigits, 10],
  ["makeShapes", makeShapes, 4],
  ["makeStripes", makeStripes, 4],
  ["makeSpirals", (options) => makeSpirals({ ...options, classes: 3 }), 3],
];

describe("drawn data sets", () => {
  it.each(all)(
    "%s: classes take turns, the seed decides, a sample does not depend on how many there are",
    (_, make, classes) => {
      const set = make({ samples: 3 * classes + 1, seed: 1 });
      expect([...set.labels!]).toEqual(Array.from({ length: 3 * classes + 1 }, (__, i) => i % classes));
      expect(make({ samples: 2, seed: 1 }).get(1)).toEqual(set.get(1));
      expect(make({ samples: 2, seed: 2 }).get(1)).not.toEqual(set.get(1));
      expect(set.get(0)[0]).not.toEqual(set.get(classes)[0]);
      manualSeed(1);
      const first = make({ samples: 2 }).get(0);
      expect(make({ samples: 2 }).get(0)).not.toEqual(first);
      manualSeed(1);
      expect(make({ samples: 2 }).get(0)).toEqual(first);
      const [x] = set.all();
      expect(x.data.every((value) => Number.isFinite(value))).toBe(true);
      if (x.rank === 4) expect(x.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    },
  );

  it.each(all.slice(0, 1))("%s: the nearest of a thousand others has the same label in most cases", (_, make) => {
    const [x, y] = make({ samples: 1000, seed: 1 }).all();
    const [tx, ty] = make({ samples: 100, seed: 2 }).all();
    let right = 0;
    for (let i = 0; i < 100; i++) {
      let [best, nearest] = [Infinity, 0];
      for (let j = 0; j < 1000; j++) {
        let apart = 0;
        for (let p = 0; p < 784; p++) {
          const d = tx.data[i * 784 + p] - x.data[j * 784 + p];
          apart += d * d;
        }
        if (apart < best) [best, nearest] = [apart, j];
      }
      if (y[nearest] === ty[i]) right++;
    }
    expect(right).toBeGreaterThan(85);
    expect(right).toBeLessThan(101);
  });

  it("digits lie inside their image, whatever the size, and are all alike without variation", () => {
    for (const size of [16, 28, 40]) {
      const [x] = makeDigits({ samples: 200, seed: 3, size, variation: 1 }).all();
      for (let i = 0; i < 200; i++) {
        const ink = x.slice(i).data.reduce((a, b) => a + b, 0) / (size * size);
        expect(ink).toBeGreaterThan(0.03);
        expect(ink).toBeLessThan(0.4);
        const edge =
          x.slice(i, 0, 0).data.reduce((a, b) => a + b, 0) + x.slice(i, 0, size - 1).data.reduce((a, b) => a + b, 0);
        expect(edge).toBeLessThan(size / 3);
      }
    }
    const same = makeDigits({ samples: 20, seed: 3, variation: 0 });
    expect(same.get(3)).toEqual(same.get(13));
  });

  it("spirals: without noise each point lies on the arm of its class", () => {
    const [x, y] = makeSpirals({ samples: 60, classes: 3, turns: 1.5, noise: 0, seed: 1 }).all();
    for (let i = 0; i < 60; i++) {
      const [a, b] = [x.at(i, 0), x.at(i, 1)];
      const radius = Math.hypot(a, b);
      const expected = 2 * Math.PI * (1.5 * radius + y[i] / 3);
      expect(Math.cos(Math.atan2(b, a) - expected)).toBeCloseTo(1, 5);
    }
  });

  it("refuse wrong options", () => {
    throwsExactly(
      () => makeDigits({ samples: 0 }),
      ArgumentError,
      "makeDigits: expected samples to be a whole number from 1 to 10000000, got 0.",
    );
    throwsExactly(
      () => makeShapes({ samples: 1, size: 4 }),
      ArgumentError,
      "makeShapes: expected size to be a whole number from 8 to 1024, got 4.",
    );
    throwsExactly(
      () => makeSpirals({ samples: 1, arms: 2 } as never),
      ArgumentError,
      'makeSpirals: unknown option "arms" (options: samples, seed, classes, turns, noise).',
    );
  });
});
