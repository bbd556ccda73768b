// Muon and LAMB: answers by hand, and what they refuse. PyTorch's form of the formulas: optimizers.test.ts.
import { describe, it } from "vitest";
import { ArgumentError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { Parameter } from "../../src/nn/parameter.js";
import { LAMB } from "../../src/optim/lamb.js";
import { Muon } from "../../src/optim/muon.js";
import { expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

const parameterOf = (rows: number[][]): Parameter => new Parameter(new Tensor(rows));

describe("Muon", () => {
  const exact = { nsCoefficients: [1.5, -0.5, 0], nsSteps: 40, weightDecay: 0 } as const; // Newton and Schulz's own: to 1

  it("steps by the orthogonal matrix nearest to the gradient: a rotation times a stretch leaves the rotation", () => {
    const [c, s] = [0.6, 0.8];
    for (const stretch of [
      [3, 1],
      [1, 0.25],
    ]) {
      // prettier-ignore
      const w = parameterOf([[0, 0], [0, 0]]); // prettier-ignore
      w.accumulate(new Tensor([[c * stretch[0], -s * stretch[1]], [s * stretch[0], c * stretch[1]]])); // prettier-ignore
      new Muon([w], { lr: 2, ...exact }).step();
      expectClose(w.value.data, [-2 * c, 2 * s, -2 * s, -2 * c], 1e-5);
    }
  });

  it("takes filters as one row an output channel, and tall matrices with a longer step", () => {
    const filters = new Parameter(new Tensor(new Float32Array(8), [2, 1, 2, 2]));
    filters.accumulate(new Tensor([5, 0, 0, 0, 0, 0, 0, 2], [2, 1, 2, 2]));
    const tall = parameterOf([[0], [0], [0], [0]]);
    tall.accumulate(new Tensor([[0], [3], [4], [0]]));
    new Muon([filters, tall], { lr: 1, ...exact }).step();
    expectClose(filters.value.data, [-1, 0, 0, 0, 0, 0, 0, -1], 1e-5);
    expectClose(tall.value.data, [0, -1.2, -1.6, 0], 1e-5); // sqrt(4 / 1) times 3/5 and 4/5
  });

  it("scales the weight to the norm sqrt(rows) first, if wanted, and decays by lr * weightDecay", () => {
    const w = parameterOf([[3, 0], [0, 4]]); // prettier-ignore
    w.accumulate(new Tensor([[0, 0], [0, 0]])); // prettier-ignore
    new Muon([w], { lr: 0.5, weightDecay: 0.2, normalize: true }).step();
    const k = (0.9 * Math.SQRT2) / 5;
    expectClose(w.value.data, [3 * k, 0, 0, 4 * k], 1e-6);
  });

  it("refuses vectors and odd options", () => {
    throwsExactly(
      () => new Muon([parameterOf([[1]]), new Parameter(new Tensor([1, 2]))]),
      ArgumentError,
      "Muon: expected weights of at least two axes, got parameter 1 of shape [2] (give biases to another optimizer).",
    );
    throwsExactly(
      () => new Muon([parameterOf([[1]])], { nsCoefficients: [1, 2] as never }),
      ArgumentError,
      "Muon: expected nsCoefficients to be three finite numbers a, b and c, got [1, 2].",
    );
    throwsExactly(
      () => new Muon([parameterOf([[1]])], { adjustLrFn: "match_rms_adamw" as never }),
      ArgumentError,
      'Muon: expected adjustLrFn to be one of "original", "matchRmsAdamw", got "match_rms_adamw", did you mean ' +
        '"matchRmsAdamw"?',
    );
  });
});

describe("LAMB", () => {
  it("steps by lr times the parameter's norm, in Adam's direction", () => {
    const w = parameterOf([[3, 4]]); // of norm 5; the first direction of Adam is the sign
    w.accumulate(new Tensor([[7, -0.1]]));
    new LAMB([w], { lr: 0.1, eps: 0 }).step();
    const length = (0.1 * 5) / Math.SQRT2;
    expectClose(w.value.data, [3 - length, 4 + length], 1e-6);
  });

  it("takes a norm of 0 as a ratio of 1", () => {
    const w = parameterOf([[0, 0]]);
    w.accumulate(new Tensor([[7, -2]]));
    new LAMB([w], { lr: 0.1, eps: 0 }).step();
    expectClose(w.value.data, [-0.1, 0.1], 1e-6);
  });
});
