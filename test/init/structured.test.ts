// Initial weights that are no plain distribution: dirac, the identity, orthogonal, truncated normal, whitening.
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { sizeOf, type Shape } from "../../src/base/shape.js";
import { Tensor } from "../../src/base/tensor.js";
import {
  Conv2d,
  Linear,
  diracInit,
  eyeInit,
  manualSeed,
  matmul,
  orthogonalInit,
  randn,
  truncNormalInit,
  whiteningInit,
} from "../../src/index.js";
import type { Initializer } from "../../src/init/initializer.js";
import { fillNormal } from "../../src/numbers/normal.js";
import { Generator } from "../../src/numbers/random.js";
import { expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture } from "../support/fixtures.js";

function fill(initializer: Initializer, shape: Shape, seed = 1): Tensor {
  const tensor = new Tensor(new Float32Array(sizeOf(shape)).fill(7), shape);
  initializer(tensor, new Generator("init", { seed }));
  return tensor;
}

describe("diracInit and eyeInit", () => {
  it.each(loadFixture("init/dirac").cases)("are PyTorch's: $name", ({ options, tensors }) => {
    const groups = options.groups as number;
    const weight = fill(diracInit(groups === 1 ? {} : { groups }), options.shape as number[]);
    expect([...weight.data]).toEqual([...tensors.weight.data]);
  });

  it("hand on what they are given", () => {
    const conv = new Conv2d(2, 3, 3, { padding: "same", bias: false });
    conv.weight.initialize(diracInit());
    const x = randn([1, 2, 4, 5], { seed: 1 });
    expect(conv.predict(x).slice(0, [0, 2]).toArray()).toEqual(x.slice(0).toArray());
    const linear = new Linear(3, 2, { bias: false });
    linear.weight.initialize(eyeInit());
    expect(linear.predict(new Tensor([[1, 2, 3]])).toArray()).toEqual([[1, 2]]);
  });

  it("refuse what has no room for it", () => {
    throwsExactly(() => fill(diracInit({ groups: 2 }), [3, 1, 3, 3]), ShapeError, "diracInit: expected filters [O, I, KH, KW] with O divisible by groups 2, got [3, 1, 3, 3].");
    throwsExactly(() => fill(diracInit(), [3, 3]), ShapeError, "diracInit: expected filters [O, I, KH, KW] with O divisible by groups 1, got [3, 3].");
    throwsExactly(() => fill(eyeInit(), [3]), ShapeError, "eyeInit: expected a matrix [O, I], got [3] (for filters use diracInit).");
    throwsExactly(() => diracInit({ group: 2 } as never), ArgumentError, 'diracInit: unknown option "group", did you mean "groups"? (options: groups).');
  }); // prettier-ignore
});

describe("orthogonalInit", () => {
  it.each([[[5, 5]], [[3, 8]], [[9, 4]], [[4, 2, 3, 3]], [[20, 2, 2, 2]], [[1, 6]]])("gives orthonormal rows or columns: %j", (shape) => {
    const w = fill(orthogonalInit(2), shape).reshape([shape[0], sizeOf(shape) / shape[0]]);
    const [rows, cols] = w.shape;
    const products = rows <= cols ? matmul(w, w.permute([1, 0])) : matmul(w.permute([1, 0]), w);
    const count = Math.min(rows, cols);
    products.data.forEach((x, i) => expect(x).toBeCloseTo(i % (count + 1) === 0 ? 4 : 0, 5));
  }); // prettier-ignore

  it("is the orthogonal part of normal numbers: they are R in its basis, triangular with a positive diagonal", () => {
    const normals = new Float64Array(18);
    fillNormal(new Generator("init", { seed: 3 }), normals, 0, 1);
    const q = fill(orthogonalInit(), [6, 3], 3); // the numbers stand column by column
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) {
        const product = [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + q.data[i * 3 + r] * normals[c * 6 + i], 0);
        if (r > c) expect(Math.abs(product)).toBeLessThan(1e-6);
        if (r === c) expect(product).toBeGreaterThan(0);
      }
    }
  });

  it("needs two axes", () => {
    throwsExactly(() => fill(orthogonalInit(), [3]), ShapeError, "orthogonalInit: expected a weight of at least two axes, got [3].");
    expect(() => orthogonalInit(NaN)).toThrow(ArgumentError);
  }); // prettier-ignore
});

