// The normalizations: answers worked out by hand, the reference against numerical derivatives, and the fast backend against the
// reference over drawn shapes. Bounds are those of test/support/close.ts: 4 eps32 sqrt(n) times the sum of |terms|.
//
// FUZZ_RUNS sets how many cases each property draws.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NormGeometry } from "../../src/backend/kernels.js";
import { reference } from "../../src/backend/reference/backend.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { fillNormal } from "../../src/numbers/normal.js";
import { Generator } from "../../src/numbers/random.js";
import { EPS32, expectClose, sumBound } from "../support/close.js";
import { allKernels, type AllKernels } from "../support/kernels.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 400);
const SEED = 20261;

type F32 = Float32Array<ArrayBuffer>;
type Wide = Float64Array<ArrayBuffer>;

const f32 = (values: ArrayLike<number>): F32 => Float32Array.from(values);
const f64 = (values: ArrayLike<number>): Wide => Float64Array.from(values);
const unwritten = (length: number): F32 => new Float32Array(length).fill(NaN);

const statistics = ({ N, C, groups }: NormGeometry): number => (groups === 0 ? C : N * groups);
const numbersOf = (g: NormGeometry): number => (g.N * g.C * g.P) / statistics(g);
const channelOf = (g: NormGeometry, i: number): number => Math.floor(i / g.P) % g.C;
const statisticOf = (g: NormGeometry, i: number): number =>
  g.groups === 0
    ? channelOf(g, i)
    : Math.floor(i / (g.C * g.P)) * g.groups + Math.floor(channelOf(g, i) / (g.C / g.groups));

/** Sums of term(i) over the numbers i of each of `count` classes. */
function sums(length: number, count: number, classOf: (i: number) => number, term: (i: number) => number): Wide {
  const result = new Float64Array(count);
  for (let i = 0; i < length; i++) result[classOf(i)] += term(i);
  return result;
}

const backends = [
  ["reference", allKernels(reference)],
  ["wasm", allKernels(wasm)],
] as const;

