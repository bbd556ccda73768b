// The WebAssembly kernels (all but convolution and matrix product) against answers worked out by hand, and against the
// reference backend in float64 on the same float32 inputs, over drawn shapes around the SIMD block of four.
// FUZZ_RUNS sets how many cases each property draws.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  ActivationName,
  AvgPool2dGeometry,
  AxisGeometry,
  BroadcastGeometry,
  Pad2dGeometry,
  PadMode,
  Pool2dGeometry,
} from "../../src/backend/kernels.js";
import { reference } from "../../src/backend/reference/backend.js";
import { wasm as backend } from "../../src/backend/wasm/backend.js";
import { EPS32, EPS64, expectClose, sumBound } from "../support/close.js";

const wasm = backend.kernels;
const exact = reference.kernels;

/** An activation function of the fast backend. */
const activation =
  (f: ActivationName) =>
  (x: Float32Array, y: Float32Array): void =>
    wasm.activation({ f }, x, y);
const inputGrad = (f: ActivationName, kept: Float32Array, dy: Float32Array, dx: Float32Array): void =>
  wasm.activationInputGrad({ f }, kept, dy, dx);

fc.configureGlobal({ numRuns: Number(process.env.FUZZ_RUNS ?? 400) });

// ---- support --------------------------------------------------------------------------------------------------------

const MAX32 = 3.4028234663852886e38;
const TINY32 = 1.401298464324817e-45; // the smallest positive float32

/** Outputs start as NaN: a kernel overwrites every number. */
const blank = (length: number): Float32Array => new Float32Array(length).fill(NaN);
const f32 = (values: Iterable<number>): Float32Array => Float32Array.from(values);
const f64 = (values: Iterable<number>): Float64Array => Float64Array.from(values);

/** The bits of float32 numbers, every NaN as one. */
const bitsOf = (values: Float32Array): number[] => [
  ...new Int32Array(values.map((value) => (Number.isNaN(value) ? NaN : value)).buffer),
];

/** Distance from |x| to the next larger float32, that is the unit in the last place of a result near x. */
function ulp(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -126) return TINY32;
  const exponent = Math.floor(Math.log2(size));
  return 2 ** ((2 ** exponent > size ? exponent - 1 : exponent) - 23);
}

/** The error in ulp; 0 for the same infinity or where both are NaN; Infinity for a wrong NaN or a wrong infinity. */
function ulpError(actual: number, expected: number): number {
  if (Number.isNaN(expected)) return Number.isNaN(actual) ? 0 : Infinity;
  if (actual === Math.fround(expected) && !Number.isFinite(actual)) return 0;
  const error = Math.abs(actual - expected) / ulp(expected);
  return Number.isNaN(error) ? Infinity : error;
}

function expectUlp(actual: Float32Array, expected: ArrayLike<number>, limit: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    const error = ulpError(value, expected[i]);
    if (!(error <= limit)) expect.fail(`expected ${expected[i]} at ${i}, got ${value}: ${error} ulp, not ${limit}`);
  });
}

/** Rounds to float32 first: for kernels whose result is the exact one rounded once. Signs of zeros are compared, too. */
function expectBits(actual: Float32Array, expected: Iterable<number>): void {
  const rounded = f32(expected);
  expect(actual.length).toBe(rounded.length);
  const [got, wanted] = [bitsOf(actual), bitsOf(rounded)];
  const at = got.findIndex((bits, i) => bits !== wanted[i]);
  if (at >= 0) expect.fail(`expected ${rounded[at]} at ${at}, got ${actual[at]}`);
}

/** NaN where NaN is expected, all else within a bound. */
function expectNear(actual: Float32Array, expected: ArrayLike<number>, bound: number | ((i: number) => number)): void {
  const limit = (i: number): number => (typeof bound === "number" ? bound : bound(i));
  const finite = (i: number): number => (Number.isFinite(expected[i]) ? limit(i) : 0);
  const rounded = Array.from(expected, (value) => (Number.isFinite(Math.fround(value)) ? value : Math.fround(value)));
  expectClose(actual, rounded, finite, { nan: true });
}

// 0, 1, one block of 4 or 8, two blocks, two blocks and a remainder
const lengths = fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 15, 16, 17, 19, 21);
const sizes = lengths.filter((length) => length > 0);
const ordinary = fc.double({ min: -8, max: 8, noNaN: true }).map(Math.fround);
const specials = fc.constantFrom(
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  MAX32,
  -MAX32,
  TINY32,
  -TINY32,
  1e-39,
  90,
  -104,
);
const anything = fc.oneof({ weight: 4, arbitrary: fc.float() }, { weight: 2, arbitrary: specials }, ordinary);
const listOf = (value: fc.Arbitrary<number>, length: number): fc.Arbitrary<Float32Array> =>
  fc.array(value, { minLength: length, maxLength: length }).map(f32);
const lists = (value: fc.Arbitrary<number>, count: number): fc.Arbitrary<Float32Array[]> =>
  lengths.chain((length) => fc.tuple(...Array.from({ length: count }, () => listOf(value, length))));

describe("the checks of this file", () => {
  it("reject a wrong number, a wrong zero, a NaN, a missing NaN and a wrong infinity", () => {
    const one = f32([1 + 3 * EPS32]);
    for (const [actual, expected] of [
      [one, [1]],
      [f32([NaN]), [1]],
      [f32([1]), [NaN]],
      [f32([Infinity]), [1]],
      [f32([1]), [Infinity]],
      [f32([-Infinity]), [Infinity]],
      [f32([1]), [1, 2]],
    ] as [Float32Array, number[]][]) {
      expect(() => expectUlp(actual, expected, 2)).toThrow();
      expect(() => expectBits(actual, expected)).toThrow();
      expect(() => expectNear(actual, expected, 2 * EPS32)).toThrow();
    }
    expect(() => expectBits(f32([0]), [-0])).toThrow();
    expectUlp(one, [1], 3);
    expectNear(f32([1, NaN, Infinity, -Infinity]), [1 + EPS32, NaN, 1e39, -Infinity], EPS32);
  });

  it("measure errors in ulp of the expected number", () => {
    expect(ulpError(1 + EPS32, 1)).toBe(1);
    expect(ulpError(4 + 4 * EPS32, 4)).toBe(1);
    expect(ulpError(TINY32, 0)).toBe(1);
    expect(ulpError(MAX32, Infinity)).toBe(Infinity);
    expect(ulpError(NaN, 1)).toBe(Infinity);
    expect(ulpError(Infinity, 1e39)).toBe(0);
  });
});

