// The reference backend against answers worked out by hand, against naive loops, and against numerical derivatives.
// PyTorch's values for the same kernels are compared in the tests of the ops.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACTIVATIONS,
  type ActivationName,
  type AvgPool2dGeometry,
  type Conv2dGeometry,
  type Pad2dGeometry,
  type Pool2dGeometry,
} from "../../src/backend/kernels.js";
import { reference } from "../../src/backend/reference/backend.js";
import { correlate2d } from "../../src/backend/reference/conv2d.js";
import { view } from "../../src/backend/reference/views.js";
import type { FloatArray } from "../../src/base/tensor.js";
import { allKernels } from "../support/kernels.js";

const kernels = allKernels(reference);

/** An activation function, and its gradient from what is kept. */
const valueOf =
  (f: ActivationName) =>
  (x: FloatArray, y: FloatArray): void =>
    kernels.activation({ f }, x, y);
const gradOf =
  (f: ActivationName) =>
  (kept: FloatArray, dy: FloatArray, dx: FloatArray): void =>
    kernels.activationInputGrad({ f }, kept, dy, dx);

/** Passes when every number is within tolerance * max(1, |expected|); infinities and NaN have to be the same. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const same = Object.is(actual[i], expected[i]);
    const near = Math.abs(actual[i] - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i]));
    if (!same && !(near && Number.isFinite(expected[i])))
      expect.fail(`expected ${expected[i]} at ${i}, got ${actual[i]} (tolerance ${tolerance})`);
  }
}

/** Seeded numbers in (-1, 1); no two of up to 997 are closer than 0.001 (multiples of a generator modulo a prime). */
function numbers(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => ((((i + 1) * 379 + seed * 131) % 997) - 498.25) / 499);
}

/** Outputs start as NaN: a kernel overwrites every number. */
function unwritten(count: number): Float64Array {
  return new Float64Array(count).fill(NaN);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
}