describe.each(backends)("normalization on the %s backend", (_, kernels) => {
  const channels = { N: 2, C: 2, P: 2, groups: 0, eps: 0.75, given: false };
  const x = [1, 3, 10, 10, 5, 7, 10, 30]; // channel 0: 1 3 5 7, channel 1: 10 10 10 30

  it("takes mean and biased variance of each channel over samples and pixels", () => {
    const [mean, variance, y] = [unwritten(2), unwritten(2), unwritten(8)];
    kernels.normalize({ ...channels, eps: 4 }, f32(x), mean, variance, f32([3, 9]), f32([1, 0]), y);
    expect([...mean]).toEqual([4, 15]);
    expect([...variance]).toEqual([5, 75]);
    const second = [-5, -5, -5, 15].map((d) => (d / Math.sqrt(79)) * 9);
    expectClose(y, [-2, 0, second[0], second[1], 2, 4, second[2], second[3]], 1e-6); // (x - 4) / 3 * 3 + 1
  });

  it("takes them of each sample and group of channels", () => {
    const g = { N: 2, C: 4, P: 1, groups: 2, eps: 3, given: false };
    const [mean, variance, y] = [unwritten(4), unwritten(4), unwritten(8)];
    kernels.normalize(g, f32([0, 2, 1, 1, 5, 7, -4, 4]), mean, variance, f32([2, 4, 6, 8]), f32([1, 2, 3, 4]), y);
    expect([...mean]).toEqual([1, 1, 6, 0]);
    expect([...variance]).toEqual([1, 0, 1, 16]);
    const last = [-4, 4].map((d) => d / Math.sqrt(19));
    expectClose(y, [0, 4, 3, 4, 0, 4, 3 + 6 * last[0], 4 + 8 * last[1]], 1e-6);
  });

  it("uses given statistics as they are and leaves them alone", () => {
    const [mean, variance, y] = [f32([1, 0]), f32([0.25, 8.25]), unwritten(8)];
    kernels.normalize({ ...channels, given: true }, f32(x), mean, variance, null, null, y);
    expectClose(y, [0, 2, 10 / 3, 10 / 3, 4, 6, 10 / 3, 10], 1e-6); // deviations 1 and 3
    expect([...mean, ...variance]).toEqual([1, 0, 0.25, 8.25]);
  });

  it("gives the gradients of given statistics", () => {
    const [dx, dw, db] = [unwritten(8), unwritten(2), unwritten(2)];
    const dy = f32([1, 2, 3, 4, 5, 6, 7, 8]);
    const g = { ...channels, given: true };
    kernels.normalizeGrads(g, f32(x), f32([1, 0]), f32([0.25, 8.25]), f32([2, 6]), dy, dx, dw, db);
    expectClose(dx, [2, 4, 6, 8, 10, 12, 14, 16], 1e-5); // w / deviation is 2 in both channels
    expectClose(dw, [1 * 0 + 2 * 2 + 5 * 4 + 6 * 6, (10 * (3 + 4 + 7) + 8 * 30) / 3], 1e-4);
    expectClose(db, [14, 22], 1e-5);
  });

  it("gives the gradients of its own statistics: dx sums to 0 and is orthogonal to x", () => {
    const g = { N: 1, C: 1, P: 4, groups: 0, eps: 4, given: false };
    const dx = unwritten(4);
    // mean 4, variance 5, deviation 3, x^ = -1, -1/3, 1/3, 1; w dy = 2 0 0 0: mean 1/2, mean with x^ -1/2
    kernels.normalizeGrads(g, f32([1, 3, 5, 7]), f32([4]), f32([5]), f32([2]), f32([1, 0, 0, 0]), dx, null, null);
    expectClose(
      dx,
      [2, 0, 0, 0].map((wdy, i) => (wdy - 0.5 + [-1, -1 / 3, 1 / 3, 1][i] / 2) / 3),
      1e-6,
    );
  });

  it("gives some of the gradients where the others are not wanted", () => {
    const dy = f32([1, 2, 3, 4, 5, 6, 7, 8]);
    const [mean, variance] = [f32([4, 15]), f32([5, 75])];
    const all = { dx: unwritten(8), dw: unwritten(2), db: unwritten(2) };
    kernels.normalizeGrads(channels, f32(x), mean, variance, null, dy, all.dx, all.dw, all.db);
    const some = { dx: unwritten(8), dw: unwritten(2), db: unwritten(2) };
    kernels.normalizeGrads(channels, f32(x), mean, variance, null, dy, some.dx, null, null);
    kernels.normalizeGrads(channels, f32(x), mean, variance, null, dy, null, some.dw, null);
    kernels.normalizeGrads(channels, f32(x), mean, variance, null, dy, null, null, some.db);
    expect(some).toEqual(all);
  });

  it("gives the variance of numbers far from 0, also where the first ones mislead", () => {
    const g = { N: 3, C: 2, P: 100, groups: 0, eps: 1e-5, given: false };
    const near = f32(Array.from({ length: 600 }, (_, i) => 1e4 + (i % 5)));
    const misleading = near.map((value, i) => (i % 200 < 100 && i < 100 ? 0 : value)); // channel 0: one blank sample
    for (const data of [near, misleading]) {
      const [mean, variance] = [unwritten(2), unwritten(2)];
      kernels.normalize(g, data, mean, variance, null, null, unwritten(600));
      const exact = { mean: new Float64Array(2), variance: new Float64Array(2) };
      allKernels(reference).normalize(g, f64(data), exact.mean, exact.variance, null, null, new Float64Array(600));
      expectClose(mean, exact.mean, (i) => 2 * EPS32 * exact.mean[i]);
      expectClose(variance, exact.variance, (i) => 8 * EPS32 * exact.variance[i]);
    }
  });

  it("gives variance 0 and y = b where all numbers are equal", () => {
    const [mean, variance, y] = [unwritten(2), unwritten(2), unwritten(8)];
    kernels.normalize(channels, new Float32Array(8).fill(0.1), mean, variance, null, f32([3, 4]), y);
    expect([...variance]).toEqual([0, 0]);
    expectClose(y, [3, 3, 4, 4, 3, 3, 4, 4], 1e-6);
  });

  it("makes every statistic that a NaN is part of NaN, and no other", () => {
    const data = f32(x);
    data[2] = NaN;
    const [mean, variance, y] = [unwritten(2), unwritten(2), unwritten(8)];
    kernels.normalize(channels, data, mean, variance, null, null, y);
    expect([...mean]).toEqual([4, NaN]);
    expect([...variance]).toEqual([5, NaN]);
    expect([...y].map(Number.isNaN)).toEqual([false, false, true, true, false, false, true, true]);
  });
});

