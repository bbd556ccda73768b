// The fast and the plain backend against the reference, op by op, over drawn shapes and options: odd sizes, SIMD blocks with and
// without a remainder, every padding mode, groups, dilation and stride together.
//
// Sums of products: the reference computes in float64 from the same float32 numbers, and |difference| may be at most
// 4 * eps32 * sqrt(n) * sum of |terms| of each output, where n and the sum come from the same op on ones and on
// absolute values, in float64. Functions: at most so many ulp as their titles say. All else has to have the same
// bits.
//
// FUZZ_RUNS sets how many cases each property draws.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AxisGeometry, Backend } from "../../src/backend/kernels.js";
import { plain } from "../../src/backend/plain/backend.js";
import { reference } from "../../src/backend/reference/backend.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { add, divide, multiply, subtract } from "../../src/ops/arithmetic.js";
import { fillNormal } from "../../src/numbers/normal.js";
import { relu, reluInputGrad, sigmoid, sigmoidInputGrad, tanh, tanhInputGrad } from "../../src/ops/activation.js";
import { avgPool2d, avgPool2dInputGrad } from "../../src/ops/avgPool2d.js";
import { conv2d, conv2dBiasGrad, conv2dInputGrad, conv2dWeightGrad, type Conv2dOptions } from "../../src/ops/conv2d.js";
import { clamp, exp, log, sqrt } from "../../src/ops/elementwise.js";
import { linear, linearBiasGrad, linearInputGrad, linearWeightGrad } from "../../src/ops/linear.js";
import { matmul } from "../../src/ops/matmul.js";
import { maxPool2d, maxPool2dInputGrad } from "../../src/ops/maxPool2d.js";
import { pad } from "../../src/ops/pad.js";
import { max, mean, min, sum, variance } from "../../src/ops/reduce.js";
import { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "../../src/ops/softmax.js";
import { Generator } from "../../src/numbers/random.js";
import { sizeOf, type Shape } from "../../src/base/shape.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { on } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { allKernels, wasmWith, type AllKernels } from "../support/kernels.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 400);
const SEED = 20260;

type T = Tensor<FloatArray>;
type Op = (...inputs: T[]) => T;

/** A property that a backend has to have; a function of the backend, so that wrong ones can be shown to fail it. */
type Agreement = (backend: Backend) => fc.IRawProperty<unknown, false>;

// ---- comparisons ----------------------------------------------------------------------------------------------------

/** For an op that is linear in each of its inputs: every output is a sum of products of them. */
function sumsAgree(backend: Backend, name: string, op: Op, inputs: Tensor[], countOp: Op = op): void {
  const exact = inputs.map((input) => input.toFloat64());
  const expected = on(reference, () => op(...exact));
  const sums = on(reference, () => op(...exact.map((input) => mapped(input, Math.abs))));
  const counts = on(reference, () => countOp(...exact.map((input) => mapped(input, () => 1))));
  const actual = on(backend, () => op(...inputs));
  expect(actual.shape).toEqual(expected.shape);
  expectClose(actual.data, expected.data, (i) => sumBound(counts.data[i], sums.data[i]), { name });
}

/** For an op without rounding, or with the rounding of one correctly rounded operation. */
function bitsAgree(backend: Backend, name: string, op: Op, ...inputs: Tensor[]): void {
  const expected = on(reference, () => op(...inputs));
  const actual = on(backend, () => op(...inputs));
  expect(actual.shape).toEqual(expected.shape);
  sameBits(name, actual.data, expected.data);
}

function sameBits(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (actual.length !== expected.length) throw new Error(`${name}: expected ${expected.length}, got ${actual.length}`);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) {
      throw new Error(`${name}[${i}]: expected exactly ${expected[i]}, got ${actual[i]}`);
    }
  }
}

/** For a function of one number: at most `ulps` from the value in float64, at least half an ulp. */
function ulpsAgree(backend: Backend, name: string, op: Op, ulps: number, input: Tensor): void {
  const expected = on(reference, () => op(input.toFloat64())).data;
  const actual = on(backend, () => op(input)).data;
  const rounded = (i: number): number => Math.fround(expected[i]);
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(rounded(i))) sameBits(name, [actual[i]], [rounded(i)]);
    else expectClose([actual[i]], [expected[i]], ulps * ulp(expected[i]), { name });
  }
}

/** Distance of neighboring float32 numbers at x. */
function ulp(x: number): number {
  const size = Math.max(Math.abs(x), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

function mapped(tensor: T, f: (value: number) => number): T {
  return Tensor.float64(Float64Array.from(tensor.data, f), tensor.shape);
}

// ---- drawn numbers --------------------------------------------------------------------------------------------------

type Draw = (...shape: number[]) => Tensor;

/** Normal numbers whose mean is not 0, so that a lost sign or term shows. */
const draws: fc.Arbitrary<Draw> = fc.nat().map((seed) => {
  const generator = new Generator("draw", { seed });
  return Object.assign(
    (...shape: number[]): Tensor => {
      const data = new Float32Array(sizeOf(shape));
      fillNormal(generator, data, 0.3, 1);
      return new Tensor(data, shape);
    },
    { [fc.toStringMethod]: () => `draws(${seed})` },
  );
});

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 3e38, -3e38];

/** The same with special numbers among them. */
function sprinkle(tensor: Tensor, share = 0.2): Tensor {
  const generator = new Generator("draw", { seed: tensor.size });
  return new Tensor(
    tensor.data.map((x) => (generator.uniform() < share ? SPECIAL[generator.integer(SPECIAL.length)] : x)),
    tensor.shape,
  );
}

/** Sizes at and around SIMD blocks. */
const sizes = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 15, 16, 17, 23, 31, 32, 33));
const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const pairs = (min: number, max: number): fc.Arbitrary<[number, number]> => fc.tuple(int(min, max), int(min, max));

// ---- convolution ----------------------------------------------------------------------------------------------------

interface ConvCase {
  readonly x: Shape;
  readonly w: Shape;
  readonly bias: boolean;
  readonly options: Conv2dOptions;
}