// ---- elementwise ----------------------------------------------------------------------------------------------------

type Map = (x: Float32Array, y: Float32Array) => void;

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

// kernel, its function in float64, and the largest error in ulp
const maps: [name: string, kernel: Map, f: (x: number) => number, limit: number][] = [
  ["exp", wasm.exp, Math.exp, 0.95],
  ["log", wasm.log, Math.log, 0.51],
  ["tanh", activation("tanh"), Math.tanh, 0.51],
  ["sigmoid", activation("sigmoid"), sigmoid, 2.41],
  ["sqrt", wasm.sqrt, Math.sqrt, 0.5],
  ["relu", activation("relu"), (x) => (x > 0 ? x : x <= 0 ? 0 : NaN), 0],
  ["clamp", (x, y) => wasm.clamp({ min: -0.5, max: 6 }, x, y), (x) => Math.min(Math.max(x, -0.5), 6), 0],
];

describe.each(maps)("%s", (_, kernel, f, limit) => {
  it("is right for every length around the block, NaN and extremes included", () => {
    fc.assert(
      fc.property(lists(anything, 1), ([x]) => {
        const y = blank(x.length);
        kernel(x, y);
        expectUlp(y, Array.from(x, f), limit);
      }),
    );
  });

  it(`is off by at most ${limit} ulp on a sweep of all float32 numbers`, () => {
    const x = new Float32Array(new Uint32Array(1 << 20).map((_, i) => (i * 4096 + ((i * 2053) % 4096)) >>> 0).buffer);
    const y = blank(x.length);
    kernel(x, y);
    expectUlp(y, Array.from(x, f), limit);
  });

  it("gives a number the same bits in the block and in the remainder", () => {
    const x = f32([0.3, -2.7, 11.1, -0.0004, 1e-30, 5, -88, 0.7, 2.2, -1.3, 3]);
    const y = blank(x.length);
    kernel(x, y);
    x.forEach((value, i) => {
      const alone = blank(1);
      kernel(f32([value]), alone);
      expect(bitsOf(alone)).toEqual(bitsOf(y.slice(i, i + 1)));
    });
  });
});

describe("known values", () => {
  const run = (kernel: Map, x: number[]): number[] => {
    const y = blank(x.length);
    kernel(f32(x), y);
    return [...y];
  };

  it("of exp: 1 at 0, infinity from 88.73, 0 from -103.98, and the smallest number before", () => {
    expect(run(wasm.exp, [0, -0, 88.73, 1e30, -103.98, -1e30, -Infinity, Infinity, -103.97, NaN])).toEqual([
      ...[1, 1, Infinity, Infinity, 0, 0, 0, Infinity, TINY32, NaN],
    ]);
    expect(run(wasm.exp, [88.72])[0]).toBeGreaterThan(3.3e38);
  });

  it("of log: -Infinity at both zeros, NaN below, whole multiples of ln 2, and the smallest number", () => {
    expect(run(wasm.log, [0, -0, -1, -Infinity, Infinity, 1, 2, 0.5, TINY32, NaN])).toEqual([
      ...[-Infinity, -Infinity, NaN, NaN, Infinity, 0, Math.fround(Math.LN2), Math.fround(-Math.LN2)],
      ...[Math.fround(-149 * Math.LN2), NaN],
    ]);
  });

  it("of tanh and sigmoid: limits, center, signs of zero, and tiny numbers kept", () => {
    expect(run(activation("tanh"), [-Infinity, -20, -0, 0, TINY32, -1e-20, 20, Infinity, NaN])).toEqual([
      ...[-1, -1, -0, 0, TINY32, Math.fround(-1e-20), 1, 1, NaN],
    ]);
    expect(run(activation("sigmoid"), [-Infinity, -0, 0, 100, Infinity, NaN])).toEqual([0, 0.5, 0.5, 1, 1, NaN]);
    expect(run(activation("sigmoid"), [-103])[0]).toBeGreaterThan(0);
  });

  it("of relu and its gradient: no negative zero, NaN stays, and dy passes where y is NaN", () => {
    expect(run(activation("relu"), [-1, -0, 0, 2, NaN, -Infinity, Infinity])).toEqual([0, 0, 0, 2, NaN, 0, Infinity]);
    const dx = blank(5);
    inputGrad("relu", f32([0, -0, 3, NaN, 1]), f32([5, NaN, 6, 7, NaN]), dx);
    expect([...dx]).toEqual([0, 0, 6, 7, NaN]);
  });

  it("of the other gradients", () => {
    const [a, b] = [blank(5), blank(5)];
    inputGrad("sigmoid", f32([0.5, 0.25, 0, 1, 0.5]), f32([8, 16, 3, 3, -4]), a);
    inputGrad("tanh", f32([0.5, -0.5, 1, -1, 0]), f32([8, 16, 3, 3, -4]), b);
    expect([...a]).toEqual([2, 3, 0, 0, -1]);
    expect([...b]).toEqual([6, 12, 0, 0, -4]);
  });

  it("of clamp: the upper bound wins where the bounds cross", () => {
    const y = blank(3);
    wasm.clamp({ min: 2, max: 1 }, f32([0, 3, NaN]), y);
    expect([...y]).toEqual([1, 1, NaN]);
  });
});

