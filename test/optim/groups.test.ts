// Groups of parameters: lists with options of their own, live, and in the state. PyTorch's numbers are in optimizers.test.ts.
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError, StateError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { decodeCheckpoint, encodeCheckpoint, restoreCheckpoint } from "../../src/entries/io.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { Parameter } from "../../src/nn/parameter.js";
import { Adam } from "../../src/optim/adam.js";
import type { GroupOptions } from "../../src/optim/groups.js";
import type { OptimizerState } from "../../src/optim/state.js";
import { SGD, type SGDOptions } from "../../src/optim/sgd.js";
import { throwsExactly } from "../support/errors.js";

function parameterOf(...numbers: number[]): Parameter {
  const parameter = new Parameter(new Tensor(numbers));
  parameter.accumulate(new Tensor(numbers.map(() => 1)));
  return parameter;
}

describe("Groups of parameters", () => {
  it("have their own options and, for the rest, the optimizer's", () => {
    const [a, b, c] = [parameterOf(8), parameterOf(8), parameterOf(8)];
    const optimizer = new SGD(
      [
        { params: [a], lr: 2 },
        { params: [b, c], weightDecay: 0.5 },
      ],
      { lr: 1 },
    );
    optimizer.step();
    expect([a, b, c].map(({ value }) => value.item())).toEqual([8 - 2, 8 - (1 + 4), 8 - (1 + 4)]);
    expect(optimizer.parameters).toEqual([a, b, c]);
    expect(optimizer.groups.map(({ params, lr, weightDecay }) => ({ params, lr, weightDecay }))).toEqual([
      { params: [a], lr: 2, weightDecay: 0 },
      { params: [b, c], lr: 1, weightDecay: 0.5 },
    ]);
  });

  it("are one group where a list of parameters was given", () => {
    const a = parameterOf(1);
    const { groups } = new Adam([a], { lr: 0.5, betas: [0.5, 0.25] });
    expect(groups).toHaveLength(1);
    expect([groups[0].params, groups[0].lr, groups[0].betas, groups[0].eps]).toEqual([[a], 0.5, [0.5, 0.25], 1e-8]);
  });

  it("take a single parameter, any iterable, no parameters, options that are undefined; a parameter is one by itself", () => {
    const [a, b, c] = [parameterOf(1), parameterOf(2), parameterOf(3)];
    const given = [{ params: a }, { params: new Set([b]), lr: undefined }, { params: [], lr: 4 }, c];
    const optimizer = new SGD(given.values() as Iterable<GroupOptions<SGDOptions>>, { lr: 3 });
    expect(optimizer.parameters).toEqual([a, b, c]);
    expect(optimizer.groups.map(({ lr }) => lr)).toEqual([3, 3, 4, 3]);
  });

  it("need no learning rate of the optimizer when each has one", () => {
    const groups = [
      { params: [parameterOf(1)], lr: 1 },
      { params: [parameterOf(1)], lr: 2 },
    ];
    expect(new SGD(groups, {} as never).groups.map(({ lr }) => lr)).toEqual([1, 2]);
  });

  it("are live, each by itself, and an option of the optimizer means all of them", () => {
    const [a, b] = [parameterOf(0), parameterOf(0)];
    const optimizer = new SGD([{ params: [a], lr: 1 }, { params: [b] }], { lr: 2 });
    optimizer.groups[1].lr = 8;
    optimizer.step();
    expect([a.value.item(), b.value.item()]).toEqual([-1, -8]);
    optimizer.lr = 0.5;
    optimizer.step();
    expect([a.value.item(), b.value.item()]).toEqual([-1.5, -8.5]);
    expect([optimizer.lr, ...optimizer.groups.map(({ lr }) => lr)]).toEqual([0.5, 0.5, 0.5]);
  });

  it("whose options differ give no one value: reading it of the optimizer is an error that tells both", () => {
    const optimizer = new Adam([{ params: [parameterOf(1)], betas: [0.5, 0.5] }, { params: [parameterOf(1)] }]);
    throwsExactly(
      () => optimizer.betas,
      StateError,
      "Adam: expected one betas of all groups to read, got [0.5, 0.5] and [0.9, 0.999] (read it of a group: " +
        "optimizer.groups[0].betas).",
    );
    optimizer.groups[1].betas = [0.5, 0.5];
    expect(optimizer.betas).toEqual([0.5, 0.5]);
  });

  it("are all left as they are when one of them cannot take a value", () => {
    const optimizer = new SGD(
      [{ params: [parameterOf(1)] }, { params: [parameterOf(1)], momentum: 0.9, nesterov: true }],
      { lr: 1 },
    );
    const before = optimizer.stateDict();
    throwsExactly(
      () => (optimizer.momentum = 0),
      ArgumentError,
      "SGD group 1: expected momentum above 0 and dampening 0 with nesterov, got momentum 0 and dampening 0.",
    );
    throwsExactly(
      () => (optimizer.groups[1].lr = -1),
      ArgumentError,
      "SGD group 1: expected lr to be a finite number of at least 0, got -1.",
    );
    throwsExactly(
      () => (optimizer.lr = NaN),
      ArgumentError,
      "SGD: expected lr to be a finite number of at least 0, got NaN.",
    );
    expect(optimizer.stateDict()).toEqual(before);
  });

  it("that cannot be are errors that say which one", () => {
    const [a, b] = [parameterOf(1), parameterOf(2)];
    const bad: [unknown, string][] = [
      [
        [{ params: new Linear(1, 1) }],
        "SGD: expected parameter 0 to be a Parameter, got an object (Linear) (give it model.parameters()).",
      ],
      [[{ params: [a] }, new Linear(1, 1)], "SGD: expected parameter 1 to be a Parameter, got an object (Linear) (give it model.parameters())."],
      [{ params: [a] }, "SGD: expected parameters such as model.parameters(), got an object (Object) (a list of Parameters)."],
      [[{ params: [a] }, { params: [b, 3] }], "SGD: expected parameter 2 to be a Parameter, got 3 (give it model.parameters())."],
      [[{ params: [a] }, { params: [b, a] }], "SGD: expected each parameter once, got parameter 2 a second time."],
      [[{ params: [] }, { params: [] }], "SGD: expected at least one parameter, got none."],
      [
        [{ params: [a] }, { params: [b], learningRate: 1 }],
        'SGD group 1: unknown option "learningRate", did you mean "lr"? (options: lr, momentum, dampening, nesterov, ' +
          "weightDecay).",
      ],
      [[{ params: [a], lr: -1 }, { params: [b] }], "SGD group 0: expected lr to be a finite number of at least 0, got -1."],
      [
        [{ params: [a] }, { params: [b], nesterov: true }],
        "SGD group 1: expected momentum above 0 and dampening 0 with nesterov, got momentum 0 and dampening 0.",
      ],
    ]; // prettier-ignore
    for (const [groups, message] of bad) {
      throwsExactly(() => new SGD(groups as never, { lr: 1 }), ArgumentError, message);
    }
  });
});

