// The kit's activation functions in the fast backend, against the reference in float64: errors on a sweep of all float32 numbers,
// special numbers, and the same bits wherever a number stands. PReLU's sums.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KitActivation } from "../../src/backend/kernels.js";
import { reference } from "../../src/backend/reference/backend.js";
import { fillNormal } from "../../src/numbers/normal.js";
import { Generator } from "../../src/numbers/random.js";
import { expectClose, sumBound } from "../support/close.js";
import { allKernels, wasmKit } from "../support/kernels.js";

const exact = allKernels(reference);
const UNIT = 2 ** -24;

// function, a and b (float32 numbers), and the largest errors of y and of dx, in units of 2^-24 of max(1, |x|)
const FUNCTIONS: readonly (readonly [...[f: KitActivation["f"], a: number, b: number], y: number, dx: number])[] = [
  ["leakyRelu", 0.25, 0, 0.5, 0],
  ["leakyRelu", -2, 0, 1, 0],
  ["elu", 1, 1, 1.5, 1.5],
  ["elu", 1.671875, 1.05078125, 4, 4],
  ["elu", -0.5, 1, 1, 1],
  ["gelu", 0, 0, 2, 5],
  ["geluTanh", 0, 0, 3, 9],
  ["silu", 0, 0, 3, 3],
  ["mish", 0, 0, 3, 4],
  ["hardtanh", -1.5, 2, 0, 0],
  ["hardtanh", 0, 6, 0, 0],
  ["hardswish", 0, 0, 2, 2],
  ["hardsigmoid", 0, 0, 1.5, 0.5],
  ["softplus", 1, 20, 2, 2],
  ["softplus", 2.5, 3, 3, 3],
];

const f64 = (x: Float32Array): Float64Array => Float64Array.from(x);

function both(g: KitActivation, x: Float32Array, dy: Float32Array): Record<"y" | "dx", [Float32Array, Float64Array]> {
  const [y, dx] = [new Float32Array(x.length), new Float32Array(x.length)];
  const [exactY, exactDx] = [new Float64Array(x.length), new Float64Array(x.length)];
  wasmKit.kitActivation(g, x, y);
  exact.kitActivation(g, f64(x), exactY);
  wasmKit.kitActivationInputGrad(g, x, dy, dx); // all of them keep x
  exact.kitActivationInputGrad(g, f64(x), f64(dy), exactDx);
  return { y: [y, exactY], dx: [dx, exactDx] };
}

const SWEEP = new Float32Array(
  new Uint32Array(1 << 17).map((_, i) => (i * 32768 + ((i * 2053) % 32768)) >>> 0).buffer,
).filter(Number.isFinite);
const NEAR = Float32Array.from({ length: 1 << 14 }, (_, i) => -16 + i / 512 + 1e-4);

describe.each(FUNCTIONS)("%s(%d, %d)", (f, a, b, limitY, limitDx) => {
  const g = { f, a, b };
  const unitsOff = (x: Float32Array): { y: number; dx: number } => {
    const all = both(g, x, new Float32Array(x.length).fill(1));
    const worst = ([got, wanted]: [Float32Array, Float64Array]): number => {
      let most = 0;
      got.forEach((value, i) => {
        const rounded = Math.fround(wanted[i]);
        const isSame = Object.is(value, rounded) || (value === 0 && rounded === 0);
        if (isSame) return;
        if (!Number.isFinite(rounded) && Math.abs(value) > 3.4e38) return; // one rounding away from infinity
        const off = Math.abs(value - wanted[i]) / (UNIT * Math.max(1, Math.abs(x[i]) * (f === "elu" ? b : 1)));
        most = Math.max(most, Number.isNaN(off) ? Infinity : off);
      });
      return most;
    };
    return { y: worst(all.y), dx: worst(all.dx) };
  };

  it.each([
    ["a sweep of all float32 numbers", SWEEP],
    ["a sweep from -16 to 16", NEAR],
  ])("is near the exact value on %s", (_, x) => {
    const { y, dx } = unitsOff(x);
    expect(y).toBeLessThanOrEqual(limitY);
    expect(dx).toBeLessThanOrEqual(limitDx);
  });

  it("does with infinities and NaN what the reference does", () => {
    const x = Float32Array.of(NaN, Infinity, -Infinity, 0, -0);
    const { y, dx } = both(g, x, Float32Array.of(1, 1, 1, 1, 1));
    expect([...y[0]].map((v) => v + 0)).toEqual(Array.from(y[1], (v) => Math.fround(v) + 0));
    expect(Number.isNaN(y[0][0])).toBe(true);
    [1, 2].forEach((i) => {
      if (!Number.isNaN(dx[1][i])) expect(dx[0][i]).toBeCloseTo(dx[1][i], 6);
    });
  });

  it("gives a number the same bits in the block and in the remainder, in place too", () => {
    const x = Float32Array.of(0.3, -2.7, 11.1, -0.0004, 1e-30, 5, -88, 0.7, 2.2, -1.3, 3);
    const dy = x.map((value) => value / 3 + 1);
    const together = both(g, x, dy);
    x.forEach((value, i) => {
      const alone = both(g, Float32Array.of(value), dy.slice(i, i + 1));
      expect([alone.y[0][0], alone.dx[0][0]]).toEqual([together.y[0][i], together.dx[0][i]]);
    });
    const inPlace = x.slice();
    wasmKit.kitActivation(g, inPlace, inPlace);
    expect(inPlace).toEqual(together.y[0]);
  });
});

