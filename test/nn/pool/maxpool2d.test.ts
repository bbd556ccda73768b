import { describe, expect, it } from "vitest";
import { ShapeError } from "../../../src/base/errors.js";
import { MaxPool2d, type MaxPool2dLayerOptions } from "../../../src/nn/pool/maxpool2d.js";
import { maxPool2dInputGrad } from "../../../src/ops/maxPool2d.js";
import type { PairOption } from "../../../src/base/shape.js";
import { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { throwsExactly } from "../../support/errors.js";
import { loadFixture, type FixtureTensor } from "../../support/fixtures.js";
import { matchesPyTorch, sumBounds, tensorOf } from "../helpers.js";

interface Options extends MaxPool2dLayerOptions {
  readonly kernelSize: PairOption;
}

function make({ kernelSize, ...options }: Options): MaxPool2d {
  return new MaxPool2d(kernelSize, options);
}

describe("MaxPool2d", () => {
  onEachBackend((context) => {
    const tensor = (data: number[][]): Tensor => context.make([[data]]) as Tensor;

    it("takes the largest of each window and sends its gradient back there", () => {
      const pool = new MaxPool2d(2);
      expect(
        pool
          .forward(
            tensor([
              [1, 5, 2, 0],
              [3, 4, 7, 8],
              [9, 6, 1, 1],
              [0, 0, 1, 2],
            ]),
          )
          .toArray(),
      ).toEqual([
        [
          [
            [5, 8],
            [9, 2],
          ],
        ],
      ]);
      expect(
        pool
          .backward(
            tensor([
              [1, 10],
              [100, 1000],
            ]),
          )
          .toArray(),
      ).toEqual([
        [
          [
            [0, 1, 0, 0],
            [0, 0, 0, 10],
            [100, 0, 0, 0],
            [0, 0, 0, 1000],
          ],
        ],
      ]);
    });

    it("adds up gradients where windows overlap", () => {
      const pool = new MaxPool2d(2, { stride: 1 });
      expect(
        pool
          .forward(
            tensor([
              [1, 2, 3],
              [4, 9, 5],
              [6, 7, 8],
            ]),
          )
          .toArray(),
      ).toEqual([
        [
          [
            [9, 9],
            [9, 9],
          ],
        ],
      ]);
      expect(
        pool
          .backward(
            tensor([
              [1, 10],
              [100, 1000],
            ]),
          )
          .toArray(),
      ).toEqual([
        [
          [
            [0, 0, 0],
            [0, 1111, 0],
            [0, 0, 0],
          ],
        ],
      ]);
    });

    it("counts padding as -Infinity, never as 0", () => {
      const pool = new MaxPool2d(3, { stride: 2, padding: 1 });
      expect(
        pool
          .forward(
            tensor([
              [-4, -3, -2],
              [-5, -9, -9],
              [-9, -9, -7],
            ]),
          )
          .toArray(),
      ).toEqual([
        [
          [
            [-3, -2],
            [-5, -7],
          ],
        ],
      ]);
    });

    it("takes the first of equal numbers in row-major order", () => {
      const pool = new MaxPool2d(2, { returnIndices: true });
      pool.forward(
        tensor([
          [7, 7],
          [7, 7],
        ]),
      );
      expect(pool.indices).toEqual(Int32Array.of(0));
      expect(pool.backward(tensor([[1]])).toArray()).toEqual([
        [
          [
            [1, 0],
            [0, 0],
          ],
        ],
      ]);
    });

    it("hands on a NaN, and its gradient goes to the last one", () => {
      const pool = new MaxPool2d([1, 3], { returnIndices: true });
      expect(pool.forward(tensor([[NaN, NaN, 9]])).item()).toBeNaN();
      expect(pool.indices).toEqual(Int32Array.of(1));
    });

    it("leaves out rows that the stride does not reach; ceilMode takes them", () => {
      const image = [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ];
      expect(new MaxPool2d(2).forward(tensor(image)).toArray()).toEqual([[[[5]]]]);
      const pool = new MaxPool2d(2, { ceilMode: true });
      expect(pool.forward(tensor(image)).toArray()).toEqual([
        [
          [
            [5, 6],
            [8, 9],
          ],
        ],
      ]);
    });

    it.each(loadFixture("maxPool2d").cases)("has PyTorch's indices: $name", ({ options, tensors }) => {
      const pool = make({ ...(options as unknown as Options), returnIndices: true });
      pool.forward(tensorOf(context, tensors.x) as Tensor);
      expect(pool.indices).toEqual(tensors.indices.data);
    });
  });

  it("keeps indices only with returnIndices; what a caller holds does not change with the next forward", () => {
    const plain = new MaxPool2d(2);
    plain.forward(
      new Tensor([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
    );
    expect(plain.indices).toBeNull();
    const pool = new MaxPool2d(2, { returnIndices: true });
    pool.forward(
      new Tensor([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
    );
    const held = pool.indices;
    pool.predict(
      new Tensor([
        [
          [
            [9, 2],
            [3, 4],
          ],
        ],
      ]),
    );
    expect(held).toEqual(Int32Array.of(3));
    expect(pool.indices).toEqual(Int32Array.of(0));
    // Nor does writing into them disturb the backward.
    held![0] = 2;
    expect(pool.backward(new Tensor([[[[5]]]])).toArray()).toEqual([
      [
        [
          [0, 0],
          [0, 5],
        ],
      ],
    ]);
  });

  it("says its options, where they are not the defaults", () => {
    expect(new MaxPool2d(2).describe()).toBe("MaxPool2d([2, 2])");
    expect(new MaxPool2d(2, { stride: [2, 2] }).describe()).toBe("MaxPool2d([2, 2])");
    const options = { stride: 1, padding: [1, 0], dilation: 2, ceilMode: true, returnIndices: true } as const;
    expect(new MaxPool2d([3, 2], options).describe()).toBe(
      "MaxPool2d([3, 2], { stride: [1, 1], padding: [1, 0], dilation: [2, 2], ceilMode: true, returnIndices: true })",
    );
  });

  it("knows its output shape without data", () => {
    expect(new MaxPool2d(2, { stride: 2, padding: 1 }).outputShape([5, 16, 26, 26])).toEqual([5, 16, 14, 14]);
  });

  it("refuses a window of nothing but padding, which PyTorch leaves undefined", () => {
    throwsExactly(
      () => new MaxPool2d(2, { padding: 1, dilation: 3, stride: 1 }).outputShape([1, 1, 2, 9]),
      ShapeError,
      "MaxPool2d: expected every window to hold a pixel of the image, got window 0 of the rows with nothing but " +
        "padding " +
        "(input [1, 1, 2, 9]; use less dilation).",
    );
    for (const { options, shapes } of loadFixture("maxPool2d").undefinedDraws) {
      expect(() => make(options as unknown as Options).outputShape(shapes.x)).toThrow("nothing but padding");
    }
  });

  matchesPyTorch({
    op: "maxPool2d",
    atLeast: 40,
    make,
    bounds: ({ options, tensors: { x, dy, indices } }, eps) => {
      const { kernelSize, ...rest } = options as unknown as Options;
      const back = (dy: Parameters<typeof maxPool2dInputGrad>[0]): ReturnType<typeof maxPool2dInputGrad> =>
        maxPool2dInputGrad(dy, (indices as FixtureTensor<Int32Array>).data, x.shape, kernelSize, rest);
      return { y: 0, dx: sumBounds(eps, back, [dy]) };
    },
  });
});
