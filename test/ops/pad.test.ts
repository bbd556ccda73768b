import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PadMode } from "../../src/backend/kernels.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { pad } from "../../src/ops/pad.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { throwsExactly } from "../support/errors.js";

const MODES: readonly PadMode[] = ["constant", "reflect", "replicate", "circular"];

// Where entry i of a padded axis comes from; undefined for the constant.
function source(i: number, before: number, size: number, mode: PadMode): number | undefined {
  const at = i - before;
  if (at >= 0 && at < size) return at;
  if (mode === "replicate") return at < 0 ? 0 : size - 1;
  if (mode === "reflect") return at < 0 ? -at : 2 * (size - 1) - at;
  return mode === "circular" ? (at + size) % size : undefined;
}

onEachBackend(({ make, dtype }) => {
  describe("pad", () => {
    const row = make([1, 2, 3]);
    const square = make([
      [1, 2],
      [3, 4],
    ]);

    it("adds before and after, by each mode", () => {
      expect(pad(row, [[2, 1]]).toArray()).toEqual([0, 0, 1, 2, 3, 0]);
      expect(pad(row, [[2, 1]], { value: -7 }).toArray()).toEqual([-7, -7, 1, 2, 3, -7]);
      expect(pad(row, [[2, 2]], { mode: "reflect" }).toArray()).toEqual([3, 2, 1, 2, 3, 2, 1]);
      expect(pad(row, [[3, 2]], { mode: "replicate" }).toArray()).toEqual([1, 1, 1, 1, 2, 3, 3, 3]);
      expect(pad(row, [[3, 2]], { mode: "circular" }).toArray()).toEqual([1, 2, 3, 1, 2, 3, 1, 2]);
      expect(pad(row, [[0, 1]]).dtype).toBe(dtype);
    });

    it("takes one pair for each of the last axes, in the order of the axes", () => {
      expect(pad(square, [[1, 0]]).toArray()).toEqual([
        [0, 1, 2],
        [0, 3, 4],
      ]);
      expect(
        pad(square, [
          [1, 0],
          [0, 0],
        ]).toArray(),
      ).toEqual([
        [0, 0],
        [1, 2],
        [3, 4],
      ]);
      expect(
        pad(square, [
          [0, 1],
          [2, 0],
        ]).toArray(),
      ).toEqual([
        [0, 0, 1, 2],
        [0, 0, 3, 4],
        [0, 0, 0, 0],
      ]);
      expect(
        pad(make([[[1]], [[2]]]), [
          [1, 0],
          [0, 0],
          [0, 1],
        ]).toArray(),
      ).toEqual([[[0, 0]], [[1, 0]], [[2, 0]]]);
    });

    it("fills the corners by the same mode", () => {
      expect(
        pad(
          square,
          [
            [1, 1],
            [1, 1],
          ],
          { mode: "reflect" },
        ).toArray(),
      ).toEqual([
        [4, 3, 4, 3],
        [2, 1, 2, 1],
        [4, 3, 4, 3],
        [2, 1, 2, 1],
      ]);
      expect(
        pad(
          square,
          [
            [1, 0],
            [0, 1],
          ],
          { mode: "replicate" },
        ).toArray(),
      ).toEqual([
        [1, 2, 2],
        [1, 2, 2],
        [3, 4, 4],
      ]);
      expect(
        pad(
          square,
          [
            [2, 0],
            [0, 1],
          ],
          { mode: "circular" },
        ).toArray(),
      ).toEqual([
        [1, 2, 1],
        [3, 4, 3],
        [1, 2, 1],
        [3, 4, 3],
      ]);
      expect(
        pad(
          square,
          [
            [1, 0],
            [1, 0],
          ],
          { value: -Infinity },
        ).toArray(),
      ).toEqual([
        [-Infinity, -Infinity, -Infinity],
        [-Infinity, 1, 2],
        [-Infinity, 3, 4],
      ]);
    });

    it("pads channels and batches as any other axis", () => {
      const x = make(
        Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => i),
        [2, 3, 2, 2],
      );
      const y = pad(
        x,
        [
          [0, 1],
          [2, 2],
          [0, 0],
          [0, 0],
        ],
        { mode: "circular" },
      );
      expect(y.shape).toEqual([3, 7, 2, 2]);
      for (let n = 0; n < 3; n++) {
        for (let c = 0; c < 7; c++) expect(y.slice(n, c).toArray()).toEqual(x.slice(n % 2, (c + 1) % 3).toArray());
      }
    });

    it("fills every entry from the right place, for drawn shapes and amounts", () => {
      const amounts = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { minLength: 3, maxLength: 3 });
      const shapes = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })));
      fc.assert(
        fc.property(shapes, amounts, fc.constantFrom(...MODES), (shape, drawn, mode) => {
          const room = (size: number): number =>
            ({ constant: 9, reflect: size - 1, replicate: 9, circular: size })[mode];
          const pairs = drawn.map(([p, q], i) => [p, q].map((n) => Math.min(n, room(shape[i]))) as [number, number]);
          const x = make(
            Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => i + 1),
            shape,
          );
          const y = pad(x, pairs, mode === "constant" ? { mode, value: -1 } : { mode });
          expect(y.shape).toEqual(shape.map((size, i) => size + pairs[i][0] + pairs[i][1]));
          y.data.forEach((value, i) => {
            const index = [
              Math.floor(i / y.shape[2] / y.shape[1]),
              Math.floor(i / y.shape[2]) % y.shape[1],
              i % y.shape[2],
            ];
            const from = index.map((at, axis) => source(at, pairs[axis][0], shape[axis], mode));
            expect(value).toBe(from.every((at): at is number => at !== undefined) ? x.at(...from) : -1);
          });
        }),
        { numRuns: 200, seed: 1 },
      );
    });

    it("copies x when there is nothing to add", () => {
      for (const amounts of [[], [[0, 0] as const]]) {
        const y = pad(row, amounts);
        y.data[0] = 9;
        expect(row.toArray()).toEqual([1, 2, 3]);
      }
      expect(pad(make(5), []).item()).toBe(5);
    });

    it("makes a tensor of one value of an empty one", () => {
      expect(pad(make([]), [[1, 2]], { value: 4 }).toArray()).toEqual([4, 4, 4]);
    });
  });
});

