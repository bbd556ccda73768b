// The maths functions against PyTorch's values (test/fixtures/make_torch.py), on every backend. A bound is
// 4 eps sqrt(n) times the sum of the absolute terms, which is computed in float64 on the reference backend.
import { describe, expect, it } from "vitest";
import { reference } from "../../src/backend/reference/backend.js";
import { setBackend } from "../../src/backend/select.js";
import { HandgradError } from "../../src/base/errors.js";
import * as activation from "../../src/ops/activation.js";
import { add, divide, multiply, subtract } from "../../src/ops/arithmetic.js";
import { matmul } from "../../src/ops/matmul.js";
import { max, mean, min, sum, variance, type VarianceOptions } from "../../src/ops/reduce.js";
import { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "../../src/ops/softmax.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { EPS32, EPS64, expectClose, sumBound } from "../support/close.js";
import { loadFixture, type FixtureCase, type FixtureTensor } from "../support/fixtures.js";

type Any = Tensor<FloatArray>;

/** A tensor of the case by its name, in the format that is tested. */
type Get = (name: string) => Any;

/** The bound at each place, for a format's eps. */
type Bound = (i: number) => number;

/** How one result of an op is made, and how far it may be off. */
interface Result {
  readonly run: (get: Get, options: Options) => Any;
  readonly bound: (given: FixtureCase, eps: number) => Bound;
}

interface Options extends VarianceOptions {
  readonly dim: number;
}

const optionsOf = (given: { readonly options: object }): Options => given.options as Options;

/** Runs f in float64 on the reference backend; it gets the tensors' absolute values. */
function absolutely(f: (absolute: (tensor: FixtureTensor) => Any) => Any): FloatArray {
  const before = setBackend(reference);
  try {
    return f(({ data, shape }) => Tensor.float64(Array.from(data, Math.abs), shape)).data;
  } finally {
    setBackend(before);
  }
}

function arithmetic(op: typeof add<FloatArray>, terms: (a: Any, b: Any) => Any): Result {
  return {
    run: (get) => op(get("a"), get("b")),
    bound: ({ tensors: { a, b } }, eps) => {
      const absolute = absolutely((wide) => terms(wide(a), wide(b)));
      return (i) => sumBound(2, absolute[i], eps);
    },
  };
}

const product: Result = {
  run: (get) => matmul(get("a"), get("b")),
  bound: ({ tensors: { a, b } }, eps) => {
    const absolute = absolutely((wide) => matmul(wide(a), wide(b)));
    return (i) => sumBound(a.shape.at(-1) ?? 1, absolute[i], eps);
  },
};

/** How many numbers go into each one of the result. */
const count = ({ tensors: { x, y } }: FixtureCase): number => x.data.length / y.data.length;

/** The error of a sum or, divided, of a mean. */
const sumError = (given: FixtureCase, eps: number, divisor: number): Bound => {
  const { dim, keepdim = false } = optionsOf(given);
  const over = dim === undefined ? { keepdim } : { dim, keepdim };
  const absolute = absolutely((wide) => sum(wide(given.tensors.x), over));
  return (i) => sumBound(count(given), absolute[i] / divisor, eps);
};

const total: Result = { run: (get, options) => sum(get("x"), options), bound: (given, eps) => sumError(given, eps, 1) };

const average: Result = {
  run: (get, options) => mean(get("x"), options),
  bound: (given, eps) => sumError(given, eps, count(given)),
};

function extremum(op: typeof max<FloatArray>): Result {
  return { run: (get, options) => op(get("x"), options), bound: () => () => 0 };
}

const spread: Result = {
  run: (get, options) => variance(get("x"), options),
  bound: (given, eps) => {
    const n = count(given);
    const divisor = n - (optionsOf(given).correction ?? 1);
    const y = given.tensors.y.data;
    // A mean that is off by d adds n d^2 to the sum of squares. PyTorch's way (Welford's) is off by d times the
    // deviations.
    const mine = sumError(given, eps, n);
    const theirs = sumError(given, EPS64, n);
    return (i) => sumBound(n, y[i], eps) + (n / divisor) * mine(i) * mine(i) + 2 * Math.sqrt(y[i]) * theirs(i);
  },
};

function activate(op: (x: Any) => Any): Result {
  return {
    run: (get) => op(get("x")),
    bound:
      ({ tensors: { y } }, eps) =>
      (i) =>
        sumBound(4, Math.abs(y.data[i]), eps),
  };
}

/** `terms`: the absolute terms of dx / dy. */
function deactivate(op: (y: Any, dy: Any) => Any, terms: (y: number) => number): Result {
  return {
    run: (get) => op(get("y"), get("dy")),
    bound:
      ({ tensors: { y, dy } }, eps) =>
      (i) =>
        sumBound(3, Math.abs(dy.data[i]) * terms(y.data[i]), eps),
  };
}

/** For each place the sum of `values` along the axis through it. */
function alongAxis(given: FixtureCase, values: (i: number) => number): FloatArray {
  const { y } = given.tensors;
  const tensor = { ...y, data: Float64Array.from(y.data, (_, i) => values(i)) };
  const over = { dim: optionsOf(given).dim, keepdim: true };
  return absolutely((wide) => add(wide(tensor).like(), sum(wide(tensor), over)));
}

const classes = (given: FixtureCase): number => given.tensors.y.shape.at(optionsOf(given).dim) ?? 1;

const probabilities: Result = {
  run: (get, { dim }) => softmax(get("x"), dim),
  // A relative error of exp is an absolute one of its argument, log y; where y is 0, it is so exactly.
  bound: (given, eps) => (i) => {
    const y = given.tensors.y.data[i];
    return y === 0 ? 0 : sumBound(classes(given), y * (1 - Math.log(y)), eps);
  },
};

const probabilitiesGrad: Result = {
  run: (get, { dim }) => softmaxInputGrad(get("y"), get("dy"), dim),
  bound: (given, eps) => {
    const [y, dy] = [given.tensors.y.data, given.tensors.dy.data];
    const sums = alongAxis(given, (i) => y[i] * dy[i]);
    return (i) => sumBound(classes(given), y[i] * (Math.abs(dy[i]) + sums[i]), eps);
  },
};

const logs: Result = {
  run: (get, { dim }) => logSoftmax(get("x"), dim),
  bound: (given, eps) => (i) => sumBound(classes(given), 1 + Math.abs(given.tensors.y.data[i]), eps),
};

const logsGrad: Result = {
  run: (get, { dim }) => logSoftmaxInputGrad(get("y"), get("dy"), dim),
  bound: (given, eps) => {
    const [y, dy] = [given.tensors.y.data, given.tensors.dy.data];
    const sums = alongAxis(given, (i) => dy[i]);
    return (i) => {
      const p = Math.exp(y[i]);
      const second = p === 0 ? 0 : p * (1 + Math.abs(y[i])) * sums[i];
      return sumBound(classes(given), Math.abs(dy[i]) + second, eps);
    };
  },
};

/** For each op, its results by the names that they have in the fixture. */
const OPS: Readonly<Record<string, Readonly<Record<string, Result>>>> = {
  add: { y: arithmetic(add, add) },
  sub: { y: arithmetic(subtract, add) },
  mul: { y: arithmetic(multiply, multiply) },
  div: { y: arithmetic(divide, divide) },
  matmul: { y: product },
  sum: { y: total },
  mean: { y: average },
  max: { y: extremum(max) },
  min: { y: extremum(min) },
  var: { y: spread },
  relu: { y: activate(activation.relu), dx: deactivate(activation.reluInputGrad, () => 1) },
  sigmoid: { y: activate(activation.sigmoid), dx: deactivate(activation.sigmoidInputGrad, (y) => y * (1 + y)) },
  tanh: { y: activate(activation.tanh), dx: deactivate(activation.tanhInputGrad, (y) => 1 + y * y) },
  softmax: { y: probabilities, dx: probabilitiesGrad },
  logSoftmax: { y: logs, dx: logsGrad },
};

/** PyTorch warns and gives NaN or Infinity where we refuse. */
const weRefuse = (op: string, given: FixtureCase): boolean =>
  op === "var" && count(given) <= (optionsOf(given).correction ?? 1);

onEachBackend(({ make, eps }) => {
  // Below the smallest normal number, a result may be rounded to 0; beyond the largest number, it is an infinity.
  const underflow = eps === EPS32 ? 1.1754943508222875e-38 : 2.2250738585072014e-308;
  const round = (values: ArrayLike<number>): FloatArray =>
    eps === EPS32 ? Float32Array.from(values) : Float64Array.from(values);

  describe.each(Object.entries(OPS))("%s agrees with PyTorch", (op, results) => {
    const fixture = loadFixture(op);

    it.each(fixture.cases.map((given) => [given.name, given] as const))("%s", (_, given) => {
      const get: Get = (name) => make(Array.from(given.tensors[name].data), given.tensors[name].shape);
      for (const [name, { run, bound }] of Object.entries(results)) {
        if (weRefuse(op, given)) {
          expect(() => run(get, optionsOf(given))).toThrow(HandgradError);
          continue;
        }
        const actual = run(get, optionsOf(given));
        const { data, shape } = given.tensors[name];
        expect(actual.shape).toEqual(shape);
        const expected = round(data);
        const within = bound(given, eps);
        const allowed = (i: number): number => (Number.isFinite(expected[i]) ? within(i) : 0) + underflow;
        expectClose(actual.data, expected, allowed, { name, nan: true });
      }
      const { indices } = given.tensors;
      if (op === "max" && indices !== undefined) {
        expect([...get("x").argmax(optionsOf(given).dim)]).toEqual([...indices.data]);
      }
    });

    it("in all its cases, and refuses what PyTorch refuses", () => {
      expect(fixture.cases.length).toBeGreaterThanOrEqual(16);
      for (const { shapes, options } of fixture.refusedDraws) {
        const get: Get = (name) => make(0).like(shapes[name]);
        const run = (): Any => results.y.run(get, options as unknown as Options);
        expect(run, JSON.stringify({ shapes, options })).toThrow(HandgradError);
      }
    });
  });
});