/** The derivatives of f at x by central differences. */
function numericalGradient(x: Float64Array, f: (x: Float64Array) => number): Float64Array {
  const h = 1e-5;
  return x.map((_, i) => {
    const moved = (by: number): number => f(x.map((value, j) => (j === i ? value + by : value)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

/** Forward kernel and gradient kernel of one input, compared by numerical derivatives of <y, dy>. */
function expectGradient(
  x: Float64Array,
  size: number,
  forward: (x: Float64Array, y: Float64Array) => void,
  backward: (x: Float64Array, y: Float64Array, dy: Float64Array, dx: Float64Array) => void,
): void {
  const dy = numbers(size, 77);
  const run = (input: Float64Array): Float64Array => {
    const y = unwritten(size);
    forward(input, y);
    return y;
  };
  const dx = unwritten(x.length);
  backward(x, run(x), dy, dx);
  expectClose(
    dx,
    numericalGradient(x, (input) => dot(run(input), dy)),
    1e-8,
  );
}

// unit: the largest relative error of one rounding
const formats = [
  {
    format: "float32",
    unit: 6e-8,
    tolerance: 1e-6,
    make: (data: ArrayLike<number>): FloatArray => Float32Array.from(data),
  },
  {
    format: "float64",
    unit: 1.2e-16,
    tolerance: 1e-14,
    make: (data: ArrayLike<number>): FloatArray => Float64Array.from(data),
  },
] as const;

describe("the checks of this file", () => {
  it("reject a wrong number, a NaN, a missing NaN, another infinity and a missing number", () => {
    expect(() => expectClose([1, 2], [1, 2.001], 1e-6)).toThrow("expected 2.001 at 1, got 2");
    expect(() => expectClose([NaN], [1], 1e-6)).toThrow("got NaN");
    expect(() => expectClose([1], [NaN], 1e-6)).toThrow("expected NaN");
    expect(() => expectClose([-Infinity], [Infinity], 1e-6)).toThrow("got -Infinity");
    expect(() => expectClose([1], [Infinity], 1e-6)).toThrow("got 1");
    expect(() => expectClose([1], [1, 2], 1e-6)).toThrow();
    expectClose([1 + 1e-9, NaN, Infinity], [1, NaN, Infinity], 1e-6);
  });

  it("reject a gradient that is wrong by one part in a million", () => {
    const square = (x: Float64Array, y: Float64Array): void => x.forEach((value, i) => (y[i] = value * value));
    const grad = (factor: number) => (x: Float64Array, _: Float64Array, dy: Float64Array, dx: Float64Array) =>
      x.forEach((value, i) => (dx[i] = factor * value * dy[i]));
    expectGradient(numbers(5, 1), 5, square, grad(2));
    expect(() => expectGradient(numbers(5, 1), 5, square, grad(2.000002))).toThrow();
    expect(() => expectGradient(numbers(5, 1), 5, square, () => undefined)).toThrow("got NaN");
  });
});

describe("the reference backend", () => {
  it("computes in float32 and float64 on one thread and has no memory of its own", () => {
    expect(reference.info()).toMatchObject({
      name: "reference",
      dtypes: ["float32", "float64"],
      threads: 1,
      memoryBytes: 0,
    });
    expect(reference).toMatchObject({ name: "reference", float64: true });
  });
});

// ---- convolution ----------------------------------------------------------------------------------------------------

function convGeometry(part: Partial<Conv2dGeometry>): Conv2dGeometry {
  const g = {
    N: 1,
    C: 1,
    H: 1,
    W: 1,
    O: 1,
    KH: 1,
    KW: 1,
    SH: 1,
    SW: 1,
    DH: 1,
    DW: 1,
    PT: 0,
    PB: 0,
    PL: 0,
    PR: 0,
    G: 1,
    ...part,
  };
  const OH = Math.floor((g.H + g.PT + g.PB - g.DH * (g.KH - 1) - 1) / g.SH) + 1;
  const OW = Math.floor((g.W + g.PL + g.PR - g.DW * (g.KW - 1) - 1) / g.SW) + 1;
  return { ...g, OH, OW };
}

function sizesOf(g: Conv2dGeometry): { x: number; w: number; y: number } {
  return { x: g.N * g.C * g.H * g.W, w: (g.O * g.C * g.KH * g.KW) / g.G, y: g.N * g.O * g.OH * g.OW };
}

/** Calls visit(x, w, y) with the flat places of every product x w of a convolution that goes into y: seven loops. */
function visitProducts(g: Conv2dGeometry, visit: (x: number, w: number, y: number) => void): void {
  const CG = g.C / g.G;
  for (let n = 0; n < g.N; n++)
    for (let o = 0; o < g.O; o++)
      for (let c = 0; c < CG; c++)
        for (let oh = 0; oh < g.OH; oh++)
          for (let ow = 0; ow < g.OW; ow++)
            for (let kh = 0; kh < g.KH; kh++)
              for (let kw = 0; kw < g.KW; kw++) {
                const h = oh * g.SH + kh * g.DH - g.PT;
                const w = ow * g.SW + kw * g.DW - g.PL;
                if (h < 0 || h >= g.H || w < 0 || w >= g.W) continue;
                const channel = Math.floor(o / (g.O / g.G)) * CG + c;
                visit(
                  ((n * g.C + channel) * g.H + h) * g.W + w,
                  ((o * CG + c) * g.KH + kh) * g.KW + kw,
                  ((n * g.O + o) * g.OH + oh) * g.OW + ow,
                );
              }
}

/** y, dx and dw of the three kernels. */
function convolve(
  g: Conv2dGeometry,
  x: FloatArray,
  w: FloatArray,
  b: FloatArray | null,
  dy: FloatArray,
): { y: FloatArray; dx: FloatArray; dw: FloatArray } {
  const [y, dx, dw] = [dy, x, w].map((like) => like.slice().fill(NaN));
  kernels.conv2d(g, x, w, b, y);
  kernels.conv2dInputGrad(g, dy, w, dx);
  kernels.conv2dWeightGrad(g, x, dy, dw);
  return { y, dx, dw };
}

/** Geometries of at least one output pixel: the image is as large as the dilated kernel needs, and a little larger. */
const convGeometries = fc
  .record({
    N: fc.integer({ min: 1, max: 2 }),
    G: fc.integer({ min: 1, max: 3 }),
    CG: fc.integer({ min: 1, max: 2 }),
    OG: fc.integer({ min: 1, max: 3 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 4, maxLength: 4 }),
    extra: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
  })
  .map(({ N, G, CG, OG, kernel: [KH, KW], stride: [SH, SW], dilation: [DH, DW], padding: [PT, PB, PL, PR], extra }) => {
    const H = Math.max(1, DH * (KH - 1) + 1 - PT - PB) + extra[0];
    const W = Math.max(1, DW * (KW - 1) + 1 - PL - PR) + extra[1];
    return convGeometry({ N, C: G * CG, O: G * OG, G, H, W, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR });
  });

describe.each(formats)("convolution in $format", ({ make, unit }) => {
  it("slides the cross-shaped filter over the 5x5 image of lesson 5", () => {
    // prettier-ignore
    const x = make([1, 2, 3, 0, 3,  0, 1, 5, 0, 1,  1, 0, 2, 2, 0,  2, 3, 1, 3, 0,  0, 1, 0, 2, 0]);
    const w = make([1, 0, 1, 0, 1, 0, 1, 0, 1]);
    const y = make(unwritten(9));
    kernels.conv2d(convGeometry({ H: 5, W: 5, KH: 3, KW: 3 }), x, w, null, y);
    expect([...y]).toEqual([8, 9, 8, 8, 9, 9, 6, 6, 5]); // first: 1 + 3 + 1 + 1 + 2 = 8
  });

  it("gives the two maps of lesson 2's RGB image", () => {
    // prettier-ignore
    const nhwc = [
      1, 0, 1,  1, 1, 1,  1, 1, 1,  0, 0, 1,  0, 1, 0,
      0, 0, 1,  1, 1, 1,  1, 1, 1,  1, 1, 1,  0, 0, 0,
      0, 0, 0,  0, 0, 0,  1, 1, 0,  1, 1, 1,  1, 0, 1,
      0, 0, 0,  0, 0, 1,  1, 1, 1,  1, 1, 1,  0, 1, 0,
      0, 1, 0,  1, 1, 1,  1, 1, 1,  0, 0, 0,  0, 0, 0,
    ];
    // prettier-ignore
    const hwio = [
      1, 1, 0, 1, -1, -1,  0, 0, -1, 0, 0, 0,  1, 1, 0, 1, 0, 0,
      0, 0, -1, 0, 0, 0,   1, 1, 1, 1, 1, 1,   0, 0, -1, 0, 0, 0,
      1, 1, 1, 1, 0, 0,    0, 0, -1, 0, 0, 0,  1, 1, 0, 1, -1, -1,
    ];
    const x = make(Array.from({ length: 75 }, (_, i) => nhwc[(i % 25) * 3 + Math.floor(i / 25)]));
    const w = make(
      Array.from({ length: 54 }, (_, i) => hwio[(i % 9) * 6 + (Math.floor(i / 9) % 3) * 2 + Math.floor(i / 27)]),
    );
    const y = make(unwritten(18));
    kernels.conv2d(convGeometry({ C: 3, H: 5, W: 5, O: 2, KH: 3, KW: 3 }), x, w, null, y);
    expect([...y]).toEqual([3, -1, 3, -2, 0, 2, 1, 3, 4, 7, 5, 7, 2, 6, 7, 5, 7, 8]);
  });

  it("gives y, dx, dw and db of a 2x2 kernel as by hand", () => {
    const g = convGeometry({ H: 3, W: 3, KH: 2, KW: 2 });
    const [x, w, dy] = [make([1, 2, 3, 4, 5, 6, 7, 8, 9]), make([1, 0, 1, 1]), make([1, 2, 3, 4])];
    const { y, dx, dw } = convolve(g, x, w, null, dy);
    // y[0, 0] = 1*1 + 2*0 + 4*1 + 5*1
    expect([...y]).toEqual([10, 13, 19, 22]);
    // Each dy[i, j] puts dy[i, j] * w on the window it came from: dx[1, 1] = 4*1 + 3*0 + 2*1 + 1*1.
    expect([...dx]).toEqual([1, 2, 0, 4, 7, 2, 3, 7, 4]);
    // dw[0, 0] met x at 1, 2, 4, 5 with deltas 1, 2, 3, 4: 1*1 + 2*2 + 4*3 + 5*4 = 37.
    expect([...dw]).toEqual([37, 47, 67, 77]);
    const db = make(unwritten(1));
    kernels.channelSum({ outer: 1, size: 1, inner: 4 }, dy, db);
    expect([...db]).toEqual([10]);
  });

  it("leaves columns that the stride does not reach unused, with gradient 0", () => {
    const g = convGeometry({ W: 6, KW: 3, SW: 2 }); // windows on columns 0..2 and 2..4; column 5 is left over
    const { y, dx, dw } = convolve(g, make([1, 2, 3, 4, 5, 6]), make([1, 10, 100]), null, make([1, 2]));
    expect([...y]).toEqual([321, 543]);
    expect([...dx]).toEqual([1, 10, 100 + 2, 20, 200, 0]);
    expect([...dw]).toEqual([1 * 1 + 3 * 2, 2 * 1 + 4 * 2, 3 * 1 + 5 * 2]);
  });

  it("looks at every second column with dilation 2", () => {
    const g = convGeometry({ W: 6, KW: 3, DW: 2 });
    const { y, dx, dw } = convolve(g, make([1, 2, 3, 4, 5, 6]), make([1, 10, 100]), null, make([1, 2]));
    expect([...y]).toEqual([1 + 30 + 500, 2 + 40 + 600]);
    expect([...dx]).toEqual([1, 2, 10, 20, 100, 200]);
    expect([...dw]).toEqual([1 + 4, 3 + 8, 5 + 12]);
  });

  it("takes pairs as [vertical, horizontal]: stride [2, 1] goes 2 down and 1 right", () => {
    const g = convGeometry({ H: 3, W: 3, SH: 2 });
    const { y, dx } = convolve(g, make([1, 2, 3, 4, 5, 6, 7, 8, 9]), make([1]), null, make([1, 2, 3, 4, 5, 6]));
    expect([...y]).toEqual([1, 2, 3, 7, 8, 9]);
    expect([...dx]).toEqual([1, 2, 3, 0, 0, 0, 4, 5, 6]);
  });

  it("pads each side by its own number of zeros, and the input gradient crops what fell on them", () => {
    const g = convGeometry({ PT: 1, PL: 2 });
    const { y, dx, dw } = convolve(g, make([5]), make([2]), make([7]), make([1, 2, 3, 4, 5, 6]));
    expect([...y]).toEqual([7, 7, 7, 7, 7, 17]);
    expect([...dx]).toEqual([12]); // only the last of the six pixels saw the image
    expect([...dw]).toEqual([30]);
  });

  it("gives dx 0 where the only window lies in the padding", () => {
    const g = convGeometry({ PT: 7, SH: 8 }); // row 0 of eight padded rows is read, the image is row 7
    const { y, dx, dw } = convolve(g, make([5]), make([2]), null, make([3]));
    expect([...y, ...dx, ...dw]).toEqual([0, 0, 0]);
  });

  it("puts an even kernel's 'same' padding below and on the right, as lesson 2 does", () => {
    const g = convGeometry({ H: 3, W: 3, KH: 2, KW: 2, PB: 1, PR: 1 });
    const y = make(unwritten(9));
    kernels.conv2d(g, make([1, 2, 3, 4, 5, 6, 7, 8, 9]), make([2, 0, 0, 0]), null, y);
    expect([...y]).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  it("keeps the groups apart and gives each filter its own bias", () => {
    const g = convGeometry({ C: 2, W: 2, O: 4, G: 2 });
    const x = make([1, 2, 3, 4]);
    const { y, dx, dw } = convolve(g, x, make([10, 20, 30, 40]), make([1, 2, 3, 4]), make([1, 0, 0, 1, 1, 0, 0, 1]));
    expect([...y]).toEqual([11, 21, 22, 42, 93, 123, 124, 164]); // filters 0 and 1 see channel 0, 2 and 3 channel 1
    expect([...dx]).toEqual([10, 20, 30, 40]);
    expect([...dw]).toEqual([1, 2, 3, 4]);
  });

  it("adds the bias gradient over images and pixels", () => {
    const db = make(unwritten(2));
    kernels.channelSum({ outer: 2, size: 2, inner: 3 }, make([1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60]), db);
    expect([...db]).toEqual([21, 210]);
  });

  it("takes an empty batch: no output, and weight gradients of 0", () => {
    const g = convGeometry({ N: 0, H: 3, W: 3, KH: 2, KW: 2 });
    const { y, dx, dw } = convolve(g, make([]), make([1, 2, 3, 4]), make([1]), make([]));
    expect([y.length, dx.length]).toEqual([0, 0]);
    expect([...dw]).toEqual([0, 0, 0, 0]);
  });

  it("agrees with seven naive loops, its gradients too, on any geometry", () => {
    fc.assert(
      fc.property(convGeometries, (g) => {
        const sizes = sizesOf(g);
        const [x, w, b, dy] = [numbers(sizes.x, 1), numbers(sizes.w, 2), numbers(g.O, 3), numbers(sizes.y, 4)].map(
          make,
        );
        const before = [x, w, b, dy].map((array) => array.slice());
        const y = Float64Array.from({ length: sizes.y }, (_, i) => b[Math.floor(i / (g.OH * g.OW)) % g.O]);
        const [dx, dw] = [new Float64Array(sizes.x), new Float64Array(sizes.w)];
        visitProducts(g, (xi, wi, yi) => {
          y[yi] += x[xi] * w[wi];
          dx[xi] += dy[yi] * w[wi];
          dw[wi] += dy[yi] * x[xi];
        });
        const got = convolve(g, x, w, b, dy);
        // n products below 1 added in float64 are off by at most n roundings of n; then one rounding into the format.
        const tolerance = (n: number): number => n * n * 1.2e-16 + unit;
        expectClose(got.y, y, tolerance((g.C / g.G) * g.KH * g.KW + 1));
        expectClose(got.dx, dx, tolerance((g.O / g.G) * g.KH * g.KW));
        expectClose(got.dw, dw, tolerance(g.N * g.OH * g.OW));
        expect([x, w, b, dy]).toEqual(before);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("convolution", () => {
  it("has gradients that are its adjoints: <conv(x, w), dy> = <x, dx> = <w, dw>", () => {
    fc.assert(
      fc.property(convGeometries, (g) => {
        const sizes = sizesOf(g);
        const [x, w, dy] = [numbers(sizes.x, 5), numbers(sizes.w, 6), numbers(sizes.y, 7)];
        const { y, dx, dw } = convolve(g, x, w, null, dy);
        expectClose([dot(x, dx), dot(w, dw)], [dot(y, dy), dot(y, dy)], 1e-12);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it("has the gradients that numerical differentiation finds", () => {
    const g = convGeometry({ N: 2, C: 4, H: 6, W: 5, O: 2, KH: 3, KW: 2, SH: 2, DW: 2, PT: 1, PR: 2, G: 2 });
    const sizes = sizesOf(g);
    const [x, w] = [numbers(sizes.x, 1), numbers(sizes.w, 2)];
    const ofX = (input: Float64Array, y: Float64Array): void => kernels.conv2d(g, input, w, null, y);
    const ofW = (weight: Float64Array, y: Float64Array): void => kernels.conv2d(g, x, weight, null, y);
    expectGradient(x, sizes.y, ofX, (_x, _y, dy, dx) => kernels.conv2dInputGrad(g, dy, w, dx));
    expectGradient(w, sizes.y, ofW, (_w, _y, dy, dw) => kernels.conv2dWeightGrad(g, x, dy, dw));
    // The check is able to fail: dw of another stride is not the gradient.
    const other = { ...g, SH: 1 };
    expect(() =>
      expectGradient(w, sizes.y, ofW, (_w, _y, dy, dw) => kernels.conv2dWeightGrad(other, x, dy, dw)),
    ).toThrow();
  });

  it("adds up in float64 and rounds once, the bias included", () => {
    // In float32 16777216 + 1 is 16777216, so added one by one the two would be lost.
    const g = convGeometry({ W: 2, KW: 2 });
    const y = new Float32Array(1);
    kernels.conv2d(g, Float32Array.of(16777216, 1), Float32Array.of(1, 1), Float32Array.of(1), y);
    expect(y[0]).toBe(16777218);
  });
});

describe("correlate2d", () => {
  it("reads transposed, flipped and stepped views as they look, not as they are stored", () => {
    const x = view(Float64Array.of(1, 2, 3, 4, 5, 6), [1, 1, 2, 3]);
    const ones = view(Float64Array.of(1, 10), [1, 1, 1, 2]);
    const plain = { stride: [1, 1], dilation: [1, 1], padding: { top: 0, bottom: 0, left: 0, right: 0 } } as const;
    expect(correlate2d(x, ones, plain).data).toEqual(Float64Array.of(21, 32, 54, 65));
    expect(correlate2d(x.step(1, 1, 1, -1), ones, plain).data).toEqual(Float64Array.of(23, 12, 56, 45));
    expect(correlate2d(x.step(1, 1, 1, 2), ones, plain).data).toEqual(Float64Array.of(31, 64));
    expect(correlate2d(x.transpose(0, 1, 3, 2), ones, plain).data).toEqual(Float64Array.of(41, 52, 63));
  });

  it("crops where the padding is negative, down to nothing", () => {
    const x = view(Float64Array.of(1, 2, 3, 4, 5, 6), [1, 1, 2, 3]);
    const one = view(Float64Array.of(1), [1, 1, 1, 1]);
    const cropped = (top: number, bottom: number, left: number, right: number): number[] => {
      const padding = { top, bottom, left, right };
      return Array.from(correlate2d(x, one, { stride: [1, 1], dilation: [1, 1], padding }).data as Float64Array);
    };
    expect(cropped(0, 0, -1, -1)).toEqual([2, 5]);
    expect(cropped(-1, 1, 0, -2)).toEqual([4, 0]);
    expect(cropped(-3, 2, 0, 0)).toEqual([0, 0, 0]); // cropped beyond the end, then padded
    expect(cropped(0, 0, 2, -4)).toEqual([0, 0]);
  });
});

// ---- padding --------------------------------------------------------------------------------------------------------

function padGeometry(part: Partial<Pad2dGeometry>): Pad2dGeometry {
  return { planes: 1, H: 1, W: 1, PT: 0, PB: 0, PL: 0, PR: 0, mode: "constant", value: 0, ...part };
}

function padded(g: Pad2dGeometry): number {
  return g.planes * (g.H + g.PT + g.PB) * (g.W + g.PL + g.PR);
}

describe.each(formats)("pad2d in $format", ({ make }) => {
  it.each([
    { mode: "constant", y: [7, 7, 1, 2, 3, 7], dx: [3, 4, 5] },
    { mode: "reflect", y: [3, 2, 1, 2, 3, 2], dx: [3, 2 + 4 + 6, 1 + 5] },
    { mode: "replicate", y: [1, 1, 1, 2, 3, 3], dx: [1 + 2 + 3, 4, 5 + 6] },
    { mode: "circular", y: [2, 3, 1, 2, 3, 1], dx: [3 + 6, 1 + 4, 2 + 5] },
  ] as const)(
    "fills two columns before and one after by mode $mode, and folds the gradient back",
    ({ mode, y, dx }) => {
      const g = padGeometry({ W: 3, PL: 2, PR: 1, mode, value: 7 });
      const [gotY, gotDx] = [make(unwritten(6)), make(unwritten(3))];
      kernels.pad2d(g, make([1, 2, 3]), gotY);
      expect([...gotY]).toEqual(y);
      kernels.pad2dInputGrad(g, make([1, 2, 3, 4, 5, 6]), gotDx);
      expect([...gotDx]).toEqual(dx);
    },
  );

  it("pads rows and columns of each plane on their own", () => {
    const y = make(unwritten(18));
    kernels.pad2d(
      padGeometry({ planes: 2, H: 2, W: 2, PT: 1, PR: 1, mode: "reflect" }),
      make([1, 2, 3, 4, 5, 6, 7, 8]),
      y,
    );
    expect([...y]).toEqual([3, 4, 3, 1, 2, 1, 3, 4, 3, 7, 8, 7, 5, 6, 5, 7, 8, 7]);
  });

  it("crops where the padding is negative", () => {
    const g = padGeometry({ W: 3, PL: -1, PR: -1 });
    const [y, dx] = [make(unwritten(1)), make(unwritten(3))];
    kernels.pad2d(g, make([1, 2, 3]), y);
    kernels.pad2dInputGrad(g, make([5]), dx);
    expect([...y, ...dx]).toEqual([2, 0, 5, 0]);
  });
});

describe("pad2d", () => {
  it("has a gradient that is its adjoint in every mode: <pad(x), dy> = <x, dx>", () => {
    const side = fc.integer({ min: 0, max: 2 });
    const geometries = fc.record({
      planes: fc.integer({ min: 1, max: 3 }),
      H: fc.integer({ min: 3, max: 5 }),
      W: fc.integer({ min: 3, max: 5 }),
      PT: side,
      PB: side,
      PL: side,
      PR: side,
      mode: fc.constantFrom("constant", "reflect", "replicate", "circular"),
      value: fc.constant(0),
    });
    fc.assert(
      fc.property(geometries, (g) => {
        const [x, dy] = [numbers(g.planes * g.H * g.W, 1), numbers(padded(g), 2)];
        const [y, dx] = [unwritten(dy.length), unwritten(x.length)];
        kernels.pad2d(g, x, y);
        kernels.pad2dInputGrad(g, dy, dx);
        expectClose([dot(x, dx)], [dot(y, dy)], 1e-13);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

// ---- pooling --------------------------------------------------------------------------------------------------------

function poolGeometry(part: Partial<AvgPool2dGeometry>): AvgPool2dGeometry {
  const one = {
    planes: 1,
    H: 1,
    W: 1,
    KH: 1,
    KW: 1,
    SH: 1,
    SW: 1,
    DH: 1,
    DW: 1,
    PT: 0,
    PL: 0,
    countIncludePad: true,
    divisor: 0,
  };
  const g = { ...one, ...part };
  const OH = part.OH ?? Math.floor((g.H + 2 * g.PT - g.DH * (g.KH - 1) - 1) / g.SH) + 1;
  const OW = part.OW ?? Math.floor((g.W + 2 * g.PL - g.DW * (g.KW - 1) - 1) / g.SW) + 1;
  return { ...g, OH, OW };
}

describe.each(formats)("pooling in $format", ({ make, tolerance }) => {
  function maxPool(g: Pool2dGeometry, x: readonly number[]): { y: number[]; indices: number[] } {
    const y = make(unwritten(g.planes * g.OH * g.OW));
    const indices = new Int32Array(y.length).fill(-9);
    kernels.maxPool2d(g, make(x), y, indices);
    return { y: [...y], indices: [...indices] };
  }

  it("takes the largest of each window of each plane and its place in the plane", () => {
    const g = poolGeometry({ planes: 2, H: 2, W: 4, KH: 2, KW: 2, SH: 2, SW: 2 });
    const pooled = maxPool(g, [4, 3, 1, 2, 2, 1, 9, 5, 0, 1, 7, 7, 2, 3, 7, 7]);
    expect(pooled).toEqual({ y: [4, 9, 3, 7], indices: [0, 6, 5, 2] }); // of the four sevens the first
    const dx = make(unwritten(16));
    kernels.maxPool2dInputGrad(g, Int32Array.from(pooled.indices), make([1, 2, 3, 4]), dx);
    expect([...dx]).toEqual([1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 3, 0, 0]);
  });

  it("pads a max pool with -Infinity, never with 0", () => {
    const g = poolGeometry({ H: 2, W: 2, KH: 2, KW: 2, SH: 2, SW: 2, PT: 1, PL: 1 });
    expect(maxPool(g, [-1, -2, -3, -4])).toEqual({ y: [-1, -2, -3, -4], indices: [0, 1, 2, 3] });
  });

  it("lets the last NaN of a window win over every number", () => {
    const g = poolGeometry({ H: 2, W: 2, KH: 2, KW: 2 });
    expect(maxPool(g, [NaN, 9, NaN, Infinity])).toEqual({ y: [NaN], indices: [2] });
    expect(maxPool(g, [9, 1, 2, NaN])).toEqual({ y: [NaN], indices: [3] });
  });

  it("points at a window's first pixel of the image where all are -Infinity", () => {
    const g = poolGeometry({ H: 2, W: 2, KH: 2, KW: 2, PT: 1, PL: 1 });
    const all = [-Infinity, -Infinity, -Infinity, -Infinity];
    expect(maxPool(g, all)).toEqual({ y: Array(9).fill(-Infinity), indices: [0, 0, 1, 0, 0, 1, 2, 2, 3] });
  });

  it("looks at every second column of a max pool with dilation 2", () => {
    const g = poolGeometry({ W: 4, KW: 2, DW: 2 });
    expect(maxPool(g, [1, 9, 3, 2])).toEqual({ y: [3, 9], indices: [2, 1] });
  });

  it("pools with another padding and stride down than to the right", () => {
    const g = poolGeometry({ H: 2, W: 3, KH: 2, KW: 3, SH: 1, SW: 2, PT: 1, PL: 0 });
    expect(maxPool(g, [1, 2, 3, 6, 5, 4])).toEqual({ y: [3, 6, 6], indices: [2, 3, 3] });
  });

  it("adds the gradients of overlapping windows that chose the same pixel", () => {
    const g = poolGeometry({ W: 3, KW: 2 });
    const dx = make(unwritten(3));
    kernels.maxPool2dInputGrad(g, Int32Array.from(maxPool(g, [1, 5, 2]).indices), make([10, 100]), dx);
    expect([...dx]).toEqual([0, 110, 0]);
  });

  // Columns 3 6 9 12 with a column of padding on both sides; kernel 3 and stride 2 give windows from columns -1, 1, 3.
  // The last hangs one column over the padded edge (ceilMode): that column is counted by neither rule.
  it.each([
    {
      rule: "padding counted",
      countIncludePad: true,
      divisor: 0,
      y: [9 / 3, 27 / 3, 12 / 2],
      dx: [2, 2 + 1, 1, 1 + 1],
    },
    {
      rule: "padding not counted",
      countIncludePad: false,
      divisor: 0,
      y: [9 / 2, 27 / 3, 12 / 1],
      dx: [3, 3 + 1, 1, 1 + 2],
    },
    {
      rule: "divisor 2",
      countIncludePad: true,
      divisor: 2,
      y: [9 / 2, 27 / 2, 12 / 2],
      dx: [3, 3 + 1.5, 1.5, 1.5 + 1],
    },
  ])("averages with $rule", ({ countIncludePad, divisor, y, dx }) => {
    const g = poolGeometry({ W: 4, KW: 3, SW: 2, PL: 1, OW: 3, countIncludePad, divisor });
    const [gotY, gotDx] = [make(unwritten(3)), make(unwritten(4))];
    kernels.avgPool2d(g, make([3, 6, 9, 12]), gotY);
    expect([...gotY]).toEqual(y);
    kernels.avgPool2dInputGrad(g, make([6, 3, 2]), gotDx);
    expect([...gotDx]).toEqual(dx);
  });

  it("averages down as it does to the right, plane by plane", () => {
    const g = poolGeometry({ planes: 2, H: 4, KH: 3, SH: 2, PT: 1, OH: 3 });
    const [x, y] = [make([3, 6, 9, 12, 30, 60, 90, 120]), make(unwritten(6))];
    kernels.avgPool2d(g, x, y);
    expectClose(y, [3, 9, 6, 30, 90, 60], tolerance);
    kernels.avgPool2d({ ...g, countIncludePad: false }, x, y);
    expectClose(y, [4.5, 9, 12, 45, 90, 120], tolerance);
  });

  it("averages the whole plane", () => {
    const y = make(unwritten(2));
    kernels.avgPool2d(
      poolGeometry({ planes: 2, H: 2, W: 3, KH: 2, KW: 3 }),
      make([1, 2, 3, 4, 5, 9, 1, 1, 1, 1, 1, 1]),
      y,
    );
    expect([...y]).toEqual([4, 1]);
  });
});

describe("pooling", () => {
  it("has the gradients that numerical differentiation finds", () => {
    const part = { planes: 2, H: 5, W: 6, KH: 3, KW: 2, SH: 2, SW: 1, PT: 1, PL: 1 };
    const max = poolGeometry({ ...part, DW: 2 });
    const maxSize = max.planes * max.OH * max.OW;
    const indices = new Int32Array(maxSize);
    expectGradient(
      numbers(60, 1),
      maxSize,
      (x, y) => kernels.maxPool2d(max, x, y, new Int32Array(maxSize)),
      (x, y, dy, dx) => {
        kernels.maxPool2d(max, x, y, indices);
        kernels.maxPool2dInputGrad(max, indices, dy, dx);
      },
    );
    for (const countIncludePad of [true, false]) {
      const g = poolGeometry({ ...part, countIncludePad });
      expectGradient(
        numbers(60, 1),
        g.planes * g.OH * g.OW,
        (x, y) => kernels.avgPool2d(g, x, y),
        (_x, _y, dy, dx) => kernels.avgPool2dInputGrad(g, dy, dx),
      );
    }
  });
});

// ---- matmul and elementwise -----------------------------------------------------------------------------------------

describe.each(formats)("matmul in $format", ({ make }) => {
  // a = [[1, 2, 3], [4, 5, 6]], b = [[1, 0], [0, 1], [1, 2]], bias = [10, 20]
  const stored = { a: [1, 2, 3, 4, 5, 6], aT: [1, 4, 2, 5, 3, 6], b: [1, 0, 0, 1, 1, 2], bT: [1, 0, 1, 0, 1, 2] };

  it.each([
    { transA: false, transB: false },
    { transA: false, transB: true },
    { transA: true, transB: false },
    { transA: true, transB: true },
  ])("multiplies with transA $transA and transB $transB", ({ transA, transB }) => {
    const g = { M: 2, N: 2, K: 3, transA, transB };
    const a = make(transA ? stored.aT : stored.a);
    const b = make(transB ? stored.bT : stored.b);
    const y = make(unwritten(4));
    kernels.matmul(g, a, b, null, y);
    expect([...y]).toEqual([1 + 3, 2 + 6, 4 + 6, 5 + 12]);
    kernels.matmul(g, a, b, make([10, 20]), y);
    expect([...y]).toEqual([14, 28, 20, 37]);
  });

  it("multiplies a column by a row", () => {
    const y = make(unwritten(6));
    kernels.matmul({ M: 2, N: 3, K: 1, transA: false, transB: false }, make([2, 3]), make([1, 10, 100]), null, y);
    expect([...y]).toEqual([2, 20, 200, 3, 30, 300]);
  });

  it("gives the bias alone where there is nothing to sum", () => {
    const y = make(unwritten(2));
    kernels.matmul({ M: 1, N: 2, K: 0, transA: false, transB: false }, make([]), make([]), make([3, 4]), y);
    expect([...y]).toEqual([3, 4]);
  });
});

describe.each(formats)("elementwise kernels in $format", ({ make, tolerance }) => {
  /** The results of a kernel from x to y. */
  function map(kernel: (x: FloatArray, y: FloatArray) => void, x: readonly number[]): number[] {
    const y = make(unwritten(x.length));
    kernel(make(x), y);
    return [...y];
  }

  it("broadcasts a row against a column", () => {
    const g = { shape: [2, 3], stridesA: [0, 1], stridesB: [1, 0] };
    const binary = (kernel: typeof kernels.add): number[] => {
      const y = make(unwritten(6));
      kernel(g, make([1, 2, 4]), make([8, 16]), y);
      return [...y];
    };
    expect(binary(kernels.add)).toEqual([9, 10, 12, 17, 18, 20]);
    expect(binary(kernels.subtract)).toEqual([-7, -6, -4, -15, -14, -12]);
    expect(binary(kernels.multiply)).toEqual([8, 16, 32, 16, 32, 64]);
    expect(binary(kernels.divide)).toEqual([0.125, 0.25, 0.5, 0.0625, 0.125, 0.25]);
  });

  it("takes single numbers, five axes, and its own output as an operand", () => {
    const y = make(unwritten(1));
    kernels.subtract({ shape: [], stridesA: [], stridesB: [] }, make([5]), make([3]), y);
    expect([...y]).toEqual([2]);
    const five = make(unwritten(4));
    kernels.add(
      { shape: [1, 2, 1, 2, 1], stridesA: [0, 1, 0, 0, 0], stridesB: [0, 0, 0, 1, 0] },
      make([1, 2]),
      make([10, 20]),
      five,
    );
    expect([...five]).toEqual([11, 21, 12, 22]);
    kernels.multiply({ shape: [4], stridesA: [1], stridesB: [0] }, five, make([2]), five);
    expect([...five]).toEqual([22, 42, 24, 44]);
  });

  it("divides by zero as IEEE 754 says", () => {
    const y = make(unwritten(4));
    kernels.divide({ shape: [4], stridesA: [1], stridesB: [1] }, make([1, -1, 0, 1]), make([0, 0, 0, -0]), y);
    expect([...y]).toEqual([Infinity, -Infinity, NaN, -Infinity]);
  });

  it("accumulates into its output", () => {
    const y = make([1, 2, 3]);
    kernels.accumulate(make([10, 20, 30]), y);
    expect([...y]).toEqual([11, 22, 33]);
  });

  it("has exp, log and sqrt with their limits", () => {
    expectClose(map(kernels.exp, [0, 1, -Infinity, Infinity, NaN]), [1, Math.E, 0, Infinity, NaN], tolerance);
    expectClose(map(kernels.log, [1, 2, 0, -1, NaN]), [0, Math.LN2, -Infinity, NaN, NaN], tolerance);
    expectClose(map(kernels.sqrt, [0, 2, 9, -1]), [0, Math.SQRT2, 3, NaN], tolerance);
  });

  it("clamps on both sides and keeps NaN", () => {
    const y = make(unwritten(5));
    kernels.clamp({ min: -1, max: 2 }, make([-3, -1, 0.5, 7, NaN]), y);
    expect([...y]).toEqual([-1, -1, 0.5, 2, NaN]);
    kernels.clamp({ min: -Infinity, max: 2 }, make([-3, -1, 0.5, 7, NaN]), y);
    expect([...y]).toEqual([-3, -1, 0.5, 2, NaN]);
  });

  it("has a ReLU whose derivative at 0 is 0 and that keeps NaN", () => {
    expect(map(valueOf("relu"), [-2, -0, 0, 3, NaN])).toEqual([0, 0, 0, 3, NaN]);
    const dx = make(unwritten(4));
    gradOf("relu")(make([0, 3, NaN, 0.5]), make([5, 6, 7, 8]), dx);
    expect([...dx]).toEqual([0, 6, 7, 8]);
  });

  it("has sigmoid and tanh, flat at the tails", () => {
    expectClose(map(valueOf("sigmoid"), [0, Math.log(3), -Math.log(3), 800, -800]), [0.5, 0.75, 0.25, 1, 0], tolerance);
    expectClose(map(valueOf("tanh"), [0, Math.log(2), -Math.log(2), 800, -800]), [0, 0.6, -0.6, 1, -1], tolerance);
    const dx = make(unwritten(3));
    gradOf("sigmoid")(make([0.5, 0.25, 1]), make([8, 16, 3]), dx);
    expect([...dx]).toEqual([2, 3, 0]);
    gradOf("tanh")(make([0, 0.5, -1]), make([8, 16, 3]), dx);
    expect([...dx]).toEqual([8, 12, 0]);
  });
});

describe("activations", () => {
  it.each(Object.keys(ACTIVATIONS) as ActivationName[])(
    "have the gradient that numerical differentiation finds: %s",
    (f) => {
      const x = numbers(40, 3).map((value) => 3 * value); // no draw lies within 1e-3 of ReLU's kink
      expectGradient(x, 40, valueOf(f), (x, y, dy, dx) => gradOf(f)(ACTIVATIONS[f] === "x" ? x : y, dy, dx));
    },
  );
});

// ---- reductions -----------------------------------------------------------------------------------------------------

describe.each(formats)("reductions in $format", ({ make, tolerance }) => {
  const g = { rows: 2, cols: 4 };
  const rows = [1, 2, 3, 4, -4, 8, 0, -1];

  it("reduce each row", () => {
    const y = make(unwritten(2));
    kernels.sum(g, make(rows), y);
    expect([...y]).toEqual([10, 3]);
    kernels.max(g, make(rows), y);
    expect([...y]).toEqual([4, 8]);
    kernels.min(g, make(rows), y);
    expect([...y]).toEqual([1, -4]);
  });

  it("give NaN as largest and smallest of a row with a NaN, wherever it stands", () => {
    const y = make(unwritten(3));
    const x = make([NaN, 1, 2, NaN, 1, 2]);
    kernels.max({ rows: 3, cols: 2 }, x, y);
    expect([...y]).toEqual([NaN, NaN, 2]);
    kernels.min({ rows: 3, cols: 2 }, x, y);
    expect([...y]).toEqual([NaN, NaN, 1]);
  });

  it("give the variance with and without correction", () => {
    const y = make(unwritten(2));
    kernels.variance({ ...g, correction: 0 }, make(rows), y);
    // mean 2.5: (2.25 + 0.25) * 2 / 4; mean 0.75: 22.5625 + 52.5625 + 0.5625 + 3.0625 = 78.75
    expectClose(y, [1.25, 78.75 / 4], tolerance);
    kernels.variance({ ...g, correction: 1 }, make(rows), y);
    expectClose(y, [5 / 3, 78.75 / 3], tolerance);
  });

  it("give the norm, also where a square would overflow or vanish", () => {
    const y = make([0, 0, 0, 0]);
    kernels.norm({ rows: 4, cols: 2 }, make([3, -4, 3e30, 4e30, 3e-30, 4e-30, 0, 0]), y);
    expectClose([y[0], y[1] / 1e30, y[2] * 1e30, y[3]], [5, 5, 5, 0], 5 * tolerance);
    kernels.norm({ rows: 2, cols: 2 }, make([Infinity, 1, NaN, 1]), y);
    expect([...y.slice(0, 2)]).toEqual([Infinity, NaN]);
  });

  it("keep the variance's digits where the mean is far larger", () => {
    const y = make(unwritten(1));
    kernels.variance({ rows: 1, cols: 4, correction: 0 }, make([1000001, 1000002, 1000003, 1000004]), y);
    expect([...y]).toEqual([1.25]);
  });
});

// ---- softmax and cross-entropy --------------------------------------------------------------------------------------

describe.each(formats)("softmax in $format", ({ make, tolerance }) => {
  const g = { outer: 1, size: 3, inner: 2 };
  // Two lines of three classes, interleaved: logs of 1, 2, 5 and of 3, 3, 2.
  const x = [1, 3, 2, 3, 5, 2].map(Math.log);
  const probabilities = [1 / 8, 3 / 8, 2 / 8, 3 / 8, 5 / 8, 2 / 8];

  it("gives probabilities along the middle axis, and their logarithms", () => {
    const y = make(unwritten(6));
    kernels.softmax(g, make(x), y);
    expectClose(y, probabilities, tolerance);
    kernels.logSoftmax(g, make(x), y);
    expectClose(y, probabilities.map(Math.log), tolerance);
  });

  it("stays exact for large inputs and takes -Infinity as probability 0", () => {
    const line = { outer: 1, size: 3, inner: 1 };
    const y = make(unwritten(3));
    kernels.softmax(line, make([1e30, 1e30, -1e30]), y);
    expect([...y]).toEqual([0.5, 0.5, 0]);
    kernels.softmax(line, make([-1000, -Infinity, -1000]), y);
    expect([...y]).toEqual([0.5, 0, 0.5]);
    kernels.logSoftmax(line, make([1000, -1000, -Infinity]), y);
    expect([...y]).toEqual([0, -2000, -Infinity]);
    kernels.softmax(line, make([1, NaN, 2]), y);
    expect([...y]).toEqual([NaN, NaN, NaN]);
  });

  it("has gradients as by hand", () => {
    const line = { outer: 1, size: 2, inner: 1 };
    const dx = make(unwritten(2));
    // y = [1/4, 3/4], dy = [8, 4]: sum of dy y = 5; dx = [1/4 * 3, 3/4 * -1]
    kernels.softmaxInputGrad(line, make([0.25, 0.75]), make([8, 4]), dx);
    expect([...dx]).toEqual([0.75, -0.75]);
    // sum of dy = 12; dx = [8 - 12/4, 4 - 12 * 3/4]
    kernels.logSoftmaxInputGrad(line, make([0.25, 0.75].map(Math.log)), make([8, 4]), dx);
    expectClose(dx, [5, -5], tolerance);
  });
});

describe("softmax", () => {
  it.each(["softmax", "logSoftmax"] as const)("has the gradient that numerical differentiation finds: %s", (name) => {
    const g = { outer: 2, size: 5, inner: 3 };
    const x = numbers(30, 4).map((value) => 2 * value);
    expectGradient(
      x,
      30,
      (input, y) => kernels[name](g, input, y),
      (_x, y, dy, dx) => kernels[`${name}InputGrad`](g, y, dy, dx),
    );
  });
});

describe.each(formats)("cross-entropy in $format", ({ make, tolerance }) => {
  function lossAndGrad(size: number, logits: readonly number[], target: readonly number[], dloss: number): number[] {
    const g = { outer: 1, size, inner: 1 };
    const [loss, dlogits] = [make(unwritten(1)), make(unwritten(size))];
    kernels.crossEntropy(g, make(logits), make(target), loss);
    kernels.crossEntropyInputGrad(g, make(logits), make(target), make([dloss]), dlogits);
    return [loss[0], ...dlogits];
  }

  it("is -log of the target's probability, and its gradient softmax - target", () => {
    const [logits, target] = [
      [Math.log(3), 0],
      [1, 0],
    ];
    expectClose(lossAndGrad(2, logits, target, 8), [-Math.log(0.75), 8 * (0.75 - 1), 8 * 0.25], tolerance);
  });

  it("weighs the classes of a target that does not sum to 1", () => {
    // softmax = [3/4, 1/4], sum of t = 5/2
    const expected = [-0.5 * Math.log(0.75) - 2 * Math.log(0.25), 2 * (0.75 * 2.5 - 0.5), 2 * (0.25 * 2.5 - 2)];
    expectClose(lossAndGrad(2, [Math.log(3), 0], [0.5, 2], 2), expected, tolerance);
  });

  it("stays exact for large logits", () => {
    expect(lossAndGrad(3, [1000, -1000, 0], [1, 0, 0], 1)).toEqual([0, 0, 0, 0]);
    expect(lossAndGrad(3, [1000, -1000, 0], [0, 1, 0], 1)).toEqual([2000, 1, -1, 0]);
    expect(lossAndGrad(2, [-1e30, 1e30], [0, 1], 1)).toEqual([0, 0, 0]);
  });

  it("adds 0 for a class without weight, also where its logit is -Infinity", () => {
    expectClose(lossAndGrad(3, [0, -Infinity, 0], [1, 0, 0], 1), [Math.LN2, -0.5, 0, 0.5], tolerance);
    expect(lossAndGrad(2, [3, 5], [0, 0], 1)).toEqual([0, 0, 0]); // an ignored target: +0, not -0
    expect(lossAndGrad(2, [0, -Infinity], [0, 1], 1)[0]).toBe(Infinity);
  });

  it("gives one loss for each line of classes", () => {
    const g = { outer: 2, size: 2, inner: 2 };
    const losses = make(unwritten(4));
    const logits = [3, 1, 1, 4, 1, 7, 1, 1].map(Math.log); // lines 3:1, 1:4, 1:1, 7:1
    kernels.crossEntropy(g, make(logits), make([1, 1, 0, 0, 0, 0, 1, 1]), losses);
    expectClose(losses, [-Math.log(3 / 4), -Math.log(1 / 5), Math.LN2, -Math.log(1 / 8)], tolerance);
  });
});

describe("cross-entropy", () => {
  it("has the gradient that numerical differentiation finds", () => {
    const g = { outer: 2, size: 4, inner: 3 };
    const target = numbers(24, 9).map((value) => Math.max(0, value)); // some classes without weight
    expectGradient(
      numbers(24, 8).map((value) => 3 * value),
      6,
      (logits, losses) => kernels.crossEntropy(g, logits, target, losses),
      (logits, _losses, dlosses, dlogits) => kernels.crossEntropyInputGrad(g, logits, target, dlosses, dlogits),
    );
  });
});

// ---- optimizers -----------------------------------------------------------------------------------------------------

describe.each(formats)("optimizers in $format", ({ make, tolerance }) => {
  const sgd = { lr: 0.5, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0, first: true };
  const adam = {
    lr: 0.5,
    beta1: 0.5,
    beta2: 0.75,
    eps: 0.5,
    weightDecay: 0,
    decoupled: false,
    bias1: 0.5,
    bias2: 0.25,
    gradientRate: 0,
  };
  const second = { bias1: 0.75, bias2: 0.4375 }; // 1 - 0.5^2 and 1 - 0.75^2

  it("SGD goes against the gradient, with L2 weight decay", () => {
    const w = make([2, -4]);
    kernels.sgd(sgd, make([1, 3]), w, null);
    expect([...w]).toEqual([2 - 0.5 * 1, -4 - 0.5 * 3]);
    const decayed = make([2, -4]);
    kernels.sgd({ ...sgd, weightDecay: 0.25 }, make([1, 3]), decayed, null);
    expect([...decayed]).toEqual([2 - 0.5 * (1 + 0.5), -4 - 0.5 * (3 - 1)]);
  });

  it("SGD with momentum starts its buffer with the gradient and dampens from the second step on", () => {
    const g = { ...sgd, momentum: 0.5, dampening: 0.25, weightDecay: 0.5 };
    const [w, buffer] = [make([2]), make([NaN])];
    kernels.sgd(g, make([1]), w, buffer); // gradient 1 + 0.5 * 2
    expect([w[0], buffer[0]]).toEqual([1, 2]);
    kernels.sgd({ ...g, first: false }, make([1]), w, buffer); // gradient 1.5; buffer 0.5 * 2 + 0.75 * 1.5
    expect([w[0], buffer[0]]).toEqual([1 - 0.5 * 2.125, 2.125]);
  });

  it("SGD with Nesterov momentum looks one step ahead", () => {
    const g = { ...sgd, momentum: 0.5, nesterov: true };
    const [w, buffer] = [make([2]), make([NaN])];
    kernels.sgd(g, make([1]), w, buffer); // step 1 + 0.5 * 1
    expect([w[0], buffer[0]]).toEqual([1.25, 1]);
    kernels.sgd({ ...g, first: false }, make([2]), w, buffer); // buffer 0.5 * 1 + 2, step 2 + 0.5 * 2.5
    expect([w[0], buffer[0]]).toEqual([1.25 - 0.5 * 3.25, 2.5]);
  });

  it("Adam divides by its bias corrections and adds eps outside the root", () => {
    const [w, m, v] = [make([1]), make([0]), make([0])];
    kernels.adam(adam, make([2]), w, m, v, null);
    expect([m[0], v[0]]).toEqual([1, 1]);
    expectClose(w, [1 - (0.5 * (1 / 0.5)) / (2 + 0.5)], tolerance); // sqrt(1 / 0.25) = 2
    kernels.adam({ ...adam, ...second }, make([-4]), w, m, v, null);
    expect([m[0], v[0]]).toEqual([-1.5, 4.75]); // 0.5 * 1 - 0.5 * 4 and 0.75 * 1 + 0.25 * 16
    expectClose(w, [0.6 + (0.5 * 2) / (Math.sqrt(4.75 / 0.4375) + 0.5)], tolerance); // 1.5 / 0.75 = 2
  });

  it("Adam's weight decay is part of the gradient", () => {
    const [w, m, v] = [make([2]), make([0]), make([0])];
    kernels.adam({ ...adam, weightDecay: 0.5 }, make([1]), w, m, v, null);
    expect([m[0], v[0]]).toEqual([1, 1]); // gradient 1 + 0.5 * 2
  });

  it("AdamW's weight decay shrinks the weight before the step and leaves the gradient alone", () => {
    const [w, m, v] = [make([2]), make([0]), make([0])];
    kernels.adam({ ...adam, weightDecay: 0.5, decoupled: true }, make([2]), w, m, v, null);
    expect([m[0], v[0]]).toEqual([1, 1]); // gradient 2
    expectClose(w, [2 * (1 - 0.5 * 0.5) - (0.5 * (1 / 0.5)) / (2 + 0.5)], tolerance);
  });

  it("NAdam's gradient takes its own share in the step", () => {
    const [w, m, v] = [make([2]), make([0]), make([0])];
    kernels.adam({ ...adam, gradientRate: 0.25 }, make([2]), w, m, v, null);
    expectClose(w, [2 - (0.5 * (1 / 0.5) + 0.25 * 2) / (2 + 0.5)], tolerance);
  });

  it("RMSprop divides by the root mean square, or by the standard deviation if centered", () => {
    const g = { lr: 0.5, keep: 0.5, share: 0.5, eps: 1, momentum: 0.5, weightDecay: 0.5 };
    const [w, v] = [make([2]), make([8])];
    kernels.rmsprop(g, make([3]), w, v, null, null); // gradient 3 + 1; v = 4 + 8
    expectClose([...w, ...v], [2 - (0.5 * 4) / (Math.sqrt(12) + 1), 12], tolerance);
    const [centered, u, mean, buffer] = [make([2]), make([8]), make([2]), make([6])];
    kernels.rmsprop(g, make([3]), centered, u, mean, buffer); // mean = 1 + 2
    const step = 0.5 * 6 + 4 / (Math.sqrt(12 - 9) + 1);
    expectClose([...mean, ...buffer, ...centered], [3, step, 2 - 0.5 * step], 2 * tolerance);
  });

  it("RMSprop takes a variance that rounding brought below 0 as 0", () => {
    const g = { lr: 1, keep: 1, share: 0, eps: 0.5, momentum: 0, weightDecay: 0 };
    const [w, v, mean] = [make([0]), make([1]), make([1.5])];
    kernels.rmsprop(g, make([2]), w, v, mean, null);
    expect(w[0]).toBe(-2 / 0.5);
  });

  it("Adagrad is RMSprop on the sum of the squares", () => {
    const g = { lr: 0.5, keep: 1, share: 1, eps: 0.5, momentum: 0, weightDecay: 0 };
    const [w, v] = [make([1]), make([7])];
    kernels.rmsprop(g, make([3]), w, v, null, null);
    expect([w[0], v[0]]).toEqual([1 - (0.5 * 3) / (4 + 0.5), 16].map((x) => make([x])[0]));
  });

  it("Adadelta's step has the unit of the weights: root mean square of the steps over that of the gradients", () => {
    const g = { lr: 0.5, rho: 0.5, eps: 1, weightDecay: 0.5 };
    const [w, v, u] = [make([2]), make([4]), make([8])];
    kernels.adadelta(g, make([3]), w, v, u); // gradient 4, v = 2 + 8, step = 3 / sqrt(11) * 4
    const step = (3 / Math.sqrt(11)) * 4;
    expectClose([...v, ...u, ...w], [10, 4 + 0.5 * step ** 2, 2 - 0.5 * step], 8 * tolerance);
  });

  it("Lion goes lr against the sign of what it looks at, 0 where that is 0, NaN where that is NaN", () => {
    const g = { lr: 0.25, beta1: 0.5, beta2: 0.75, weightDecay: 0.5 };
    const [w, m] = [make([2, 2, 2, 2]), make([4, -4, 0, NaN])];
    kernels.lion(g, make([-2, 2, 0, 1]), w, m);
    expect([...w]).toEqual([2 * 0.875 - 0.25, 2 * 0.875 + 0.25, 2 * 0.875, NaN]);
    expect([...m]).toEqual([0.75 * 4 - 0.25 * 2, -0.75 * 4 + 0.25 * 2, 0, NaN]);
  });

  it("AMSGrad divides by the largest v so far", () => {
    const [w, m, v, vMax] = [make([1]), make([0]), make([0]), make([0])];
    kernels.adam(adam, make([2]), w, m, v, vMax);
    kernels.adam({ ...adam, ...second }, make([0]), w, m, v, vMax);
    expect([m[0], v[0], vMax[0]]).toEqual([0.5, 0.75, 1]);
    expectClose(w, [0.6 - (0.5 * (0.5 / 0.75)) / (Math.sqrt(1 / 0.4375) + 0.5)], tolerance);
  });
});

describe("sums in float32", () => {
  it("are added up in float64 and rounded once", () => {
    const x = Float32Array.of(16777216, 1, 1); // in float32, 16777216 + 1 is 16777216
    const y = new Float32Array(1);
    const ones = Float32Array.of(1, 1, 1);
    kernels.sum({ rows: 1, cols: 3 }, x, y);
    expect(y[0]).toBe(16777218);
    kernels.matmul({ M: 1, N: 1, K: 3, transA: false, transB: false }, x, ones, null, y.fill(0));
    expect(y[0]).toBe(16777218);
    kernels.channelSum({ outer: 3, size: 1, inner: 1 }, x, y.fill(0));
    expect(y[0]).toBe(16777218);
    kernels.pad2dInputGrad(padGeometry({ PL: 1, PR: 1, mode: "replicate" }), x, y.fill(0));
    expect(y[0]).toBe(16777218);
    kernels.maxPool2dInputGrad(poolGeometry({ OW: 3 }), new Int32Array(3), x, y.fill(0));
    expect(y[0]).toBe(16777218);
    kernels.avgPool2dInputGrad(poolGeometry({ PL: 1, KW: 3, OW: 1, divisor: 1 }), x, y.fill(0));
    expect(y[0]).toBe(16777216); // one window holds the pixel once
  });
});