describe("pad refuses", () => {
  const x = new Tensor([[1, 2, 3]]);

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "more pairs than axes",
      () =>
        pad(x, [
          [1, 1],
          [1, 1],
          [1, 1],
        ]),
      ArgumentError,
      "pad: expected amounts to be at most 2 pairs [before, after], one for each of the last axes, got " +
        "[[1, 1], [1, 1], [1, 1]].",
    ],
    [
      "a flat list",
      () => pad(x, [1, 1] as never),
      ArgumentError,
      "pad: expected amounts[0] to be [before, after], got 1.",
    ],
    [
      "a negative amount",
      () => pad(x, [[-1, 0]]),
      ArgumentError,
      "pad: expected amounts[0][0] to be a whole number of at least 0, got -1.",
    ],
    [
      "an unknown mode",
      () => pad(x, [[1, 1]], { mode: "mirror" as never }),
      ArgumentError,
      'pad: expected mode to be one of "constant", "reflect", "replicate", "circular", got "mirror".',
    ],
    [
      "a value beside another mode",
      () => pad(x, [[1, 1]], { mode: "reflect", value: 1 }),
      ArgumentError,
      'pad: expected value to be a number beside mode "constant", got 1 with mode "reflect".',
    ],
    [
      "a reflection of the whole axis",
      () => pad(x, [[0, 3]], { mode: "reflect" }),
      ShapeError,
      'pad: expected at most 2 entries before and after axis 1 of [1, 3] in mode "reflect", got 3.',
    ],
    [
      "a reflection of an axis of size 1",
      () =>
        pad(
          x,
          [
            [1, 0],
            [0, 0],
          ],
          { mode: "reflect" },
        ),
      ShapeError,
      'pad: expected at most 0 entries before and after axis 0 of [1, 3] in mode "reflect", got 1.',
    ],
    [
      "more than one turn around",
      () => pad(x, [[4, 0]], { mode: "circular" }),
      ShapeError,
      'pad: expected at most 3 entries before and after axis 1 of [1, 3] in mode "circular", got 4.',
    ],
    [
      "the replication of nothing",
      () => pad(new Tensor([]), [[1, 0]], { mode: "replicate" }),
      ShapeError,
      'pad: expected at most 0 entries before and after axis 0 of [0] in mode "replicate", got 1.',
    ],
    [
      "an array",
      () => pad([1] as never, [[1, 1]]),
      ArgumentError,
      "pad: expected x to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).",
    ],
  ])("%s", (_, act, type, message) => throwsExactly(act, type, message));
});