describe("gradients of activations", () => {
  it("agree with the reference for every length around the block", () => {
    const y = fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround);
    const cases = lengths.chain((length) => fc.tuple(listOf(y, length), listOf(ordinary, length)));
    fc.assert(
      fc.property(cases, ([outputs, dy]) => {
        for (const f of ["relu", "sigmoid", "tanh"] as const) {
          const [dx, expected] = [blank(dy.length), f64(dy)];
          inputGrad(f, outputs, dy, dx);
          exact.activationInputGrad({ f }, f64(outputs), f64(dy), expected);
          expectNear(dx, expected, (i) => 3 * ulp(expected[i]));
        }
      }),
    );
  });
});

// ---- broadcasting ---------------------------------------------------------------------------------------------------

/** Two shapes that broadcast, as the ops would hand them on: one size an axis, each operand with or without the axis. */
const broadcasts = fc
  .array(
    fc.record({
      size: fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 9),
      has: fc.constantFrom("both", "both", "a", "b", "none"),
    }),
    { maxLength: 5 },
  )
  .map((axes): { g: BroadcastGeometry; lengthA: number; lengthB: number } => {
    const strides = (absent: string): { strides: number[]; length: number } => {
      const list: number[] = [];
      let length = 1;
      for (const { size, has } of [...axes].reverse()) {
        const present = has === "both" || (has !== "none" && has !== absent);
        list.unshift(present ? length : 0);
        if (present) length *= size;
      }
      return { strides: list, length };
    };
    const [a, b] = [strides("b"), strides("a")];
    const g = { shape: axes.map(({ size }) => size), stridesA: a.strides, stridesB: b.strides };
    return { g, lengthA: a.length, lengthB: b.length };
  })
  .filter(({ g }) => g.shape.reduce((product, size) => product * size, 1) < 5000);

describe("add, subtract, multiply and divide", () => {
  it("give the exact result rounded once, for every pair of broadcast shapes", () => {
    const values = broadcasts.chain(({ g, lengthA, lengthB }) =>
      fc
        .tuple(fc.constant(g), fc.array(anything, { minLength: 1 }), fc.array(anything, { minLength: 1 }))
        .map(([, a, b]) => ({
          g,
          a: f32(Array.from({ length: lengthA }, (_, i) => a[i % a.length] + (i % 7))),
          b: f32(Array.from({ length: lengthB }, (_, i) => b[i % b.length] - (i % 5))),
        })),
    );
    fc.assert(
      fc.property(values, ({ g, a, b }) => {
        const length = g.shape.reduce((product, size) => product * size, 1);
        for (const name of ["add", "subtract", "multiply", "divide"] as const) {
          const [y, expected] = [blank(length), new Float64Array(length)];
          wasm[name](g, a, b, y);
          broadcast(name, g, a, b, expected);
          expectBits(y, expected);
        }
      }),
    );
  });

  it("take a column, a row, a single number and steps other than one", () => {
    const g = (stridesA: number[], stridesB: number[]): BroadcastGeometry => ({ shape: [2, 3], stridesA, stridesB });
    const y = blank(6);
    wasm.subtract(g([1, 0], [0, 1]), f32([10, 20]), f32([1, 2, 3]), y);
    expect([...y]).toEqual([9, 8, 7, 19, 18, 17]);
    wasm.divide(g([0, 0], [3, 1]), f32([12]), f32([1, 2, 3, 4, 6, 12]), y);
    expect([...y]).toEqual([12, 6, 4, 3, 2, 1]);
    wasm.add(g([1, 2], [0, 0]), f32([1, 2, 3, 4, 5, 6]), f32([0.5]), y); // a transposed
    expect([...y]).toEqual([1.5, 3.5, 5.5, 2.5, 4.5, 6.5]);
    wasm.multiply({ shape: [], stridesA: [], stridesB: [] }, f32([3]), f32([5]), y.subarray(0, 1));
    expect(y[0]).toBe(15);
  });

  it("leave an empty result alone", () => {
    const g = { shape: [0, 3], stridesA: [3, 1], stridesB: [0, 1] };
    expect(() => wasm.add(g, f32([]), f32([1, 2, 3]), f32([]))).not.toThrow();
  });
});

function broadcast(
  name: "add" | "subtract" | "multiply" | "divide",
  { shape, stridesA, stridesB }: BroadcastGeometry,
  a: Float32Array,
  b: Float32Array,
  y: Float64Array,
): void {
  for (let i = 0; i < y.length; i++) {
    let [rest, atA, atB] = [i, 0, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      atA += (rest % shape[axis]) * stridesA[axis];
      atB += (rest % shape[axis]) * stridesB[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    const [left, right] = [a[atA], b[atB]];
    if (name === "add") y[i] = left + right;
    else if (name === "subtract") y[i] = left - right;
    else y[i] = name === "multiply" ? left * right : left / right;
  }
}

describe("accumulate", () => {
  it("adds to what is there, for every length around the block", () => {
    fc.assert(
      fc.property(lists(anything, 2), ([x, y]) => {
        const result = y.slice();
        wasm.accumulate(x, result);
        expectBits(
          result,
          Array.from(x, (value, i) => y[i] + value),
        );
      }),
    );
  });
});

// ---- reductions -----------------------------------------------------------------------------------------------------

const tables = (value: fc.Arbitrary<number>): fc.Arbitrary<{ rows: number; cols: number; x: Float32Array }> =>
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), sizes)
    .chain(([rows, cols]) =>
      fc.record({ rows: fc.constant(rows), cols: fc.constant(cols), x: listOf(value, rows * cols) }),
    );