// ---- drawn cases ----------------------------------------------------------------------------------------------------

interface Case {
  readonly g: NormGeometry;
  readonly affine: boolean;
  readonly draw: (length: number) => F32;
}

// Planes at and around SIMD blocks and runs of 256 numbers; one sample, one pixel, one channel in a group.
const cases: fc.Arbitrary<Case> = fc
  .record({
    N: fc.integer({ min: 1, max: 5 }),
    groups: fc.constantFrom(0, 0, 1, 2, 3),
    channels: fc.integer({ min: 1, max: 6 }),
    P: fc.constantFrom(1, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 33, 49, 255, 256, 257, 300),
    eps: fc.constantFrom(1e-5, 1e-3, 1),
    given: fc.boolean(),
    affine: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ channels, affine, seed, ...rest }) => {
    const g = { ...rest, C: channels * Math.max(rest.groups, 1) };
    const generator = new Generator("draw", { seed });
    const draw = (length: number): F32 => {
      const data = new Float32Array(length);
      fillNormal(generator, data, 0.3, 1);
      return data;
    };
    return { g, affine, draw };
  });

type NormKernels = Pick<AllKernels, "normalize" | "normalizeGrads">;
type Agreement = (kernels: NormKernels) => fc.IRawProperty<unknown, false>;

/** Deviation of a statistic, and x^ of every number, from statistics in float32. */
function normalizedOf(g: NormGeometry, x: F32, mean: F32, variance: F32): { deviation: Wide; normalized: Wide } {
  const deviation = f64(variance).map((v) => Math.sqrt(v + g.eps));
  const normalized = f64(x).map((value, i) => (value - mean[statisticOf(g, i)]) / deviation[statisticOf(g, i)]);
  return { deviation, normalized };
}

const values: Agreement = (kernels) =>
  fc.property(cases, ({ g, affine, draw }) => {
    const [x, w, b] = [draw(g.N * g.C * g.P), affine ? draw(g.C) : null, affine ? draw(g.C) : null];
    const [mean, variance] = [draw(statistics(g)), draw(statistics(g)).map(Math.abs)];
    const before = [...mean, ...variance];
    const y = unwritten(x.length);
    const wide = { mean: f64(mean), variance: f64(variance), w: w && f64(w), b: b && f64(b) };
    kernels.normalize(g, x, mean, variance, w, b, y);
    if (g.given) expect([...mean, ...variance]).toEqual(before);
    else {
      allKernels(reference).normalize(g, f64(x), wide.mean, wide.variance, null, null, new Float64Array(x.length));
      const M = numbersOf(g);
      const sizes = sums(x.length, mean.length, (i) => statisticOf(g, i), (i) => Math.abs(x[i])); // prettier-ignore
      expectClose(mean, wide.mean, (s) => sumBound(M, sizes[s]) / M, { name: "mean" });
      // The sum of squares about a shift is at most five times that about the mean.
      const room = (s: number): number => sumBound(M, 5 * wide.variance[s]) + (EPS32 * (sizes[s] / M)) ** 2;
      expectClose(variance, wide.variance, room, { name: "variance" });
    }
    // From the statistics as they came out, so that their rounding is not counted again.
    const exact = new Float64Array(x.length);
    const given = { ...g, given: true };
    allKernels(reference).normalize(given, f64(x), f64(mean), f64(variance), wide.w, wide.b, exact);
    const { normalized } = normalizedOf(g, x, mean, variance);
    const terms = (i: number): number => {
      const c = channelOf(g, i);
      return Math.abs(normalized[i] * (w?.[c] ?? 1)) + Math.abs(b?.[c] ?? 0);
    };
    expectClose(y, exact, (i) => sumBound(3, terms(i)), { name: "y" });
  });

