import { describe, expect, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { sum } from "../../src/ops/reduce.js";
import { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "../../src/ops/softmax.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { onEachBackend, onFloat64 } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

onEachBackend(({ make, eps, dtype }) => {
  const LN3 = 1.0986122886681098;

  describe("softmax", () => {
    it("turns numbers into probabilities", () => {
      expect(
        softmax(
          make([
            [1, 1],
            [0, -1000],
            [1000, 0],
          ]),
          1,
        ).toArray(),
      ).toEqual([
        [0.5, 0.5],
        [1, 0],
        [1, 0],
      ]);
      expectClose(softmax(make([0, LN3]), 0).data, [0.25, 0.75], 4 * eps);
      expect(softmax(make([[5]]), 1).toArray()).toEqual([[1]]);
      expect(softmax(make([1]), 0).dtype).toBe(dtype);
    });

    it("works along any axis", () => {
      expectClose(
        softmax(
          make([
            [0, 5],
            [LN3, 5],
          ]),
          0,
        ).data,
        [0.25, 0.5, 0.75, 0.5],
        4 * eps,
      );
      const x = randn([2, 3, 4], { seed: 1 });
      const y = softmax(make([...x.data], [2, 3, 4]), 1);
      const turned = softmax(make([...x.permute([0, 2, 1]).data], [2, 4, 3]), -1);
      expectClose(y.permute([0, 2, 1]).data, turned.data, sumBound(3, 1, eps));
      expectClose(sum(y, { dim: 1 }).data, new Array<number>(8).fill(1), sumBound(3, 1, eps));
    });

    it("gives a masked logit the probability 0, and NaN where a row has none", () => {
      expect(
        softmax(
          make([
            [1, -Infinity, 1],
            [NaN, 0, 0],
          ]),
          1,
        ).toArray(),
      ).toEqual([
        [0.5, 0, 0.5],
        [NaN, NaN, NaN],
      ]);
      expect(softmax(make([-Infinity, -Infinity]), 0).toArray()).toEqual([NaN, NaN]);
    });

    it("has the gradient y * (dy - sum of dy * y)", () => {
      expect(softmaxInputGrad(make([0.5, 0.5]), make([1, 0]), 0).toArray()).toEqual([0.25, -0.25]);
      const y = make([
        [0.25, 0.5],
        [0.75, 0.5],
      ]);
      expect(
        softmaxInputGrad(
          y,
          make([
            [4, 1],
            [0, 3],
          ]),
          0,
        ).toArray(),
      ).toEqual([
        [0.75, -0.5],
        [-0.75, 0.5],
      ]);
      expect(
        softmaxInputGrad(
          y,
          make([
            [4, 2],
            [4, 2],
          ]),
          0,
        ).toArray(),
      ).toEqual([
        [0, 0],
        [0, 0],
      ]);
    });
  });

  describe("logSoftmax", () => {
    it("is the logarithm of softmax", () => {
      expectClose(logSoftmax(make([0, LN3]), 0).data, [-1.3862943611198906, -0.2876820724517809], 8 * eps);
      const x = make([...randn([3, 5], { seed: 2 }).data], [3, 5]);
      const logs = [...softmax(x, 1).data].map(Math.log);
      expectClose(logSoftmax(x, 1).data, logs, (i) => sumBound(5, 1 + Math.abs(logs[i]), eps));
    });

    it("does not round small probabilities to 0", () => {
      expect(
        logSoftmax(
          make([
            [1000, 0],
            [0, -2000],
          ]),
          1,
        ).toArray(),
      ).toEqual([
        [0, -1000],
        [0, -2000],
      ]);
      expect(logSoftmax(make([3, -Infinity]), 0).toArray()).toEqual([0, -Infinity]);
    });

    it("has the gradient dy - exp(y) * sum of dy", () => {
      const y = logSoftmax(
        make([
          [3, 3],
          [3, 3],
        ]),
        1,
      );
      expectClose(
        logSoftmaxInputGrad(
          y,
          make([
            [1, 0],
            [2, 4],
          ]),
          1,
        ).data,
        [0.5, -0.5, -1, 1],
        16 * eps,
      );
      expectClose(
        logSoftmaxInputGrad(
          y,
          make([
            [1, 0],
            [2, 4],
          ]),
          0,
        ).data,
        [-0.5, -2, 0.5, 2],
        16 * eps,
      );
    });
  });

  it.each([1, 2, 3, 4, 5, 8, 9, 17, 33])("Both are right along an axis of size %d", (size) => {
    for (const inner of [1, 3, 4, 9]) {
      const x = randn([2, size, inner], { seed: size }).data.map((value) => Math.fround(4 * value));
      const line = (i: number): number[] => {
        const start = Math.floor(i / (size * inner)) * size * inner + (i % inner);
        return Array.from({ length: size }, (_, k) => x[start + k * inner]);
      };
      const logs = [...x].map((value, i) => {
        const most = Math.max(...line(i));
        return value - most - Math.log(line(i).reduce((total, other) => total + Math.exp(other - most), 0));
      });
      const tensor = make([...x], [2, size, inner]);
      const bound = (i: number): number => sumBound(size, 1 + Math.abs(logs[i]), eps);
      expectClose(logSoftmax(tensor, 1).data, logs, bound);
      // A relative error of exp is an absolute one of its argument.
      const ys = logs.map(Math.exp);
      expectClose(softmax(tensor, 1).data, ys, (i) => bound(i) * ys[i]);
    }
  });
});

// Central differences in float64 of sum of dy * f(x), one x at a time.
onFloat64(({ make }) => {
  describe("Gradients", () => {
    const shape = [2, 3, 2];
    const x = [...randn(shape, { seed: 8 }).data];
    const dy = [...randn(shape, { seed: 9 }).data];
    const h = 1e-5;

    it.each<[string, (x: Tensor<FloatArray>, dim: number) => Tensor<FloatArray>, typeof softmaxInputGrad<FloatArray>]>([
      ["softmax", softmax, softmaxInputGrad],
      ["logSoftmax", logSoftmax, logSoftmaxInputGrad],
    ])("of %s are its slopes along every axis", (_, f, gradient) => {
      for (const dim of [0, 1, 2]) {
        const loss = (values: number[]): number =>
          [...f(make(values, shape), dim).data].reduce((total, y, i) => total + y * dy[i], 0);
        const moved = (i: number, step: number): number[] => x.map((value, k) => (k === i ? value + step : value));
        const expected = x.map((__, i) => (loss(moved(i, h)) - loss(moved(i, -h))) / (2 * h));
        const dx = gradient(f(make(x, shape), dim), make(dy, shape), dim).data;
        expectClose(dx, expected, 1e-9);
        expect(() =>
          expectClose(
            dx,
            expected.map((slope) => slope * 1.001),
            1e-9,
          ),
        ).toThrow("expected");
      }
    });
  });
});

describe.each([
  ["softmax", softmax],
  ["logSoftmax", logSoftmax],
] as const)("%s refuses", (name, f) => {
  it("an axis that is none, rank 0, and arrays", () => {
    throwsExactly(
      () => f(new Tensor([[1, 2]]), 2),
      ArgumentError,
      `${name}: expected dim from -2 to 1 for rank 2, got 2.`,
    );
    throwsExactly(
      () => f(new Tensor([1]), undefined as never),
      ArgumentError,
      `${name}: expected dim from -1 to 0 for rank 1, got undefined.`,
    );
    throwsExactly(
      () => f(new Tensor(1), 0),
      ShapeError,
      `${name}: expected at least one axis, got a tensor of rank 0.`,
    );
    throwsExactly(
      () => f([1, 2] as never, 0),
      ArgumentError,
      `${name}: expected x to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).`,
    );
  });
});

describe.each([
  ["softmaxInputGrad", softmaxInputGrad],
  ["logSoftmaxInputGrad", logSoftmaxInputGrad],
] as const)("%s refuses", (name, f) => {
  it("a dy that does not fit", () => {
    const y = new Tensor([0.5, 0.5]);
    throwsExactly(
      () => f(y, new Tensor([[1, 2]]), 0),
      ShapeError,
      `${name}: expected dy of the output's shape [2], got [1, 2].`,
    );
    throwsExactly(() => f(y, y, 1), ArgumentError, `${name}: expected dim from -1 to 0 for rank 1, got 1.`);
  });
});
