// The plain backend has the reference's bits: of every layer and its gradients, of every convolution, product and broadcast, with
// NaN and infinities among the numbers, in both formats. What it does without is tested where it matters: in a browser, under a
// policy (test/browser/check.mjs).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, Conv2dGeometry } from "../../src/backend/kernels.js";
import { plain } from "../../src/backend/plain/backend.js";
import { reference } from "../../src/backend/reference/backend.js";
import { Generator } from "../../src/numbers/random.js";
import { Adam, CrossEntropy, manualSeed, randn, wasm, Tensor } from "../../src/index.js";
import type { FloatArray } from "../../src/base/tensor.js";
import { on } from "../support/backends.js";
import { allKernels, type AllKernels } from "../support/kernels.js";
import { LAYER_ROWS, titleOf } from "../support/layers.js";
import { NETWORKS } from "../support/lessons.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const FORMATS = [Float32Array, Float64Array] as const;
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1e-40, 3e38];

/** Numbers of a format, now and then a special one. */
function draw(Format: (typeof FORMATS)[number], generator: Generator, length: number, share: number): FloatArray {
  return new Format(length).map(() =>
    generator.uniform() < share ? SPECIAL[generator.integer(SPECIAL.length)] : generator.uniform() * 4 - 1.5,
  );
}

/** The first place at which two results differ, undefined for none. Object.is tells zeros apart, and knows NaN. */
function difference(a: readonly FloatArray[], b: readonly FloatArray[]): string | undefined {
  for (const [k, results] of a.entries()) {
    if (results.length !== b[k].length) return `result ${k}: ${results.length} and ${b[k].length} numbers`;
    const i = results.findIndex((value, place) => !Object.is(value, b[k][place]));
    if (i >= 0) return `result ${k}[${i}]: ${results[i]} and ${b[k][i]}`;
  }
  return undefined;
}

type Work = (kernels: AllKernels) => FloatArray[];

function sameBits(work: Work, kernels: AllKernels = allKernels(plain)): void {
  const found = difference(work(kernels), work(allKernels(reference)));
  if (found !== undefined) throw new Error(found);
}

const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> => fc.tuple(int(min, max), int(min, max));
const numbers = fc.record({ Format: fc.constantFrom(...FORMATS), seed: fc.nat(), share: fc.constantFrom(0, 0, 0.1) });

const convolutions = (kernels?: AllKernels): fc.IProperty<unknown[]> =>
  fc.property(
    fc.record({
      ...{ N: int(0, 3), G: int(1, 3), channels: pair(1, 9), kernel: pair(1, 4), stride: pair(1, 3) },
      ...{ dilation: pair(1, 3), before: pair(0, 3), after: pair(0, 3), more: pair(0, 6), bias: fc.boolean() },
    }),
    numbers,
    ({ N, G, channels, kernel, stride, dilation, before, after, more, bias }, { Format, seed, share }) => {
      const extent = [0, 1].map((axis) => dilation[axis] * (kernel[axis] - 1) + 1);
      const [H, W] = extent.map((size, axis) => Math.max(1, size - before[axis] - after[axis]) + more[axis]);
      const [OH, OW] = [H, W].map(
        (size, axis) => Math.floor((size + before[axis] + after[axis] - extent[axis]) / stride[axis]) + 1,
      );
      const [C, O] = channels.map((count) => count * G);
      const g: Conv2dGeometry = {
        ...{ N, C, H, W, O, KH: kernel[0], KW: kernel[1], SH: stride[0], SW: stride[1], DH: dilation[0] },
        ...{ DW: dilation[1], PT: before[0], PB: after[0], PL: before[1], PR: after[1], G, OH, OW },
      };
      const generator = new Generator("draw", { seed });
      const of = (length: number): FloatArray => draw(Format, generator, length, share);
      const [x, w, b, dy] = [N * C * H * W, (O * C * kernel[0] * kernel[1]) / G, O, N * O * OH * OW].map(of);
      sameBits((k) => {
        const [y, dx, dw] = [dy, x, w].map(({ length }) => new Format(length).fill(NaN));
        k.conv2d(g, x, w, bias ? b : null, y);
        k.conv2dInputGrad(g, dy, w, dx);
        k.conv2dWeightGrad(g, x, dy, dw);
        return [y, dx, dw];
      }, kernels);
    },
  );

const products = (kernels?: AllKernels): fc.IProperty<unknown[]> =>
  fc.property(
    fc.record({ M: int(1, 9), N: int(1, 9), K: int(0, 9), transA: fc.boolean(), transB: fc.boolean() }),
    fc.boolean(),
    numbers,
    (g, biased, { Format, seed, share }) => {
      const generator = new Generator("draw", { seed });
      const [a, b, bias] = [g.M * g.K, g.K * g.N, g.N].map((length) => draw(Format, generator, length, share));
      sameBits((k) => {
        const y = new Format(g.M * g.N).fill(NaN);
        k.matmul(g, a, b, biased ? bias : null, y);
        return [y];
      }, kernels);
    },
  );

