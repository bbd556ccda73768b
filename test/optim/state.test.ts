// The state of optimizers: whoever takes it over makes the next step as if there had been no break.
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { zerosInit } from "../../src/init/constant.js";
import { Parameter } from "../../src/nn/parameter.js";
import { Adam } from "../../src/optim/adam.js";
import { Optimizer } from "../../src/optim/optimizer.js";
import { SGD, type SGDOptions } from "../../src/optim/sgd.js";
import type { OptimizerState } from "../../src/optim/state.js";
import { Tensor } from "../../src/base/tensor.js";
import { give } from "../nn/helpers.js";
import { onEachBackend } from "../support/backends.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture, type FixtureCase } from "../support/fixtures.js";

const STEPS = 6;

function parameterOf(...numbers: number[]): Parameter {
  return new Parameter(new Tensor(numbers));
}

function step(optimizer: Optimizer, ...gradients: (number | null)[]): void {
  optimizer.zeroGrad();
  gradients.forEach((dw, i) => dw !== null && optimizer.parameters[i].accumulate(new Tensor([dw])));
  optimizer.step();
}

const optimizers: [string, (parameters: Parameter[], options: never) => Optimizer][] = [
  ["sgd", (parameters, options) => new SGD(parameters, options)],
  ["adam", (parameters, options) => new Adam(parameters, options)],
];

describe.each(optimizers)("The state of %s", (fixture, build) => {
  const { cases } = loadFixture(fixture);

  onEachBackend(({ make }) => {
    const parametersOf = ({ tensors }: FixtureCase): Parameter[] =>
      [0, 1].map((index) => {
        const { shape, data } = tensors[`param${index}`];
        const parameter = new Parameter(shape, zerosInit());
        give(parameter, make(data, shape));
        return parameter;
      });
    const run = (optimizer: Optimizer, { tensors }: FixtureCase, from: number, to: number): void => {
      for (let at = from; at < to; at++) {
        optimizer.zeroGrad();
        optimizer.parameters.forEach((parameter, index) => {
          const dw = tensors[`grad${index}`].data.slice(at * parameter.size, (at + 1) * parameter.size);
          parameter.accumulate(make(dw as Float32Array, parameter.shape) as Tensor);
        });
        optimizer.step();
      }
    };
    const bits = (parameters: readonly Parameter[]): string[] =>
      parameters.map(({ value: { data } }) => Buffer.from(data.slice().buffer).toString("hex"));

    it.each(cases)("goes on bit for bit after each of PyTorch's six steps: $name", (fixtureCase) => {
      const whole = parametersOf(fixtureCase);
      run(build(whole, fixtureCase.options as never), fixtureCase, 0, STEPS);
      for (let cut = 0; cut <= STEPS; cut++) {
        const before = parametersOf(fixtureCase);
        const optimizer = build(before, fixtureCase.options as never);
        run(optimizer, fixtureCase, 0, cut);
        const state = optimizer.stateDict();
        const weights = before.map(({ value }) => value.clone());
        run(optimizer, fixtureCase, cut, STEPS); // the state is a copy: this does not change it

        const after = parametersOf(fixtureCase);
        after.forEach((parameter, index) => give(parameter, weights[index]));
        const restored = build(after, { lr: 77 } as never);
        restored.loadStateDict(state);
        run(restored, fixtureCase, cut, STEPS);
        expect(bits(after), `after ${cut} steps`).toEqual(bits(whole));
      }
    });
  });
});

describe("The first step", () => {
  it("of SGD with dampening stays a first step where there was none before, and only there", () => {
    // The buffer starts as the plain gradient: w = 0 - 1 * 4. With a buffer of 4 it is 0.5 * 4 + (1 - 0.75) * 4 = 3.
    const options: SGDOptions = { lr: 1, momentum: 0.5, dampening: 0.75 };
    const never = new SGD([parameterOf(0)], options).stateDict();
    expect(never.state).toEqual([null]);
    const once = new SGD([parameterOf(0)], options);
    step(once, 4);
    for (const [state, moved] of [
      [never, -4],
      [once.stateDict(), -3],
    ] as const) {
      const optimizer = new SGD([parameterOf(0)], { lr: 9 });
      step(optimizer, 1);
      optimizer.momentum = 0.9;
      step(optimizer, 1); // a buffer that a state without one must take away
      optimizer.loadStateDict(state);
      const before = optimizer.parameters[0].value.item();
      step(optimizer, 4);
      expect(optimizer.parameters[0].value.item() - before).toBeCloseTo(moved, 5);
    }
  });

  it("of Adam counts for each parameter by itself, and the largest square is absent until amsgrad", () => {
    const optimizer = new Adam([parameterOf(0), parameterOf(0)], { lr: 0.5 });
    step(optimizer, 3, null);
    const { state } = optimizer.stateDict();
    expect(state[0]).toMatchObject({ step: 1 });
    expect(Object.keys(state[0] ?? {})).toEqual(["step", "expAvg", "expAvgSq"]);
    expect(state[1]).toBeNull();
    optimizer.amsgrad = true;
    step(optimizer, 3, 3);
    const later = optimizer.stateDict();
    expect(Object.keys(later.state[0] ?? {})).toEqual(["step", "expAvg", "expAvgSq", "maxExpAvgSq"]);
    optimizer.loadStateDict({ ...later, state });
    expect(Object.keys(optimizer.stateDict().state[0] ?? {})).toEqual(["step", "expAvg", "expAvgSq"]);
    expect(optimizer.amsgrad).toBe(true);
  });
});