// Functions that show one of assembly/kit's by itself: where, its place in x, and the error in ulp that its comment promises.
describe("The documented error", () => {
  it.each([
    ["expMinus1, as ELU below 0", { f: "elu", a: 1, b: 1 }, -88, 1.5],
    ["logistic1, as softplus below 0", { f: "softplus", a: 1, b: 20 }, -80, 1.5],
    ["normalTail4, as GELU below 0 (and a product)", { f: "gelu", a: 0, b: 0 }, -12.5, 7],
  ] as const)("holds: %s", (_, g, from, limit) => {
    const x = Float32Array.from({ length: 1 << 16 }, (__, i) => from * ((i + 0.5) / (1 << 16)) ** 2);
    const { y } = both(g, x, x);
    let most = 0;
    y[0].forEach((value, i) => {
      const ulp = 2 ** (Math.floor(Math.log2(Math.abs(y[1][i]))) - 23);
      most = Math.max(most, Math.abs(value - y[1][i]) / ulp);
    });
    expect(most).toBeLessThanOrEqual(limit);
    expect(most).toBeGreaterThan(0.4); // it does measure
  });
});

describe("PReLU", () => {
  it("agrees with the reference for any axis, and sums the slopes' gradients in strips", () => {
    const sizes = fc.record({
      outer: fc.integer({ min: 1, max: 5 }),
      size: fc.integer({ min: 1, max: 6 }),
      inner: fc.constantFrom(1, 2, 5, 16, 33, 16384, 16385, 40000),
      seed: fc.nat({ max: 1000 }),
      wantsDx: fc.boolean(),
      wantsDw: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, ({ seed, wantsDx, wantsDw, ...g }) => {
        const generator = new Generator("draw", { seed });
        const n = g.outer * g.size * g.inner;
        const normal = (length: number): Float32Array => {
          const numbers = new Float32Array(length);
          fillNormal(generator, numbers, 0, 1);
          return numbers;
        };
        const [x, dy, w] = [normal(n), normal(n), normal(g.size)];
        const [y, exactY] = [new Float32Array(n), new Float64Array(n)];
        wasmKit.prelu(g, x, w, y);
        exact.prelu(g, f64(x), f64(w), exactY);
        expectClose(y, exactY, (i) => sumBound(1, Math.abs(exactY[i])), { name: "y" });
        const [dx, dw] = [wantsDx ? new Float32Array(n) : null, wantsDw ? new Float32Array(g.size) : null];
        const [exactDx, exactDw] = [new Float64Array(n), new Float64Array(g.size)];
        wasmKit.preluGrads(g, x, w, dy, dx, dw);
        exact.preluGrads(g, f64(x), f64(w), f64(dy), exactDx, exactDw);
        if (dx !== null) expectClose(dx, exactDx, (i) => sumBound(1, Math.abs(exactDx[i])), { name: "dx" });
        const terms = new Float64Array(g.size);
        x.forEach((value, i) => (terms[Math.floor(i / g.inner) % g.size] += Math.abs(Math.min(value, 0) * dy[i])));
        if (dw !== null) expectClose(dw, exactDw, (c) => 2 * UNIT * terms[c], { name: "dw" });
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});
