// What holds for every loss of the package. The list is src/loss/losses.ts; one without PyTorch's numbers fails. More of
// CrossEntropy is in crossEntropy.test.ts.
import { describe, expect, it } from "vitest";
import { ArgumentError, HandgradError, ShapeError, StateError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { gradCheck } from "../../src/gradcheck/gradCheck.js";
import * as handgrad from "../../src/index.js";
import * as losses from "../../src/loss/losses.js";
import { addWatcher, type Watcher } from "../../src/nn/watcher.js";
import { compare, onReference, tensorOf, type AnyTensor } from "../nn/helpers.js";
import { onEachBackend, type BackendCase } from "../support/backends.js";
import { EPS64, expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture, type FixtureCase, type FixtureTensor } from "../support/fixtures.js";

type Options = Readonly<Record<string, unknown>>;
interface AnyLoss {
  forward(x: unknown, target: unknown): Tensor | number;
  backward(dy?: unknown): Tensor;
}

/** The absolute values of all terms of a loss and of its derivative, of one number x, its target t, and the options. */
interface Terms {
  loss(x: number, t: number, options: Options): number;
  dx(x: number, t: number, options: Options): number;
}

const size = (x: number, t: number): number => Math.abs(x) + Math.abs(t);
const huber = (delta: number, factor: number): Pick<Terms, "loss" | "dx"> => ({
  loss: (x, t) => factor * Math.min(size(x, t), delta) * size(x, t),
  dx: (x, t) => factor * Math.min(size(x, t), delta),
});

// -x[label] for NLL, whose target is no number beside x: every number counts with itself.
const TERMS: Readonly<Record<string, Terms>> = {
  MSE: { loss: (x, t) => size(x, t) ** 2, dx: (x, t) => 2 * size(x, t) },
  L1: { loss: size, dx: () => 1 },
  SmoothL1: {
    loss: (x, t, { beta = 1 }) =>
      beta === 0 ? size(x, t) : huber(beta as number, 1 / (beta as number)).loss(x, t, {}),
    dx: (x, t, { beta = 1 }) => (beta === 0 ? 1 : huber(beta as number, 1 / (beta as number)).dx(x, t, {})),
  },
  Huber: {
    loss: (x, t, { delta = 1 }) => huber(delta as number, 1).loss(x, t, {}),
    dx: (x, t, { delta = 1 }) => huber(delta as number, 1).dx(x, t, {}),
  },
  // Factors of up to 3.1 each.
  BCEWithLogits: { loss: (x) => 10 * (1 + Math.abs(x)), dx: () => 10 },
  KLDiv: {
    loss: (x, t, { logTarget }) =>
      logTarget === true ? Math.exp(t) * (1 + size(x, t)) : t === 0 ? 0 : t * (1 + Math.abs(Math.log(t)) + Math.abs(x)),
    dx: (_, t, { logTarget }) => (logTarget === true ? Math.exp(t) * (1 + Math.abs(t)) : t),
  },
  HingeEmbedding: { loss: (x, _, { margin = 1 }) => Math.abs(x) + Math.abs(margin as number), dx: () => 1 },
  // The power of a probability: its logarithm is up to |x|.
  SigmoidFocal: { loss: (x) => 10 * (1 + Math.abs(x)) ** 2, dx: (x) => 10 * (1 + Math.abs(x)) ** 2 },
  NLL: { loss: (x) => 3 * Math.abs(x), dx: () => 3 },
};

const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + Math.abs(value), 0);

/** The bounds of loss and dx: 8 roundings a number; for a mean or sum the terms of all numbers together. */
function bounds(
  name: string,
  { options, tensors }: FixtureCase,
  eps: number,
): Record<"loss" | "dx", (i: number) => number> {
  const { x, target, loss, dy, dx } = tensors;
  const at = (i: number): number => (target.data.length === x.data.length ? target.data[i] : 0);
  const each = Array.from(x.data, (value, i) => TERMS[name].loss(value, at(i), options));
  const slope = (i: number): number => TERMS[name].dx(x.data[i], at(i), options);
  const upstream = dy === undefined ? sum(dx.data) + 1 : Math.max(...Array.from(dy.data, Math.abs));
  if (loss.shape.length > 0 && name === "NLL") {
    return { loss: () => sumBound(8, Math.max(...each), eps), dx: (i) => sumBound(8, slope(i) * upstream, eps) };
  }
  const all = sumBound(8 * each.length, sum(each), eps);
  const tiny = eps === EPS64 ? 0 : 2 ** -126; // a square may vanish in float32
  const one = (i: number): number => slope(i) * (dy === undefined ? 1 : Math.abs(dy.data[i]));
  return {
    loss: (i) => (loss.shape.length === 0 ? all : sumBound(8, each[i], eps) + tiny),
    dx: (i) => sumBound(8, one(i), eps),
  };
}