describe("reductions of rows", () => {
  it("agree with the reference, NaN and infinities included", () => {
    fc.assert(
      fc.property(tables(anything), ({ rows, cols, x }) => {
        for (const name of ["sum", "max", "min", "variance"] as const) {
          const [y, expected] = [blank(rows), new Float64Array(rows)];
          const g = { rows, cols, correction: 1 };
          wasm[name](g, x, y);
          exact[name](g, f64(x), expected);
          if (name === "max" || name === "min") expectBits(y, expected);
          else {
            const size = (i: number): number =>
              name === "sum"
                ? x.subarray(i * cols, (i + 1) * cols).reduce((sum, value) => sum + Math.abs(value), 0)
                : Math.abs(expected[i]);
            expectNear(y, expected, (i) => 0.51 * ulp(expected[i]) + cols * Number.EPSILON * size(i));
          }
        }
      }),
    );
  });

  it("keep long sums within 4 eps sqrt(n) of the sum of sizes, also where every rounding goes one way", () => {
    for (const length of [1000, 1001, 65537, 1000003]) {
      const x = new Float32Array(length).fill(0.1);
      const y = blank(1);
      wasm.sum({ rows: 1, cols: length }, x, y);
      expectClose(y, [length * x[0]], sumBound(length, length * x[0]));
      expectUlp(y, [length * x[0]], 0.51);
    }
  });

  it("give the variance of numbers far from 0, and NaN for one number with correction 1", () => {
    const y = blank(1);
    wasm.variance({ rows: 1, cols: 5, correction: 1 }, f32([1e6 + 1, 1e6 + 2, 1e6 + 3, 1e6 + 4, 1e6 + 5]), y);
    expect(y[0]).toBe(2.5);
    wasm.variance({ rows: 1, cols: 5, correction: 0 }, f32([1, 2, 3, 4, 5]), y);
    expect(y[0]).toBe(2);
    wasm.variance({ rows: 1, cols: 1, correction: 1 }, f32([7]), y);
    expect(y[0]).toBeNaN();
  });

  it("do not overflow between", () => {
    const y = blank(1);
    wasm.sum({ rows: 1, cols: 4 }, f32([MAX32, MAX32, -MAX32, -MAX32]), y);
    expect(y[0]).toBe(0);
  });

  it("find a NaN, the largest and the smallest at every place of a row", () => {
    for (let place = 0; place < 21; place++) {
      for (const [value, most, least] of [
        [NaN, NaN, NaN],
        [99, 99, 1],
        [-99, 1, -99],
      ]) {
        const x = new Float32Array(21).fill(1);
        x[place] = value;
        const [max, min] = [blank(1), blank(1)];
        wasm.max({ rows: 1, cols: 21 }, x, max);
        wasm.min({ rows: 1, cols: 21 }, x, min);
        expect([max[0], min[0]]).toEqual([most, least]);
      }
    }
  });
});

// ---- softmax and cross-entropy --------------------------------------------------------------------------------------

const axes: fc.Arbitrary<AxisGeometry> = fc.record({
  outer: fc.integer({ min: 0, max: 3 }),
  size: sizes,
  inner: fc.constantFrom(1, 1, 2, 4, 5, 8, 9),
});
const volumeOf = ({ outer, size, inner }: AxisGeometry): number => outer * size * inner;
const withAxis = (...values: fc.Arbitrary<number>[]): fc.Arbitrary<[AxisGeometry, ...Float32Array[]]> =>
  axes.chain((g) => fc.tuple(fc.constant(g), ...values.map((value) => listOf(value, volumeOf(g)))));
const logits = fc.oneof({ weight: 9, arbitrary: ordinary }, fc.constantFrom(-Infinity, 40, -40, 100, 0));
const specialLogits = fc.oneof({ weight: 9, arbitrary: logits }, fc.constantFrom(NaN, Infinity, 1e30, -1e30));
const weights = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 2, noNaN: true }).map(Math.fround));

// x - max is rounded before exp: an error of up to |x - max| eps / 2 relative, where |x - max| < 110 or the result is 0
const SOFTMAX = 64 * EPS32;

describe("softmax and logSoftmax", () => {
  it("agree with the reference along any axis, NaN and infinities included", () => {
    fc.assert(
      fc.property(withAxis(specialLogits), ([g, x]) => {
        const [y, expected] = [blank(x.length), new Float64Array(x.length)];
        wasm.softmax(g, x, y);
        exact.softmax(g, f64(x), expected);
        expectNear(y, expected, (i) => SOFTMAX * expected[i] + TINY32);
        wasm.logSoftmax(g, x, y);
        exact.logSoftmax(g, f64(x), expected);
        // Near 0 the result is minus the sum of the other exponentials, with their error; both add them to 1 in float64, in orders of
        // their own.
        const own = g.size * EPS64;
        expectNear(y, expected, (i) => (expected[i] > -1 ? SOFTMAX : 2 * EPS32) * Math.abs(expected[i]) + own);
      }),
    );
  });

  it("have gradients that agree with the reference", () => {
    fc.assert(
      fc.property(withAxis(logits, ordinary), ([g, x, dy]) => {
        for (const name of ["softmax", "logSoftmax"] as const) {
          const y = blank(x.length);
          wasm[name](g, x, y);
          const [dx, expected] = [blank(x.length), new Float64Array(x.length)];
          wasm[`${name}InputGrad`](g, y, dy, dx);
          exact[`${name}InputGrad`](g, f64(y), f64(dy), expected);
          expectNear(dx, expected, 8 * g.size * 4 * EPS32);
        }
      }),
    );
  });

  it("give thirds for three equal logits, however large, and NaN for a row of -Infinity", () => {
    const y = blank(3);
    wasm.softmax({ outer: 1, size: 3, inner: 1 }, f32([1e30, 1e30, 1e30]), y);
    expect([...y]).toEqual([...f32([1 / 3, 1 / 3, 1 / 3])]);
    wasm.softmax({ outer: 1, size: 3, inner: 1 }, f32([-Infinity, -Infinity, -Infinity]), y);
    expect([...y]).toEqual([NaN, NaN, NaN]);
  });

  it("keep the logarithm of a probability next to 1", () => {
    for (const [size, inner] of [
      [2, 1],
      [2, 4],
    ]) {
      const y = blank(size * inner);
      wasm.logSoftmax({ outer: 1, size, inner }, f32([...Array(inner).fill(14), ...Array(inner).fill(0)]), y);
      expectUlp(y.slice(0, 1), [-Math.log1p(Math.exp(-14))], 2);
    }
  });
});