const convCases: fc.Arbitrary<ConvCase> = fc
  .record({
    n: int(1, 3),
    groups: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, int(2, 5)),
    perGroup: fc.tuple(int(1, 5), fc.oneof(int(1, 4), int(1, 9))),
    kernel: pairs(1, 5),
    stride: fc.oneof(fc.constant([1, 1] as [number, number]), pairs(1, 3)),
    dilation: fc.oneof({ weight: 2, arbitrary: fc.constant([1, 1] as [number, number]) }, pairs(1, 3)),
    padding: fc.oneof(
      int(0, 3),
      pairs(0, 3),
      fc.tuple(int(0, 3), int(0, 3), int(0, 3), int(0, 3)),
      fc.constantFrom<("same" | "valid")[]>("same", "valid"),
    ),
    paddingMode: fc.constantFrom("zeros", "zeros", "reflect", "replicate", "circular" as const),
    more: fc.tuple(int(0, 5), fc.oneof(int(0, 5), int(6, 20))),
    bias: fc.boolean(),
  })
  .map(({ n, groups, perGroup, kernel, stride, dilation, padding, paddingMode, more, bias }) => {
    const sides = sidesOf(padding);
    // The smallest image that the padding mode and the kernel allow, and a few rows and columns more.
    const [h, w] = [0, 1].map((axis) => {
      const extent = dilation[axis] * (kernel[axis] - 1) + 1;
      const [before, after] = sides[axis];
      const least = {
        zeros: 1,
        replicate: 1,
        reflect: Math.max(before, after) + 1,
        circular: Math.max(before, after, 1),
      };
      const enough = padding === "same" ? extent : extent - before - after;
      return Math.max(least[paddingMode as keyof typeof least], enough) + more[axis];
    });
    const [c, o] = perGroup;
    return {
      x: [n, c * groups, h, w],
      w: [o * groups, c, ...kernel],
      bias,
      options: { stride, padding, paddingMode, dilation, groups } as Conv2dOptions,
    };
  });

function sidesOf(padding: unknown): [[number, number], [number, number]] {
  if (typeof padding === "number")
    return [
      [padding, padding],
      [padding, padding],
    ];
  if (!Array.isArray(padding))
    return [
      [0, 0],
      [0, 0],
    ];
  const [top, bottom, left, right] = padding.length === 4 ? padding : [padding[0], padding[0], padding[1], padding[1]];
  return [
    [top, bottom],
    [left, right],
  ];
}

/**
 * Square kernels of 3 and 5 at stride 1 on three or more channels: what a kernel with fewer multiplications may
 * serve.
 */
const squareCases: fc.Arbitrary<ConvCase> = fc
  .record({
    n: int(1, 2),
    groups: fc.constantFrom(1, 1, 2),
    // Few and few, many and few, few and many: y sums over the former, dx over the latter, dw over neither.
    perGroup: fc.oneof(
      fc.tuple(int(3, 9), int(1, 9)),
      fc.tuple(fc.constantFrom(8, 16, 33), int(1, 5)),
      fc.tuple(int(3, 5), fc.constantFrom(8, 16, 33)),
    ),
    kernel: fc.constantFrom(3, 5),
    padding: fc.oneof(int(0, 4), fc.tuple(int(0, 3), int(0, 3), int(0, 3), int(0, 3))),
    more: fc.tuple(int(0, 9), int(4, 14)),
    bias: fc.boolean(),
  })
  .map(({ n, groups, perGroup: [c, o], kernel, padding, more: [h, w], bias }) => ({
    x: [n, c * groups, kernel + h, kernel + w],
    w: [o * groups, c, kernel, kernel],
    bias,
    options: { padding, groups },
  }));

function isSquare({ w, options }: ConvCase): boolean {
  const ones = [options.stride, options.dilation].every((pair) => String(pair) === "1,1");
  return ones && w[2] === w[3] && (w[2] === 3 || w[2] === 5) && w[1] >= 3;
}

const convolutionsOf =
  (cases: fc.Arbitrary<ConvCase>): Agreement =>
  (backend) =>
    fc.property(cases, draws, (shapes, draw) => {
      const { options } = shapes;
      const [x, w] = [draw(...shapes.x), draw(...shapes.w)];
      const value: Op = (x, w, b) => conv2d(x, w, b ?? null, options);
      sumsAgree(backend, "y", value, shapes.bias ? [x, w, draw(shapes.w[0])] : [x, w]);
      const dy = draw(...on(backend, () => conv2d(x, w, null, options)).shape);
      sumsAgree(backend, "dx", (dy, w) => conv2dInputGrad(dy, w, x.shape, options), [dy, w]);
      sumsAgree(backend, "dw", (x, dy) => conv2dWeightGrad(x, dy, w.shape, options), [x, dy]);
      sumsAgree(backend, "db", (dy) => conv2dBiasGrad(dy), [dy]);
    });

const convolutions = convolutionsOf(convCases.filter((shapes) => !isSquare(shapes)));
const squareConvolutions = convolutionsOf(squareCases);

// Digits have an empty background. Where a window sees nothing else, y is the bias exactly, not a little more or
// less: with a bias of 0, ReLU's derivative there hangs on it, and the choice among equal numbers in a max pool.
const emptyBackgrounds: Agreement = (backend) =>
  fc.property(fc.oneof(convCases, squareCases), draws, (shapes, draw) => {
    const [x, w, bias] = [draw(...shapes.x), draw(...shapes.w), draw(shapes.w[0])];
    const [, , H, W] = x.shape;
    x.data.forEach((_, i) => {
      if (i % W < W / 2 || Math.floor(i / W) % H < H / 2) x.data[i] = 0;
    });
    const seen = on(reference, () => conv2d(mapped(x, Math.abs), mapped(w, Math.abs), null, shapes.options));
    const y = on(backend, () => conv2d(x, w, bias, shapes.options));
    const perChannel = y.shape[2] * y.shape[3];
    const empty = Array.from(seen.data.keys()).filter((i) => seen.data[i] === 0);
    const channel = (i: number): number => Math.floor(i / perChannel) % y.shape[1];
    sameBits(
      "y",
      empty.map((i) => y.data[i]),
      empty.map((i) => bias.data[channel(i)]),
    );
  });

// ---- pools ----------------------------------------------------------------------------------------------------------

const poolCases = fc
  .record({
    planes: fc.tuple(int(1, 3), int(1, 3)),
    kernel: pairs(1, 4),
    stride: fc.option(pairs(1, 4), { nil: undefined }),
    half: fc.tuple(fc.boolean(), fc.boolean()),
    dilation: fc.oneof(fc.constant([1, 1] as [number, number]), pairs(1, 3)),
    ceilMode: fc.boolean(),
    more: fc.tuple(int(0, 8), fc.oneof(int(0, 8), int(9, 30))),
  })
  .map(({ planes, kernel, stride, half, dilation, ceilMode, more }) => ({
    planes,
    kernel,
    dilation,
    more,
    options: {
      ...(stride === undefined ? {} : { stride }),
      padding: kernel.map((k, axis) => (half[axis] ? Math.floor(k / 2) : 0)) as [number, number],
      ceilMode,
    },
  }));