/** What forward takes: labels as they are, all else in the format of the backend's case. */
function targetOf(context: Pick<BackendCase, "make">, { data, shape }: FixtureTensor): ArrayLike<number> | AnyTensor {
  return data instanceof Int32Array ? data : context.make(data, shape).clone();
}

describe("The list of losses", () => {
  it("is what the package exports: each class with the base class, and no other", () => {
    const exported = Object.entries(handgrad).filter(([, value]) => {
      return typeof value === "function" && value.prototype instanceof handgrad.Loss;
    });
    expect(Object.fromEntries(exported)).toEqual({ ...losses });
  });
});

// Losses of rows, and of several inputs, are in rowLosses.test.ts.
const ROWS = ["Focal", "MultiMargin", "TripletMargin", "CosineEmbedding", "Dice"];

it("Every loss has its numbers by PyTorch", () => {
  expect(Object.keys(losses).sort()).toEqual([...Object.keys(TERMS), ...ROWS, "CrossEntropy"].sort());
});

describe.each(Object.keys(TERMS))("%s", (name) => {
  const type = losses[name as keyof typeof losses] as unknown as new (options?: Options) => AnyLoss;
  const { cases, refusedDraws } = loadFixture(`loss/${name}`);
  const build = ({ options, tensors }: Pick<FixtureCase, "options" | "tensors">): AnyLoss => {
    const { weight, posWeight } = tensors;
    return new type({
      ...options,
      ...(weight && { weight: new Tensor(weight.data as Float32Array, weight.shape) }),
      ...(posWeight && { posWeight: new Tensor(posWeight.data as Float32Array, posWeight.shape) }),
    });
  };
  const asTensor = (value: Tensor | number, like: AnyTensor): AnyTensor =>
    typeof value === "number" ? Tensor.float64([value]).reshape([]) : (expect(value.dtype).toBe(like.dtype), value);

  const plain = cases.find(({ options }) => options.ignoreIndex === undefined)!;

  it("has at least 20 cases by PyTorch", () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
  });

  onEachBackend((context) => {
    it.each(cases)("agrees with PyTorch, forward and backward: $name", (fixtureCase) => {
      const { tensors, flags } = fixtureCase;
      const loss = build(fixtureCase);
      const x = tensorOf(context, tensors.x).clone();
      const target = targetOf(context, tensors.target);
      if (flags.includes("zeroDivisor")) {
        expect(() => loss.forward(x, target)).toThrow(ArgumentError);
        return;
      }
      const bound = bounds(name, fixtureCase, context.eps);
      const value = loss.forward(x, target);
      x.data.fill(NaN); // what forward needs for backward is its own
      if (typeof target === "object" && Tensor.isTensor(target)) target.data.fill(NaN);
      const dx = loss.backward(tensors.dy && tensorOf(context, tensors.dy));
      compare("loss", asTensor(value, x), tensors.loss, bound.loss);
      compare("dx", dx, tensors.dx, bound.dx);
      expect(dx.dtype).toBe(context.dtype);
    });
  });

  it("rejects a loss or gradient that is off by the thousandth part", () => {
    onReference(() => {
      for (const fixtureCase of cases.filter(({ flags }) => flags.length === 0)) {
        const bound = bounds(name, fixtureCase, EPS64);
        const worst = (key: "loss" | "dx"): number =>
          sum(fixtureCase.tensors[key].data) === 0
            ? 1
            : Math.max(
                ...Array.from(fixtureCase.tensors[key].data, (value, i) => Math.abs(value) / 1000 - bound[key](i)),
              );
        expect(worst("loss"), fixtureCase.name).toBeGreaterThan(0);
        expect(worst("dx"), fixtureCase.name).toBeGreaterThan(0);
      }
    });
  });

  it.each(cases.filter(({ flags }) => flags.length === 0).slice(0, 40))(
    "has the gradient of its value: $name",
    (fixtureCase) => {
      const { x, target } = fixtureCase.tensors;
      const report = gradCheck(build(fixtureCase) as never, new Tensor(x.data as Float32Array, x.shape), {
        target: targetOf({ make: (data, shape) => new Tensor(data, shape) }, target) as Tensor,
      });
      expect(report.ok, String(report)).toBe(true);
    },
  );

  it.each(refusedDraws.map((draw, i) => ({ ...draw, title: `${i} ${JSON.stringify(draw.options)}` })))(
    "refuses what PyTorch refuses: $title: $message",
    ({ options, shapes }) => {
      const zeros = (shape: readonly number[]): Tensor =>
        new Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
      const labels = name === "NLL" ? { "[2]": [1, 3], "[3]": [1, 1, 2] }[JSON.stringify(shapes.target)] : undefined;
      expect(() => {
        const broken = name === "BCEWithLogits" && shapes.x.length > 1 ? { weight: [1, 2] } : {};
        new type({ ...options, ...broken }).forward(zeros(shapes.x), labels ?? zeros(shapes.target));
      }).toThrow(HandgradError);
    },
  );

  it("asks for a forward before each backward, an upstream gradient with reduction none, and none else", () => {
    const { x, target } = plain.tensors;
    const [input, goal] = [
      new Tensor(x.data as Float32Array, x.shape),
      targetOf({ make: (data, shape) => new Tensor(data, shape) }, target),
    ];
    const loss = new type();
    const who = `${name}.backward: expected`;
    throwsExactly(() => loss.backward(), StateError, `${who} a forward before each backward, got none.`);
    loss.forward(input, goal);
    throwsExactly(() => loss.backward(input), ArgumentError, `${who} no dy with reduction "mean", got one.`);
    loss.backward();
    throwsExactly(() => loss.backward(), StateError, `${who} a forward before each backward, got none.`);
    const none = new type({ reduction: "none" });
    none.forward(input, goal);
    throwsExactly(
      () => none.backward(),
      ArgumentError,
      `${who} dy, the gradient of each loss, with reduction "none", got undefined.`,
    );
    expect(() => none.backward(new Tensor(new Float32Array(77)))).toThrow(ShapeError);
    expect(() => new type({ reduction: "average" })).toThrow(ArgumentError);
    expect(() => new type({ reduktion: "mean" })).toThrow(ArgumentError);
  });

  it("tells the watcher what it takes and gives", () => {
    const { x, target } = plain.tensors;
    const told: string[] = [];
    const watcher = { loss: (who: string, what: string) => void told.push(`${who} ${what}`) };
    const unwatch = addWatcher(watcher as unknown as Watcher); // nothing else is told here
    const loss = new type();
    loss.forward(
      new Tensor(x.data as Float32Array, x.shape),
      targetOf({ make: (data, shape) => new Tensor(data, shape) }, target),
    );
    loss.backward();
    unwatch();
    const targets = name === "NLL" ? [] : [`${name} targets`];
    expect(told).toEqual([`${name} inputs`, ...targets, `${name} losses`, `${name}.backward gradients`]);
  });
});

