// Data sets and their parts: every split is disjoint and complete, classes keep their shares, seeds decide, bad input is refused.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  TensorDataset,
  classBalancedWeights,
  kFold,
  permutation,
  randomSplit,
  stratifiedKFold,
  stratifiedSplit,
  subset,
  weightedRandomSampler,
  type Subset,
} from "../../src/entries/data.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { Generator, manualSeed } from "../../src/numbers/random.js";
import { throwsExactly } from "../support/errors.js";

/** N samples [N, 1, 1, 2]; sample i holds i and -i. */
function numbered(labels: ArrayLike<number>): TensorDataset {
  const n = labels.length;
  const x = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? i / 2 : -(i - 1) / 2));
  return new TensorDataset(new Tensor(x, [n, 1, 1, 2]), labels);
}

const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const sorted = (parts: readonly Subset[]): number[] =>
  parts.flatMap(({ indices }) => [...indices]).sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("TensorDataset", () => {
  it("gives samples and batches in fresh tensors, with their labels", () => {
    const set = numbered([5, 6, 7]);
    const [x, y] = set.take(Int32Array.of(2, 0));
    expect([x.shape, [...x.data], [...y]]).toEqual([
      [2, 1, 1, 2],
      [2, -2, 0, -0],
      [7, 5],
    ]);
    x.data.fill(9);
    expect(set.get(1)).toEqual([new Tensor([1, -1], [1, 1, 2]), 6]);
    expect([set.length, set.sampleShape, [...set.labels!]]).toEqual([3, [1, 1, 2], [5, 6, 7]]);
  });

  it("keeps bytes as bytes, and gives them as numbers from 0 to 1", () => {
    const set = new TensorDataset({ data: Uint8Array.of(0, 51, 255, 102), shape: [2, 1, 2] }, [0, 1]);
    expect(set.sampleShape).toEqual([1, 1, 2]);
    const [x] = set.all();
    expect([x.shape, [...x.data]]).toEqual([[2, 1, 1, 2], [0, 51 / 255, 1, 102 / 255].map(Math.fround)]);
  });

  it("takes tensors of targets, and several labels a sample", () => {
    const x = new Tensor([[1], [2]]);
    const soft = new TensorDataset<Tensor>(x, new Tensor([[0.5], [0.25]]));
    expect(soft.get(1)).toEqual([new Tensor([2]), new Tensor([0.25])]);
    expect(soft.labels).toBeUndefined();
    const many = new TensorDataset(x, [1, 2, 3, 4]);
    expect(many.get(1)).toEqual([new Tensor([2]), Int32Array.of(3, 4)]);
    expect(many.labels).toBeUndefined();
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "no samples",
      () => new TensorDataset(new Tensor([], [0, 2]), []),
      ShapeError,
      "TensorDataset: expected at least one sample [N, ...], got x [0, 2].",
    ],
    [
      "labels that do not fit",
      () => new TensorDataset(new Tensor([[1], [2]]), [1, 2, 3]),
      ShapeError,
      "TensorDataset: expected 2 labels for 2 samples (or a multiple of it), got 3 (x and labels must be cut alike).",
    ],
    [
      "bytes that do not fit their shape",
      () => new TensorDataset({ data: new Uint8Array(3), shape: [1, 2, 2] }, [0]),
      ShapeError,
      "TensorDataset: expected 4 bytes for [1, 2, 2], got 3.",
    ],
    [
      "a label beyond the classes",
      () => new TensorDataset(new Tensor([[1]]), [2], { classes: ["a", "b"] }),
      ArgumentError,
      "TensorDataset: expected labels from 0 to 1 for classes, got 2.",
    ],
    [
      "a row that is none",
      () => numbered([0]).take(Int32Array.of(1)),
      ArgumentError,
      "TensorDataset.take: expected rows from 0 to 0, got 1.",
    ],
    [
      "a tensor where a data set is wanted",
      () => subset(new Tensor([1]) as never, [0]),
      ArgumentError,
      "subset: expected a data set, got an object (Tensor) (new TensorDataset(x, labels) makes one).",
    ],
    [
      "a number that no sample has",
      () => subset(numbered([0, 0]), [0, 2]),
      ArgumentError,
      "subset: expected numbers from 0 to 1, got 2 at index 1.",
    ],
  ])("refuses %s", (_, act, type, message) => throwsExactly(act, type, message));
});