describe("A state", () => {
  it("holds options and moments worked out by hand, under PyTorch's names", () => {
    const optimizer = new Adam([parameterOf(1)], { lr: 1, betas: [0.5, 0.75], eps: 1, weightDecay: 2, amsgrad: true });
    step(optimizer, 2); // g = 2 + 2 * 1: m = 0.5 * 4, v = 0.25 * 16
    const { type, options, state } = optimizer.stateDict();
    expect({ type, options }).toEqual({
      type: "Adam",
      options: { lr: 1, betas: [0.5, 0.75], eps: 1, weightDecay: 2, amsgrad: true },
    });
    const numbers = Object.entries(state[0] ?? {}).map(([name, x]) => [name, typeof x === "number" ? x : x.item()]);
    expect(numbers).toEqual([
      ["step", 1],
      ["expAvg", 2],
      ["expAvgSq", 4],
      ["maxExpAvgSq", 4],
    ]);
  });

  it("that is refused changes nothing", () => {
    const optimizer = new Adam([parameterOf(1), parameterOf(2, 3)], { lr: 0.25 });
    optimizer.parameters.forEach((parameter) => parameter.accumulate(parameter.value));
    optimizer.step();
    const before = optimizer.stateDict();
    const entry = { step: 2, expAvg: new Tensor([9]), expAvgSq: new Tensor([9]) };
    const good: OptimizerState = { ...before, state: [entry, before.state[1]] };
    const last = (changes: object): OptimizerState => {
      return { ...good, state: [entry, { ...good.state[1], ...changes } as never] };
    };
    const who = "Adam.loadStateDict";
    const bad: [unknown, typeof ArgumentError | typeof ShapeError, string][] = [
      [null, ArgumentError, `${who}: expected an options object such as { type: ... }, got null.`],
      [{ ...good, stat: 1 }, ArgumentError, `${who}: unknown option "stat", did you mean "state"? (options: type, options, state).`],
      [new SGD([parameterOf(1)], { lr: 1 }).stateDict(), ArgumentError, `${who}: expected the state of Adam, got that of "SGD".`],
      [{ ...good, state: {} }, ArgumentError, `${who}: expected state to be a list, got an object (Object).`],
      [
        { ...good, state: [entry] },
        ArgumentError,
        `${who}: expected the state of 2 parameters, got that of 1 (it belongs to another model).`,
      ],
      [{ ...good, state: [entry, 5] }, ArgumentError, `${who}: expected state[1] to be an object or null, got 5.`],
      [last({ step: 0 }), ArgumentError, `${who}: expected state[1].step to be a whole number of at least 1, got 0.`],
      [last({ step: 1.5 }), ArgumentError, `${who}: expected state[1].step to be a whole number of at least 1, got 1.5.`],
      [
        last({ expAvg: [1, 2] }),
        ArgumentError,
        `${who}: expected state[1].expAvg to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).`,
      ],
      [
        last({ expAvg: Tensor.float64([1, 2]) }),
        ArgumentError,
        `${who}: expected state[1].expAvg in float32 as its parameter, got float64 (convert it with toFloat32()).`,
      ],
      [
        last({ maxExpAvgSq: new Tensor([1, 2, 3]) }),
        ShapeError,
        `${who}: expected state[1].maxExpAvgSq of the parameter's shape [2], got [3] (the state belongs to another model).`,
      ],
      [
        last({ exp_avg: 1 }),
        ArgumentError,
        `${who}: expected state[1] to have step, expAvg, expAvgSq, maxExpAvgSq, got "exp_avg", did you mean "expAvg"?`,
      ],
      [{ ...good, options: { lr: 1 } }, ArgumentError, `${who}: expected all of the options lr, betas, eps, weightDecay, amsgrad, got none of betas, eps, weightDecay, amsgrad.`],
      [{ ...good, options: { ...good.options, lr: -1 } }, ArgumentError, "Adam: expected lr to be a finite number of at least 0, got -1."],
    ]; // prettier-ignore
    for (const [state, type, message] of bad) {
      throwsExactly(() => optimizer.loadStateDict(state as OptimizerState), type, message);
    }
    expect(optimizer.stateDict()).toEqual(before);
    optimizer.loadStateDict(good);
    expect(optimizer.stateDict()).toEqual(good);
  });

  it("of SGD takes options over that only fit together", () => {
    const nesterov = new SGD([parameterOf(1)], { lr: 1, momentum: 0.9, nesterov: true });
    const plain = new SGD([parameterOf(1)], { lr: 2, dampening: 0.5 });
    const states = [nesterov.stateDict(), plain.stateDict()];
    plain.loadStateDict(states[0]);
    expect(plain.stateDict()).toEqual(states[0]);
    nesterov.loadStateDict(states[1]);
    expect(nesterov.stateDict()).toEqual(states[1]);
  });

  it("is asked of an optimizer of one's own only when it is needed", () => {
    class Plain extends Optimizer {
      step(): void {
        this.parameters.forEach(({ value, grad }) => value.data.forEach((w, i) => (value.data[i] = w - grad.data[i])));
      }
    }
    const plain = new Plain("Plain", [parameterOf(3)]);
    step(plain, 1);
    expect(plain.parameters[0].value.item()).toBe(2);
    const message =
      "Plain: expected an optimizer whose state can be written down, got one without it (give the class readState and " +
      "prepareState).";
    throwsExactly(() => plain.stateDict(), ArgumentError, message);
    throwsExactly(() => plain.loadStateDict({ type: "Plain", options: {}, state: [null] }), ArgumentError, message);
  });
});
