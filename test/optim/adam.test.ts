import { describe, expect, it } from "vitest";
import { ArgumentError, HandgradError } from "../../src/base/errors.js";
import { zerosInit } from "../../src/init/constant.js";
import { Parameter } from "../../src/nn/parameter.js";
import { Adam, type AdamOptions } from "../../src/optim/adam.js";
import { Tensor } from "../../src/base/tensor.js";
import { compare, give } from "../nn/helpers.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture } from "../support/fixtures.js";

const { cases, refusedDraws } = loadFixture("adam");

function parameterOf(...numbers: number[]): Parameter {
  return new Parameter(new Tensor(numbers));
}

/** w after each step with these gradients. */
function run(w: Parameter, options: AdamOptions, gradients: number[]): number[] {
  const optimizer = new Adam([w], options);
  return gradients.map((dw) => {
    optimizer.zeroGrad();
    w.accumulate(new Tensor([dw]));
    optimizer.step();
    return w.value.item();
  });
}

describe("Adam", () => {
  it("divides by the bias correction: the first step is lr in the gradient's direction, whatever its size", () => {
    for (const dw of [1e-3, 1, 1000]) {
      expectClose(run(parameterOf(0), { lr: 0.25 }, [dw]), [-0.25], 1e-5);
      expectClose(run(parameterOf(0), { lr: 0.25 }, [-dw]), [0.25], 1e-5);
    }
  });

  it("gives the numbers worked out by hand, away from the defaults", () => {
    // betas [0.5, 0.75], eps 1, gradients 2 and 6:
    // m = 1, v = 1, corrected 2 and 4: w = 0 - 1 * 2 / (2 + 1).
    // m = 0.5 + 3 = 3.5, v = 0.75 + 9 = 9.75, corrected 3.5 / 0.75 and 9.75 / 0.4375.
    const [first, second] = run(parameterOf(0), { lr: 1, betas: [0.5, 0.75], eps: 1 }, [2, 6]);
    expectClose([first], [-2 / 3], 1e-6);
    expectClose([second - first], [-(3.5 / 0.75) / (Math.sqrt(9.75 / 0.4375) + 1)], 1e-6);
  });

  it("adds weight decay to the gradient (L2), and keeps the largest v with amsgrad", () => {
    // g = 0 + 0.5 * 4 = 2: m / correction = 2, sqrt(v / correction) = 2.
    expectClose(run(parameterOf(4), { lr: 1, eps: 2, weightDecay: 0.5 }, [0]), [4 - 2 / 4], 1e-6);
    // betas [0, 0.5]: v = 8 (gradient 4), then 4.5 (gradient 1); corrections 0.5 and 0.75. Without amsgrad 4.5 / 0.75
    // = 6.
    const after = (amsgrad: boolean): number => {
      const [first, second] = run(parameterOf(0), { lr: 1, betas: [0, 0.5], eps: 0, amsgrad }, [4, 1]);
      return second - first;
    };
    expectClose([after(false)], [-1 / Math.sqrt(6)], 1e-6);
    expectClose([after(true)], [-1 / Math.sqrt(8 / 0.75)], 1e-6);
  });

  it("has live options: each step uses what they are then", () => {
    const w = parameterOf(0);
    const optimizer = new Adam([w], { lr: 1, betas: [0, 0], eps: 0 });
    w.accumulate(new Tensor([4]));
    optimizer.step();
    expect(w.value.item()).toBe(-1);
    optimizer.lr = 0.25;
    optimizer.step();
    expect(w.value.item()).toBe(-1.25);
    optimizer.eps = 4;
    optimizer.step();
    expect(w.value.item()).toBe(-1.375);
  });

  it("checks live options as it checks those of the constructor, and keeps the old ones then", () => {
    const optimizer = new Adam([parameterOf(0)]);
    const betas = "Adam: expected betas to be two numbers of at least 0 and below 1, got";
    const bad: [keyof AdamOptions, unknown, string][] = [
      ["lr", Infinity, "Adam: expected lr to be a finite number of at least 0, got Infinity."],
      ["betas", [0.9, 1], `${betas} [0.9, 1].`],
      ["betas", [-0.1, 0.9], `${betas} [-0.1, 0.9].`],
      ["betas", ["0.9", 0.999], `${betas} ["0.9", 0.999].`],
      ["betas", [NaN, 0.999], `${betas} [NaN, 0.999].`],
      ["betas", 0.9, `${betas} 0.9.`],
      ["eps", -1, "Adam: expected eps to be a finite number of at least 0, got -1."],
      ["weightDecay", "1", 'Adam: expected weightDecay to be a finite number of at least 0, got "1".'],
      ["amsgrad", 0, "Adam: expected amsgrad to be true or false, got 0."],
    ];
    for (const [option, value, message] of bad) {
      throwsExactly(() => Object.assign(optimizer, { [option]: value }), ArgumentError, message);
    }
    const { lr, betas: kept, eps, weightDecay, amsgrad } = optimizer;
    expect({ lr, kept, eps, weightDecay, amsgrad }).toEqual({
      ...{ lr: 1e-3, kept: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false },
    });
  });

  it("does not let betas be changed past the check", () => {
    const mine: [number, number] = [0.5, 0.5];
    const optimizer = new Adam([parameterOf(0)], { betas: mine });
    mine[0] = 7;
    expect(optimizer.betas).toEqual([0.5, 0.5]);
    expect(() => ((optimizer.betas as [number, number])[0] = 7)).toThrow(TypeError);
  });

  it("counts the steps of each parameter by itself: one that got its gradient later starts at step 1", () => {
    const [early, late] = [parameterOf(0), parameterOf(0)];
    const optimizer = new Adam([early, late], { lr: 0.5, eps: 0 });
    early.accumulate(new Tensor([3]));
    optimizer.step();
    late.accumulate(new Tensor([3]));
    optimizer.step();
    expectClose([early.value.item(), late.value.item()], [-1, -0.5], 1e-6);
  });

  onEachBackend(({ make, eps }) => {
    it.each(cases)("agrees with PyTorch in each of six steps: $name", ({ options, tensors }) => {
      const parameters = [0, 1].map((index) => {
        const { shape, data } = tensors[`param${index}`];
        const parameter = new Parameter(shape, zerosInit());
        give(parameter, make(data, shape));
        return parameter;
      });
      const optimizer = new Adam(parameters, options);
      const terms = parameters.map((parameter) => absoluteTerms(options, parameter.value.data));
      const steps = tensors.grad0.shape[0];
      for (let step = 0; step < steps; step++) {
        const row = (name: string, size: number): ArrayLike<number> =>
          tensors[name].data.slice(step * size, (step + 1) * size);
        optimizer.zeroGrad();
        parameters.forEach((parameter, index) => {
          const dw = row(`grad${index}`, parameter.size);
          parameter.accumulate(make(dw as Float32Array, parameter.shape) as Tensor);
          terms[index].step(dw);
        });
        optimizer.step();
        parameters.forEach((parameter, index) => {
          const expected = { shape: parameter.shape, data: row(`after${index}`, parameter.size) as Float64Array };
          const bound = (i: number): number => sumBound(8 * (step + 1), terms[index].sums[i], eps);
          compare(`after${index}, step ${step}`, parameter.value, expected, bound);
        });
      }
    });
  });

  it("has at least 10 cases by PyTorch, of six steps each", () => {
    expect(cases.length).toBeGreaterThanOrEqual(10);
    expect(cases.every(({ tensors }) => tensors.after0.shape[0] === 6)).toBe(true);
  });

  it.each(refusedDraws.map((draw) => ({ ...draw, title: JSON.stringify(draw.options) })))(
    "refuses what PyTorch refuses: $title: $message",
    ({ options }) => {
      expect(() => new Adam([parameterOf(1)], options)).toThrow(HandgradError);
    },
  );
});

