// Lookahead over PyTorch's optimizers, with groups and a schedule; its state, options and errors.
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { decodeCheckpoint, encodeCheckpoint, restoreCheckpoint } from "../../src/entries/io.js";
import * as handgrad from "../../src/index.js";
import { zerosInit } from "../../src/init/constant.js";
import { Parameter } from "../../src/nn/parameter.js";
import { Lookahead } from "../../src/optim/lookahead.js";
import type { Optimizer } from "../../src/optim/optimizer.js";
import { SGD } from "../../src/optim/sgd.js";
import { ExponentialLR } from "../../src/optim/schedules/exponentialLR.js";
import { give } from "../nn/helpers.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture, type FixtureCase } from "../support/fixtures.js";

const STEPS = 24;
const { cases } = loadFixture("optim/Lookahead");

type Make = (data: never, shape: readonly number[]) => unknown;

function build(make: Make, { options, tensors }: FixtureCase): { parameters: Parameter[]; optimizer: Lookahead } {
  const parameters = [0, 1, 2].map((index) => {
    const { shape, data } = tensors[`param${index}`];
    const parameter = new Parameter(shape, zerosInit());
    give(parameter, make(data as never, shape) as Tensor);
    return parameter;
  });
  const { groups, ...inner } = options.inner as { groups?: { params: number[] }[] };
  const given = groups?.map((group) => ({ ...group, params: group.params.map((i) => parameters[i]) })) ?? parameters;
  const type = handgrad[options.optimizer as "SGD"] as new (parameters: unknown, options: unknown) => Optimizer;
  return { parameters, optimizer: new Lookahead(new type(given, inner), options.own as object) };
}

function step(make: Make, optimizer: Optimizer, { tensors }: FixtureCase, at: number): void {
  optimizer.zeroGrad();
  optimizer.parameters.forEach((parameter, index) => {
    const dw = tensors[`grad${index}`].data.slice(at * parameter.size, (at + 1) * parameter.size);
    parameter.accumulate(make(dw as never, parameter.shape) as Tensor);
  });
  optimizer.step();
}

const bits = (parameters: readonly Parameter[]): unknown => parameters.map(({ value }) => [...value.data]);

describe("Lookahead", () => {
  onEachBackend(({ make, eps }) => {
    it.each(cases)("agrees with the paper's algorithm over PyTorch in each of 24 steps: $name", (fixtureCase) => {
      const { parameters, optimizer } = build(make as Make, fixtureCase);
      const schedule = new ExponentialLR(optimizer, 0.95);
      for (let at = 0; at < STEPS; at++) {
        step(make as Make, optimizer, fixtureCase, at);
        schedule.step();
        parameters.forEach(({ value: { data, size } }, index) => {
          const expected = fixtureCase.tensors[`after${index}`].data.slice(at * size, (at + 1) * size);
          expectClose(data, expected, (i) => 400 * eps * (1 + Math.abs(expected[i])), { name: `step ${at}` });
        });
      }
    });

    it.each(cases)("goes on bit for bit from its state: $name", (fixtureCase) => {
      const whole = build(make as Make, fixtureCase);
      for (let at = 0; at < STEPS; at++) step(make as Make, whole.optimizer, fixtureCase, at);
      for (const cut of [0, 1, 4, 10]) {
        const before = build(make as Make, fixtureCase);
        for (let at = 0; at < cut; at++) step(make as Make, before.optimizer, fixtureCase, at);
        const after = build(make as Make, fixtureCase);
        step(make as Make, after.optimizer, fixtureCase, 7); // the state takes this away
        after.parameters.forEach((parameter, i) => give(parameter, before.parameters[i].value.clone()));
        after.optimizer.loadStateDict(JSON.parse(JSON.stringify(before.optimizer)) as never);
        for (let at = cut; at < STEPS; at++) step(make as Make, after.optimizer, fixtureCase, at);
        expect(bits(after.parameters), `after ${cut}`).toEqual(bits(whole.parameters));
      }
    });
  });

  it("has at least 6 cases, two of them with groups", () => {
    expect(cases.length).toBeGreaterThanOrEqual(6);
    expect(cases.filter(({ name }) => name.includes("groups")).length).toBe(2);
  });

  it("goes through a checkpoint", () => {
    const make = (): { model: handgrad.Sequential; optimizer: Lookahead } => {
      handgrad.manualSeed(2);
      const model = new handgrad.Sequential(new handgrad.Linear(3, 2));
      return { model, optimizer: new Lookahead(new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }), { k: 3 }) };
    };
    const train = ({ model, optimizer }: ReturnType<typeof make>, steps: number): unknown => {
      for (let i = 0; i < steps; i++) {
        optimizer.zeroGrad();
        model.parameters().forEach((parameter) => parameter.accumulate(parameter.value));
        optimizer.step();
      }
      return bits(model.parameters());
    };
    const [first, second] = [make(), make()];
    train(first, 4);
    const bytes = encodeCheckpoint(first);
    restoreCheckpoint(second, decodeCheckpoint(bytes));
    expect(train(second, 5)).toEqual(train(first, 5));
    expect(encodeCheckpoint(second)).toEqual(encodeCheckpoint(first));
  });

  it("leaves alone what is frozen, has live options, and refuses what it cannot use", () => {
    const [free, frozen] = [new Parameter(new Tensor([1])), new Parameter(new Tensor([1]))];
    frozen.requiresGrad = false;
    const optimizer = new Lookahead(new SGD([free, frozen], { lr: 1 }), { k: 1, alpha: 0.5 });
    for (const parameter of [free, frozen]) parameter.accumulate(new Tensor([1]));
    optimizer.step();
    expect([free.value.item(), frozen.value.item()]).toEqual([0.5, 1]);
    optimizer.alpha = 0;
    optimizer.lr = 5;
    optimizer.step();
    expect([free.value.item(), optimizer.lr, optimizer.groups[0].lr]).toEqual([0.5, 5, 5]);
    const who = "Lookahead: expected";
    throwsExactly(() => (optimizer.alpha = 2), ArgumentError, `${who} alpha to be a finite number from 0 to 1, got 2.`);
    throwsExactly(() => (optimizer.k = 0), ArgumentError, `${who} k to be a whole number of at least 1, got 0.`);
    throwsExactly(() => new Lookahead([free] as never), ArgumentError, `${who} an optimizer such as new SGD(...), got [an object (Parameter)].`);
    const state = optimizer.stateDict();
    const wrong = { ...state, state: [{ slowBuffer: new Tensor([1, 2]) }, null] };
    expect(() => optimizer.loadStateDict(wrong)).toThrow(ShapeError);
    expect(() => optimizer.loadStateDict({ ...state, options: { k: 1 } })).toThrow(ArgumentError);
  }); // prettier-ignore
});
