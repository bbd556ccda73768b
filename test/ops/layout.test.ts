import { describe, expect, it } from "vitest";
import { arange } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { concat, nchwToNhwc, nhwcToNchw, stack } from "../../src/ops/layout.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

// Data are moved and no kernel runs, so there is nothing to repeat on another backend.
describe("nhwcToNchw and nchwToNhwc", () => {
  const images = arange(2 * 3 * 4 * 5).reshape([2, 3, 4, 5]);

  it("move the channels from the last axis to axis 1 and back", () => {
    const y = nhwcToNchw(images);
    expect(y.shape).toEqual([2, 5, 3, 4]);
    expect(y.at(1, 4, 2, 3)).toBe(images.at(1, 2, 3, 4));
    expect(y.at(0, 1, 2, 0)).toBe(images.at(0, 2, 0, 1));
    expect(nchwToNhwc(images).shape).toEqual([2, 4, 5, 3]);
    expect(nchwToNhwc(y).toArray()).toEqual(images.toArray());
    expect(nhwcToNchw(images.toFloat64()).dtype).toBe("float64");
  });

  it("turn pixels into planes", () => {
    const pixels = new Tensor([
      [
        [
          [1, 10],
          [2, 20],
        ],
        [
          [3, 30],
          [4, 40],
        ],
      ],
    ]);
    expect(nhwcToNchw(pixels).toArray()).toEqual([
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [10, 20],
          [30, 40],
        ],
      ],
    ]);
  });

  it("refuse what is no batch of images", () => {
    throwsExactly(
      () => nhwcToNchw(images.slice(0)),
      ShapeError,
      "nhwcToNchw: expected images [N, H, W, C], got [3, 4, 5].",
    );
    throwsExactly(
      () => nchwToNhwc(images.slice(0)),
      ShapeError,
      "nchwToNhwc: expected images [N, C, H, W], got [3, 4, 5].",
    );
    throwsExactly(
      () => nhwcToNchw([1] as never),
      ArgumentError,
      "nhwcToNchw: expected x to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).",
    );
  });
});

describe("concat", () => {
  const a = new Tensor([
    [1, 2],
    [3, 4],
  ]);
  const b = new Tensor([[5, 6]]);

  it("joins along the first axis, or another one", () => {
    expect(concat([a, b]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(concat([b, a, b], -2).toArray()).toEqual([
      [5, 6],
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(concat([a, b.reshape([2, 1])], 1).toArray()).toEqual([
      [1, 2, 5],
      [3, 4, 6],
    ]);
    expect(concat([a.reshape([2, 1, 2]), a.reshape([2, 1, 2])], 1).toArray()).toEqual([
      [
        [1, 2],
        [1, 2],
      ],
      [
        [3, 4],
        [3, 4],
      ],
    ]);
    expect(concat([a.toFloat64(), a.toFloat64()]).dtype).toBe("float64");
  });

  it("copies a single tensor, and takes empty ones", () => {
    const copy = concat([a]);
    copy.data[0] = 9;
    expect(a.at(0, 0)).toBe(1);
    expect(concat([a, new Tensor([], [0, 2])]).toArray()).toEqual(a.toArray());
    expect(concat([new Tensor([], [0, 2]), new Tensor([], [0, 3])], 1).shape).toEqual([0, 5]);
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "other sizes that differ",
      () => concat([a, b], 1),
      ShapeError,
      "concat: expected tensors of shape [2, any], got [1, 2].",
    ],
    [
      "another rank",
      () => concat([a, new Tensor([1, 2])]),
      ShapeError,
      "concat: expected tensors of shape [any, 2], got [2].",
    ],
    [
      "rank 0",
      () => concat([new Tensor(1), new Tensor(2)]),
      ShapeError,
      "concat: expected at least one axis, got tensors of rank 0 (use stack).",
    ],
    ["an empty list", () => concat([]), ArgumentError, "concat: expected an array of at least one Tensor, got []."],
    [
      "a tensor in place of the list",
      () => concat(a as never),
      ArgumentError,
      "concat: expected an array of at least one Tensor, got an object (Tensor).",
    ],
    [
      "an array in the list",
      () => concat([a, [5, 6] as never]),
      ArgumentError,
      "concat: expected tensors[1] to be a Tensor, got [5, 6] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "an axis that is none",
      () => concat([a], 2),
      ArgumentError,
      "concat: expected dim from -2 to 1 for rank 2, got 2.",
    ],
    [
      "float32 beside float64",
      () => concat([a, a.toFloat64() as never]),
      ArgumentError,
      "concat: expected operands of one number format, got float32 and float64 (convert one with toFloat64() or " +
        "toFloat32()).",
    ],
  ])("refuses %s", (_, act, type, message) => throwsExactly(act, type, message));
});

describe("stack", () => {
  const [a, b] = [new Tensor([1, 2]), new Tensor([3, 4])];

  it("joins along a new axis in any place", () => {
    expect(stack([a, b]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(stack([a, b], 1).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(stack([a, b], -1).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(stack([a, b], -2).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(stack([new Tensor(1), new Tensor(2), new Tensor(3)]).toArray()).toEqual([1, 2, 3]);
    expect(stack([a]).shape).toEqual([1, 2]);
  });

  it("refuses shapes that differ, and an axis that is none", () => {
    throwsExactly(() => stack([a, new Tensor([1])]), ShapeError, "stack: expected tensors of shape [2], got [1].");
    throwsExactly(() => stack([a, b], 2), ArgumentError, "stack: expected dim from -2 to 1 for rank 2, got 2.");
    throwsExactly(() => stack([]), ArgumentError, "stack: expected an array of at least one Tensor, got [].");
  });
});
