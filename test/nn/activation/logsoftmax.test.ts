import { describe, expect, it } from "vitest";
import { LogSoftmax, type LogSoftmaxOptions } from "../../../src/nn/activation/logsoftmax.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose, sumBound } from "../../support/close.js";
import { alongLines, matchesPyTorch } from "../helpers.js";

describe("LogSoftmax", () => {
  onEachBackend(({ make: tensor, eps }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      const layer = new LogSoftmax();
      const [ln3, ln5] = [1.0986122886681098, 1.6094379124341003];
      const y = layer.forward(tensor([[0, ln3, 0]]) as Tensor);
      expectClose(y.data, [-ln5, ln3 - ln5, -ln5], 8 * eps);
      // dx = dy - e^y sum of dy, with e^y = [0.2, 0.6, 0.2]
      expectClose(layer.backward(tensor([[10, 5, 0]]) as Tensor).data, [7, -4, -3], 64 * eps);
    });

    it("stays finite where the logarithm of a softmax would be -Infinity", () => {
      expect(new LogSoftmax().forward(tensor([[0, 1000]]) as Tensor).toArray()).toEqual([[-1000, 0]]);
    });
  });

  it("says its axis, where it is not 1", () => {
    expect(new LogSoftmax().describe()).toBe("LogSoftmax()");
    expect(new LogSoftmax({ dim: 0 }).describe()).toBe("LogSoftmax({ dim: 0 })");
    expect(new LogSoftmax().outputShape([2, 3, 4])).toEqual([2, 3, 4]);
  });

  matchesPyTorch({
    op: "logSoftmax",
    atLeast: 10,
    make: (options: LogSoftmaxOptions) => new LogSoftmax(options),
    bounds: ({ options, tensors: { x, dy, y } }, eps) => {
      const { size, reach, over } = alongLines(x, options.dim as number);
      const terms = (i: number): number => reach(i) + Math.abs(y.data[i]);
      const probability = (i: number): number => (Number.isFinite(y.data[i]) ? Math.exp(y.data[i]) * terms(i) : 0);
      return {
        y: (i) => sumBound(size + 1, terms(i), eps),
        dx: (i) =>
          sumBound(size + 1, Math.abs(dy.data[i]) + probability(i) * over(i, (k) => Math.abs(dy.data[k])), eps),
      };
    },
  });
});
