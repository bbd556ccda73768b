// The transforms of assembly/conv2d/winograd.ts: that the rule they are made by gives exact convolutions, that the numbers written
// there follow from it, and that the kernels of each size of tiles stay within the bound of agreement.test.ts where it is tightest.
import { describe, expect, it } from "vitest";
import { reference } from "../../src/backend/reference/backend.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from "../../src/ops/conv2d.js";
import { randn } from "../../src/ops/create.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { on } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";

type Matrix = readonly (readonly number[])[];

/** Coefficients, from that of x^0 on, of the product of (x - p). */
function polynomial(points: readonly number[]): number[] {
  return points.reduce(
    (product, p) => [...product, 0].map((_, i) => (product[i - 1] ?? 0) - p * (product[i] ?? 0)),
    [1],
  );
}

/** B^T, G and A^T of m outputs and r taps on points that infinity joins. */
function transforms(points: readonly number[], m: number, r: number): { BT: Matrix; G: Matrix; AT: Matrix } {
  const powers = (p: number, count: number): number[] => Array.from({ length: count }, (_, i) => p ** i);
  const others = (p: number): number[] => points.filter((q) => q !== p);
  const last = (count: number): number[] => Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 0));
  const BT = [...points.map((p) => [...polynomial(others(p)), 0]), polynomial(points)];
  const G = points.map((p) => {
    const scale = others(p).reduce((product, q) => product * (p - q), 1);
    return powers(p, r).map((power) => power / scale);
  });
  const columns = [...points.map((p) => powers(p, m)), last(m)];
  return { BT, G: [...G, last(r)], AT: Array.from({ length: m }, (_, i) => columns.map((column) => column[i])) };
}

const times = (matrix: Matrix, v: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, x, i) => sum + x * v[i], 0));

const SIX = [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2];
const EIGHT = [0, 1, -1, 2, -2, 1 / 2, -1 / 2];

describe("Winograd's transforms", () => {
  it.each([
    ["F(4, 3)", SIX, 4, 3],
    ["F(3, 4)", SIX, 3, 4],
    ["F(2, 5)", SIX, 2, 5],
    ["F(5, 2)", SIX, 5, 2],
    ["F(4, 5)", EIGHT, 4, 5],
    ["F(5, 4)", EIGHT, 5, 4],
  ])("of %s give m outputs of r taps from n products", (_, points, m, r) => {
    const { BT, G, AT } = transforms(points, m, r);
    expect(BT).toHaveLength(m + r - 1);
    const d = Array.from({ length: m + r - 1 }, (_, i) => Math.sin(3 * i + 1));
    const w = Array.from({ length: r }, (_, i) => Math.cos(5 * i));
    const data = times(BT, d);
    const products = times(G, w).map((g, i) => g * data[i]);
    const direct = Array.from({ length: m }, (_, i) => w.reduce((sum, x, j) => sum + x * d[i + j], 0));
    expectClose(times(AT, products), direct, 1e-13);
  });

  it("on 8 points have the numbers of winogradEight.ts", () => {
    const { BT, G } = transforms(EIGHT, 4, 5);
    const q = 21 / 4;
    expect(BT[0].map((x) => 0 - x)).toEqual([1, 0, -q, 0, q, 0, -1, 0]);
    expect(BT[7]).toEqual([0, -1, 0, q, 0, -q, 0, 1].map((x) => 0 + x));
    [1, 2, 1 / 2].forEach((a, pair) => {
      const [b, c] = [1, 2, 1 / 2].filter((x) => x !== a);
      const [u, v] = [b * b + c * c, b * b * c * c];
      expect(BT[1 + 2 * pair]).toEqual([0, a * v, v, -a * u, -u, a, 1, 0]);
      expect(BT[2 + 2 * pair]).toEqual([0, -a * v, v, a * u, -u, -a, 1, 0]);
    });
    expectClose(
      G.map((row) => row[0]),
      [-1, -2 / 9, -2 / 9, 1 / 90, 1 / 90, 32 / 45, 32 / 45, 0],
      1e-15,
    );
  });
});

/** Holds a sum of products against float64, by the bound of agreement.test.ts. */
function agrees(
  name: string,
  op: (a: Tensor<FloatArray>, b: Tensor<FloatArray>) => Tensor<FloatArray>,
  inputs: [Tensor, Tensor],
): void {
  const as = (f: (x: number) => number): [Tensor<FloatArray>, Tensor<FloatArray>] =>
    inputs.map(({ data, shape }) => Tensor.float64(Float64Array.from(data, f), shape)) as [
      Tensor<FloatArray>,
      Tensor<FloatArray>,
    ];
  const [exact, sums, counts] = [(x: number) => x, Math.abs, () => 1].map(
    (f) => on(reference, () => op(...as(f))).data,
  );
  const got = on(wasm, () => op(...inputs)).data;
  expectClose(got, exact, (i) => sumBound(counts[i], sums[i]), { name });
}

describe("the wasm kernels of a convolution stay within the bound", () => {
  it.each([
    ["5x5 on 16 channels, padding 1", [2, 16, 11, 9], [16, 16, 5, 5], 1],
    ["5x5 on 24 channels, padding 2", [2, 24, 8, 13], [24, 24, 5, 5], 2],
    ["5x5 on 128 channels, no padding", [5, 33, 10, 9], [128, 33, 5, 5], 0],
    ["5x5 on 130 channels in two groups, padding on one side", [2, 10, 9, 8], [260, 5, 5, 5], [0, 1, 0, 2], 2],
    ["5x5 on 6 channels, the small tiles", [2, 6, 14, 14], [16, 6, 5, 5], 0],
    ["5x5, a batch with enough pixels for a weight gradient on the large tiles", [16, 8, 10, 11], [5, 8, 5, 5], 0],
    ["3x3 on images of three columns", [8, 64, 3, 3], [50, 64, 3, 3], 1],
    ["3x3 on images of three columns, five rows, padding on one side", [3, 48, 5, 3], [48, 48, 3, 3], [0, 1, 0, 2]],
    ["3x3 from four columns to three", [32, 48, 4, 4], [48, 48, 3, 3], [1, 1, 1, 0]],
    ["3x3 on images of two columns", [2, 64, 2, 2], [64, 64, 3, 3], 1],
  ] as [string, number[], number[], number, number?][])("%s", (_, shape, kernel, padding, groups = 1) => {
    const options = { padding, groups };
    const [x, w] = [randn(shape, { seed: 1 }), randn(kernel, { seed: 2 })];
    const y = conv2d(x, w, null, options);
    agrees("y", (x, w) => conv2d(x, w, null, options), [x, w]);
    const dy = randn(y.shape, { seed: 3 });
    agrees("dx", (dy, w) => conv2dInputGrad(dy, w, shape, options), [dy, w]);
    agrees("dw", (x, dy) => conv2dWeightGrad(x, dy, kernel, options), [x, dy]);
  });

  it("and give a sample of three columns the same bits alone as in a batch", () => {
    const [x, w] = [randn([5, 64, 3, 3], { seed: 1 }), randn([64, 64, 3, 3], { seed: 2 })];
    const all = conv2d(x, w, null, { padding: 1 });
    const one = conv2d(x.slice([3, 4]), w, null, { padding: 1 });
    expect(one.data).toEqual(all.slice([3, 4]).data);
  });
});
