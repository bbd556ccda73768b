// What holds for every optimizer of the package. The list is src/optim/optimizers.ts; one without PyTorch's numbers fails.
import { describe, expect, it } from "vitest";
import { HandgradError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import * as handgrad from "../../src/index.js";
import { zerosInit } from "../../src/init/constant.js";
import { Generator } from "../../src/numbers/random.js";
import { Parameter } from "../../src/nn/parameter.js";
import type { Optimizer } from "../../src/optim/optimizer.js";
import * as optimizers from "../../src/optim/optimizers.js";
import { addWatcher, type Watcher } from "../../src/nn/watcher.js";
import { give, onReference } from "../nn/helpers.js";
import { onEachBackend, type BackendCase } from "../support/backends.js";
import { EPS64, expectClose } from "../support/close.js";
import { loadFixture, type FixtureCase, type FixtureTensor } from "../support/fixtures.js";

type Options = Readonly<Record<string, unknown>>;
type Group = Options & { readonly params: readonly number[] };
type Make = (parameters: readonly unknown[], options: Options) => Optimizer;
type Numbers = Pick<BackendCase, "make">;

const STEPS = 24;
const on64: Numbers = { make: (data, shape) => Tensor.float64(data, shape) };

/** The class as a function; the options of a fixture may be groups. */
function build(make: Make, parameters: readonly Parameter[], { groups, ...options }: Options): Optimizer {
  if (groups === undefined) return make(parameters, options);
  const own = (groups as Group[]).map((group) => ({ ...group, params: group.params.map((i) => parameters[i]) }));
  return make(own, options);
}

function parametersOf({ make }: Numbers, { tensors }: FixtureCase): Parameter[] {
  return [0, 1, 2].map((index) => {
    const { shape, data } = tensors[`param${index}`];
    const parameter = new Parameter(shape, zerosInit());
    give(parameter, make(data, shape));
    return parameter;
  });
}

/** Steps `from` to `to` with the gradients of the case; `seen` is called after each. */
function run(
  { make }: Numbers,
  optimizer: Optimizer,
  { tensors }: FixtureCase,
  from: number,
  to: number,
  seen: (step: number) => void = () => undefined,
): void {
  for (let step = from; step < to; step++) {
    optimizer.zeroGrad();
    optimizer.parameters.forEach((parameter, index) => {
      const dw = tensors[`grad${index}`].data.slice(step * parameter.size, (step + 1) * parameter.size);
      parameter.accumulate(make(dw as Float32Array, parameter.shape) as Tensor);
    });
    optimizer.step();
    seen(step);
  }
}

/** The numbers of the parameters after each step, one list a parameter. */
function pathOf(numbers: Numbers, make: Make, fixtureCase: FixtureCase, options: Options): number[][] {
  const parameters = parametersOf(numbers, fixtureCase);
  const path: number[][] = parameters.map(() => []);
  run(numbers, build(make, parameters, options), fixtureCase, 0, STEPS, () => {
    parameters.forEach(({ value }, index) => path[index].push(...value.data));
  });
  return path;
}

/**
 * How far rounding to numbers with this eps may move the way of the parameters. The optimizer itself says it: in eight runs in
 * float64, the gradients before each step, and after it the change of the parameters (4 eps), the parameters and all that is
 * kept for them, are moved at random by up to eps of themselves; and the options, with which everyone computes in float64, by
 * 4 of its eps. The bound is four times the largest deviation, and 8 eps of the number.
 */
function roundingBounds(make: Make, fixtureCase: FixtureCase, eps: number): number[][] {
  const exact = pathOf(on64, make, fixtureCase, fixtureCase.options);
  const furthest = exact.map((path) => path.map(() => 0));
  for (let seed = 0; seed < 8; seed++) {
    const generator = new Generator("draw", { seed });
    const noise = (): number => eps * (2 * generator.uniform() - 1);
    const shake = (data: FixtureTensor["data"]): void => data.forEach((x, i) => (data[i] = x * (1 + noise())));
    const shaken = mapTensors(fixtureCase, ({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
    Object.values(shaken.tensors).forEach(({ data }) => shake(data));
    const parameters = parametersOf(on64, shaken);
    const optimizer = build(make, parameters, fixtureCase.options);
    for (const group of (optimizer as unknown as { groups: Record<string, unknown>[] }).groups) {
      const shaken64 = (x: unknown): unknown => {
        if (Array.isArray(x)) return x.map(shaken64);
        return typeof x === "number" ? x * (1 + (4 * EPS64 * noise()) / eps) : x;
      };
      for (const name of Object.keys(optimizer.stateDict().options)) {
        if (name !== "nsSteps") group[name] = shaken64(group[name]); // a count is exact
      }
    }
    for (let step = 0; step < STEPS; step++) {
      const before = parameters.map(({ value }) => value.data.slice());
      run(on64, optimizer, shaken, step, step + 1);
      parameters.forEach(({ value: { data } }, index) => {
        data.forEach((w, i) => (data[i] += 4 * noise() * (w - before[index][i])));
        shake(data);
        data.forEach((w, i) => {
          const place = step * data.length + i;
          furthest[index][place] = Math.max(furthest[index][place], Math.abs(w - exact[index][place]));
        });
      });
      for (const entry of optimizer.liveState().state) {
        for (const kept of Object.values(entry ?? {})) if (typeof kept !== "number") shake(kept.data);
      }
    }
  }
  return exact.map((path, index) => path.map((w, i) => 4 * furthest[index][i] + 8 * eps * Math.abs(w)));
}

function mapTensors(fixtureCase: FixtureCase, change: (tensor: FixtureTensor) => FixtureTensor): FixtureCase {
  const tensors = Object.entries(fixtureCase.tensors).map(([name, tensor]) => [name, change(tensor)] as const);
  return { ...fixtureCase, tensors: Object.fromEntries(tensors) };
}

/** Whether a way is within the bounds of PyTorch's everywhere. */
function isWithin(path: number[][], { tensors }: FixtureCase, bounds: number[][]): boolean {
  return path.every((numbers, index) => {
    return numbers.every((w, i) => Math.abs(w - tensors[`after${index}`].data[i]) <= bounds[index][i]);
  });
}

describe("The list of optimizers", () => {
  it("is what the package exports: each class with the base class, and no other", () => {
    const exported = Object.entries(handgrad).filter(([, value]) => {
      return typeof value === "function" && value.prototype instanceof handgrad.Optimizer;
    });
    expect(Object.fromEntries(exported)).toEqual({ ...optimizers, Lookahead: handgrad.Lookahead }); // lookahead.test.ts
  });
});

describe.each(Object.entries(optimizers))("%s", (name, type) => {
  const make: Make = (parameters, options) => new type(parameters as never, options as never);
  const { cases, refusedDraws } = loadFixture(`optim/${name}`);
  const bounds = new Map<string, number[][]>();
  const boundsOf = (fixtureCase: FixtureCase, eps: number): number[][] => {
    const key = `${fixtureCase.name} ${eps}`;
    const known = bounds.get(key) ?? onReference(() => roundingBounds(make, fixtureCase, eps));
    bounds.set(key, known);
    return known;
  };
  const grouped = cases.filter(({ options }) => options.groups !== undefined);

  it("has at least 14 cases by PyTorch of 24 steps each, three of them with groups", () => {
    expect(cases.length).toBeGreaterThanOrEqual(14);
    expect(grouped.length).toBeGreaterThanOrEqual(3);
    expect(cases.every(({ tensors }) => tensors.after0.shape[0] === STEPS)).toBe(true);
  });

  onEachBackend((context) => {
    it.each(cases)("agrees with PyTorch in each of 24 steps: $name", (fixtureCase) => {
      const bound = boundsOf(fixtureCase, context.eps);
      pathOf(context, make, fixtureCase, fixtureCase.options).forEach((path, index) => {
        expectClose(path, fixtureCase.tensors[`after${index}`].data, (i) => bound[index][i], { name: `after${index}` });
      });
    });

    it.each([cases[0], cases[5], ...grouped])("goes on bit for bit from its state: $name", (fixtureCase) => {
      const bits = (parameters: readonly Parameter[]): string[] =>
        parameters.map(({ value: { data } }) => Buffer.from(data.slice().buffer).toString("hex"));
      const whole = parametersOf(context, fixtureCase);
      run(context, build(make, whole, fixtureCase.options), fixtureCase, 0, STEPS);
      for (const cut of [0, 1, 7, STEPS]) {
        const before = parametersOf(context, fixtureCase);
        const optimizer = build(make, before, fixtureCase.options);
        run(context, optimizer, fixtureCase, 0, cut);
        const state = optimizer.stateDict();
        const weights = before.map(({ value }) => value.clone());
        run(context, optimizer, fixtureCase, cut, STEPS); // the state is a copy: this does not change it

        const after = parametersOf(context, fixtureCase);
        const groups = (fixtureCase.options.groups as Group[] | undefined)?.map(({ params }) => ({ params }));
        const restored = build(make, after, { lr: 77, ...(groups && { groups }) });
        run(context, restored, fixtureCase, 0, 2); // the state takes this away
        after.forEach((parameter, index) => give(parameter, weights[index]));
        restored.loadStateDict(state);
        run(context, restored, fixtureCase, cut, STEPS);
        expect(bits(after), `after ${cut} steps`).toEqual(bits(whole));
      }
    });
  });

  it("moves further than the bounds allow when any of its options is left out", () => {
    const seen = new Set<string>();
    const known = Object.keys(make(parametersOf(on64, cases[0]), { lr: 1 }).stateDict().options);
    onReference(() => {
      for (const fixtureCase of cases.filter((each) => !grouped.includes(each))) {
        const bound = boundsOf(fixtureCase, EPS64);
        expect(isWithin(pathOf(on64, make, fixtureCase, fixtureCase.options), fixtureCase, bound)).toBe(true);
        for (const option of Object.keys(fixtureCase.options)) {
          const { [option]: left, ...others } = fixtureCase.options;
          const rest = option === "lr" ? { ...others, lr: 1.001 * (left as number) } : others;
          if (option === "momentum" && "nesterov" in rest) continue; // refused
          if (!isWithin(pathOf(on64, make, fixtureCase, rest), fixtureCase, bound)) seen.add(option);
        }
      }
    });
    expect([...seen].sort()).toEqual([...known].sort());
  });

  it.each(refusedDraws.map((draw) => ({ ...draw, title: JSON.stringify(draw.options) })))(
    "refuses what PyTorch refuses: $title: $message",
    ({ options }) => {
      expect(() => build(make, parametersOf(on64, cases[0]), options)).toThrow(HandgradError);
    },
  );

  // LAMB and Muon look at a parameter as a whole.
  it.skipIf(["LAMB", "Muon"].includes(name))(
    "gives a number the same bits wherever it stands: in a block, in the remainder, alone",
    () => {
      const numbers = [0.3, -2.7, 11.1, -0.0004, 1e-30, 5, -88];
      const after = (lists: number[][]): number[] => {
        const parameters = lists.map((list) => new Parameter(new Tensor(list)));
        const optimizer = make(parameters, cases[1].options);
        for (let step = 0; step < 3; step++) {
          parameters.forEach((parameter) => parameter.accumulate(parameter.value));
          optimizer.step();
        }
        return parameters.flatMap(({ value }) => [...value.data]);
      };
      expect(after(numbers.map((x) => [x]))).toEqual(after([numbers]));
    },
  );

  it("leaves alone what is frozen or has no gradient, and asks the watcher once in a step", () => {
    const [free, frozen, without] = parametersOf({ make: (data, shape) => new Tensor(data, shape) }, cases[0]);
    const start = [free, frozen, without].map(({ value }) => value.toArray());
    Object.assign(frozen, { requiresGrad: false });
    const optimizer = make([free, frozen, without], { lr: 0.5 });
    for (const parameter of [free, frozen]) parameter.accumulate(parameter.value);
    const told: [string, number, string][] = [];
    const step = (who: string, _: Parameter, place: number, when: string): unknown => told.push([who, place, when]);
    const unwatch = addWatcher({ step } as unknown as Watcher); // nothing else is told here
    optimizer.step();
    unwatch();
    optimizer.step();
    expect(told).toEqual([
      [name, 0, "before"],
      [name, 0, "after"],
    ]);
    expect(frozen.value.toArray()).toEqual(start[1]);
    expect(without.value.toArray()).toEqual(start[2]);
    expect(free.value.toArray()).not.toEqual(start[0]);
    expect(optimizer.stateDict().state.slice(1)).toEqual([null, null]);
  });
});