describe("truncNormalInit", () => {
  it.each(loadFixture("init/truncNormal").cases)("has SciPy's moments, within the bounds: $name", ({ options, values }) => {
    const { a, b } = options as { a: number; b: number };
    const { data, size } = fill(truncNormalInit(options), [40000]);
    const mean = data.reduce((sum, x) => sum + x, 0) / size;
    const std = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / size);
    expect(Math.abs(mean - values.mean)).toBeLessThan((5 * values.std) / 200);
    expect(Math.abs(std / values.std - 1)).toBeLessThan(0.03);
    expect(data.every((x) => x >= a && x <= b)).toBe(true);
  }); // prettier-ignore

  it("takes open bounds, and refuses odd ones", () => {
    expect(fill(truncNormalInit({ a: 0, b: Infinity }), [1000]).data.every((x) => x >= 0 && Number.isFinite(x))).toBe(true);
    const who = "truncNormalInit: expected";
    throwsExactly(() => truncNormalInit({ a: 1, b: 1 }), ArgumentError, `${who} a below b, got 1 and 1.`);
    throwsExactly(() => truncNormalInit({ std: 0 }), ArgumentError, `${who} std to be above 0, got 0.`);
    throwsExactly(() => truncNormalInit({ a: NaN }), ArgumentError, `${who} a to be a number, got NaN.`);
  }); // prettier-ignore
});

describe("whiteningInit", () => {
  it.each(loadFixture("init/whitening").cases)("has PyTorch's eigenvectors: $name", ({ options, tensors }) => {
    const [KH, KW] = options.kernelSize as number[];
    const { images, values, vectors } = tensors;
    const [, C] = images.shape;
    const D = C * KH * KW;
    const eps = options.eps as number;
    const x = new Tensor(images.data as Float32Array, images.shape);
    const filters = fill(whiteningInit(x, { eps }), [2 * D, C, KH, KW]).data;
    for (let k = 0; k < D; k++) {
      const row = Array.from(vectors.data.slice(k * D, (k + 1) * D));
      const sign = Math.sign(row.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0));
      const expected = row.map((value) => (sign * value) / Math.sqrt(values.data[k] + eps));
      expectClose(filters.slice(k * D, (k + 1) * D), expected, 2e-5);
      expectClose(filters.slice((k + D) * D, (k + D + 1) * D), expected.map((value) => -value), 2e-5);
    }
  }); // prettier-ignore

  it("makes what the convolution sees uncorrelated, of variance 1", () => {
    manualSeed(1);
    const x = randn([30, 2, 9, 9], { seed: 4 });
    for (let i = 1; i < x.size; i++) x.data[i] += 0.8 * x.data[i - 1];
    const conv = new Conv2d(2, 8, 2, { bias: false });
    conv.weight.initialize(whiteningInit(x, { eps: 0 }));
    const y = conv
      .predict(x)
      .permute([1, 0, 2, 3])
      .reshape([8, 30 * 64]);
    const moments = matmul(y, y.permute([1, 0]));
    moments.data.forEach((value, i) => expect(value / (30 * 64)).toBeCloseTo(i % 9 === 0 ? 1 : 0, 4));
  });

  it("refuses what does not fit", () => {
    const x = randn([2, 3, 4, 4], { seed: 1 });
    throwsExactly(() => fill(whiteningInit(x), [25, 3, 2, 2]), ShapeError, "whiteningInit: expected filters [O, C, KH, KW], at most 2 C KH KW of them, for images [N, C, H, W], got [25, 3, 2, 2] for [2, 3, 4, 4].");
    expect(() => fill(whiteningInit(x), [4, 1, 2, 2])).toThrow(ShapeError);
    expect(() => whiteningInit(x, { eps: -1 })).toThrow(ArgumentError);
  }); // prettier-ignore
});