describe("crossEntropy", () => {
  const positions = ({ outer, inner }: AxisGeometry): number => outer * inner;

  it("agrees with the reference along any axis, with -Infinity among the logits", () => {
    fc.assert(
      fc.property(withAxis(logits, weights), ([g, x, t]) => {
        const [losses, expected] = [blank(positions(g)), new Float64Array(positions(g))];
        wasm.crossEntropy(g, x, t, losses);
        exact.crossEntropy(g, f64(x), f64(t), expected);
        expectNear(losses, expected, (i) => 4 * EPS32 * Math.abs(expected[i]) + g.size * TINY32);
      }),
    );
  });

  it("has a gradient that agrees with the reference", () => {
    const cases = withAxis(logits, weights).chain(([g, x, t]) =>
      fc.tuple(fc.constant(g), fc.constant(x), fc.constant(t), listOf(ordinary, positions(g))),
    );
    fc.assert(
      fc.property(cases, ([g, x, t, dlosses]) => {
        const [dx, expected] = [blank(x.length), new Float64Array(x.length)];
        wasm.crossEntropyInputGrad(g, x, t, dlosses, dx);
        exact.crossEntropyInputGrad(g, f64(x), f64(t), f64(dlosses), expected);
        expectNear(dx, expected, 8 * 2 * g.size * 8 * EPS32);
      }),
    );
  });

  it("adds 0 for a class with t = 0 where its logit is -Infinity, and Infinity where t is not 0", () => {
    const g = { outer: 3, size: 3, inner: 1 };
    const losses = blank(3);
    const x = [0, 0, -Infinity];
    wasm.crossEntropy(g, f32([...x, ...x, ...x]), f32([1, 0, 0, 0.5, 0, 0.5, 0, 0, 0]), losses);
    expectNear(losses, [Math.LN2, Infinity, 0], EPS32);
    expect(Object.is(losses[2], 0)).toBe(true);
  });

  it("gives softmax - target for one-hot targets", () => {
    const dx = blank(5);
    const g = { outer: 1, size: 5, inner: 1 };
    wasm.crossEntropyInputGrad(g, f32([2, 2, 2, 2, 2]), f32([0, 0, 0, 1, 0]), f32([10]), dx);
    expectNear(dx, [2, 2, 2, -8, 2], 8 * EPS32);
  });
});

it("a row of a batch gets the same bits as alone, in softmax, cross-entropy and reductions", () => {
  fc.assert(
    fc.property(
      sizes.chain((size) => fc.tuple(listOf(logits, 3 * size), listOf(weights, 3 * size))),
      ([x, t]) => {
        const size = x.length / 3;
        const row = (values: Float32Array): Float32Array => values.slice(size, 2 * size);
        const all = { outer: 3, size, inner: 1, rows: 3, cols: size };
        const one = { ...all, outer: 1, rows: 1 };
        for (const name of ["softmax", "logSoftmax"] as const) {
          const [y, alone] = [blank(x.length), blank(size)];
          wasm[name](all, x, y);
          wasm[name](one, row(x), alone);
          expect(bitsOf(row(y))).toEqual(bitsOf(alone));
        }
        for (const name of ["sum", "max", "crossEntropy"] as const) {
          const [y, alone] = [blank(3), blank(1)];
          if (name === "crossEntropy") {
            wasm.crossEntropy(all, x, t, y);
            wasm.crossEntropy(one, row(x), row(t), alone);
          } else {
            wasm[name](all, x, y);
            wasm[name](one, row(x), alone);
          }
          expect(bitsOf(y.slice(1, 2))).toEqual(bitsOf(alone));
        }
      },
    ),
  );
});

// ---- pooling --------------------------------------------------------------------------------------------------------

const small = fc.integer({ min: 1, max: 4 });
const pools: fc.Arbitrary<AvgPool2dGeometry & { ceilMode: boolean }> = fc
  .record({
    planes: fc.integer({ min: 0, max: 3 }),
    H: fc.integer({ min: 1, max: 21 }),
    W: fc.integer({ min: 1, max: 21 }),
    kernel: fc.oneof(fc.constant([2, 2]), fc.tuple(small, small)),
    stride: fc.oneof(fc.constant([2, 2]), fc.tuple(small, small)),
    dilation: fc.oneof({ weight: 3, arbitrary: fc.constant([1, 1]) }, fc.tuple(small, small)),
    half: fc.tuple(fc.boolean(), fc.boolean()),
    ceilMode: fc.boolean(),
    countIncludePad: fc.boolean(),
    divisor: fc.constantFrom(0, 0, 3, 7),
  })
  .map(({ kernel: [KH, KW], stride: [SH, SW], dilation: [DH, DW], half, ...rest }) => {
    const [PT, PL] = [half[0] ? KH >> 1 : 0, half[1] ? KW >> 1 : 0];
    const along = (size: number, K: number, S: number, D: number, P: number): number => {
      const room = (size + 2 * P - D * (K - 1) - 1) / S;
      if (!rest.ceilMode) return Math.floor(room) + 1;
      const count = Math.ceil(room) + 1;
      return (count - 1) * S >= size + P ? count - 1 : count; // the last window starts inside the image or before it
    };
    const OH = along(rest.H, KH, SH, DH, PT);
    const OW = along(rest.W, KW, SW, DW, PL);
    return { ...rest, KH, KW, SH, SW, DH, DW, PT, PL, OH, OW };
  })
  .filter(({ OH, OW }) => OH > 0 && OW > 0);

/** False when a window holds nothing but padding, which the ops turn away. */
const holdsPixels = (g: Pool2dGeometry): boolean => {
  const along = (size: number, count: number, K: number, S: number, D: number, P: number): boolean =>
    Array.from({ length: count }, (_, o) => o * S - P).every((start) =>
      Array.from({ length: K }, (_, k) => start + k * D).some((i) => i >= 0 && i < size),
    );
  return along(g.H, g.OH, g.KH, g.SH, g.DH, g.PT) && along(g.W, g.OW, g.KW, g.SW, g.DW, g.PL);
};