// A dilated window always finds a pixel in an image of its extent.
function imageFor(
  { planes, kernel, more }: { planes: number[]; kernel: number[]; more: number[] },
  dilation: readonly number[],
): number[] {
  return [...planes, ...kernel.map((k, axis) => dilation[axis] * (k - 1) + 1 + more[axis])];
}

const maxPools: Agreement = (backend) =>
  fc.property(poolCases, draws, fc.constantFrom("normal", "ties", "special"), (pool, draw, kind) => {
    const options = { ...pool.options, dilation: pool.dilation };
    const normal = draw(...imageFor(pool, pool.dilation));
    const ties = new Tensor(normal.data.map(Math.round), normal.shape);
    const x = kind === "ties" ? ties : kind === "special" ? sprinkle(normal) : normal;
    const expected = on(reference, () => maxPool2d(x, pool.kernel, options));
    const actual = on(backend, () => maxPool2d(x, pool.kernel, options));
    expect(actual.y.shape).toEqual(expected.y.shape);
    sameBits("y", actual.y.data, expected.y.data);
    sameBits("indices", actual.indices, expected.indices);
    const back: Op = (dy) => maxPool2dInputGrad(dy, expected.indices, x.shape, pool.kernel, options);
    sumsAgree(backend, "dx", back, [draw(...expected.y.shape)]);
  });

const averagePools: Agreement = (backend) =>
  fc.property(
    poolCases,
    draws,
    fc.boolean(),
    fc.option(int(1, 9), { nil: undefined }),
    (pool, draw, countIncludePad, divisorOverride) => {
      const options = {
        ...pool.options,
        countIncludePad,
        ...(divisorOverride === undefined ? {} : { divisorOverride }),
      };
      const counting = { ...options, divisorOverride: 1 };
      const x = draw(...imageFor(pool, [1, 1]));
      const forward: Op = (x) => avgPool2d(x, pool.kernel, options);
      sumsAgree(backend, "y", forward, [x], (x) => avgPool2d(x, pool.kernel, counting));
      const dy = draw(...on(reference, () => forward(x)).shape);
      const back: Op = (dy) => avgPool2dInputGrad(dy, x.shape, pool.kernel, options);
      sumsAgree(backend, "dx", back, [dy], (dy) => avgPool2dInputGrad(dy, x.shape, pool.kernel, counting));
    },
  );

const paddings: Agreement = (backend) =>
  fc.property(
    fc.tuple(int(1, 3), sizes, sizes),
    draws,
    fc.constantFrom("constant", "reflect", "replicate", "circular" as const),
    fc.tuple(int(0, 4), int(0, 4), int(0, 4), int(0, 4)),
    (shape, draw, mode, [a, b, c, d]) => {
      const room = (size: number): number => ({ reflect: size - 1, circular: size })[mode as string] ?? 9;
      const most = [room(shape[1]), room(shape[2])];
      const amounts = [
        [Math.min(a, most[0]), Math.min(b, most[0])],
        [Math.min(c, most[1]), Math.min(d, most[1])],
      ];
      const options = { mode, ...(mode === "constant" ? { value: -1.5 } : {}) } as const;
      bitsAgree(backend, "y", (x) => pad(x, amounts as [number, number][], options), sprinkle(draw(...shape)));
    },
  );

// ---- matrix products ------------------------------------------------------------------------------------------------

const linears: Agreement = (backend) =>
  fc.property(sizes, sizes, sizes, fc.boolean(), draws, (N, I, O, bias, draw) => {
    const [x, w, dy] = [draw(N, I), draw(O, I), draw(N, O)];
    sumsAgree(backend, "y", (x, w, b) => linear(x, w, b ?? null), bias ? [x, w, draw(O)] : [x, w]);
    sumsAgree(backend, "dx", (dy, w) => linearInputGrad(dy, w), [dy, w]);
    sumsAgree(backend, "dw", (x, dy) => linearWeightGrad(x, dy), [x, dy]);
    sumsAgree(backend, "db", (dy) => linearBiasGrad(dy), [dy]);
  });

const matrixProducts: Agreement = (backend) =>
  fc.property(
    sizes,
    sizes,
    sizes,
    fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    draws,
    (M, N, K, [transA, transB, bias], draw) => {
      const product: Op = (a, b, c) => {
        const y = a.like([M, N]);
        const { kernels } = a.dtype === "float64" ? reference : backend;
        kernels.matmul({ M, N, K, transA, transB }, a.data, b.data, c === undefined ? null : c.data, y.data);
        return y;
      };
      const inputs = [transA ? draw(K, M) : draw(M, K), transB ? draw(N, K) : draw(K, N)];
      sumsAgree(backend, "y", product, bias ? [...inputs, draw(N)] : inputs);
    },
  );

const stackedProducts: Agreement = (backend) =>
  fc.property(
    int(1, 3),
    int(1, 3),
    int(1, 6),
    int(1, 6),
    int(1, 6),
    fc.boolean(),
    draws,
    (A, B, M, K, N, one, draw) => {
      sumsAgree(backend, "y", (a, b) => matmul(a, b), [draw(A, 1, M, K), one ? draw(K, N) : draw(B, K, N)]);
    },
  );

// ---- elementwise ----------------------------------------------------------------------------------------------------

/** Two shapes that broadcast. */
const broadcasts = fc
  .array(fc.tuple(sizes, fc.constantFrom("both", "both", "a", "b")), { minLength: 0, maxLength: 4 })
  .filter((axes) => axes.reduce((size, [length]) => size * length, 1) <= 4000)
  .chain((axes) =>
    fc.tuple(int(0, axes.length), fc.boolean()).map(([cut, cutA]) => {
      const a = axes.map(([length, who]) => (who === "b" ? 1 : length));
      const b = axes.map(([length, who]) => (who === "a" ? 1 : length));
      return cutA ? [a.slice(cut), b] : [a, b.slice(cut)];
    }),
  );