describe("Losses of two tensors", () => {
  const { MSE, L1, SmoothL1, Huber, BCEWithLogits, KLDiv, NLL } = losses;
  const t = (...numbers: number[]): Tensor => new Tensor(numbers);

  it("give the numbers worked out by hand", () => {
    expect(new MSE().forward(t(1, 4), t(3, 4))).toBe(2);
    expect(new MSE({ reduction: "sum" }).forward(t(1, 4), t(3, 5))).toBe(5);
    expect(new L1().forward(t(1, 4), t(3, 5))).toBe(1.5);
    expect(new SmoothL1({ beta: 2, reduction: "none" }).forward(t(1, 4), t(0, 0)).toArray()).toEqual([0.25, 3]);
    expect(new Huber({ delta: 2, reduction: "none" }).forward(t(1, 4), t(0, 0)).toArray()).toEqual([0.5, 6]);
    const bce = new BCEWithLogits({ posWeight: 3, reduction: "none" }).forward(t(0, 0), t(1, 0));
    expectClose(bce.data, [3 * Math.LN2, Math.LN2], 1e-6);
    const kl = new KLDiv({ reduction: "batchmean" }).forward(
      new Tensor([[Math.log(0.5), Math.log(0.5)], [Math.log(0.25), Math.log(0.75)]]),
      new Tensor([[1, 0], [0.25, 0.75]]),
    ); // prettier-ignore
    expectClose([kl], [Math.LN2 / 2], 1e-6);
    expect(new NLL({ reduction: "none" }).forward(new Tensor([[-1, -2], [-3, -4]]), [1, 0]).toArray()).toEqual([2, 3]); // prettier-ignore
  });

  it("give a class of probability 0 no divergence, also where its logarithm is -Infinity", () => {
    expect(new KLDiv({ reduction: "none" }).forward(t(-Infinity, 0), t(0, 1)).toArray()).toEqual([0, 0]);
    expect(new KLDiv({ reduction: "none" }).forward(t(-Infinity, 0), t(0.5, 0.5)).data[0]).toBe(Infinity);
    throwsExactly(
      () => new KLDiv().forward(t(-1, -2), t(-0.5, 0)),
      ArgumentError,
      "KLDiv: expected probabilities as target, got -0.5 among them (give { logTarget: true } for logarithms).",
    );
  });

  it("stay finite for logits of any size", () => {
    const loss = new BCEWithLogits({ reduction: "none" });
    expect(loss.forward(t(1e38, -1e38, 1e38, -1e38), t(1, 0, 0, 1)).toArray()).toEqual(
      [0, 0, 1e38, 1e38].map(Math.fround),
    );
    expect(loss.backward(t(1, 1, 1, 1)).toArray()).toEqual([0, 0, 1, -1]);
  });

  it("refuse what does not fit, and say what", () => {
    const mse = new MSE();
    const who = "MSE: expected";
    throwsExactly(() => mse.forward([1] as never, t(1)), ArgumentError, `${who} the input to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).`);
    throwsExactly(() => mse.forward(t(1), [1] as never), ArgumentError, `${who} a Tensor as target, got [1] (wrap it: new Tensor(data, shape)).`);
    throwsExactly(() => mse.forward(t(1, 2), new Tensor([[1, 2]])), ShapeError, `${who} a target of the input's shape [2], got [1, 2].`);
    throwsExactly(() => mse.forward(new Tensor([], [0, 2]), new Tensor([], [0, 2])), ShapeError, `${who} at least one number, got [0, 2].`);
    throwsExactly(() => mse.forward(t(1), Tensor.float64([1]) as never), ArgumentError, `${who} input and target in one number format, got float32 and float64.`);
    const weighted = new BCEWithLogits({ weight: [1, 2] });
    throwsExactly(() => weighted.forward(t(1), t(1)), ShapeError, "BCEWithLogits: expected weight to broadcast to the input's shape [1], got [2].");
    throwsExactly(() => new BCEWithLogits({ posWeight: [1, -2] }), ArgumentError, "BCEWithLogits: expected posWeight[1] to be a finite number of at least 0, got -2.");
    throwsExactly(() => new SmoothL1({ beta: -1 }), ArgumentError, "SmoothL1: expected beta to be a finite number of at least 0, got -1.");
    throwsExactly(() => new Huber({ delta: 0 }), ArgumentError, "Huber: expected delta to be a finite number above 0, got 0.");
    const nll = new NLL();
    const x = new Tensor([[-1, -2], [-3, -4]]);
    throwsExactly(() => nll.forward(x, t(0, 1) as never), ArgumentError, "NLL: expected labels as an array of class indices, got an object (Tensor) (a plain array or an Int32Array).");
    throwsExactly(() => nll.forward(x, [0, 2]), ArgumentError, "NLL: expected labels from 0 to 1, got 2 at index 1 (labels count from 0).");
    throwsExactly(() => nll.forward(x, [0, 1, 1, 0]), ShapeError, "NLL: expected 2 labels for log-probabilities [2, 2], got 4 (for one-hot targets use KLDiv and a Tensor [2, 2]).");
    throwsExactly(() => new NLL({ weight: [1] }).forward(x, [0, 1]), ShapeError, "NLL: expected a weight of 2 numbers, one for each class, got 1.");
  }); // prettier-ignore
});