const withPool = (
  value: fc.Arbitrary<number>,
  pool: fc.Arbitrary<AvgPool2dGeometry>,
): fc.Arbitrary<[AvgPool2dGeometry, Float32Array]> =>
  pool.chain((g) =>
    fc.tuple(
      fc.constant(g),
      fc
        .array(value, { minLength: 40, maxLength: 60 })
        .map((drawn) => f32(Array.from({ length: g.planes * g.H * g.W }, (_, i) => drawn[(i * 7) % drawn.length]))),
    ),
  );
const flat = fc.record({ H: fc.integer({ min: 1, max: 23 }), W: fc.integer({ min: 1, max: 23 }) });
const twoByTwo: fc.Arbitrary<AvgPool2dGeometry> = fc
  .tuple(flat, fc.boolean(), fc.boolean())
  .map(([image, pad, include]) => {
    const P = Number(pad);
    const size = (length: number): number => Math.floor((length + 2 * P - 2) / 2) + 1;
    const window = { KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, PT: P, PL: P, OH: size(image.H), OW: size(image.W) };
    return { planes: 2, ...image, ...window, countIncludePad: include, divisor: 0 };
  });
const outputs = (g: Pool2dGeometry): number => g.planes * g.OH * g.OW;
const ties = fc.constantFrom(0, 1, 1, 2, -0, -1, NaN, -Infinity, Infinity);

describe("maxPool2d", () => {
  it("agrees with the reference in values, NaN and indices for every option", () => {
    const cases = fc.oneof(withPool(anything, pools), withPool(ties, pools), withPool(ties, twoByTwo));
    fc.assert(
      fc.property(
        cases.filter(([g]) => holdsPixels(g)),
        ([g, x]) => {
          const [y, indices] = [blank(outputs(g)), new Int32Array(outputs(g)).fill(-1)];
          const [expected, places] = [new Float64Array(outputs(g)), new Int32Array(outputs(g))];
          wasm.maxPool2d(g, x, y, indices);
          exact.maxPool2d(g, f64(x), expected, places);
          expectBits(y, expected);
          expect([...indices]).toEqual([...places]);
          if (g.planes === 0) return;
          const [alone, place] = [blank(g.OH * g.OW), new Int32Array(g.OH * g.OW)];
          wasm.maxPool2d({ ...g, planes: 1 }, x.slice(0, g.H * g.W), alone, place);
          expect(bitsOf(alone)).toEqual(bitsOf(y.slice(0, alone.length)));
          expect([...place]).toEqual([...indices.slice(0, place.length)]);
        },
      ),
    );
  });

  it("sends dy to the pixel that won, where windows overlap more than once", () => {
    fc.assert(
      fc.property(
        withPool(ordinary, pools).filter(([g]) => holdsPixels(g)),
        ([g, x]) => {
          const [y, indices] = [blank(outputs(g)), new Int32Array(outputs(g))];
          wasm.maxPool2d(g, x, y, indices);
          const [dx, expected] = [blank(x.length), new Float64Array(x.length)];
          wasm.maxPool2dInputGrad(g, indices, y, dx);
          exact.maxPool2dInputGrad(g, indices, f64(y), expected);
          expectNear(dx, expected, g.KH * g.KW * 8 * EPS32 * g.KH * g.KW);
        },
      ),
    );
  });

  it("takes the first of equals and the last NaN of a 2x2 window, in the block as beside it", () => {
    const W = 22; // two blocks of four windows and three more
    const g = { planes: 1, H: 2, W, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, PT: 0, PL: 0, OH: 1, OW: W / 2 };
    for (const [window, value, place] of [
      [[1, 1, 1, 1], 1, 0],
      [[0, 1, 1, 0], 1, 1],
      [[-Infinity, -Infinity, -Infinity, -Infinity], -Infinity, 0],
      [[NaN, 5, NaN, 5], NaN, W],
      [[NaN, 5, 6, 7], NaN, 0],
      [[3, 4, 5, NaN], NaN, W + 1],
    ] as [number[], number, number][]) {
      const x = f32(Array.from({ length: 2 * W }, (_, i) => window[(i % 2) + (i < W ? 0 : 2)]));
      const [y, indices] = [blank(W / 2), new Int32Array(W / 2)];
      wasm.maxPool2d(g, x, y, indices);
      expect([...y]).toEqual(new Array(W / 2).fill(value));
      expect([...indices]).toEqual(Array.from({ length: W / 2 }, (_, i) => 2 * i + place));
    }
  });
});