const arithmetics: Agreement = (backend) =>
  fc.property(broadcasts, draws, ([shapeA, shapeB], draw) => {
    const [a, b] = [sprinkle(draw(...shapeA), 0.05), sprinkle(draw(...shapeB), 0.05)];
    bitsAgree(backend, "add", add as Op, a, b);
    bitsAgree(backend, "subtract", subtract as Op, a, b);
    bitsAgree(backend, "multiply", multiply as Op, a, b);
    bitsAgree(backend, "divide", divide as Op, a, b);
  });

const exactFunctions: Agreement = (backend) =>
  fc.property(sizes, sizes, draws, (rows, cols, draw) => {
    const [x, dy] = [sprinkle(draw(rows, cols)), draw(rows, cols)];
    bitsAgree(backend, "relu", relu as Op, x);
    bitsAgree(
      backend,
      "reluInputGrad",
      reluInputGrad as Op,
      on(reference, () => relu(x)),
      dy,
    );
    bitsAgree(backend, "sqrt", sqrt as Op, x);
    bitsAgree(backend, "clamp", (x) => clamp(x, -0.3, 0.7), x);
    bitsAgree(backend, "accumulate", (x, y) => accumulated(backend, x, y), x, dy);
  });

function accumulated(backend: Backend, x: T, y: T): T {
  const sum = y.clone();
  backend.kernels.accumulate(x.data, sum.data);
  const expected = y.clone();
  reference.kernels.accumulate(x.data, expected.data);
  sameBits("accumulate", sum.data, expected.data);
  return sum;
}

const functions: Agreement = (backend) =>
  fc.property(sizes, sizes, fc.constantFrom(1, 3, 30), draws, (rows, cols, scale, draw) => {
    const x = sprinkle(
      new Tensor(
        draw(rows, cols).data.map((value) => value * scale),
        [rows, cols],
      ),
    );
    ulpsAgree(backend, "exp", exp as Op, 0.95, x); // the largest error over all float32 numbers is 0.9483
    ulpsAgree(backend, "log", log as Op, 0.51, new Tensor(x.data.map(Math.abs), x.shape));
    ulpsAgree(backend, "sigmoid", sigmoid as Op, 2.41, x); // over all: 2.402
    ulpsAgree(backend, "tanh", tanh as Op, 0.51, x);
  });

// dx = dy y (1 - y) and dy (1 - y^2): the terms of the difference are 1 and y, or 1 and y^2.
const functionGradients: Agreement = (backend) =>
  fc.property(sizes, sizes, draws, (rows, cols, draw) => {
    const dy = draw(rows, cols);
    const s = on(backend, () => sigmoid(draw(rows, cols)));
    const t = on(backend, () => tanh(draw(rows, cols)));
    const exact = on(reference, () => sigmoidInputGrad(s.toFloat64(), dy.toFloat64())).data;
    const slopes = on(backend, () => sigmoidInputGrad(s, dy)).data;
    expectClose(slopes, exact, (i) => sumBound(2, Math.abs(dy.data[i]) * s.data[i] * (1 + s.data[i])), {
      name: "sigmoid",
    });
    const exactTanh = on(reference, () => tanhInputGrad(t.toFloat64(), dy.toFloat64())).data;
    const slopesTanh = on(backend, () => tanhInputGrad(t, dy)).data;
    expectClose(slopesTanh, exactTanh, (i) => sumBound(2, Math.abs(dy.data[i]) * (1 + t.data[i] ** 2)), {
      name: "tanh",
    });
  });

// ---- reductions -----------------------------------------------------------------------------------------------------

const reductions: Agreement = (backend) =>
  fc.property(
    fc.array(int(1, 9), { minLength: 1, maxLength: 3 }),
    sizes,
    draws,
    fc.nat(),
    fc.constantFrom(0, 0.5, 1, 100),
    (outer, last, draw, which, shift) => {
      const shape = [...outer, last];
      const dim = shape.map((_, axis) => axis).filter((axis) => ((which >> axis) & 1) === 1);
      const options = dim.length === 0 ? {} : { dim };
      const x = new Tensor(
        draw(...shape).data.map((value) => value + shift),
        shape,
      );
      const cols = sizeOf((dim.length === 0 ? shape.map((_, axis) => axis) : dim).map((axis) => shape[axis]));
      sumsAgree(backend, "sum", (x) => sum(x, options), [x]);
      sumsAgree(
        backend,
        "mean",
        (x) => mean(x, options),
        [x],
        (x) => sum(x, options),
      );
      bitsAgree(backend, "max", (x) => max(x, options), sprinkle(x));
      bitsAgree(backend, "min", (x) => min(x, options), sprinkle(x));
      // The terms are squares, of deviations that are taken from a mean in float64: nothing cancels.
      for (const correction of cols > 1 ? [0, 1] : [0]) {
        const expected = on(reference, () => variance(x.toFloat64(), { ...options, correction })).data;
        const actual = on(backend, () => variance(x, { ...options, correction })).data;
        expectClose(actual, expected, (i) => sumBound(cols, expected[i]), { name: "variance" });
      }
      const g = { rows: sizeOf(outer), cols: last };
      const [exact, norms] = [new Float64Array(g.rows), new Float32Array(g.rows)];
      reference.kernels.norm(g, Float64Array.from(x.data), exact);
      backend.kernels.norm(g, x.data, norms);
      expectClose(norms, exact, (i) => sumBound(1, exact[i]), { name: "norm" });
    },
  );

// ---- softmax and cross-entropy --------------------------------------------------------------------------------------

const axisCases = fc.tuple(int(1, 4), sizes, fc.oneof(fc.constant(1), sizes), fc.constantFrom(1, 5, 40));

/** For each line of classes: softmax p, its logarithm, and what x - max and the sum's rounding may add to the terms. */
function lines(g: AxisGeometry, x: Tensor): { p: T; logP: T; reach: (i: number) => number } {
  const exact = x.toFloat64().reshape([g.outer, g.size, g.inner]) as T;
  const [p, logP, top] = on(reference, () => [softmax(exact, 1), logSoftmax(exact, 1), max(exact, { dim: 1 })]);
  // e^(x - max) of float32 numbers errs by eps |x - max|, relatively, besides its 0.95 ulp.
  const reach = (i: number): number => {
    const line = Math.floor(i / (g.size * g.inner)) * g.inner + (i % g.inner);
    return 1 + Math.abs(exact.data[i] - top.data[line]);
  };
  return { p, logP, reach };
}

function drawAxis(draw: Draw, [outer, size, inner, scale]: readonly number[]): { g: AxisGeometry; x: Tensor } {
  const shape = [outer, size, inner];
  return {
    g: { outer, size, inner },
    x: new Tensor(
      draw(...shape).data.map((value) => value * scale),
      shape,
    ),
  };
}

