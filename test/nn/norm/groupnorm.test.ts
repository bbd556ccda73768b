// GroupNorm: known answers by hand, PyTorch's numbers, and what is refused.
import { describe, expect, it } from "vitest";
import { ArgumentError, GroupNorm, ShapeError, Tensor, zeros } from "../../../src/index.js";
import { throwsExactly } from "../../support/errors.js";
import { matchesPyTorch } from "../helpers.js";

describe("GroupNorm", () => {
  matchesPyTorch({
    op: "groupNorm",
    atLeast: 30,
    make: ({ groups, ...options }: { groups: number; affine?: boolean; eps?: number }, { tensors }) =>
      new GroupNorm(groups, tensors.x.shape[1], options),
    // A rounding of x, R standard deviations from the mean: the smallest deviation here comes from eps where a group has one number.
    bounds: ({ tensors, options }, eps) => {
      const most = (name: string): number =>
        Array.from(tensors[name]?.data ?? [1]).reduce((a, b) => Math.max(a, Math.abs(b)), 1);
      const spread = Math.min(1 / Math.sqrt((options.eps as number | undefined) ?? 1e-5), 20);
      const [R, W, D, n] = [1 + most("x") * spread, most("weight"), most("dy"), tensors.x.data.length];
      return {
        y: 16 * eps * R * R * W,
        dx: 64 * eps * R * R * W * D * spread,
        dweight: 16 * eps * R * R * D * n,
        dbias: 4 * eps * D * n,
      };
    },
  });

  it("makes [1, 3] and [10, 14] of two groups [-1, 1] each; in one group of channels they share mean and variance", () => {
    const x = new Tensor([[[1, 3], [10, 14]]]); // prettier-ignore
    expect(new GroupNorm(2, 2, { eps: 0 }).forward(x).toArray()).toEqual([[[-1, 1], [-1, 1]]]); // prettier-ignore
    const [y] = new GroupNorm(1, 2, { eps: 0 }).forward(new Tensor([[[0, 0], [2, 2]]])).toArray() as number[][][]; // prettier-ignore
    expect(y).toEqual([[-1, -1], [1, 1]]); // prettier-ignore
  });

  it("refuses groups that do not divide, and other channels", () => {
    throwsExactly(
      () => new GroupNorm(3, 4),
      ArgumentError,
      "GroupNorm: expected numGroups to divide the 4 channels, got 3.",
    );
    throwsExactly(
      () => new GroupNorm(2, 4).forward(zeros([2, 3, 5])),
      ShapeError,
      "GroupNorm: expected input [N, 4, ...], got [2, 3, 5] (channels are axis 1).",
    );
  });
});
