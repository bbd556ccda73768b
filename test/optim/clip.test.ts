// Clipping of gradients by norm and by value, against PyTorch.
import { describe, expect, it } from "vitest";
import { ArgumentError, StateError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { zerosInit } from "../../src/init/constant.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { Parameter } from "../../src/nn/parameter.js";
import { clipGradNorm, clipGradValue, type ClipGradNormOptions } from "../../src/optim/clip.js";
import { give } from "../nn/helpers.js";
import { onEachBackend } from "../support/backends.js";
import { EPS32, expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture } from "../support/fixtures.js";

const { cases } = loadFixture("optim/clipGrad");

function withGradient(...numbers: number[]): Parameter {
  const parameter = new Parameter(new Tensor(numbers.map(() => 1)));
  parameter.accumulate(new Tensor(numbers));
  return parameter;
}

describe("Clipping", () => {
  onEachBackend(({ make, eps }) => {
    it.each(cases)("agrees with PyTorch: $name", ({ options, tensors, values }) => {
      const parameters = [0, 1, 2].map((index) => {
        const { shape, data } = tensors[`grad${index}`];
        const parameter = new Parameter(shape, zerosInit());
        give(parameter, make(new Float32Array(data.length), shape));
        parameter.accumulate(make(data, shape) as Tensor);
        return parameter;
      });
      const { maxNorm, normType, clipValue } = options as Record<string, number | string | undefined>;
      if (maxNorm === undefined) clipGradValue(parameters, clipValue as number);
      else {
        const which = normType === undefined ? {} : { normType: Number(normType) };
        const norm = clipGradNorm(parameters, maxNorm as number, which);
        expectClose([norm], [values.norm], 8 * eps * values.norm);
      }
      parameters.forEach(({ grad, shape }, index) => {
        const { data } = tensors[`after${index}`];
        expect(grad.shape).toEqual(shape);
        expectClose(grad.data, data, (i) => 8 * eps * Math.abs(data[i]), { name: `after${index}` });
      });
    });

    it("scales by the norm of all, once more by nothing, and leaves what is short enough to the bit", () => {
      const parameter = new Parameter([2], zerosInit());
      give(parameter, make([0, 0]));
      parameter.accumulate(make([3, -4]) as Tensor);
      expect(clipGradNorm(parameter, 6)).toBe(5);
      expect([...parameter.grad.data]).toEqual([3, -4]);
      clipGradNorm([parameter], 1);
      expectClose(parameter.grad.data, [0.6, -0.8], 1e-6);
      clipGradValue(parameter, 0.7);
      expectClose(parameter.grad.data, [0.6, -0.7], 1e-6);
    });
  });

  it("passes over frozen parameters and those without a gradient, and does not fill them", () => {
    const [free, frozen, without] = [withGradient(3), withGradient(400), new Linear(1, 1).weight];
    Object.assign(frozen, { requiresGrad: false });
    expect(clipGradNorm([free, frozen, without], 1)).toBe(3);
    clipGradValue([free, frozen, without], 0.5);
    expect(free.grad.item()).toBe(0.5);
    expect(frozen.grad.item()).toBe(400);
    expect(without.hasGrad).toBe(false);
    expect(clipGradNorm([without], 1)).toBe(0);
  });

  it("takes norms of gradients whose squares overflow or vanish", () => {
    expectClose([clipGradNorm(withGradient(3e30, 4e30), 1)], [5e30], 4 * EPS32 * 5e30);
    expectClose([clipGradNorm(withGradient(3e-30, 4e-30), 1)], [5e-30], 4 * EPS32 * 5e-30);
  });

  it("says when the norm is not finite, and changes nothing then", () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const parameter = withGradient(2, value);
      for (const normType of [2, Infinity, 1]) {
        throwsExactly(
          () => clipGradNorm(parameter, 1, { normType }),
          StateError,
          `clipGradNorm: expected gradients with a finite norm, got ${Math.abs(value)} (detectAnomaly finds where it comes ` +
            "from; { errorIfNonfinite: false } goes on).",
        );
      }
      expect(parameter.grad.data[0]).toBe(2);
      clipGradNorm(parameter, 1, { errorIfNonfinite: false });
      expect(parameter.grad.data[1]).toBeNaN();
    }
  });

  it("refuses unusable arguments", () => {
    const parameter = withGradient(1);
    const model = new Linear(1, 1);
    const norm = (maxNorm: unknown, options?: unknown) => () =>
      clipGradNorm(parameter, maxNorm as number, options as ClipGradNormOptions);
    const who = "clipGradNorm: expected";
    throwsExactly(norm(-1), ArgumentError, `${who} maxNorm to be a finite number of at least 0, got -1.`);
    throwsExactly(norm(undefined), ArgumentError, `${who} maxNorm to be a finite number of at least 0, got undefined.`);
    throwsExactly(
      norm(1, { normType: 0 }),
      ArgumentError,
      `${who} normType to be a number above 0 or Infinity, got 0.`,
    );
    throwsExactly(norm(1, 2), ArgumentError, `${who} an options object such as { normType: ... }, got 2.`);
    throwsExactly(
      () => clipGradNorm(model as never, 1),
      ArgumentError,
      `${who} parameters such as model.parameters(), got an object (Linear).`,
    );
    throwsExactly(
      () => clipGradNorm(model.parameters as never, 1),
      ArgumentError,
      `${who} parameters such as model.parameters(), got the function parameters.`,
    );
    throwsExactly(
      () => clipGradValue(parameter, NaN),
      ArgumentError,
      "clipGradValue: expected clipValue to be a finite number of at least 0, got NaN.",
    );
  });
});