/**
 * The sum of the absolute values of all terms that w consists of after some steps. An update is a quotient: it counts
 * with the terms of its numerator over its denominator, and once more as often as weight decay cancels in the
 * gradient.
 */
function absoluteTerms(
  options: AdamOptions,
  start: ArrayLike<number>,
): { sums: number[]; step(dw: ArrayLike<number>): void } {
  const { lr = 1e-3, betas: [beta1, beta2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad = false } = options;
  const w = Array.from(start);
  const sums = w.map(Math.abs);
  const [m, v, largest, mTerms, vTerms] = Array.from({ length: 5 }, () => w.map(() => 0));
  let t = 0;
  return {
    sums,
    step(dw) {
      t++;
      for (let i = 0; i < w.length; i++) {
        const g = dw[i] + weightDecay * w[i];
        const terms = Math.abs(dw[i]) + weightDecay * Math.abs(w[i]);
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        mTerms[i] = beta1 * mTerms[i] + (1 - beta1) * terms;
        vTerms[i] = beta2 * vTerms[i] + (1 - beta2) * terms * terms;
        largest[i] = Math.max(largest[i], v[i]);
        const square = amsgrad ? largest[i] : v[i];
        const scale = Math.sqrt(square / (1 - beta2 ** t)) + eps;
        w[i] -= (lr * m[i]) / (1 - beta1 ** t) / scale;
        const spread = square === 0 ? 1 : Math.max(vTerms[i] / square, 1);
        sums[i] += ((lr * mTerms[i]) / (1 - beta1 ** t) / scale) * spread;
      }
    },
  };
}