const broadcasts = (kernels?: AllKernels): fc.IProperty<unknown[]> =>
  fc.property(
    fc.array(fc.tuple(int(0, 4), fc.constantFrom("both", "both", "a", "b")), { maxLength: 5 }),
    numbers,
    (axes, { Format, seed, share }) => {
      const shape = axes.map(([size]) => size);
      // Row-major strides of the axes that an operand has, 0 for those along which it repeats.
      const stridesOf = (other: string): { strides: number[]; size: number } => {
        let size = 1;
        const strides = axes.map(() => 0);
        for (let axis = axes.length - 1; axis >= 0; axis--) {
          if (axes[axis][1] === other) continue;
          strides[axis] = size;
          size *= shape[axis];
        }
        return { strides, size };
      };
      const [left, right] = [stridesOf("b"), stridesOf("a")];
      const generator = new Generator("draw", { seed });
      const [a, b] = [left.size, right.size].map((length) => draw(Format, generator, length, share));
      const g = { shape, stridesA: left.strides, stridesB: right.strides };
      const size = shape.reduce((product, length) => product * length, 1);
      sameBits((k) => {
        const results = (["add", "subtract", "multiply", "divide"] as const).map((name) => {
          const y = new Format(size).fill(NaN);
          k[name](g, a, b, y);
          return y;
        });
        k.accumulate(results[0], results[1]);
        return results;
      }, kernels);
    },
  );

const PROPERTIES = [
  ["of convolutions and their gradients", convolutions],
  ["of matrix products", products],
  ["of arithmetic that broadcasts", broadcasts],
] as const;

describe("The plain backend has the reference's bits", () => {
  it.each(PROPERTIES)("%s", (_, property) => {
    fc.assert(property(), { numRuns: RUNS, seed: 20263 });
  });

  it.each(LAYER_ROWS.map((row) => [titleOf(row), row] as const))("of %s, forth and back", (_, row) => {
    const [got, expected] = [plain, reference].map((backend) =>
      on(backend, () => {
        manualSeed(7);
        const layer = row.make();
        const y = layer.forward(randn(row.input, { seed: 11 }));
        const dx = layer.backward(randn(y.shape, { seed: 3 }));
        return [y, dx, ...layer.parameters().map(({ grad }) => grad)].map(({ data }) => data);
      }),
    );
    expect(difference(got, expected)).toBeUndefined();
  });
});

describe("The comparison", () => {
  const k = allKernels(plain);
  const nudged = (y: FloatArray): void => {
    if (y.length > 0) y[y.length - 1] *= 1 + 2 ** -23;
  };
  it.each([
    ["a convolution", convolutions, { conv2d: (...a) => (k.conv2d(...a), nudged(a[4])) }],
    ["its weight gradient", convolutions, { conv2dWeightGrad: (...a) => (k.conv2dWeightGrad(...a), nudged(a[3])) }],
    ["a product", products, { matmul: (...a) => (k.matmul(...a), nudged(a[4] as FloatArray)) }],
    ["a quotient", broadcasts, { divide: (...a) => (k.divide(...a), nudged(a[3] as FloatArray)) }],
  ] as readonly (readonly [string, typeof convolutions, Partial<AllKernels>])[])(
    "refuses %s that is off by one bit",
    (_, property, wrong) => {
      expect(() => fc.assert(property({ ...k, ...wrong }), { numRuns: RUNS, seed: 20263 })).toThrow();
    },
  );
});

describe("The plain backend", () => {
  it("trains lesson 4's network as the default one does", () => {
    const run = (backend: Backend): { losses: number[]; logits: FloatArray } =>
      on(backend, () => {
        manualSeed(3);
        const model = NETWORKS.lesson4();
        const loss = new CrossEntropy();
        const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
        const x = randn([8, 1, 28, 28], { seed: 1 });
        const losses = [0, 1, 2].map(() => {
          const value = loss.forward(model.forward(x), [0, 1, 2, 3, 4, 5, 6, 7]) as number;
          optimizer.zeroGrad();
          model.backward(loss.backward(), { inputGrad: false });
          optimizer.step();
          return value;
        });
        return { losses, logits: model.predict(x).data };
      });
    const [slow, fast] = [run(plain), run(wasm)];
    expect(slow.losses[2]).toBeLessThan(slow.losses[0]);
    slow.losses.forEach((value, i) => expect(Math.abs(value - fast.losses[i])).toBeLessThan(1e-5));
    slow.logits.forEach((value, i) => expect(Math.abs(value - fast.logits[i])).toBeLessThan(1e-3));
  });

  it("takes over a model whose weights the default backend held, and hands it back", () => {
    manualSeed(3);
    const model = NETWORKS.lesson4();
    const x = new Tensor(randn([2, 1, 28, 28], { seed: 1 }).data, [2, 1, 28, 28]);
    const before = model.predict(x);
    const between = on(plain, () => model.predict(x));
    expect(between.data).not.toEqual(before.data); // it does compute otherwise
    between.data.forEach((value, i) => expect(Math.abs(value - before.data[i])).toBeLessThan(1e-5));
    expect(model.predict(x).data).toEqual(before.data);
  });

  it("says what it is", () => {
    expect(on(plain, () => plain.info())).toMatchObject({ name: "plain", threads: 1, dtypes: ["float32", "float64"] });
  });
});