describe("The state of groups", () => {
  const make = (): SGD => {
    const rest = { params: [parameterOf(4), parameterOf(4, 5)], weightDecay: 0.5 };
    return new SGD([{ params: [parameterOf(3)], lr: 2, momentum: 0.5 }, rest], { lr: 1 });
  };

  it("tells how many parameters each has and its options; of one group it tells nothing more", () => {
    const optimizer = make();
    optimizer.step();
    const first = { lr: 2, momentum: 0.5, dampening: 0, nesterov: false, weightDecay: 0 };
    const second = { ...first, lr: 1, momentum: 0, weightDecay: 0.5 };
    const { state, ...rest } = optimizer.stateDict();
    expect(rest).toEqual({
      ...{ type: "SGD", options: first },
      groups: [
        { size: 1, options: first },
        { size: 2, options: second },
      ],
    });
    expect(state.map((entry) => entry && Object.keys(entry))).toEqual([["momentumBuffer"], null, null]);
    expect(Object.keys(new SGD([parameterOf(1)], { lr: 1 }).stateDict())).toEqual(["type", "options", "state"]);
  });

  it("goes over to the same groups with other options", () => {
    const [from, to] = [make(), make()];
    from.step();
    to.lr = 9;
    to.loadStateDict(from.stateDict());
    expect(to.stateDict()).toEqual(from.stateDict());
    from.groups[0].lr = 7; // the state was a copy
    expect(to.groups[0].lr).toBe(2);
  });

  it("that is of other groups is refused and changes nothing; one from before there were groups is loaded", () => {
    const optimizer = make();
    const before = optimizer.stateDict();
    const who = "SGD.loadStateDict";
    const [first, second] = before.groups ?? [];
    const old: { -readonly [K in keyof OptimizerState]: OptimizerState[K] } = { ...before };
    delete old.groups;
    const bad: [object, typeof ArgumentError, string][] = [
      [old, ArgumentError, `${who}: expected the state of groups of [1, 2] parameters, got that of [3] (make the optimizer with the same groups).`],
      [{ ...before, groups: [second, first] }, ArgumentError, `${who}: expected the state of groups of [1, 2] parameters, got that of [2, 1] (make the optimizer with the same groups).`],
      [{ ...before, groups: 2 }, ArgumentError, `${who}: expected the state of groups of [1, 2] parameters, got that of [2] (make the optimizer with the same groups).`],
      [{ ...before, groups: [first, null] }, ArgumentError, `${who}: expected the state of groups of [1, 2] parameters, got that of [1, undefined] (make the optimizer with the same groups).`],
      [{ ...before, groups: [first, { ...second, options: null }] }, ArgumentError, `${who}: expected an options object such as { lr: ... }, got null.`],
      [{ ...before, groups: [first, { ...second, options: { lr: 1 } }] }, ArgumentError, `${who}: expected all of the options lr, momentum, dampening, nesterov, weightDecay, got none of momentum, dampening, nesterov, weightDecay.`],
      [{ ...before, groups: [first, { ...second, options: { ...second.options, lr: -1 } }] }, ArgumentError, "SGD: expected lr to be a finite number of at least 0, got -1."],
    ]; // prettier-ignore
    for (const [state, type, message] of bad) {
      throwsExactly(() => optimizer.loadStateDict(state as never), type, message);
    }
    expect(optimizer.stateDict()).toEqual(before);

    const plain = new SGD([parameterOf(1), parameterOf(2), parameterOf(3, 4)], { lr: 9 });
    throwsExactly(
      () => plain.loadStateDict(before),
      ArgumentError,
      `${who}: expected the state of groups of [3] parameters, got that of [1, 2] (make the optimizer with the same groups).`,
    );
    plain.loadStateDict(old);
    expect(plain.lr).toBe(2);
    const other: OptimizerState = {
      ...(old as OptimizerState),
      state: [null, null, { momentumBuffer: new Tensor([1]) }],
    };
    expect(() => plain.loadStateDict(other)).toThrow(ShapeError);
  });

  it("is in checkpoints", () => {
    const build = (): { model: Sequential; optimizer: SGD } => {
      const [first, second] = [new Linear(2, 2), new Linear(2, 1)];
      const groups = [{ params: first.parameters(), lr: 0.25 }, { params: second.parameters() }];
      return { model: new Sequential(first, second), optimizer: new SGD(groups, { lr: 0.5, momentum: 0.5 }) };
    };
    const train = ({ model, optimizer }: ReturnType<typeof build>): void => {
      model.forward(new Tensor([[1, 2]]));
      model.backward(new Tensor([[1]]));
      optimizer.step();
    };
    const [run, resumed] = [build(), build()];
    train(run);
    run.optimizer.groups[0].momentum = 0.75;
    const bytes = encodeCheckpoint(run);
    train(run);
    restoreCheckpoint(resumed, decodeCheckpoint(bytes));
    train(resumed);
    expect(resumed.optimizer.stateDict()).toEqual(run.optimizer.stateDict());
    expect(resumed.model.stateDict()).toEqual(run.model.stateDict());
    const single = new SGD(resumed.model.parameters(), { lr: 1 });
    throwsExactly(
      () => restoreCheckpoint({ model: resumed.model, optimizer: single }, decodeCheckpoint(bytes)),
      ArgumentError,
      "restoreCheckpoint: expected the state of groups of [4] parameters, got that of [2, 2] (make the optimizer with " +
        "the same groups).",
    );
  });
});