const TINY = 2 ** -149; // a probability may be a subnormal number

const softmaxes: Agreement = (backend) =>
  fc.property(axisCases, draws, (axis, draw) => {
    const { g, x } = drawAxis(draw, axis);
    const { p, logP, reach } = lines(g, x);
    const dy = draw(...x.shape);
    const y = on(backend, () => softmax(x, 1));
    expectClose(y.data, p.data, (i) => sumBound(g.size, p.data[i] * reach(i)) + TINY, { name: "softmax" });
    const logY = on(backend, () => logSoftmax(x, 1));
    const logTerms = (i: number): number => reach(i) + Math.abs(logP.data[i]);
    expectClose(logY.data, logP.data, (i) => sumBound(g.size + 1, logTerms(i)), { name: "logSoftmax" });

    // dx = y (dy - sum of dy y); |terms|: the same with a plus
    const dx = on(backend, () => softmaxInputGrad(y, dy, 1));
    const exact = on(reference, () => softmaxInputGrad(y.toFloat64(), dy.toFloat64(), 1));
    const total = on(reference, () =>
      sum(multiply(mapped(dy, Math.abs), y.toFloat64() as T), { dim: 1, keepdim: true }),
    );
    const terms = on(reference, () => multiply(y.toFloat64() as T, add(mapped(dy, Math.abs), total)));
    const room = (i: number): number => sumBound(g.size + 1, terms.data[i]) + TINY;
    expectClose(dx.data, exact.data, room, { name: "softmaxInputGrad" });

    // dx = dy - e^y sum of dy
    const logDx = on(backend, () => logSoftmaxInputGrad(logY, dy, 1));
    const logExact = on(reference, () => logSoftmaxInputGrad(logY.toFloat64(), dy.toFloat64(), 1));
    const sums = on(reference, () => sum(mapped(dy, Math.abs), { dim: 1, keepdim: true }));
    const logParts = on(reference, () => add(mapped(dy, Math.abs), multiply(exp(logY.toFloat64() as T), sums)));
    const logRoom = (i: number): number => sumBound(g.size + 1, logParts.data[i]);
    expectClose(logDx.data, logExact.data, logRoom, { name: "logSoftmaxInputGrad" });
  });

const crossEntropies: Agreement = (backend) =>
  fc.property(axisCases, draws, fc.boolean(), (axis, draw, oneHot) => {
    const { g, x } = drawAxis(draw, axis);
    const { p, logP, reach } = lines(g, x);
    const target = new Tensor(
      draw(...x.shape).data.map((t, i) => (oneHot ? Number(Math.floor(i / g.inner) % g.size === 0) : Math.abs(t))),
      x.shape,
    );
    const dlosses = draw(g.outer, g.inner);
    const losses = new Float32Array(g.outer * g.inner);
    backend.kernels.crossEntropy(g, x.data, target.data, losses);
    const dlogits = new Float32Array(x.size);
    backend.kernels.crossEntropyInputGrad(g, x.data, target.data, dlosses.data, dlogits);

    const expected = new Float64Array(losses.length);
    const [x64, t64, d64] = [x, target, dlosses].map((tensor) => tensor.toFloat64().data);
    reference.kernels.crossEntropy(g, x64, t64, expected);
    const expectedGrad = new Float64Array(x.size);
    reference.kernels.crossEntropyInputGrad(g, x64, t64, d64, expectedGrad);

    const over = (line: number, f: (i: number) => number): number => {
      let total = 0;
      for (let c = 0; c < g.size; c++) {
        total += f((Math.floor(line / g.inner) * g.size + c) * g.inner + (line % g.inner));
      }
      return total;
    };
    const terms = (line: number): number => over(line, (i) => t64[i] * (reach(i) + Math.abs(logP.data[i])));
    expectClose(losses, expected, (line) => sumBound(g.size + 1, terms(line)), { name: "losses" });
    const room = (i: number): number => {
      const line = Math.floor(i / (g.size * g.inner)) * g.inner + (i % g.inner);
      const weight = over(line, (k) => t64[k]);
      return (
        sumBound(g.size + 1, Math.abs(d64[line]) * (p.data[i] * reach(i) * weight + t64[i])) +
        TINY * (1 + Math.abs(d64[line]) * weight)
      );
    };
    expectClose(dlogits, expectedGrad, room, { name: "dlogits" });
  });

// ---- optimizers -----------------------------------------------------------------------------------------------------

const sgdSteps: Agreement = (backend) =>
  fc.property(
    sizes,
    draws,
    fc.record({
      lr: fc.constantFrom(0, 0.003, 0.1, 1),
      momentum: fc.constantFrom(0, 0.5, 0.9, 0.99),
      dampening: fc.constantFrom(0, 0.1, 0.7, 1),
      nesterov: fc.boolean(),
      weightDecay: fc.constantFrom(0, 0.0005, 0.3),
      first: fc.boolean(),
    }),
    (n, draw, g) => {
      const [w, dw, buffer] = [draw(n).data, draw(n).data, g.momentum === 0 ? null : draw(n).data];
      const [exactW, exactDw] = [Float64Array.from(w), Float64Array.from(dw)];
      const exactBuffer = buffer === null ? null : Float64Array.from(buffer);
      // |terms|: every number by its size, every sum a sum.
      const decayed = exactW.map((w, i) => Math.abs(exactDw[i]) + g.weightDecay * Math.abs(w));
      const velocity = decayed.map((step, i) =>
        g.first ? step : g.momentum * Math.abs(exactBuffer?.[i] ?? 0) + Math.abs(1 - g.dampening) * step,
      );
      const step = (i: number): number =>
        buffer === null ? decayed[i] : g.nesterov ? decayed[i] + g.momentum * velocity[i] : velocity[i];
      const terms = exactW.map((w, i) => Math.abs(w) + g.lr * step(i));
      reference.kernels.sgd(g, exactDw, exactW, exactBuffer);
      backend.kernels.sgd(g, dw, w, buffer);
      expectClose(w, exactW, (i) => sumBound(5, terms[i]), { name: "w" });
      if (buffer !== null) expectClose(buffer, exactBuffer!, (i) => sumBound(3, velocity[i]), { name: "buffer" });
    },
  );

