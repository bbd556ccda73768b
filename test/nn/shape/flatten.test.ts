import { describe, expect, it } from "vitest";
import { Flatten, type FlattenOptions } from "../../../src/nn/shape/flatten.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { matchesPyTorch } from "../helpers.js";

describe("Flatten", () => {
  onEachBackend(({ make: tensor }) => {
    it("joins all axes behind the batch, and takes them apart again", () => {
      const flatten = new Flatten();
      expect(
        flatten
          .forward(
            tensor([
              [
                [
                  [1, 2],
                  [3, 4],
                ],
              ],
              [
                [
                  [5, 6],
                  [7, 8],
                ],
              ],
            ]) as Tensor,
          )
          .toArray(),
      ).toEqual([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]);
      expect(
        flatten
          .backward(
            tensor([
              [1, 2, 3, 4],
              [5, 6, 7, 8],
            ]) as Tensor,
          )
          .toArray(),
      ).toEqual([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        [
          [
            [5, 6],
            [7, 8],
          ],
        ],
      ]);
    });
  });

  it("says its options, where they are not the defaults", () => {
    expect(new Flatten().describe()).toBe("Flatten()");
    expect(new Flatten({ startDim: 2, endDim: 3 }).describe()).toBe("Flatten({ startDim: 2, endDim: 3 })");
  });

  it("knows its output shape without data", () => {
    expect(new Flatten().outputShape([8, 32, 7, 7])).toEqual([8, 1568]);
  });

  matchesPyTorch({
    op: "flatten",
    atLeast: 10,
    make: (options: FlattenOptions) => new Flatten(options),
    bounds: () => ({ y: 0, dx: 0 }),
  });
});
