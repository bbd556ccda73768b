import { describe, expect, expectTypeOf, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { convolve1d } from "../../src/signals/convolve1d.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate1d } from "../../src/signals/correlate1d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { maxPool2dTrace, type CorrelationStep, type CorrelationStep1d } from "../../src/signals/trace.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";

onEachBackend(({ make, eps }) => {
  describe("The trace of a correlation", () => {
    const image = make([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const kernel = make([
      [1, 0],
      [1, 1],
    ]);

    it("shows window, products and sum at each of lesson 4's four steps", () => {
      expect([...correlate2d(image, kernel, { trace: true })]).toEqual(
        [
          {
            window: [
              [1, 2],
              [4, 5],
            ],
            products: [
              [1, 0],
              [4, 5],
            ],
            sum: 10,
          },
          {
            window: [
              [2, 3],
              [5, 6],
            ],
            products: [
              [2, 0],
              [5, 6],
            ],
            sum: 13,
          },
          {
            window: [
              [4, 5],
              [7, 8],
            ],
            products: [
              [4, 0],
              [7, 8],
            ],
            sum: 19,
          },
          {
            window: [
              [5, 6],
              [8, 9],
            ],
            products: [
              [5, 0],
              [8, 9],
            ],
            sum: 22,
          },
        ].map((rest, step) => {
          const [row, column] = [Math.floor(step / 2), step % 2];
          return {
            step,
            row,
            column,
            top: row,
            left: column,
            kernel: [
              [1, 0],
              [1, 1],
            ],
            ...rest,
          };
        }),
      );
    });

    it("shows zeros around the image, and where the window starts", () => {
      const [first] = correlate2d(image, kernel, { mode: "full", trace: true });
      expect(first).toMatchObject({
        top: -1,
        left: -1,
        window: [
          [0, 0],
          [0, 1],
        ],
        products: [
          [0, 0],
          [0, 1],
        ],
        sum: 1,
      });
      const last = [...correlate2d(image, kernel, { mode: "full", trace: true })].at(-1);
      expect(last).toMatchObject({
        step: 15,
        row: 3,
        column: 3,
        top: 2,
        left: 2,
        window: [
          [9, 0],
          [0, 0],
        ],
        sum: 9,
      });
    });

    it("shows the kernel flipped for a convolution", () => {
      const [first] = convolve2d(image, kernel, { trace: true });
      expect(first).toMatchObject({
        kernel: [
          [1, 1],
          [0, 1],
        ],
        window: [
          [1, 2],
          [4, 5],
        ],
        products: [
          [1, 2],
          [0, 5],
        ],
        sum: 8,
      });
      const [only] = convolve1d(make([1, 2, 3]), make([1, 10, 100]), { trace: true });
      expect(only).toEqual({
        step: 0,
        start: 0,
        kernel: [100, 10, 1],
        window: [1, 2, 3],
        products: [100, 20, 3],
        sum: 123,
      });
    });

    it("follows stride and dilation", () => {
      const wide = make(
        Array.from({ length: 25 }, (_, i) => i),
        [5, 5],
      );
      const steps = [...correlate2d(wide, kernel, { stride: [2, 3], dilation: [2, 1], trace: true })];
      expect(steps.map(({ top, left, window }) => [top, left, window])).toEqual([
        [
          0,
          0,
          [
            [0, 1],
            [10, 11],
          ],
        ],
        [
          0,
          3,
          [
            [3, 4],
            [13, 14],
          ],
        ],
        [
          2,
          0,
          [
            [10, 11],
            [20, 21],
          ],
        ],
        [
          2,
          3,
          [
            [13, 14],
            [23, 24],
          ],
        ],
      ]);
    });

    it("shows a signal of one dimension as plain lists", () => {
      const steps = [...correlate1d(make([2, 8, 3]), make([2, 1, 5, 3]), { mode: "same", trace: true })];
      expect(steps.map(({ window }) => window)).toEqual([
        [0, 0, 2, 8],
        [0, 2, 8, 3],
        [2, 8, 3, 0],
      ]);
      expect(steps.map(({ start }) => start)).toEqual([-2, -1, 0]);
      expect(steps.map(({ sum }) => sum)).toEqual([34, 51, 27]);
      expect(steps[1].products).toEqual([0, 2, 40, 9]);
    });

    it("has the output's entries as its sums, to the bit", () => {
      const x = make([...randn([7, 6], { seed: 1 }).data], [7, 6]);
      const w = make([...randn([3, 2], { seed: 2 }).data], [3, 2]);
      for (const correlation of [correlate2d, convolve2d]) {
        for (const mode of ["valid", "full", "same"] as const) {
          for (const options of [{}, { stride: 2 }, { dilation: [1, 2] as const }]) {
            const y = correlation(x, w, { mode, ...options });
            const steps = [...correlation(x, w, { mode, ...options, trace: true })];
            expect(steps.length).toBe(y.size);
            steps.forEach((step, i) => {
              expect(step.step).toBe(i);
              expect(step.sum).toBe(y.at(step.row, step.column));
              const products = step.products.flat();
              const [sum, absolute] = [products, products.map(Math.abs)].map((p) => p.reduce((a, b) => a + b, 0));
              expectClose([step.sum], [sum], sumBound(6, absolute, eps));
            });
          }
        }
      }
    });
  });

  describe("The trace of a max pooling", () => {
    it("shows window, maximum and its place", () => {
      const image = make([
        [1, 5, 2, 0],
        [4, 3, 7, 7],
        [0, 0, 9, 1],
        [0, 0, 2, 8],
      ]);
      const steps = [...maxPool2dTrace(image, { kernelSize: 2 })];
      expect(steps[0]).toEqual({
        step: 0,
        row: 0,
        column: 0,
        top: 0,
        left: 0,
        window: [
          [1, 5],
          [4, 3],
        ],
        maximum: 5,
        place: [0, 1],
      });
      expect(steps.map(({ maximum }) => maximum)).toEqual([5, 7, 0, 9]);
      // Of equals the first, row by row.
      expect(steps.map(({ place }) => place)).toEqual([
        [0, 1],
        [1, 2],
        [2, 0],
        [2, 2],
      ]);
    });

    it("follows stride, padding, dilation and ceilMode", () => {
      const [only, ...none] = maxPool2dTrace(
        [
          [4, 3],
          [2, 1],
        ],
        { kernelSize: 2, stride: 1 },
      );
      expect(only).toMatchObject({ maximum: 4, place: [0, 0] });
      expect(none).toEqual([]);
      const padded = [
        ...maxPool2dTrace(
          make([
            [-4, -3],
            [-2, -1],
          ]),
          { kernelSize: 2, padding: 1 },
        ),
      ];
      expect(padded.map(({ maximum }) => maximum)).toEqual([-4, -3, -2, -1]);
      expect(padded[0].window).toEqual([
        [-Infinity, -Infinity],
        [-Infinity, -4],
      ]);
      expect(padded[0]).toMatchObject({ top: -1, left: -1, place: [0, 0] });
      const square = make([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]);
      const [wide] = maxPool2dTrace(square, { kernelSize: 2, dilation: 2 });
      expect(wide).toMatchObject({
        window: [
          [1, 3],
          [7, 9],
        ],
        maximum: 9,
        place: [2, 2],
      });
      const hanging = [...maxPool2dTrace(square, { kernelSize: 2, ceilMode: true })];
      expect(hanging.map(({ maximum }) => maximum)).toEqual([5, 6, 8, 9]);
      expect(hanging[3].window).toEqual([
        [9, -Infinity],
        [-Infinity, -Infinity],
      ]);
    });
  });
});

describe("trace: true", () => {
  it("changes the type of the result", () => {
    const [x, w] = [new Tensor([[1]]), new Tensor([[1]])];
    expectTypeOf(correlate2d(x, w)).toEqualTypeOf<Tensor>();
    expectTypeOf(correlate2d(x, w, { trace: false })).toEqualTypeOf<Tensor>();
    expectTypeOf(correlate2d(x, w, { trace: true })).toEqualTypeOf<Generator<CorrelationStep, void, undefined>>();
    expectTypeOf(correlate1d([1], [1], { trace: true })).toEqualTypeOf<Generator<CorrelationStep1d, void, undefined>>();
    // Not called: the active backend has no float64.
    const wide = (): Tensor<Float64Array> => correlate2d(x.toFloat64(), w.toFloat64());
    expectTypeOf(wide).returns.toEqualTypeOf<Tensor<Float64Array>>();
    expect([...correlate2d(x, w, { trace: true })].length).toBe(1);
  });

  it("checks at the call, before the first step is asked for", () => {
    expect(() => correlate2d([[1]], [[1, 2]], { trace: true })).toThrow("correlate2d: expected x of at least [1, 2]");
    expect(() => maxPool2dTrace([[1]], { kernelSize: 0 })).toThrow("maxPool2dTrace: expected kernelSize");
  });
});
