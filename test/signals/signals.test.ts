import { describe, expect, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { conv2d } from "../../src/ops/conv2d.js";
import { add } from "../../src/ops/arithmetic.js";
import { nhwcToNchw } from "../../src/ops/layout.js";
import { maxPool2d } from "../../src/ops/maxPool2d.js";
import { autocorrelate } from "../../src/signals/autocorrelate.js";
import { convolve1d } from "../../src/signals/convolve1d.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate1d } from "../../src/signals/correlate1d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";

onEachBackend(({ make, eps, dtype }) => {
  describe("Lesson 2: one dimension", () => {
    const x = make([2, 8, 3, 7, 1, 2, 0, 4, 5]);
    const w = make([2, 1, 5, 3]);

    it("convolves with the kernel flipped", () => {
      expect(convolve1d(x, w).toArray()).toEqual([63, 48, 49, 28, 21, 20]);
      expect(convolve1d(x, w, { mode: "same" }).toArray()).toEqual([18, 24, 63, 48, 49, 28, 21, 20, 25]);
      expect(convolve1d(x, w).dtype).toBe(dtype);
    });

    it("correlates with the kernel as it is", () => {
      expect(correlate1d(x, w).toArray()).toEqual([48, 57, 24, 25, 16, 39]);
      expect(correlate1d(x, w, { mode: "full" }).toArray()).toEqual([6, 34, 51, 48, 57, 24, 25, 16, 39, 29, 13, 10]);
      expect(correlate1d(x, w, { mode: "same" }).toArray()).toEqual([34, 51, 48, 57, 24, 25, 16, 39, 29]);
    });

    it("gives other numbers by the two-dimensional rule of 'same'", () => {
      const y = correlate2d(x.reshape([1, 9]), w.reshape([1, 4]), { mode: "same" });
      expect(y.toArray()).toEqual([[51, 48, 57, 24, 25, 16, 39, 29, 13]]);
    });

    it("gives floor((input - kernel) / stride) + 1 outputs", () => {
      for (const stride of [1, 2, 3, 4, 5, 6, 7]) {
        const y = correlate1d(x, w, { stride });
        expect(y.size).toBe(Math.floor((9 - 4) / stride) + 1);
        expect(y.toArray()).toEqual([48, 57, 24, 25, 16, 39].filter((_, i) => i % stride === 0));
      }
    });
  });

  describe("Lesson 2: two dimensions", () => {
    const x = make([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const w = make([
      [2, 0],
      [0, 0],
    ]);

    it("correlates", () => {
      expect(correlate2d(x, w).toArray()).toEqual([
        [2, 4],
        [8, 10],
      ]);
      expect(correlate2d(x, w, { mode: "same" }).toArray()).toEqual([
        [2, 4, 6],
        [8, 10, 12],
        [14, 16, 18],
      ]);
    });

    it("convolves with the kernel upside down and mirrored", () => {
      expect(convolve2d(x, w).toArray()).toEqual([
        [10, 12],
        [16, 18],
      ]);
      expect(convolve2d(x, w, { mode: "same" }).toArray()).toEqual([
        [2, 4, 6],
        [8, 10, 12],
        [14, 16, 18],
      ]);
    });
  });

  describe("Lesson 2: four dimensions", () => {
    // [1][H][W][3]
    const image = make([
      [
        [
          [1, 0, 1],
          [1, 1, 1],
          [1, 1, 1],
          [0, 0, 1],
          [0, 1, 0],
        ],
        [
          [0, 0, 1],
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
          [0, 0, 0],
        ],
        [
          [0, 0, 0],
          [0, 0, 0],
          [1, 1, 0],
          [1, 1, 1],
          [1, 0, 1],
        ],
        [
          [0, 0, 0],
          [0, 0, 1],
          [1, 1, 1],
          [1, 1, 1],
          [0, 1, 0],
        ],
        [
          [0, 1, 0],
          [1, 1, 1],
          [1, 1, 1],
          [0, 0, 0],
          [0, 0, 0],
        ],
      ],
    ]);
    // [kH][kW][in][out]
    const weights = make([
      [
        [
          [1, 1],
          [0, 1],
          [-1, -1],
        ],
        [
          [0, 0],
          [-1, 0],
          [0, 0],
        ],
        [
          [1, 1],
          [0, 1],
          [0, 0],
        ],
      ],
      [
        [
          [0, 0],
          [-1, 0],
          [0, 0],
        ],
        [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
        [
          [0, 0],
          [-1, 0],
          [0, 0],
        ],
      ],
      [
        [
          [1, 1],
          [1, 1],
          [0, 0],
        ],
        [
          [0, 0],
          [-1, 0],
          [0, 0],
        ],
        [
          [1, 1],
          [0, 1],
          [-1, -1],
        ],
      ],
    ]);
    const maps = [
      [
        [3, -1, 3],
        [-2, 0, 2],
        [1, 3, 4],
      ],
      [
        [7, 5, 7],
        [2, 6, 7],
        [5, 7, 8],
      ],
    ];

    it("sums the correlations of the channels, one channel at a time", () => {
      expect(image.shape).toEqual([1, 5, 5, 3]);
      expect(weights.shape).toEqual([3, 3, 3, 2]);
      const channels = image.permute([3, 0, 1, 2]);
      const kernels = weights.permute([3, 2, 0, 1]);
      for (const [out, map] of maps.entries()) {
        const parts = [0, 1, 2].map((channel) => correlate2d(channels.slice(channel, 0), kernels.slice(out, channel)));
        expect(parts.reduce((total, part) => add(total, part)).toArray()).toEqual(map);
      }
    });

    it("is what conv2d does at once", () => {
      expect(conv2d(nhwcToNchw(image), weights.permute([3, 2, 0, 1]), null).toArray()).toEqual([maps]);
    });
  });

  describe("Lessons 4 and 5", () => {
    const image = make([
      [1, 2, 3, 0, 3],
      [0, 1, 5, 0, 1],
      [1, 0, 2, 2, 0],
      [2, 3, 1, 3, 0],
      [0, 1, 0, 2, 0],
    ]);
    const filter = make([
      [1, 0, 1],
      [0, 1, 0],
      [1, 0, 1],
    ]);

    it("filters a 5x5 image, and one window of it is 8", () => {
      expect(correlate2d(image, filter).toArray()).toEqual([
        [8, 9, 8],
        [8, 9, 9],
        [6, 6, 5],
      ]);
      expect(
        correlate2d(
          [
            [1, 2, 3],
            [0, 1, 5],
            [1, 0, 2],
          ],
          [
            [1, 0, 1],
            [0, 1, 0],
            [1, 0, 1],
          ],
        ).item(),
      ).toBe(8);
    });

    it("steps by a pair [vertical, horizontal], and drops the rest", () => {
      expect(correlate2d(image, filter, { stride: 2 }).toArray()).toEqual([
        [8, 8],
        [6, 5],
      ]);
      expect(correlate2d(image, filter, { stride: [2, 1] }).toArray()).toEqual([
        [8, 9, 8],
        [6, 6, 5],
      ]);
      expect(correlate2d(image, filter, { stride: [1, 2] }).toArray()).toEqual([
        [8, 8],
        [8, 9],
        [6, 5],
      ]);
      expect(correlate2d(image, filter, { stride: 3 }).toArray()).toEqual([[8]]);
    });

    it("lets a 3x3 kernel look at 5x5 by dilation 2", () => {
      expect(correlate2d(image, filter, { dilation: 2 }).toArray()).toEqual([[1 + 3 + 2 + 0 + 0]]);
      expect(correlate2d(image, filter, { dilation: 2, mode: "full" }).shape).toEqual([9, 9]);
      expect(correlate2d(image, filter, { dilation: [2, 1] }).shape).toEqual([1, 3]);
      expect(correlate1d([1, 2, 3, 4, 5], [1, 10], { dilation: 3 }).toArray()).toEqual([41, 52]);
    });

    it("shows correlation, convolution and autocorrelation side by side on one image", () => {
      const corner = make([
        [1, 2],
        [0, 0],
      ]);
      expect(correlate2d(image, corner).slice(0).toArray()).toEqual([5, 8, 3, 6]);
      expect(convolve2d(image, corner).slice(0).toArray()).toEqual([1, 7, 10, 1]);
      const same = autocorrelate(image);
      expect(same.shape).toEqual([9, 9]);
      expect(same.at(4, 4)).toBe([...image.data].reduce((sum, value) => sum + value * value, 0));
      expect(same.argmax()).toBe(40);
    });
  });

  describe("Modes", () => {
    it("take every stride-th entry of what stride 1 gives", () => {
      const x = make([...randn([6, 7], { seed: 1 }).data], [6, 7]);
      const w = make([...randn([2, 3], { seed: 2 }).data], [2, 3]);
      for (const correlation of [correlate2d<FloatArray>, convolve2d<FloatArray>]) {
        for (const mode of ["valid", "full", "same"] as const) {
          for (const dilation of [1, [2, 1], [1, 2]] as const) {
            const whole = correlation(x, w, { mode, dilation });
            const part = correlation(x, w, { mode, dilation, stride: [3, 2] });
            const expected = whole.slice([0, null, 3], [0, null, 2]);
            expect(part.shape).toEqual(expected.shape);
            expectClose(part.data, expected.data, sumBound(6, 12, eps));
          }
        }
      }
    });

    it("take kernels larger than the signal, but for 'valid'", () => {
      expect(correlate1d([1, 2], [1, 10, 100], { mode: "full" }).toArray()).toEqual([100, 210, 21, 2]);
      expect(correlate1d([1, 2], [1, 10, 100], { mode: "same" }).toArray()).toEqual([210, 21]);
      expect(correlate2d([[1, 2]], [[1], [10]], { mode: "full" }).toArray()).toEqual([
        [10, 20],
        [1, 2],
      ]);
      expect(correlate1d([7], [3]).toArray()).toEqual([21]);
    });

    it("are one and the same for a kernel of one number", () => {
      for (const mode of ["valid", "full", "same"] as const) {
        expect(correlate1d(make([1, 2, 3]), make([2]), { mode }).toArray()).toEqual([2, 4, 6]);
        expect(convolve2d(make([[1, 2, 3]]), make([[2]]), { mode }).toArray()).toEqual([[2, 4, 6]]);
      }
    });
  });

  describe("Convolution", () => {
    it("does not care which of the two is called the kernel, in mode 'full'", () => {
      const [a, b] = [randn([5], { seed: 3 }), randn([3], { seed: 4 })].map((t) => make([...t.data]));
      expectClose(
        convolve1d(a, b, { mode: "full" }).data,
        convolve1d(b, a, { mode: "full" }).data,
        sumBound(3, 6, eps),
      );
    });

    it("leaves the kernel as it was", () => {
      const w = make([1, 2, 3]);
      convolve1d(make([1, 2, 3, 4]), w);
      expect(w.toArray()).toEqual([1, 2, 3]);
    });
  });

  describe("autocorrelate", () => {
    it("compares a signal with itself at every distance", () => {
      expect(autocorrelate(make([1, 2, 3])).toArray()).toEqual([3, 8, 14, 8, 3]);
      expect(autocorrelate(make([1, 2, 3]), { mode: "same" }).toArray()).toEqual([8, 14, 8]);
      expect(autocorrelate(make([1, 2, 3]), { mode: "valid" }).toArray()).toEqual([14]);
      expect(autocorrelate([1, 2, 3]).toArray()).toEqual([3, 8, 14, 8, 3]);
      expect(
        autocorrelate(
          make([
            [1, 2],
            [3, 4],
          ]),
        ).toArray(),
      ).toEqual([
        [4, 11, 6],
        [14, 30, 14],
        [6, 11, 4],
      ]);
      expect(
        autocorrelate(
          [
            [1, 2],
            [3, 4],
          ],
          { mode: "valid" },
        ).toArray(),
      ).toEqual([[30]]);
    });

    it("finds the period of a signal", () => {
      const periodic = autocorrelate(make([1, 0, 0, 1, 0, 0, 1, 0, 0])).slice([8]);
      expect(periodic.toArray()).toEqual([3, 0, 0, 2, 0, 0, 1, 0, 0]);
    });
  });

  it("Max pooling of [[4, 3], [2, 1]] with a 2x2 window gives 4", () => {
    expect(
      maxPool2d(
        make([
          [
            [
              [4, 3],
              [2, 1],
            ],
          ],
        ]),
        2,
        { stride: 1 },
      ).y.toArray(),
    ).toEqual([[[[4]]]]);
  });

  it("Plain numbers take the number format of the other operand", () => {
    expect(correlate1d(make([1, 2, 3]), [1, 1]).dtype).toBe(dtype);
    expect(convolve2d([[1, 2]], make([[1]])).dtype).toBe(dtype);
    expect(correlate1d([1, 2, 3], new Float32Array([1, 1])).dtype).toBe("float32");
    expect(correlate1d(new Uint8Array([1, 2, 3]), [1, 1]).toArray()).toEqual([3, 5]);
    expect(new Tensor([1]).dtype).toBe("float32");
  });
});
