import { describe, expect, it } from "vitest";
import { ArgumentError, HandgradError } from "../../src/base/errors.js";
import { Parameter } from "../../src/nn/parameter.js";
import { SGD, type SGDOptions } from "../../src/optim/sgd.js";
import { zerosInit } from "../../src/init/constant.js";
import { Tensor } from "../../src/base/tensor.js";
import { compare, give } from "../nn/helpers.js";
import { onEachBackend } from "../support/backends.js";
import { sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture } from "../support/fixtures.js";

const { cases, refusedDraws } = loadFixture("sgd");

function parameterOf(...numbers: number[]): Parameter {
  return new Parameter(new Tensor(numbers));
}

describe("SGD", () => {
  it("goes down the gradient: w - lr * dw, not w * dw", () => {
    const w = parameterOf(1, -2);
    const optimizer = new SGD([w], { lr: 0.5 });
    w.accumulate(new Tensor([4, 8]));
    optimizer.step();
    expect(w.value.toArray()).toEqual([-1, -6]);
  });

  it("gives the numbers worked out by hand for momentum, dampening, nesterov and weight decay", () => {
    const run = (options: SGDOptions): number[] => {
      const w = parameterOf(8);
      const optimizer = new SGD([w], options);
      return [4, 2].map((dw) => {
        optimizer.zeroGrad();
        w.accumulate(new Tensor([dw]));
        optimizer.step();
        return w.value.item();
      });
    };
    // The buffer is 4, then 0.5 * 4 + 2 = 4.
    expect(run({ lr: 0.25, momentum: 0.5 })).toEqual([7, 6]);
    // The first step takes the plain gradient, then the buffer is 0.5 * 4 + 0.75 * 2 = 3.5.
    expect(run({ lr: 0.25, momentum: 0.5, dampening: 0.25 })).toEqual([7, 6.125]);
    // g + 0.5 * buffer: 4 + 2 = 6, then 2 + 2 = 4.
    expect(run({ lr: 0.25, momentum: 0.5, nesterov: true })).toEqual([6.5, 5.5]);
    // 4 + 0.5 * 8 = 8, then 2 + 0.5 * 6 = 5.
    expect(run({ lr: 0.25, weightDecay: 0.5 })).toEqual([6, 4.75]);
  });

  it("has live options: each step uses what they are then", () => {
    const w = parameterOf(0);
    const optimizer = new SGD([w], { lr: 1, momentum: 0.5 });
    w.accumulate(new Tensor([1]));
    optimizer.step();
    optimizer.lr = 0.125;
    optimizer.step(); // buffer 1.5
    expect(w.value.item()).toBe(-1.1875);
    optimizer.momentum = 0;
    optimizer.step();
    expect(w.value.item()).toBe(-1.3125);
  });

  it("checks live options as it checks those of the constructor, and keeps the old ones then", () => {
    const optimizer = new SGD([parameterOf(0)], { lr: 1, momentum: 0.5, nesterov: true });
    const nesterov = (momentum: number, dampening: number): string =>
      `SGD: expected momentum above 0 and dampening 0 with nesterov, got momentum ${momentum} and dampening ` +
      `${dampening}.`;
    const bad: [keyof SGDOptions, unknown, string][] = [
      ["lr", NaN, "SGD: expected lr to be a finite number of at least 0, got NaN."],
      ["momentum", -1, "SGD: expected momentum to be a finite number of at least 0, got -1."],
      ["momentum", 0, nesterov(0, 0)],
      ["dampening", 0.5, nesterov(0.5, 0.5)],
      ["dampening", "0", 'SGD: expected dampening to be a finite number, got "0".'],
      ["nesterov", 1, "SGD: expected nesterov to be true or false, got 1."],
      ["weightDecay", -0.1, "SGD: expected weightDecay to be a finite number of at least 0, got -0.1."],
    ];
    for (const [option, value, message] of bad) {
      throwsExactly(() => Object.assign(optimizer, { [option]: value }), ArgumentError, message);
    }
    const { lr, momentum, dampening, nesterov: isNesterov, weightDecay } = optimizer;
    expect({ lr, momentum, dampening, isNesterov, weightDecay }).toEqual({
      ...{ lr: 1, momentum: 0.5, dampening: 0, isNesterov: true, weightDecay: 0 },
    });
  });

  it("leaves a parameter without a gradient alone, and does not fill it", () => {
    let filled = 0;
    const unused = new Parameter([3], (tensor) => {
      filled++;
      tensor.data.fill(1);
    });
    const used = parameterOf(1);
    used.accumulate(new Tensor([1]));
    new SGD([unused, used], { lr: 1, weightDecay: 1 }).step();
    expect(filled).toBe(0);
    expect(used.value.item()).toBe(-1);
    expect(unused.value.toArray()).toEqual([1, 1, 1]);
  });

  it("zeroGrad sets gradients to zeros and leaves the numbers", () => {
    const w = parameterOf(1, 2);
    const optimizer = new SGD([w], { lr: 1 });
    w.accumulate(new Tensor([3, 4]));
    optimizer.zeroGrad();
    expect(w.grad.toArray()).toEqual([0, 0]);
    expect(w.value.toArray()).toEqual([1, 2]);
  });

  it("takes any iterable of parameters and keeps their order", () => {
    const parameters = new Set([new Parameter([1], zerosInit()), new Parameter([2], zerosInit())]);
    expect(new SGD(parameters, { lr: 1 }).parameters).toEqual([...parameters]);
  });

  onEachBackend(({ make, eps }) => {
    it.each(cases)("agrees with PyTorch in each of six steps: $name", ({ options, tensors }) => {
      const parameters = [0, 1].map((index) => {
        const { shape, data } = tensors[`param${index}`];
        const parameter = new Parameter(shape, zerosInit());
        give(parameter, make(data, shape));
        return parameter;
      });
      const optimizer = new SGD(parameters, options as unknown as SGDOptions);
      const terms = parameters.map((parameter) =>
        absoluteTerms(options as unknown as SGDOptions, parameter.value.data),
      );
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
          const bound = (i: number): number => sumBound(5 * (step + 1), terms[index].sums[i], eps);
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
      expect(() => new SGD([parameterOf(1)], options as unknown as SGDOptions)).toThrow(HandgradError);
    },
  );
});

/** The sum of the absolute values of all terms that w consists of after some steps. */
function absoluteTerms(
  options: SGDOptions,
  start: ArrayLike<number>,
): { sums: number[]; step(dw: ArrayLike<number>): void } {
  const { lr, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  const sums = Array.from(start, Math.abs);
  let velocity: number[] | undefined;
  return {
    sums,
    step(dw) {
      const g = sums.map((w, i) => Math.abs(dw[i]) + weightDecay * w);
      const before = velocity;
      velocity = g.map((g, i) => (before === undefined ? g : momentum * before[i] + Math.abs(1 - dampening) * g));
      for (let i = 0; i < sums.length; i++) {
        sums[i] += lr * (momentum === 0 ? g[i] : nesterov ? g[i] + momentum * velocity[i] : velocity[i]);
      }
    },
  };
}
