// Schedules of the learning rate against PyTorch's, over 200 steps each. The list is src/optim/schedules/schedules.ts.
import { describe, expect, it } from "vitest";
import { ArgumentError, HandgradError, StateError } from "../../../src/base/errors.js";
import { Tensor } from "../../../src/base/tensor.js";
import * as handgrad from "../../../src/index.js";
import { Parameter } from "../../../src/nn/parameter.js";
import { Adam } from "../../../src/optim/adam.js";
import { Optimizer } from "../../../src/optim/optimizer.js";
import * as schedules from "../../../src/optim/schedules/schedules.js";
import type { LRScheduler, ScheduledOptimizer, SchedulerState } from "../../../src/optim/schedules/scheduler.js";
import { SGD } from "../../../src/optim/sgd.js";
import type { OptimizerState } from "../../../src/optim/state.js";
import { expectClose } from "../../support/close.js";
import { throwsExactly } from "../../support/errors.js";
import { loadFixture, type FixtureCase } from "../../support/fixtures.js";

const STEPS = 200;
const { cases, refusedDraws } = loadFixture("schedules");

interface Spec {
  readonly type: keyof typeof schedules;
  readonly args?: readonly unknown[];
  readonly options?: object;
  readonly factors?: readonly string[];
  readonly schedules?: readonly Spec[];
  readonly milestones?: readonly number[];
}

const FACTORS: Readonly<Record<string, (t: number) => number>> = {
  inverse: (t) => 1 / (1 + t),
  steps: (t) => 0.5 ** Math.floor(t / 40),
  root: (t) => Math.sqrt((t % 50) + 1),
};

const parameter = (): Parameter => new Parameter(new Tensor([1]));

/** Two groups, as the fixture's. */
function optimizerOf({ options }: Pick<FixtureCase, "options">): SGD | Adam {
  const groups = [
    { params: parameter(), lr: 0.2 },
    { params: parameter(), lr: 0.003 },
  ];
  return options.optimizer === "Adam" ? new Adam(groups) : new SGD(groups, { lr: 1, momentum: 0.6 });
}

function build({ type, args = [], options = {}, ...spec }: Spec, optimizer: ScheduledOptimizer): LRScheduler {
  const inner = spec.schedules?.map((each) => build(each, optimizer)) ?? [];
  if (type === "ChainedScheduler") return new schedules.ChainedScheduler(inner);
  if (type === "SequentialLR") return new schedules.SequentialLR(optimizer, inner, spec.milestones ?? []);
  const make = schedules[type] as unknown as new (...all: readonly unknown[]) => LRScheduler;
  if (spec.factors !== undefined) return new make(optimizer, spec.factors.map((name) => FACTORS[name])); // prettier-ignore
  return new make(optimizer, ...args, options);
}

const specOf = ({ options }: Pick<FixtureCase, "options">): Spec => options.schedule as Spec;

/** Steps `from` to `to`, with the learning rates and momenta after each. */
function run(
  schedule: LRScheduler,
  { tensors }: FixtureCase,
  from: number,
  to: number,
): { lrs: number[]; momenta: number[] } {
  const [lrs, momenta]: number[][] = [[], []];
  for (let step = from; step < to; step++) {
    schedule.step(tensors.metrics?.data[step]);
    lrs.push(...schedule.lastLr);
    momenta.push(...momentaOf(schedule));
  }
  return { lrs, momenta };
}

function momentaOf({ optimizer }: LRScheduler): number[] {
  return (optimizer.groups ?? []).map(({ momentum, betas }) => betas?.[0] ?? momentum ?? NaN);
}