const gradients: Agreement = (kernels) =>
  fc.property(cases, ({ g, affine, draw }) => {
    const [x, dy, w] = [draw(g.N * g.C * g.P), draw(g.N * g.C * g.P), affine ? draw(g.C) : null];
    const [mean, variance] = [unwritten(statistics(g)), unwritten(statistics(g))];
    allKernels(reference).normalize({ ...g, given: false }, x, mean, variance, null, null, unwritten(x.length));
    const [dx, dw, db] = [unwritten(x.length), unwritten(g.C), unwritten(g.C)];
    kernels.normalizeGrads(g, x, mean, variance, w, dy, dx, dw, db);
    const exact = { dx: new Float64Array(x.length), dw: new Float64Array(g.C), db: new Float64Array(g.C) };
    allKernels(reference).normalizeGrads(
      ...([g, f64(x), f64(mean), f64(variance), w && f64(w), f64(dy), exact.dx, exact.dw, exact.db] as const),
    );
    const { deviation, normalized } = normalizedOf(g, x, mean, variance);
    const weighted = (i: number): number => Math.abs(dy[i] * (w?.[channelOf(g, i)] ?? 1));
    const slope = (i: number): number => Math.abs(dy[i] * normalized[i]);
    const [M, perChannel] = [numbersOf(g), g.N * g.P];
    const dwTerms = sums(x.length, g.C, (i) => channelOf(g, i), slope);
    const dbTerms = sums(x.length, g.C, (i) => channelOf(g, i), (i) => Math.abs(dy[i])); // prettier-ignore
    expectClose(dw, exact.dw, (c) => sumBound(perChannel + 1, dwTerms[c]), { name: "dw" });
    expectClose(db, exact.db, (c) => sumBound(perChannel, dbTerms[c]), { name: "db" });
    const ones = sums(x.length, mean.length, (i) => statisticOf(g, i), weighted);
    const slopes = sums(
      x.length,
      mean.length,
      (i) => statisticOf(g, i),
      (i) => weighted(i) * Math.abs(normalized[i]),
    );
    const terms = (i: number): number => {
      const s = statisticOf(g, i);
      const through = g.given ? 0 : (ones[s] + Math.abs(normalized[i]) * slopes[s]) / M;
      return (weighted(i) + through) / deviation[s];
    };
    expectClose(dx, exact.dx, (i) => sumBound(M + 2, terms(i)), { name: "dx" });
  });

describe("The wasm backend agrees with the reference", () => {
  it.each([
    ["in statistics and normalized values", values],
    ["in the three gradients", gradients],
  ] as const)("%s, for every kind of statistic and size of plane", (_, agreement) => {
    fc.assert(agreement(allKernels(wasm)), { seed: SEED, numRuns: RUNS });
  });
});

it("a sample of a batch gets the same bits as alone, where the statistics are given or its own", () => {
  fc.assert(
    fc.property(
      cases.filter(({ g }) => g.given || g.groups > 0),
      ({ g, draw }) => {
        const each = g.C * g.P;
        const per = statistics(g) / (g.groups === 0 ? 1 : g.N);
        const [x, mean, variance] = [draw(g.N * each), draw(statistics(g)), draw(statistics(g)).map(Math.abs)];
        const last = (list: F32, length: number): F32 => list.slice(list.length - length);
        const alone = unwritten(each);
        const y = unwritten(x.length);
        const one = { ...g, N: 1 };
        allKernels(wasm).normalize(one, last(x, each), last(mean, per), last(variance, per), null, null, alone);
        allKernels(wasm).normalize(g, x, mean, variance, null, null, y);
        expect(last(y, each)).toEqual(alone);
      },
    ),
    { seed: SEED, numRuns: RUNS },
  );
});