const adamSteps: Agreement = (backend) =>
  fc.property(
    sizes,
    draws,
    fc.record({
      lr: fc.constantFrom(0, 1e-4, 1e-3, 0.1),
      beta1: fc.constantFrom(0, 0.5, 0.9),
      beta2: fc.constantFrom(0, 0.9, 0.999),
      eps: fc.constantFrom(1e-8, 1e-3, 1),
      weightDecay: fc.constantFrom(0, 0.01, 0.3),
      decoupled: fc.boolean(),
      gradientRate: fc.constantFrom(0, 0, 0.03),
      t: fc.constantFrom(1, 2, 10, 1000),
      amsgrad: fc.boolean(),
    }),
    (n, draw, { t, amsgrad, ...settings }) => {
      const g = { ...settings, bias1: 1 - settings.beta1 ** t, bias2: 1 - settings.beta2 ** t };
      const [w, dw, m] = [draw(n).data, draw(n).data, draw(n).data];
      const [v, vMax] = [draw(n).data.map(Math.abs), amsgrad ? draw(n).data.map(Math.abs) : null];
      const [exactW, exactDw, exactM, exactV] = [w, dw, m, v].map((array) => Float64Array.from(array));
      const exactMax = vMax === null ? null : Float64Array.from(vMax);
      const l2 = g.decoupled ? 0 : g.weightDecay;
      const grad = exactDw.map((d, i) => Math.abs(d) + l2 * Math.abs(exactW[i]));
      const mean = grad.map((d, i) => g.beta1 * Math.abs(exactM[i]) + (1 - g.beta1) * d);
      const square = grad.map((d, i) => g.beta2 * exactV[i] + (1 - g.beta2) * d * d);
      const before = exactW.map(Math.abs);
      reference.kernels.adam(g, exactDw, exactW, exactM, exactV, exactMax);
      backend.kernels.adam(g, dw, w, m, v, vMax);
      expectClose(m, exactM, (i) => sumBound(3, mean[i]), { name: "m" });
      expectClose(v, exactV, (i) => sumBound(4, square[i]), { name: "v" });
      if (vMax !== null)
        expectClose(vMax, exactMax!, (i) => sumBound(4, Math.max(square[i], exactMax![i])), { name: "vMax" });
      // The update is a quotient: its relative error is that of the mean's terms, and half of that of the root's
      // square.
      const update = (i: number): number => {
        const largest = exactMax?.[i] ?? exactV[i];
        const scale = Math.sqrt(largest / g.bias2) + g.eps;
        const spread = largest === 0 ? 1 : Math.max(square[i] / largest, 1);
        return (((g.lr / g.bias1) * mean[i] + g.gradientRate * grad[i]) / scale) * spread;
      };
      expectClose(w, exactW, (i) => sumBound(8, before[i] + update(i)), { name: "w" });
    },
  );

// A running mean and what enters it, in absolute values.
const termsOf = (keep: number, before: number, share: number, news: number): number =>
  keep * Math.abs(before) + share * Math.abs(news);

const rmspropSteps: Agreement = (backend) =>
  fc.property(
    sizes,
    draws,
    fc.record({
      lr: fc.constantFrom(0, 1e-3, 0.1),
      keep: fc.constantFrom(0.5, 0.9, 1),
      share: fc.constantFrom(0.1, 0.5, 1),
      eps: fc.constantFrom(1e-3, 0.1, 1),
      momentum: fc.constantFrom(0.5, 0.9),
      weightDecay: fc.constantFrom(0, 0.01, 0.3),
      centered: fc.boolean(),
      moves: fc.boolean(),
    }),
    (n, draw, { centered, moves, ...g }) => {
      const [w, dw, v] = [draw(n).data, draw(n).data, draw(n).data.map(Math.abs)];
      // The mean is small beside the root mean square, so that their difference has digits to compare.
      const [mean, buffer] = [centered ? draw(n).data.fill(0) : null, moves ? draw(n).data : null];
      const [exactW, exactDw, exactV] = [w, dw, v].map((array) => Float64Array.from(array));
      const [exactMean, exactBuffer] = [mean, buffer].map((array) => array && Float64Array.from(array));
      const grad = exactDw.map((d, i) => Math.abs(d) + g.weightDecay * Math.abs(exactW[i]));
      const square = grad.map((d, i) => termsOf(g.keep, exactV[i], g.share, d * d));
      const before = exactW.map(Math.abs);
      const bufferBefore = exactBuffer?.map(Math.abs);
      allKernels(reference).rmsprop(g, exactDw, exactW, exactV, exactMean, exactBuffer);
      allKernels(backend).rmsprop(g, dw, w, v, mean, buffer);
      expectClose(v, exactV, (i) => sumBound(4, square[i]), { name: "v" });
      if (mean !== null) expectClose(mean, exactMean!, (i) => sumBound(3, g.share * grad[i]), { name: "mean" });
      const step = (i: number): number => {
        const variance = exactV[i] - (exactMean?.[i] ?? 0) ** 2;
        const spread = (square[i] + (g.share * grad[i]) ** 2) / Math.max(variance, g.eps ** 2);
        return (grad[i] / (Math.sqrt(Math.max(variance, 0)) + g.eps)) * Math.max(spread, 1);
      };
      const go = (i: number): number => (bufferBefore === undefined ? 0 : g.momentum * bufferBefore[i]) + step(i);
      if (buffer !== null) expectClose(buffer, exactBuffer!, (i) => sumBound(8, go(i)), { name: "buffer" });
      expectClose(w, exactW, (i) => sumBound(10, before[i] + g.lr * go(i)), { name: "w" });
    },
  );

const adadeltaSteps: Agreement = (backend) =>
  fc.property(
    sizes,
    draws,
    fc.record({
      lr: fc.constantFrom(0, 0.1, 1),
      rho: fc.constantFrom(0, 0.5, 0.95, 1),
      eps: fc.constantFrom(1e-6, 1e-3, 1),
      weightDecay: fc.constantFrom(0, 0.01, 0.3),
    }),
    (n, draw, g) => {
      const [w, dw] = [draw(n).data, draw(n).data];
      const [v, u] = [draw(n).data.map(Math.abs), draw(n).data.map(Math.abs)];
      const [exactW, exactDw, exactV, exactU] = [w, dw, v, u].map((array) => Float64Array.from(array));
      const grad = exactDw.map((d, i) => Math.abs(d) + g.weightDecay * Math.abs(exactW[i]));
      const square = grad.map((d, i) => termsOf(g.rho, exactV[i], 1 - g.rho, d * d));
      const [before, uBefore] = [exactW.map(Math.abs), exactU.slice()];
      allKernels(reference).adadelta(g, exactDw, exactW, exactV, exactU);
      allKernels(backend).adadelta(g, dw, w, v, u);
      expectClose(v, exactV, (i) => sumBound(4, square[i]), { name: "v" });
      const step = (i: number): number => {
        const spread = Math.max((square[i] + g.eps) / (exactV[i] + g.eps), 1);
        return Math.sqrt((uBefore[i] + g.eps) / (exactV[i] + g.eps)) * grad[i] * spread;
      };
      expectClose(u, exactU, (i) => sumBound(16, termsOf(g.rho, uBefore[i], 1 - g.rho, step(i) ** 2)), { name: "u" });
      expectClose(w, exactW, (i) => sumBound(8, before[i] + g.lr * step(i)), { name: "w" });
    },
  );