describe("subset", () => {
  it("is the chosen samples in their order, also of a subset, with labels and classes", () => {
    const set = new TensorDataset(new Tensor([[0], [1], [2], [3]]), [0, 1, 0, 1], { classes: ["a", "b"] });
    const part = subset(subset(set, [3, 1, 2]), [2, 0, 0]);
    expect([part.length, [...part.indices], [...part.labels!], part.classes]).toEqual([
      3,
      [2, 3, 3],
      [0, 1, 1],
      ["a", "b"],
    ]);
    const [x, y] = part.take!(Int32Array.of(0, 2)) as [Tensor, Int32Array];
    expect([[...x.data], [...y]]).toEqual([
      [2, 3],
      [0, 1],
    ]);
    expect(part.get!(1)).toEqual([new Tensor([3]), 1]);
    expect(part.dataset).toBe(set);
  });
});

describe("randomSplit", () => {
  it("cuts into disjoint parts that hold every sample, of PyTorch's sizes", () => {
    const property = fc.property(fc.integer({ min: 5, max: 200 }), fc.nat(1000), (n, seed) => {
      const parts = randomSplit(numbered(zeros(n)), [0.5, 0.3, 0.2], { seed });
      expect(sorted(parts)).toEqual(upTo(n));
      const floors = [0.5, 0.3, 0.2].map((share) => Math.floor(n * share + 1e-9));
      const left = n - floors.reduce((a, b) => a + b);
      expect(parts.map(({ length }) => length)).toEqual(floors.map((size, i) => size + (i < left ? 1 : 0)));
    });
    fc.assert(property, { numRuns: 100, seed: 1 });
  });

  it("takes whole lengths, follows its seed, and without one manualSeed", () => {
    const set = numbered(zeros(20));
    const split = (options = {}): number[] => [...randomSplit(set, [15, 5], options)[1].indices];
    expect(split({ seed: 1 })).toEqual(split({ seed: 1 }));
    expect(split({ seed: 1 })).not.toEqual(split({ seed: 2 }));
    manualSeed(3);
    const first = split();
    expect(split()).not.toEqual(first);
    manualSeed(3);
    expect(split()).toEqual(first);
  });

  it.each([
    [[15, 6], "randomSplit: expected lengths that sum to 20, or fractions that sum to 1, got [15, 6]."],
    [[0.5, 0.6], "randomSplit: expected lengths that sum to 20, or fractions that sum to 1, got [0.5, 0.6]."],
    [[20, 0], "randomSplit: expected lengths that sum to 20, or fractions that sum to 1, got [20, 0]."],
    [[], "randomSplit: expected lengths that sum to 20, or fractions that sum to 1, got []."],
    [[0.999, 0.001], ""],
  ])("refuses lengths %j, or gives each part a sample", (lengths, message) => {
    if (message !== "") return throwsExactly(() => randomSplit(numbered(zeros(20)), lengths), ArgumentError, message);
    throwsExactly(
      () => randomSplit(numbered(zeros(20)), lengths),
      ArgumentError,
      "randomSplit: expected samples in each part, got 20 for [0.999, 0.001], part 1 empty.",
    );
  });
});

const anyLabels = fc.array(fc.nat(4), { minLength: 12, maxLength: 120 });

describe("stratifiedSplit", () => {
  it("cuts into disjoint parts that hold every sample, each class within one of its share", () => {
    const property = fc.property(anyLabels, fc.nat(1000), (labels, seed) => {
      const shares = [0.6, 0.25, 0.15];
      const parts = stratifiedSplit(numbered(labels), shares, { seed });
      expect(sorted(parts)).toEqual(upTo(labels.length));
      const sizes = randomSplit(numbered(labels), shares, { seed }).map(({ length }) => length);
      expect(parts.map(({ length }) => length)).toEqual(sizes);
      for (let c = 0; c < 5; c++) {
        const total = labels.filter((label) => label === c).length;
        parts.forEach((part) => {
          const count = [...part.labels!].filter((label) => label === c).length;
          expect(Math.abs(count - (total * part.length) / labels.length)).toBeLessThan(1);
        });
      }
    });
    fc.assert(property, { numRuns: 300, seed: 1 });
  });

  it("shuffles within the parts, and takes labels for data sets that have none", () => {
    const set = { length: 40, get: (i: number): [Tensor, number] => [new Tensor([i]), 0] };
    const labels = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1));
    const [part] = stratifiedSplit(set, [0.5, 0.5], { labels, seed: 1 });
    expect([...part.indices].filter((i) => i < 20).length).toBe(10);
    expect([...part.indices]).not.toEqual([...part.indices].sort((a, b) => a - b));
    throwsExactly(
      () => stratifiedSplit(set, [0.5, 0.5]),
      ArgumentError,
      "stratifiedSplit: expected the class of each sample, got none (give { labels }).",
    );
  });
});