describe("A wrong kernel is rejected", () => {
  const k = allKernels(wasm);
  const wrong: [string, Agreement, Partial<NormKernels>][] = [
    [
      "an unbiased variance",
      values,
      {
        normalize: (g, x, mean, variance, w, b, y) => {
          k.normalize(g, x, mean, variance, w, b, y);
          const M = numbersOf(g);
          if (!g.given) variance.forEach((v, s) => (variance[s] = (v * M) / (M - 1)));
        },
      },
    ],
    [
      "statistics of the first sample only",
      values,
      {
        normalize: (g, x, mean, variance, w, b, y) => {
          if (!g.given && g.groups === 0) k.normalize({ ...g, N: 1 }, x, mean, variance, w, b, y);
          k.normalize({ ...g, given: g.given || g.groups === 0 }, x, mean, variance, w, b, y);
        },
      },
    ],
    ["a normalization without the bias", values, { normalize: (g, x, m, v, w, _, y) => k.normalize(g, x, m, v, w, null, y) }], // prettier-ignore
    ["eps outside the root", values, { normalize: (g, ...rest) => k.normalize({ ...g, eps: g.eps ** 2 }, ...rest) }],
    [
      "channels of another group's statistics",
      values,
      { normalize: (g, ...rest) => k.normalize(g.groups === 2 ? { ...g, groups: 1 } : g, ...rest) },
    ],
    [
      "an input gradient that takes its own statistics for given",
      gradients,
      { normalizeGrads: (g, ...rest) => k.normalizeGrads({ ...g, given: true }, ...rest) },
    ],
    [
      "an input gradient that takes given statistics for its own",
      gradients,
      { normalizeGrads: (g, ...rest) => k.normalizeGrads({ ...g, given: false }, ...rest) },
    ],
    [
      "gradients that forget the weight",
      gradients,
      { normalizeGrads: (g, x, m, v, _, ...rest) => k.normalizeGrads(g, x, m, v, null, ...rest) },
    ],
    [
      "gradients that miss the last pixel",
      gradients,
      {
        normalizeGrads: (g, x, m, v, w, dy, ...rest) => {
          const cut = dy.slice();
          cut[cut.length - 1] = 0;
          k.normalizeGrads(g, x, m, v, w, cut, ...rest);
        },
      },
    ],
    [
      "dw and db that trade places",
      gradients,
      { normalizeGrads: (g, x, m, v, w, dy, dx, dw, db) => k.normalizeGrads(g, x, m, v, w, dy, dx, db, dw) },
    ],
  ];

  it.each(wrong)("%s", (_, agreement, kernels) => {
    const result = fc.check(agreement({ ...k, ...kernels }), { seed: SEED, numRuns: 300, endOnFailure: true });
    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(/expected/);
  });
});

// ---- the reference against numerical derivatives ----------------------------------------------------------------------

describe("the reference's gradients", () => {
  const kernels = allKernels(reference);
  const numbers = (count: number, seed: number): Wide =>
    Float64Array.from({ length: count }, (_, i) => ((((i + 1) * 379 + seed * 131) % 997) - 498.25) / 499);

  it.each([
    { N: 3, C: 4, P: 5, groups: 0, eps: 0.1, given: false },
    { N: 3, C: 4, P: 5, groups: 0, eps: 0.1, given: true },
    { N: 2, C: 6, P: 3, groups: 2, eps: 0.1, given: false },
    { N: 2, C: 6, P: 3, groups: 6, eps: 0.1, given: false },
    { N: 2, C: 6, P: 1, groups: 1, eps: 0.1, given: false },
  ])("are those that numerical differentiation finds: %j", (g) => {
    const length = g.N * g.C * g.P;
    const inputs = { x: numbers(length, 1), w: numbers(g.C, 2), b: numbers(g.C, 3) };
    const dy = numbers(length, 4);
    const [mean, variance] = [numbers(statistics(g), 5), numbers(statistics(g), 6).map(Math.abs)];
    const loss = ({ x, w, b }: typeof inputs): number => {
      const y = new Float64Array(length);
      kernels.normalize(g, x, mean, variance, w, b, y);
      return y.reduce((total, value, i) => total + value * dy[i], 0);
    };
    loss(inputs); // leaves the statistics
    const grads = { x: new Float64Array(length), w: new Float64Array(g.C), b: new Float64Array(g.C) };
    const statisticsOfX = [mean.slice(), variance.slice()];
    for (const name of ["x", "w", "b"] as const) {
      inputs[name].forEach((value, i) => {
        const moved = (by: number): number =>
          loss({ ...inputs, [name]: inputs[name].map((v, j) => (j === i ? value + by : v)) });
        grads[name][i] = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      });
    }
    const [dx, dw, db] = [new Float64Array(length), new Float64Array(g.C), new Float64Array(g.C)];
    kernels.normalizeGrads(g, inputs.x, statisticsOfX[0], statisticsOfX[1], inputs.w, dy, dx, dw, db);
    expectClose(dx, grads.x, 1e-8);
    expectClose(dw, grads.w, 1e-8);
    expectClose(db, grads.b, 1e-8);
  });
});