describe("avgPool2d", () => {
  const cases = fc.oneof(
    withPool(ordinary, pools.map((g) => ({ ...g, DH: 1, DW: 1 })).filter(fitsUndilated)),
    withPool(ordinary, twoByTwo),
  );

  it("agrees with the reference for every option", () => {
    fc.assert(
      fc.property(cases, ([g, x]) => {
        const [y, expected] = [blank(outputs(g)), new Float64Array(outputs(g))];
        wasm.avgPool2d(g, x, y);
        exact.avgPool2d(g, f64(x), expected);
        // Only 2x2 windows at stride 2 are added up in float32.
        const is2x2 = g.KH === 2 && g.KW === 2 && g.SH === 2 && g.SW === 2;
        expectNear(y, expected, (i) => (is2x2 ? sumBound(4, 4 * 8) : 0.51 * ulp(expected[i]) + 1e-13));
      }),
    );
  });

  it("spreads dy over the window as the reference does, for every option", () => {
    fc.assert(
      fc.property(cases, ([g, x]) => {
        const dy = f32(Array.from({ length: outputs(g) }, (_, i) => x[i % x.length] || 1));
        const [dx, expected] = [blank(x.length), new Float64Array(x.length)];
        wasm.avgPool2dInputGrad(g, dy, dx);
        exact.avgPool2dInputGrad(g, f64(dy), expected);
        expectNear(dx, expected, 8 * g.KH * g.KW * g.KH * g.KW * EPS32);
      }),
    );
  });

  it("averages a whole image", () => {
    const x = f32(Array.from({ length: 2 * 49 }, (_, i) => i));
    const window = { KH: 7, KW: 7, SH: 7, SW: 7, DH: 1, DW: 1, PT: 0, PL: 0, OH: 1, OW: 1 };
    const y = blank(2);
    wasm.avgPool2d({ planes: 2, H: 7, W: 7, ...window, countIncludePad: true, divisor: 0 }, x, y);
    expect([...y]).toEqual([24, 73]);
  });

  it("counts padding or not, and never what ceilMode hangs over the padded edge", () => {
    // 3x3 image of ones, kernel 2, stride 2, padding 1, ceilMode: windows at rows and columns -1, 1; the latter fit.
    const window = { KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, PT: 1, PL: 1, OH: 2, OW: 2 };
    const g = { planes: 1, H: 3, W: 3, ...window, countIncludePad: true, divisor: 0 };
    const y = blank(4);
    wasm.avgPool2d(g, new Float32Array(9).fill(1), y);
    expect([...y]).toEqual([0.25, 0.5, 0.5, 1]);
    wasm.avgPool2d({ ...g, countIncludePad: false }, new Float32Array(9).fill(1), y);
    expect([...y]).toEqual([1, 1, 1, 1]);
    wasm.avgPool2d({ ...g, divisor: 8 }, new Float32Array(9).fill(1), y);
    expect([...y]).toEqual([0.125, 0.25, 0.25, 0.5]);
    // Without padding the second window begins in the last column and hangs over: one pixel, divided by one.
    wasm.avgPool2d({ ...g, PT: 0, PL: 0 }, new Float32Array(9).fill(1), y);
    expect([...y]).toEqual([1, 1, 1, 1]);
  });
});

/** The drawn output size belongs to the dilated window: keep those in which every undilated one holds a pixel, too. */
function fitsUndilated(g: AvgPool2dGeometry): boolean {
  return holdsPixels(g);
}

// ---- padding --------------------------------------------------------------------------------------------------------

const padMode = fc.constantFrom<PadMode>("constant", "reflect", "replicate", "circular");
const pads: fc.Arbitrary<Pad2dGeometry> = fc
  .record({
    planes: fc.integer({ min: 0, max: 2 }),
    H: fc.integer({ min: 1, max: 12 }),
    W: fc.integer({ min: 1, max: 12 }),
    parts: fc.array(fc.integer({ min: -2, max: 9 }), { minLength: 4, maxLength: 4 }),
    mode: padMode,
    value: fc.constantFrom(0, 1.5, -Infinity, NaN),
  })
  .map(({ parts, ...rest }) => {
    const most = (size: number): number => (rest.mode === "reflect" ? size - 1 : rest.mode === "circular" ? size : 9);
    const [PT, PB, PL, PR] = parts.map((part, side) => Math.min(part, most(side < 2 ? rest.H : rest.W)));
    return { ...rest, PT, PB, PL, PR };
  })
  .filter(
    ({ H, W, PT, PB, PL, PR }) =>
      H + PT + PB > 0 && W + PL + PR > 0 && H + Math.min(PT, PB) > 0 && W + Math.min(PL, PR) > 0,
  );

describe("pad2d", () => {
  const padded = (g: Pad2dGeometry): number => g.planes * (g.H + g.PT + g.PB) * (g.W + g.PL + g.PR);

  it("agrees with the reference in every mode, cropping included", () => {
    fc.assert(
      fc.property(pads, (g) => {
        const x = f32(Array.from({ length: g.planes * g.H * g.W }, (_, i) => i + 1));
        const [y, expected] = [blank(padded(g)), new Float64Array(padded(g))];
        wasm.pad2d(g, x, y);
        exact.pad2d(g, f64(x), expected);
        expectBits(y, expected);
      }),
    );
  });

  it("has the adjoint of the reference in every mode", () => {
    fc.assert(
      fc.property(pads, (g) => {
        const dy = f32(Array.from({ length: padded(g) }, (_, i) => ((i * 379) % 997) - 498));
        const [dx, expected] = [blank(g.planes * g.H * g.W), new Float64Array(g.planes * g.H * g.W)];
        wasm.pad2dInputGrad(g, dy, dx);
        exact.pad2dInputGrad(g, f64(dy), expected);
        expectBits(dx, expected); // whole numbers: every sum is exact
      }),
    );
  });

  it("fills a row as by hand", () => {
    const run = (mode: PadMode): number[] => {
      const y = blank(7);
      wasm.pad2d({ planes: 1, H: 1, W: 3, PT: 0, PB: 0, PL: 2, PR: 2, mode, value: 9 }, f32([1, 2, 3]), y);
      return [...y];
    };
    expect(run("constant")).toEqual([9, 9, 1, 2, 3, 9, 9]);
    expect(run("reflect")).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(run("replicate")).toEqual([1, 1, 1, 2, 3, 3, 3]);
    expect(run("circular")).toEqual([2, 3, 1, 2, 3, 1, 2]);
  });
});

// ---- optimizers -----------------------------------------------------------------------------------------------------

const share = fc.constantFrom(0, 0.1, 0.5, 0.9, 0.99);