const lionSteps: Agreement = (backend) =>
  fc.property(
    sizes,
    draws,
    fc.record({
      lr: fc.constantFrom(0, 1e-3, 0.1),
      beta1: fc.constantFrom(0, 0.5, 0.9),
      beta2: fc.constantFrom(0, 0.9, 0.99),
      weightDecay: fc.constantFrom(0, 0.01, 0.3),
    }),
    (n, draw, g) => {
      const [w, dw, m] = [draw(n).data, draw(n).data, draw(n).data];
      // Every fifth number is looked at as exactly 0; a sign that rounding may turn has no answer.
      const look = dw.map((d, i) => {
        if (i % 5 === 4) m[i] = dw[i] = 0;
        const [kept, news] = [g.beta1 * m[i], (1 - g.beta1) * dw[i]];
        if (Math.abs(kept + news) < 1e-5 * (Math.abs(kept) + Math.abs(news))) m[i] = Math.abs(m[i]) * Math.sign(d);
        return Math.abs(g.beta2 * m[i]) + Math.abs((1 - g.beta2) * dw[i]);
      });
      const [exactW, exactDw, exactM] = [w, dw, m].map((array) => Float64Array.from(array));
      const before = exactW.map(Math.abs);
      allKernels(reference).lion(g, exactDw, exactW, exactM);
      allKernels(backend).lion(g, dw, w, m);
      expectClose(m, exactM, (i) => sumBound(3, look[i]), { name: "m" });
      expectClose(w, exactW, (i) => sumBound(3, before[i] + g.lr), { name: "w" });
    },
  );

// ---- the tests ------------------------------------------------------------------------------------------------------

const AGREEMENTS: readonly (readonly [title: string, agreement: Agreement, share: number])[] = [
  ["conv2d and its three gradients, for every padding, stride, dilation and number of groups", convolutions, 3],
  ["conv2d and its three gradients, with square kernels on many channels at stride 1", squareConvolutions, 2],
  ["conv2d where a window sees nothing but zeros: the bias, to the bit", emptyBackgrounds, 2],
  ["maxPool2d with its indices, to the bit, and its gradient", maxPools, 2],
  ["avgPool2d and its gradient, for every way to count", averagePools, 2],
  ["pad in all four modes, to the bit", paddings, 1],
  ["linear and its three gradients", linears, 1],
  ["the matrix product, transposed or not, with a bias or without", matrixProducts, 2],
  ["matmul of stacks", stackedProducts, 1],
  ["add, subtract, multiply and divide with broadcasting, to the bit", arithmetics, 2],
  ["relu and its gradient, sqrt, clamp and accumulate, to the bit", exactFunctions, 1],
  ["exp within 0.95 ulp, log and tanh within 0.51, sigmoid within 2.41", functions, 1],
  ["the gradients of sigmoid and tanh", functionGradients, 1],
  ["sum, mean, variance and norm; max and min to the bit", reductions, 2],
  ["softmax, logSoftmax and their gradients along any axis", softmaxes, 2],
  ["crossEntropy and its gradient", crossEntropies, 2],
  ["a step of SGD", sgdSteps, 1],
  ["a step of Adam, AdamW and NAdam", adamSteps, 1],
  ["a step of RMSprop and Adagrad", rmspropSteps, 1],
  ["a step of Adadelta", adadeltaSteps, 1],
  ["a step of Lion", lionSteps, 1],
];

describe.each([wasm, plain])("The $name backend agrees with the reference", (backend) => {
  it.each(AGREEMENTS)(
    "in %s",
    (_, agreement, share) => {
      fc.assert(agreement(backend), { seed: SEED, numRuns: RUNS * share });
    },
    60_000 + RUNS * 200,
  );
});