describe("Schedules", () => {
  it("are those that the package exports, and each has PyTorch's numbers in at least three cases", () => {
    const exported = Object.entries(handgrad).filter(([name, value]) => {
      return typeof value === "function" && value.prototype instanceof handgrad.LRScheduler && name !== "LRScheduler";
    });
    expect(Object.fromEntries(exported)).toEqual({ ...schedules });
    for (const type of Object.keys(schedules)) {
      expect(cases.filter((each) => specOf(each).type === type).length, type).toBeGreaterThanOrEqual(3);
    }
  });

  // An error of the first steps stays in all that are made from them: 1e-11 of the largest learning rate of the group.
  it.each(cases)("agree with PyTorch in each of 200 steps: $name", (fixtureCase) => {
    const { lrs, momenta } = fixtureCase.tensors;
    const schedule = build(specOf(fixtureCase), optimizerOf(fixtureCase));
    const largest = [0, 1].map((i) => Math.max(...lrs.data.filter((_, at) => at % 2 === i)));
    const actual = { lrs: [...schedule.lastLr], momenta: momentaOf(schedule) };
    const rest = run(schedule, fixtureCase, 0, STEPS);
    expectClose([...actual.lrs, ...rest.lrs], lrs.data, (i) => 1e-11 * largest[i % 2], { name: "lrs" });
    if (momenta !== undefined) expectClose([...actual.momenta, ...rest.momenta], momenta.data, 1e-13);
    else expect(new Set(rest.momenta).size).toBe(1);
  });

  it.each(cases)("go on from their state with the same bits, as JSON: $name", (fixtureCase) => {
    const whole = build(specOf(fixtureCase), optimizerOf(fixtureCase));
    const all = run(whole, fixtureCase, 0, STEPS);
    for (const cut of [0, 1, 20, 77]) {
      const first = build(specOf(fixtureCase), optimizerOf(fixtureCase));
      run(first, fixtureCase, 0, cut);
      const [state, optimizer] = JSON.parse(JSON.stringify([first.stateDict(), first.optimizer.stateDict()])) as [
        SchedulerState,
        OptimizerState,
      ];
      const next = optimizerOf(fixtureCase);
      next.lr = 0.7; // what a schedule sets when it is made does not matter: the state has the learning rates
      const second = build(specOf(fixtureCase), next);
      run(second, fixtureCase, 0, 3);
      next.loadStateDict(optimizer);
      second.loadStateDict(state);
      const rest = run(second, fixtureCase, cut, STEPS);
      expect(rest).toEqual({ lrs: all.lrs.slice(2 * cut), momenta: all.momenta.slice(2 * cut) });
      expect(second.stateDict()).toEqual(whole.stateDict());
    }
  });

  it.each(refusedDraws.map((draw) => ({ ...draw, title: JSON.stringify(draw.options.schedule) })))(
    "refuse what PyTorch refuses: $title: $message",
    ({ options }) => {
      expect(() => {
        const schedule = build(specOf({ options }), optimizerOf({ options }));
        for (let step = 0; step < STEPS; step++) schedule.step();
      }).toThrow(HandgradError);
    },
  );
});