describe("sgd", () => {
  const settings = fc.record({
    lr: fc.constantFrom(0.1, 0.003, 1),
    momentum: share,
    dampening: share,
    nesterov: fc.boolean(),
    weightDecay: fc.constantFrom(0, 0, 0.01, 0.3),
    first: fc.boolean(),
  });

  it("agrees with the reference with and without momentum, Nesterov, dampening and weight decay", () => {
    fc.assert(
      fc.property(settings, lists(ordinary, 3), fc.boolean(), (g, [dw, w, buffer], withBuffer) => {
        const [weights32, buffer32] = [w.slice(), withBuffer ? buffer.slice() : null];
        const [weights64, buffer64] = [f64(w), withBuffer ? f64(buffer) : null];
        wasm.sgd(g, dw, weights32, buffer32);
        exact.sgd(g, f64(dw), weights64, buffer64);
        expectNear(weights32, weights64, 8 * 8 * EPS32);
        if (buffer32 !== null && buffer64 !== null) expectNear(buffer32, buffer64, 8 * 4 * EPS32);
      }),
    );
  });

  it("takes the step worked out by hand", () => {
    const g = { lr: 0.5, momentum: 0.5, dampening: 0.25, nesterov: false, weightDecay: 0.5, first: false };
    const [w, buffer] = [f32([4, 4, 4, 4, 4]), f32([8, 8, 8, 8, 8])];
    wasm.sgd(g, f32([2, 2, 2, 2, 2]), w, buffer); // g = 2 + 2, buffer = 4 + 3, w = 4 - 3.5
    expect([...buffer]).toEqual([7, 7, 7, 7, 7]);
    expect([...w]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    wasm.sgd({ ...g, nesterov: true, first: true, weightDecay: 0 }, f32([1, 1, 1, 1, 1]), w, buffer);
    expect([...buffer]).toEqual([1, 1, 1, 1, 1]);
    expect([...w]).toEqual([-0.25, -0.25, -0.25, -0.25, -0.25]); // 0.5 - 0.5 (1 + 0.5)
  });
});

describe("adam", () => {
  const settings = fc.record({
    lr: fc.constantFrom(0.001, 0.1),
    beta1: fc.constantFrom(0.9, 0, 0.5),
    beta2: fc.constantFrom(0.999, 0.9, 0),
    eps: fc.constantFrom(1e-8, 0.1),
    weightDecay: fc.constantFrom(0, 0, 0.01, 0.3),
    decoupled: fc.boolean(),
    step: fc.constantFrom(1, 2, 10, 1000),
    amsgrad: fc.boolean(),
  });

  it("agrees with the reference with and without amsgrad and weight decay", () => {
    fc.assert(
      fc.property(settings, lists(ordinary, 5), (g, [w, ...drawn]) => {
        const bias = { bias1: 1 - g.beta1 ** g.step, bias2: 1 - g.beta2 ** g.step };
        // Gradient and moment get the sign of the weight: sums that cancel would have no digits to compare.
        const [dw, m] = drawn.slice(0, 2).map((list) => list.map((value, i) => Math.abs(value) * (w[i] < 0 ? -1 : 1)));
        const [v, vMax] = drawn.slice(2).map((list) => list.map(Math.abs));
        const narrow = { w: w.slice(), m: m.slice(), v: v.slice(), vMax: g.amsgrad ? vMax.slice() : null };
        const wide = { w: f64(w), m: f64(m), v: f64(v), vMax: g.amsgrad ? f64(vMax) : null };
        wasm.adam({ ...g, ...bias, gradientRate: 0 }, dw, narrow.w, narrow.m, narrow.v, narrow.vMax);
        exact.adam({ ...g, ...bias, gradientRate: 0 }, f64(dw), wide.w, wide.m, wide.v, wide.vMax);
        expectNear(narrow.m, wide.m, (i) => 8 * EPS32 * Math.abs(wide.m[i]) + 4 * TINY32);
        expectNear(narrow.v, wide.v, (i) => 8 * EPS32 * wide.v[i] + 4 * TINY32);
        const size = (i: number): number => Math.abs(w[i]) + Math.abs(wide.w[i] - w[i]);
        expectNear(narrow.w, wide.w, (i) => 8 * EPS32 * size(i) + 1e-30);
        if (narrow.vMax !== null && wide.vMax !== null) {
          const largest = wide.vMax;
          expectNear(narrow.vMax, largest, (i) => 8 * EPS32 * largest[i] + 4 * TINY32);
        }
      }),
    );
  });

  it("takes the step worked out by hand", () => {
    const settings = { lr: 0.5, beta1: 0.5, beta2: 0.75, eps: 1, weightDecay: 0, gradientRate: 0 };
    const g = { ...settings, decoupled: false, bias1: 0.5, bias2: 0.25 };
    const five = (value: number): Float32Array => new Float32Array(5).fill(value);
    const [w, m, v, vMax] = [five(3), five(2), five(0), five(9)];
    wasm.adam(g, five(2), w, m, v, null); // m = 1 + 1, v = 0.25 * 4, w = 3 - 0.5/0.5 * 2 / (1/0.5 + 1)
    expect([m, v].map((state) => [...state])).toEqual([
      [2, 2, 2, 2, 2],
      [1, 1, 1, 1, 1],
    ]);
    expectUlp(w, [3 - 2 / 3, 3 - 2 / 3, 3 - 2 / 3, 3 - 2 / 3, 3 - 2 / 3], 1);
    wasm.adam(g, five(2), w, m, v, vMax); // v = 0.75 + 1, vMax stays 9: w -= 2 / (3/0.5 + 1)
    expect([...vMax]).toEqual([9, 9, 9, 9, 9]);
    expectUlp(w.slice(0, 1), [3 - 2 / 3 - 2 / 7], 2);
    const [shrunk, n, u] = [five(3), five(2), five(0)];
    wasm.adam({ ...g, weightDecay: 0.5, decoupled: true }, five(2), shrunk, n, u, null); // w = 3 (1 - 0.25) - 2 / 3
    expectUlp(shrunk, new Array(5).fill(2.25 - 2 / 3), 1);
  });
});

it("an optimizer step gives a weight the same bits in the block and in the remainder", () => {
  const g = {
    lr: 0.1,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weightDecay: 0.01,
    decoupled: false,
    bias1: 0.1,
    bias2: 0.001,
    gradientRate: 0,
  };
  const values = [0.3, -2.7, 11.1, -0.0004, 1e-30, 5, -88];
  const run = (list: number[]): number[] => {
    const [w, m, v] = [f32(list), f32(list), f32(list.map(Math.abs))];
    wasm.adam(g, f32(list), w, m, v, null);
    return bitsOf(w);
  };
  expect(values.flatMap((value) => run([value]))).toEqual(run(values));
});