describe("A wrong kernel is rejected", () => {
  const last = (data: FloatArray, change: (x: number) => number): void => {
    data[data.length - 1] = change(data[data.length - 1]);
  };
  const k = allKernels(wasm);
  const wrong: [string, Agreement, Partial<AllKernels>][] = [
    [
      "conv2d that is too large by 5 ppm",
      convolutions,
      {
        conv2d: (g, x, w, b, y) => {
          k.conv2d(g, x, w, b, y);
          y.forEach((value, i) => (y[i] = value * (1 + 5e-6)));
        },
      },
    ],
    [
      "conv2d that gives NaN at the end",
      convolutions,
      {
        conv2d: (g, x, w, b, y) => {
          k.conv2d(g, x, w, b, y);
          last(y, () => NaN);
        },
      },
    ],
    ["conv2d without the bias", convolutions, { conv2d: (g, x, w, _, y) => k.conv2d(g, x, w, null, y) }],
    [
      "conv2dInputGrad that forgets the dilation",
      convolutions,
      { conv2dInputGrad: (g, dy, w, dx) => k.conv2dInputGrad({ ...g, DW: 1 }, dy, w, dx) },
    ],
    [
      "conv2dWeightGrad that sees the first image only",
      convolutions,
      { conv2dWeightGrad: (g, x, dy, dw) => k.conv2dWeightGrad({ ...g, N: 1 }, x, dy, dw) },
    ],
    [
      "channelSum that misses the last pixel",
      convolutions,
      {
        channelSum: (g, dy, db) => {
          const cut = dy.slice();
          last(cut, () => 0);
          k.channelSum(g, cut, db);
        },
      },
    ],
    [
      "reflect padding that repeats the edge",
      paddings,
      { pad2d: (g, x, y) => k.pad2d(g.mode === "reflect" ? { ...g, mode: "replicate" } : g, x, y) },
    ],
    [
      "an adjoint of padding that drops the border",
      convolutions,
      { pad2dInputGrad: (g, dy, dx) => k.pad2dInputGrad({ ...g, mode: "constant" }, dy, dx) },
    ],
    [
      "maxPool2d in which the last of equals wins",
      maxPools,
      {
        maxPool2d: (g, x, y, indices) => {
          k.maxPool2d(g, x, y, indices);
          indices?.forEach((at, i) => {
            const next = Math.floor(i / (g.OH * g.OW)) * g.H * g.W + at + 1;
            if ((at + 1) % g.W !== 0 && g.KW === 2 && x[next] === y[i]) indices[i] = at + 1;
          });
        },
      },
    ],
    [
      "maxPool2dInputGrad that overwrites instead of adding",
      maxPools,
      {
        maxPool2dInputGrad: (g, indices, dy, dx) => {
          dx.fill(0);
          indices.forEach((at, i) => (dx[Math.floor(i / (g.OH * g.OW)) * g.H * g.W + at] = dy[i]));
        },
      },
    ],
    [
      "avgPool2d that always counts the padding",
      averagePools,
      { avgPool2d: (g, x, y) => k.avgPool2d({ ...g, countIncludePad: true }, x, y) },
    ],
    [
      "a matrix product that forgets the last term",
      matrixProducts,
      {
        matmul: (g, a, b, bias, y) => {
          const cut = Float32Array.from(a as Float32Array);
          last(cut, () => 0);
          k.matmul(g, cut, b, bias, y);
        },
      },
    ],
    [
      "multiply that does not broadcast b",
      arithmetics,
      { multiply: (g, a, b, y) => k.multiply({ ...g, stridesB: g.stridesB.map(() => 0) }, a, b, y) },
    ],
    [
      "relu that turns NaN into 0",
      exactFunctions,
      { activation: (_, x, y) => x.forEach((v, i) => (y[i] = v > 0 ? v : 0)) },
    ],
    [
      "exp that is off by two ulp",
      functions,
      { exp: (x, y) => x.forEach((v, i) => (y[i] = Math.exp(v) * (1 + 2e-7))) },
    ],
    [
      "a norm without the root",
      reductions,
      {
        norm: (g, x, y) => {
          k.norm(g, x, y);
          y.forEach((value, i) => (y[i] = value * value));
        },
      },
    ],
    [
      "variance in one pass",
      reductions,
      {
        variance: (g, x, y) => {
          for (let r = 0; r < g.rows; r++) {
            let [s, q] = [0, 0];
            for (let c = r * g.cols; c < (r + 1) * g.cols; c++) {
              s = Math.fround(s + x[c]);
              q = Math.fround(q + x[c] * x[c]);
            }
            y[r] = (q - (s * s) / g.cols) / (g.cols - g.correction);
          }
        },
      },
    ],
    [
      "softmax without its denominator's last term",
      softmaxes,
      {
        softmax: (g, x, y) => {
          k.softmax(g, x, y);
          last(y, (v) => v * (1 + 1e-4));
        },
      },
    ],
    [
      "crossEntropyInputGrad that ignores the upstream gradient",
      crossEntropies,
      {
        crossEntropyInputGrad: (g, x, t, d, y) =>
          k.crossEntropyInputGrad(
            g,
            x,
            t,
            d.map(() => 1),
            y,
          ),
      },
    ],
    ["SGD that forgets the dampening", sgdSteps, { sgd: (g, ...rest) => k.sgd({ ...g, dampening: 0 }, ...rest) }],
    [
      "Adam that multiplies by the bias correction",
      adamSteps,
      { adam: (g, ...rest) => k.adam({ ...g, bias1: 1 / g.bias1, bias2: 1 / g.bias2 }, ...rest) },
    ],
    [
      "AdamW that adds the weight decay to the gradient",
      adamSteps,
      { adam: (g, ...rest) => k.adam({ ...g, decoupled: false }, ...rest) },
    ],
    [
      "AdamW that decays the weights after the step",
      adamSteps,
      {
        adam: (g, dw, w: FloatArray, m, v, vMax) => {
          k.adam(g.decoupled ? { ...g, weightDecay: 0 } : g, dw, w, m, v, vMax);
          if (g.decoupled) w.forEach((value, i) => (w[i] = value * (1 - g.lr * g.weightDecay)));
        },
      },
    ],
    [
      "Adam with eps inside the root",
      adamSteps,
      { adam: (g, dw, w, m, v, vMax) => k.adam({ ...g, eps: Math.sqrt(g.eps) }, dw, w, m, v, vMax) },
    ],
    [
      "NAdam without the gradient's own share",
      adamSteps,
      { adam: (g, ...rest) => k.adam({ ...g, gradientRate: 0 }, ...rest) },
    ],
    [
      "RMSprop with eps inside the root",
      rmspropSteps,
      { rmsprop: (g, ...rest) => k.rmsprop({ ...g, eps: Math.sqrt(g.eps) }, ...rest) },
    ],
    [
      "RMSprop that is never centered",
      rmspropSteps,
      {
        rmsprop: (g, dw: FloatArray, w, v, mean: FloatArray | null, buffer) => {
          k.rmsprop(g, dw, w, v, null, buffer);
          mean?.set(dw.map((d) => g.share * d));
        },
      },
    ],
    [
      "Adadelta that takes the mean of the steps after the step",
      adadeltaSteps,
      {
        adadelta: (g, dw, w: FloatArray, v: FloatArray, u: FloatArray) => {
          k.adadelta({ ...g, lr: 0 }, dw, w.slice(), v.slice(), u);
          k.adadelta(g, dw, w, v, u.slice());
        },
      },
    ],
    [
      "Lion whose sign of 0 is 1",
      lionSteps,
      {
        lion: (g, dw: FloatArray, w: FloatArray, m: FloatArray) =>
          k.lion(g, dw, w.map((x, i) => (m[i] === 0 && dw[i] === 0 ? (w[i] = x - g.lr) : x)) && w, m),
      },
    ],
    [
      "Lion that decays after the step",
      lionSteps,
      {
        lion: (g, dw, w: FloatArray, m) => {
          k.lion({ ...g, weightDecay: 0 }, dw, w, m);
          w.forEach((value, i) => (w[i] = value * (1 - g.lr * g.weightDecay)));
        },
      },
    ],
  ];

  it.each(wrong)("%s", (_, agreement, kernels) => {
    const result = fc.check(agreement(wasmWith(kernels)), { seed: SEED, numRuns: 300, endOnFailure: true });
    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(/expected/);
  });
});
