// Resampling, adaptive max pooling, unpooling and pixel shuffling: answers worked out by hand, adjoints, and the fast backend
// against the reference over drawn sizes.
//
// FUZZ_RUNS sets how many cases each property draws.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KitKernels, PlanesGeometry, Taps } from "../../src/backend/kernels.js";
import { reference } from "../../src/backend/reference/backend.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { fillNormal } from "../../src/numbers/normal.js";
import { Generator } from "../../src/numbers/random.js";
import { cubicTaps, linearTaps, meanTaps, nearestTaps, tapsOf, transposed } from "../../src/ops/taps.js";
import { expectClose, sumBound } from "../support/close.js";
import { allKernels } from "../support/kernels.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
const SEED = 20262;

type F32 = Float32Array<ArrayBuffer>;

const f32 = (...values: number[]): F32 => Float32Array.from(values);
const unwritten = (length: number): F32 => new Float32Array(length).fill(NaN);

function draw(seed: number, length: number): F32 {
  const data = new Float32Array(length);
  fillNormal(new Generator("draw", { seed }), data, 0, 1);
  return data;
}

const backends = [
  ["reference", allKernels(reference)],
  ["wasm", allKernels(wasm)],
] as const;

describe.each(backends)("on the %s backend", (_, kernels) => {
  it("resample2d sums rows, then columns, and leaves 0 where there is nothing to sum", () => {
    const g = { planes: 2, H: 2, W: 3, OH: 3, OW: 2 };
    const rows = tapsOf(
      3,
      (i) =>
        [
          [0, [1]],
          [0, [0.5, 10]],
          [1, []],
        ][i] as [number, number[]],
    );
    const columns = tapsOf(
      2,
      (i) =>
        [
          [1, [2]],
          [0, [1, 0.5, 100]],
        ][i] as [number, number[]],
    );
    const y = unwritten(12);
    kernels.resample2d(g, rows, columns, f32(1, 2, 3, 4, 5, 6, 0, 0, 1, 0, 0, 0), y);
    expect([...y]).toEqual([4, 302, 102, 6216, 0, 0, 0, 100, 0, 50, 0, 0]);
  });

  it("adaptiveMaxPool2d looks at windows that overlap; the first of equals wins, the last NaN over all", () => {
    const g = { planes: 1, H: 1, W: 5, OH: 1, OW: 3 }; // windows 0 1, 1 2 3, 3 4
    const [y, indices] = [unwritten(3), new Int32Array(3)];
    kernels.adaptiveMaxPool2d(g, f32(1, 5, 5, 2, -1), y, indices);
    expect([...y, ...indices]).toEqual([5, 5, 2, 1, 1, 3]);
    kernels.adaptiveMaxPool2d(g, f32(NaN, NaN, 5, -Infinity, -Infinity), y, indices);
    expect([...y, ...indices]).toEqual([NaN, NaN, -Infinity, 1, 1, 3]);
    kernels.adaptiveMaxPool2d(g, f32(1, 2, 3, 4, 5), y, null);
    expect([...y]).toEqual([2, 4, 5]);
  });

  it("maxUnpool2d puts numbers at their places, and the last of equal places counts, forth and back", () => {
    const g = { planes: 2, H: 1, W: 3, OH: 2, OW: 2 };
    const indices = Int32Array.of(3, 0, 3, 1, 2, 0);
    const [y, dx] = [unwritten(8), unwritten(6)];
    kernels.maxUnpool2d(g, indices, f32(1, 2, 3, 4, 5, 6), y);
    expect([...y]).toEqual([2, 0, 0, 3, 6, 4, 5, 0]);
    kernels.maxUnpool2dInputGrad(g, indices, f32(10, 20, 30, 40, 50, 60, 70, 80), dx);
    expect([...dx]).toEqual([0, 10, 40, 60, 70, 50]);
  });

  it("pixelShuffle puts the numbers of four channels in squares", () => {
    const g = { planes: 1, H: 1, W: 2, factor: 2 };
    const [y, x] = [unwritten(8), unwritten(8)];
    kernels.pixelShuffle(g, f32(1, 2, 3, 4, 5, 6, 7, 8), y);
    expect([...y]).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
    kernels.pixelUnshuffle(g, y, x);
    expect([...x]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

// ---- taps -----------------------------------------------------------------------------------------------------------

/** The map as a matrix [outputs, inputs]. */
function matrix({ first, offsets, weights }: Taps, inputs: number): number[][] {
  return Array.from(first, (place, i) => {
    const row = new Array<number>(inputs).fill(0);
    for (let k = offsets[i]; k < offsets[i + 1]; k++) row[place + k - offsets[i]] += weights[k];
    return row;
  });
}

const RULES = {
  nearest: (from: number, to: number) => nearestTaps(from, to, (i) => (i * from) / to),
  linear: (from: number, to: number) => linearTaps(from, to, (i) => ((i + 0.5) * from) / to - 0.5),
  cubic: (from: number, to: number) => cubicTaps(from, to, (i) => ((i + 0.5) * from) / to - 0.5),
  mean: meanTaps,
} as const;

const ruled = fc.tuple(fc.constantFrom(...(Object.keys(RULES) as (keyof typeof RULES)[])), fc.nat(11), fc.nat(11));

describe("Taps", () => {
  it("are those of the formulas", () => {
    expect(matrix(linearTaps(3, 2, (i) => [-0.5, 1.25][i]), 3)).toEqual([[1, 0, 0], [0, 0.75, 0.25]]); // prettier-ignore
    expect(matrix(meanTaps(5, 3), 5)).toEqual([[0.5, 0.5, 0, 0, 0], [0, 1 / 3, 1 / 3, 1 / 3, 0], [0, 0, 0, 0.5, 0.5]]); // prettier-ignore
    expect(matrix(nearestTaps(2, 3, (i) => (i * 2) / 3), 2)).toEqual([[1, 0], [1, 0], [0, 1]]); // prettier-ignore
    // Halfway: -3/32, 19/32, 19/32, -3/32; the edge stands for what is beyond it.
    expectClose(
      matrix(
        cubicTaps(4, 1, () => 1.5),
        4,
      )[0],
      [-3 / 32, 19 / 32, 19 / 32, -3 / 32],
      1e-15,
    );
    expectClose(
      matrix(
        cubicTaps(4, 1, () => -0.5),
        4,
      )[0],
      [1 + 3 / 32, -3 / 32, 0, 0],
      1e-15,
    );
  });

  it("sum to 1, and transposed they are the transposed matrix", () => {
    fc.assert(
      fc.property(ruled, ([rule, a, b]) => {
        const [from, to] = [a + 1, b + 1];
        const taps = RULES[rule](from, to);
        const rows = matrix(taps, from);
        rows.forEach((row) => expect(row.reduce((x, y) => x + y)).toBeCloseTo(1, 12));
        const turned = matrix(transposed(taps, from), to);
        expect(turned).toEqual(rows[0].map((_, i) => rows.map((row) => row[i])));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

// ---- drawn cases ----------------------------------------------------------------------------------------------------

const size = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(8, 9, 16, 19));
const geometry: fc.Arbitrary<PlanesGeometry> = fc.record({
  planes: fc.integer({ min: 1, max: 5 }),
  H: size,
  W: size,
  OH: size,
  OW: size,
});

function both(work: (kernels: KitKernels) => readonly (F32 | Int32Array)[]): void {
  const [slow, fast] = backends.map(([, kernels]) => work(kernels));
  expect(fast).toEqual(slow);
}

describe("The fast backend", () => {
  it("resamples as the reference does, forth and back", () => {
    fc.assert(
      fc.property(geometry, ruled, ruled, fc.nat(), (g, [rowRule], [columnRule], seed) => {
        const [rows, columns] = [RULES[rowRule](g.H, g.OH), RULES[columnRule](g.W, g.OW)];
        const [x, dy] = [draw(seed, g.planes * g.H * g.W), draw(seed + 1, g.planes * g.OH * g.OW)];
        const back = { ...g, H: g.OH, W: g.OW, OH: g.H, OW: g.W };
        const turned = [transposed(rows, g.H), transposed(columns, g.W)] as const;
        const check = (of: PlanesGeometry, [a, b]: readonly [Taps, Taps], input: F32): void => {
          const out = of.planes * of.OH * of.OW;
          const run = (kernels: KitKernels, from: F32, ...taps: readonly [Taps, Taps]): F32 => {
            const to = unwritten(out);
            kernels.resample2d(of, ...taps, from, to);
            return to;
          };
          const size = (taps: Taps): Taps => ({ ...taps, weights: taps.weights.map(Math.abs) });
          const terms = run(backends[0][1], input.map(Math.abs), size(a), size(b));
          const most = Math.max(...a.offsets.map((end, i) => end - (a.offsets[i - 1] ?? 0))) * of.W;
          expectClose(run(backends[1][1], input, a, b), run(backends[0][1], input, a, b), (i) =>
            sumBound(most, terms[i]),
          );
        };
        check(g, [rows, columns], x);
        check(back, turned, dy);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it("gives the same bits as the reference where numbers are only moved", () => {
    fc.assert(
      fc.property(geometry, fc.integer({ min: 1, max: 4 }), fc.nat(), (g, factor, seed) => {
        const special = [NaN, Infinity, -Infinity, 0, -0];
        const x = draw(seed, g.planes * g.H * g.W).map((value, i) => (i % 7 === 3 ? special[(i + seed) % 5] : value));
        both((kernels) => {
          const [y, indices] = [unwritten(g.planes * g.OH * g.OW), new Int32Array(g.planes * g.OH * g.OW)];
          kernels.adaptiveMaxPool2d(g, x, y, indices);
          return [y, indices];
        });
        const places = new Int32Array(x.length).map((_, i) => (i * 7919 + seed) % (g.OH * g.OW));
        const dy = draw(seed + 1, g.planes * g.OH * g.OW);
        both((kernels) => {
          const [y, dx] = [unwritten(dy.length), unwritten(x.length)];
          kernels.maxUnpool2d(g, places, x, y);
          kernels.maxUnpool2dInputGrad(g, places, dy, dx);
          return [y, dx];
        });
        const shuffle = { planes: g.planes, H: g.H, W: g.W, factor };
        const channels = draw(seed + 2, x.length * factor * factor);
        both((kernels) => {
          const [y, back] = [unwritten(channels.length), unwritten(channels.length)];
          kernels.pixelShuffle(shuffle, channels, y);
          kernels.pixelUnshuffle(shuffle, y, back);
          expect(back).toEqual(channels);
          return [y];
        });
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