describe("kFold and stratifiedKFold", () => {
  it("validate every sample once and train on all others, in sizes that differ by at most one", () => {
    const property = fc.property(anyLabels, fc.integer({ min: 2, max: 6 }), fc.boolean(), (labels, k, shuffle) => {
      const largest = Math.max(...[0, 1, 2, 3, 4].map((c) => labels.filter((label) => label === c).length));
      fc.pre(k <= largest);
      const options = shuffle ? { seed: 1 } : { shuffle };
      for (const folds of [kFold(numbered(labels), k, options), stratifiedKFold(numbered(labels), k, options)]) {
        expect(folds.map(({ fold }) => fold)).toEqual(upTo(k));
        expect(sorted(folds.map(({ validation }) => validation))).toEqual(upTo(labels.length));
        for (const { train, validation } of folds) expect(sorted([train, validation])).toEqual(upTo(labels.length));
        const sizes = folds.map(({ validation }) => validation.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
      for (let c = 0; c < 5; c++) {
        const counts = stratifiedKFold(numbered(labels), k, options).map(
          ({ validation }) => [...validation.labels!].filter((label) => label === c).length,
        );
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    });
    fc.assert(property, { numRuns: 200, seed: 1 });
  });

  it("without shuffling kFold cuts as scikit-learn's KFold", () => {
    const folds = kFold(numbered(zeros(7)), 3, { shuffle: false });
    expect(folds.map(({ validation }) => [...validation.indices])).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it.each<[string, () => unknown, string]>([
    ["k of 1", () => kFold(numbered(zeros(5)), 1), "kFold: expected k to be a whole number from 2 to 5, got 1."],
    [
      "a seed that draws nothing",
      () => kFold(numbered(zeros(5)), 2, { shuffle: false, seed: 1 }),
      "kFold: expected no seed with shuffle false, got 1 (nothing is drawn).",
    ],
    [
      "a k beyond every class",
      () => stratifiedKFold(numbered([0, 0, 1, 1]), 3),
      "stratifiedKFold: expected k of at most 2, the samples of the largest class, got 3 (no class would be in every fold).",
    ],
  ])("refuse %s", (_, act, message) => throwsExactly(act, ArgumentError, message));
});

describe("weightedRandomSampler", () => {
  const generator = (seed = 1): Generator => new Generator("shuffle", { seed });
  const countsOf = (order: Int32Array, n: number): number[] =>
    upTo(n).map((i) => order.filter((row) => row === i).length);

  it("draws by the weights, with replacement", () => {
    const weights = [1, 0, 3, 4];
    const counts = countsOf(weightedRandomSampler(weights, { numSamples: 8000 }).order(generator()), 4);
    expect(counts[1]).toBe(0);
    weights.forEach((weight, i) => {
      const mean = (8000 * weight) / 8;
      const deviation = Math.sqrt((mean * (8 - weight)) / 8);
      expect(Math.abs(counts[i] - mean)).toBeLessThanOrEqual(5 * deviation);
    });
  });

  it("without replacement draws each at most once, the heavy ones first", () => {
    const weights = [1, 100, 1, 0, 1];
    let first = 0;
    for (let seed = 0; seed < 200; seed++) {
      const order = weightedRandomSampler(weights, { numSamples: 4, replacement: false }).order(generator(seed));
      expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 4]);
      if (order[0] === 1) first++;
    }
    expect(first).toBeGreaterThan(180);
  });

  it("balances classes by classBalancedWeights", () => {
    const labels = [...zeros(90), ...new Array<number>(10).fill(1)];
    const order = weightedRandomSampler(classBalancedWeights(labels), { numSamples: 2000 }).order(generator());
    const rare = order.filter((i) => labels[i] === 1).length;
    expect(Math.abs(rare - 1000)).toBeLessThan(5 * Math.sqrt(500));
  });

  it("refuses weights that are none", () => {
    const who = "weightedRandomSampler: expected";
    throwsExactly(
      () => weightedRandomSampler([1, -1]),
      ArgumentError,
      `${who} finite weights of at least 0, got -1 at index 1.`,
    );
    throwsExactly(() => weightedRandomSampler([0, 0]), ArgumentError, `${who} a weight above 0, got none.`);
    throwsExactly(
      () => weightedRandomSampler([1, 0], { replacement: false }),
      ArgumentError,
      `${who} numSamples to be a whole number from 1 to 1, got 2.`,
    );
  });

  it("permutation stays what it was", () => expect(permutation(3, { seed: 1 }).length).toBe(3));
});