describe("A schedule", () => {
  it("gives the numbers worked out by hand", () => {
    const optimizer = new SGD([parameter()], { lr: 8 });
    const schedule = new schedules.StepLR(optimizer, 2, { gamma: 0.5 });
    const seen = [1, 2, 3, 4, 5].map(() => {
      schedule.step();
      return optimizer.lr;
    });
    expect(seen).toEqual([8, 4, 4, 2, 2]);
  });

  it("goes on from a learning rate that was changed by hand, where it multiplies", () => {
    const optimizer = new SGD([parameter()], { lr: 8 });
    const schedule = new schedules.ExponentialLR(optimizer, 0.5);
    schedule.step();
    optimizer.lr = 100;
    schedule.step();
    expect(optimizer.lr).toBe(50);
  });

  it("starts from where the optimizer was before another schedule was made, until one has taken a step", () => {
    const optimizer = new SGD([parameter()], { lr: 8 });
    const warmUp = new schedules.LinearLR(optimizer, { startFactor: 0.25, totalIters: 3 });
    expect(optimizer.lr).toBe(2);
    new schedules.LambdaLR(optimizer, (t) => 1 / (1 + t));
    expect(optimizer.lr).toBe(8);
    warmUp.step();
    optimizer.lr = 5;
    const next = new schedules.LambdaLR(optimizer, (t) => 1 / (1 + t));
    next.step();
    expect(optimizer.lr).toBe(2.5);
  });

  it("works on an optimizer of one's own that has lr and no groups", () => {
    class Plain extends Optimizer {
      lr = 4;
      override step(): void {
        return;
      }
    }
    const plain = new Plain("Plain", [parameter()]);
    const schedule = new schedules.ExponentialLR(plain, 0.5);
    schedule.step();
    expect(plain.lr).toBe(2);
    expect(schedule.lastLr).toEqual([2]);
    const cycle = (): unknown => new schedules.OneCycleLR(plain, 1, { totalSteps: 9 });
    throwsExactly(
      cycle,
      ArgumentError,
      "OneCycleLR: expected an optimizer with momentum or betas, got one without (give { cycleMomentum: false }).",
    );
    const once = new schedules.OneCycleLR(plain, 1, { totalSteps: 9, cycleMomentum: false });
    expectClose(once.lastLr, [1 / 25], 1e-15);
  });

  it("of one cycle stays at its last learning rate after the last step, and then is at its end", () => {
    const optimizer = new SGD([parameter()], { lr: 8, momentum: 0.5 });
    const schedule = new schedules.OneCycleLR(optimizer, 1, { totalSteps: 4, annealStrategy: "linear", pctStart: 0.5 });
    const seen = [optimizer.lr];
    for (let step = 0; step < 4; step++) {
      schedule.step();
      seen.push(optimizer.lr);
    }
    expectClose(seen, [0.04, 1, (1 + 4e-6) / 2, 4e-6, 4e-6], 1e-15);
    throwsExactly(
      () => schedule.step(),
      StateError,
      "OneCycleLR: expected at most 4 steps, got one more (make it with the steps of the run).",
    );
    expect(schedule.stateDict().step).toBe(4);
  });

  it("with warm restarts takes parts of epochs", () => {
    const optimizer = new SGD([parameter()], { lr: 1 });
    const schedule = new schedules.CosineAnnealingWarmRestarts(optimizer, 2, { tMult: 2 });
    const at = (epoch: number): number => {
      schedule.step(epoch);
      return optimizer.lr;
    };
    expectClose([at(0.5), at(1), at(1.5)], [(1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2], 1e-15);
    expectClose([at(2), at(4), at(6), at(7)], [1, 0.5, 1, (1 + Math.cos(Math.PI / 8)) / 2], 1e-15);
    schedule.step();
    expectClose([optimizer.lr], [(1 + Math.SQRT1_2) / 2], 1e-15);
    expect(() => schedule.step(-1)).toThrow(ArgumentError);
    expect(() => schedule.step("1" as never)).toThrow(ArgumentError);
  });

  it("by a function of one's own: its height, by cycle or by step", () => {
    const heights = (scaleMode: "cycle" | "iterations"): number[] => {
      const optimizer = new SGD([parameter()], { lr: 1, momentum: 0.5 });
      const schedule = new schedules.CyclicLR(optimizer, 0, 1, {
        stepSizeUp: 1,
        scaleFn: (x) => 1 / (1 + x),
        scaleMode,
      });
      return [1, 2, 3].map(() => {
        schedule.step();
        return optimizer.lr;
      });
    };
    expectClose(heights("cycle"), [1 / 2, 0, 1 / 3], 1e-15);
    expectClose(heights("iterations"), [1 / 2, 0, 1 / 4], 1e-15);
  });
});

describe("The errors of schedules", () => {
  const sgd = (): SGD => new SGD([parameter()], { lr: 1, momentum: 0.5 });
  const { StepLR, MultiStepLR, ExponentialLR, LinearLR, LambdaLR, OneCycleLR, CyclicLR, ReduceLROnPlateau } = schedules;
  const { ChainedScheduler, SequentialLR, PolynomialLR, CosineAnnealingLR, CosineAnnealingWarmRestarts } = schedules;
  const bad: [string, () => unknown, string][] = [
    ["no optimizer", () => new StepLR(undefined as never, 1), "StepLR: expected an optimizer with a learning rate lr, such as new SGD(...), got undefined."],
    ["a model", () => new StepLR({} as never, 1), "StepLR: expected an optimizer with a learning rate lr, such as new SGD(...), got an object (Object)."],
    ["a step size of 0", () => new StepLR(sgd(), 0), "StepLR: expected stepSize to be a whole number of at least 1, got 0."],
    ["an unknown option", () => new StepLR(sgd(), 1, { gama: 1 } as never), 'StepLR: unknown option "gama", did you mean "gamma"? (options: gamma).'],
    ["one milestone", () => new MultiStepLR(sgd(), 30 as never), "MultiStepLR: expected milestones as a list of steps of at least 1, got 30."],
    ["a milestone of 0", () => new MultiStepLR(sgd(), [0]), "MultiStepLR: expected milestones as a list of steps of at least 1, got [0]."],
    ["gamma in an object", () => new ExponentialLR(sgd(), { gamma: 0.5 } as never), "ExponentialLR: expected gamma to be a finite number of at least 0, got an object (Object) (arguments stand one by one, options in an object behind them)."],
    ["a part of a step", () => new PolynomialLR(sgd(), { totalIters: 1.5 }), "PolynomialLR: expected totalIters to be a whole number of at least 1, got 1.5."],
    ["a start from 0", () => new LinearLR(sgd(), { startFactor: 0 }), "LinearLR: expected startFactor to be a number above 0 and of at most 1, got 0."],
    ["tMax of 0", () => new CosineAnnealingLR(sgd(), 0), "CosineAnnealingLR: expected tMax to be a whole number of at least 1, got 0."],
    ["tMult of 0", () => new CosineAnnealingWarmRestarts(sgd(), 1, { tMult: 0 }), "CosineAnnealingWarmRestarts: expected tMult to be a whole number of at least 1, got 0."],
    ["no function", () => new LambdaLR(sgd(), 0.5 as never), "LambdaLR: expected a function, or a list of 1, one for each group of the optimizer, got 0.5."],
    ["a function that gives NaN", () => new LambdaLR(sgd(), () => NaN), "SGD: expected lr to be a finite number of at least 0, got NaN."],
    ["no number of steps", () => new OneCycleLR(sgd(), 1, { epochs: 5 }), "OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch, got neither."],
    ["divFactor of 0", () => new OneCycleLR(sgd(), 1, { totalSteps: 9, divFactor: 0 }), "OneCycleLR: expected divFactor to be a finite number above 0, got 0."],
    ["too many learning rates", () => new OneCycleLR(sgd(), [1, 2], { totalSteps: 9 }), "OneCycleLR: expected maxLr as a list of 1 numbers, one for each group of the optimizer, got [1, 2]."],
    ["a momentum of 2", () => new CyclicLR(sgd(), 0, 1, { maxMomentum: 2 }), "CyclicLR: expected maxMomentum to be a finite number from 0 to 1, got 2."],
    ["a factor of 1", () => new ReduceLROnPlateau(sgd(), { factor: 1 }), "ReduceLROnPlateau: expected factor to be a number of at least 0 and below 1, got 1."],
    ["a step without the metric", () => new ReduceLROnPlateau(sgd()).step(undefined as never), "ReduceLROnPlateau.step: expected the metric, a number, got undefined."],
    ["no schedules", () => new ChainedScheduler([]), "ChainedScheduler: expected a list of schedules, got []."],
    ["schedules of two optimizers", () => new ChainedScheduler([new StepLR(sgd(), 1), new StepLR(sgd(), 1)]), "ChainedScheduler: expected schedules of one optimizer, got another one's at index 1."],
  ]; // prettier-ignore

  it.each(bad)("%s", (_, run, message) => {
    throwsExactly(run, ArgumentError, message);
  });

  it("of a sequence name the schedule or the milestones", () => {
    const optimizer = sgd();
    const [first, second] = [new StepLR(optimizer, 1), new StepLR(optimizer, 2)];
    const make = (list: LRScheduler[], milestones: unknown) => () =>
      new SequentialLR(optimizer, list, milestones as never);
    throwsExactly(
      make([first, first], [1]),
      ArgumentError,
      "SequentialLR: expected each schedule once, got one twice.",
    );
    throwsExactly(
      make([first, new ReduceLROnPlateau(optimizer)], [1]),
      ArgumentError,
      "SequentialLR: expected schedule 1 to be a schedule of this optimizer that starts at a step, got a ReduceLROnPlateau.",
    );
    for (const milestones of [[], [0], [2, 3], 5]) {
      throwsExactly(
        make([first, second], milestones),
        ArgumentError,
        `SequentialLR: expected milestones as 1 growing steps from 1, one less than the schedules, got ${Array.isArray(milestones) ? `[${milestones.join(", ")}]` : milestones}.`,
      );
    }
  });

  it("of a state say what does not fit, and nothing has changed", () => {
    const optimizer = sgd();
    const schedule = new ChainedScheduler([new StepLR(optimizer, 1), new ReduceLROnPlateau(optimizer)]);
    const before = schedule.stateDict();
    const states = before.schedules as SchedulerState[];
    const who = "ChainedScheduler.loadStateDict";
    const wrong: [object, string][] = [
      [new StepLR(optimizer, 1).stateDict(), `${who}: unknown option "step" (options: type, lrs, schedules).`],
      [{ ...before, type: "StepLR" }, `${who}: expected the state of ChainedScheduler, got that of "StepLR".`],
      [{ ...before, lrs: [1, 2] }, `${who}: expected lrs as a list of 1 numbers, one for each group of the optimizer, got [1, 2].`],
      [{ ...before, schedules: [states[0]] }, `${who}: expected the states of 2 schedules, got [an object (Object)].`],
      [{ ...before, schedules: [{ ...states[0], step: -1 }, states[1]] }, `${who}: schedules[0]: expected step to be a finite number of at least 0, got -1.`],
      [{ ...before, schedules: [states[0], { ...states[1], best: "1" }] }, `${who}: schedules[1]: expected best to be a number or null, got "1".`],
      [{ ...before, schedules: [states[0], { ...states[1], badSteps: 0.5 }] }, `${who}: schedules[1]: expected badSteps to be a whole number of at least 0, got 0.5.`],
    ]; // prettier-ignore
    for (const [state, message] of wrong) {
      throwsExactly(() => schedule.loadStateDict(state as never), ArgumentError, message);
    }
    expect(schedule.stateDict()).toEqual(before);
  });
});
