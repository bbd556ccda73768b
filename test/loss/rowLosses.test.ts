// Losses of rows (Focal, MultiMargin, Dice) and of several embeddings (TripletMargin, CosineEmbedding), against PyTorch, against
// differences in float64, and by hand.
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError, StateError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { gradCheck } from "../../src/gradcheck/gradCheck.js";
import {
  CosineEmbedding,
  CrossEntropy,
  Dice,
  Focal,
  MultiMargin,
  SigmoidFocal,
  TripletMargin,
} from "../../src/index.js";
import { addWatcher, type Watcher } from "../../src/nn/watcher.js";
import { onReference } from "../nn/helpers.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose } from "../support/close.js";
import { loadFixture, type FixtureCase } from "../support/fixtures.js";

interface AnyLoss {
  forward(...inputs: unknown[]): Tensor | number;
  backward(dy?: Tensor): Tensor | readonly Tensor[];
}

type Make = (data: never, shape: readonly number[]) => unknown;

const TYPES = { Focal, MultiMargin, TripletMargin, CosineEmbedding, Dice };

function build(name: string, { options, tensors }: FixtureCase): AnyLoss {
  const type = TYPES[name as keyof typeof TYPES] as unknown as new (options: object) => AnyLoss;
  const { weight } = tensors;
  return new type({ ...options, ...(weight && { weight: Array.from(weight.data) }) });
}

/** The inputs with a gradient, and what forward takes behind them. */
function inputsOf(make: Make, { tensors }: FixtureCase): { xs: Tensor[]; rest: unknown[] } {
  const names = Object.keys(tensors).filter((name) => /^x\d$/.test(name));
  const tensor = (name: string): Tensor =>
    (make(tensors[name].data as never, tensors[name].shape) as Tensor).clone() as Tensor;
  const rest = ["labels", "targets", "masks"].filter((name) => name in tensors);
  return {
    xs: names.map(tensor),
    rest: rest.map((name) => (name === "masks" ? tensor(name) : Array.from(tensors[name].data))),
  };
}

const listOf = (value: Tensor | readonly Tensor[]): readonly Tensor[] => (Tensor.isTensor(value) ? [value] : value);
const numbersOf = (value: Tensor | number): ArrayLike<number> => (typeof value === "number" ? [value] : value.data);
const largest = (data: ArrayLike<number>): number => Math.max(...Array.from(data, Math.abs));

describe.each(Object.keys(TYPES))("%s", (name) => {
  const { cases } = loadFixture(`loss/${name}`);

  it("has at least 24 cases by PyTorch", () => {
    expect(cases.length).toBeGreaterThanOrEqual(24);
  });

  onEachBackend(({ make, eps, dtype }) => {
    it.each(cases)("agrees with PyTorch, forward and backward: $name", (fixtureCase) => {
      const { tensors } = fixtureCase;
      const loss = build(name, fixtureCase);
      const { xs, rest } = inputsOf(make as Make, fixtureCase);
      const value = loss.forward(...xs, ...rest);
      for (const x of xs) x.data.fill(NaN); // what backward needs is its own
      if (Tensor.isTensor(rest[0])) rest[0].data.fill(NaN);
      const dy = tensors.dy && (make(tensors.dy.data as never, tensors.dy.shape) as Tensor);
      const gradients = listOf(loss.backward(dy));
      const scale = xs.length + largest(tensors.loss.data) + tensors.x0.data.length;
      expectClose(numbersOf(value), tensors.loss.data, 32 * eps * scale);
      gradients.forEach((dx, i) => {
        const expected = tensors[`dx${i}`];
        expect([dx.shape, dx.dtype]).toEqual([expected.shape, dtype]);
        expectClose(dx.data, expected.data, 64 * eps * (1 + largest(tensors.x0.data)) * (1 + largest(expected.data)));
      });
    });
  });

  it.each(cases)("has the gradient of its value: $name", (fixtureCase) => {
    onReference(() => {
      const make: Make = (data, shape) => Tensor.float64(data as Float64Array, shape as number[]);
      const loss = build(name, fixtureCase);
      const { xs, rest } = inputsOf(make, fixtureCase);
      const { dy } = fixtureCase.tensors;
      const upstream = dy && (make(dy.data as never, dy.shape) as Tensor);
      const value = (): number => {
        const y = loss.forward(...xs, ...rest);
        return typeof y === "number" ? y : y.data.reduce((sum, each, i) => sum + each * upstream!.data[i], 0);
      };
      value();
      const gradients = listOf(loss.backward(upstream));
      const h = 1e-5;
      xs.forEach((x, k) => {
        for (let i = 0; i < Math.min(x.size, 12); i++) {
          const before = x.data[i];
          const at = (to: number): number => ((x.data[i] = to), value());
          const [up, down, middle] = [at(before + h), at(before - h), at(before)];
          x.data[i] = before;
          const slopes = [(up - middle) / h, (middle - down) / h];
          if (Math.abs(slopes[0] - slopes[1]) > 1e-2) continue; // a kink
          expect(Math.abs((up - down) / (2 * h) - gradients[k].data[i])).toBeLessThan(1e-5 * (1 + Math.abs(slopes[0])));
        }
      });
    });
  });

  it("asks for a forward before each backward, and tells the watcher what it takes and gives", () => {
    const plain = cases.find(({ options }) => options.reduction === undefined)!;
    const loss = build(name, plain);
    const make: Make = (data, shape) => new Tensor(data, shape);
    expect(() => loss.backward()).toThrow(StateError);
    const told: string[] = [];
    const unwatch = addWatcher({
      loss: (who: string, what: string) => void told.push(`${who} ${what}`),
    } as unknown as Watcher);
    const { xs, rest } = inputsOf(make, plain);
    loss.forward(...xs, ...rest);
    const gradients = listOf(loss.backward());
    unwatch();
    const inputs = xs.map(() => `${name} ${["Focal", "Dice"].includes(name) ? "logits" : "inputs"}`);
    expect(told).toEqual([...inputs, `${name} losses`, ...gradients.map(() => `${name}.backward gradients`)]);
    expect(() => loss.backward()).toThrow(StateError);
  });
});

describe("Losses of rows", () => {
  const t = (rows: number[][]): Tensor => new Tensor(rows);

  it("give the numbers worked out by hand", () => {
    // Of two classes with logits 0 and log 3, p = 1/4 and 3/4.
    const logits = t([[0, Math.log(3)]]);
    expect(new Focal({ gamma: 2 }).forward(logits, [1])).toBeCloseTo(-Math.log(0.75) / 16, 6);
    expect(new SigmoidFocal({ alpha: 0.5, gamma: 1 }).forward(t([[0]]), t([[1]]))).toBeCloseTo(Math.LN2 / 4, 6);
    expect(new MultiMargin({ margin: 2 }).forward(t([[1, 0, 2]]), [0])).toBeCloseTo((1 + 3) / 3, 6);
    expect(new MultiMargin({ p: 2, margin: 2, weight: [2, 1, 1] }).forward(t([[1, 0, 2]]), [0])).toBeCloseTo(
      (2 * 10) / 3,
      5,
    );
    const triplet = new TripletMargin({ margin: 1, eps: 0 });
    expect(triplet.forward(t([[0, 0]]), t([[3, 4]]), t([[0, 2]]))).toBe(4);
    expect(new TripletMargin({ eps: 0, swap: true }).forward(t([[0, 0]]), t([[3, 0]]), t([[3.5, 0]]))).toBe(3.5);
    const cosine = new CosineEmbedding({ reduction: "none", margin: 0.25 });
    const [a, b] = [t([[1, 0], [1, 0], [1, 0]]), t([[0, 2], [3, 3], [-1, 0]])]; // prettier-ignore
    expectClose(cosine.forward(a, b, [1, -1, -1]).data, [1, Math.SQRT1_2 - 0.25, 0], 1e-6);
    const dice = new Dice({ activation: "none", smooth: 1 });
    expect(dice.forward(new Tensor([1, 1, 0, 0], [1, 1, 4]), new Tensor([1, 0, 0, 1], [1, 1, 4]))).toBeCloseTo(
      1 - 3 / 5,
      6,
    );
    expect(dice.forward(new Tensor([0, 0], [1, 1, 2]), new Tensor([0, 0], [1, 1, 2]))).toBe(0);
  });

  it("of gamma 0 is the cross-entropy, and stays finite for logits of any size", () => {
    const logits = t([[1, -2, 0.5], [30, 3, -7]]); // prettier-ignore
    const [focal, plain] = [new Focal({ gamma: 0, weight: [1, 2, 3] }), new CrossEntropy({ weight: [1, 2, 3] })];
    expect(focal.forward(logits, [2, 1])).toBeCloseTo(plain.forward(logits, [2, 1]), 5);
    expectClose(focal.backward().data, plain.backward().data, 1e-6);
    const far = t([[1e38, 0], [-1e4, 1e4], [200, 0]]); // prettier-ignore
    for (const gamma of [0, 0.5, 2]) {
      const loss = new Focal({ gamma, reduction: "none" });
      expect(loss.forward(far, [0, 0, 0]).toArray()).toEqual([0, 2e4, 0]);
      expect(loss.backward(new Tensor([1, 1, 1])).data.every(Number.isFinite)).toBe(true);
      const sigmoid = new SigmoidFocal({ gamma, alpha: -1, reduction: "none" });
      expect(sigmoid.forward(t([[200, -200, 1e4]]), t([[1, 0, 0]])).toArray()).toEqual([[0, 0, 1e4]]);
      expect(sigmoid.backward(t([[1, 1, 1]])).toArray()).toEqual([[0, 0, 1]]);
    }
  });

  it("pass gradCheck where they have one input", () => {
    const x = t([[0.3, -1.2, 0.7], [2, 0.1, -0.4]]); // prettier-ignore
    for (const loss of [new Focal({ gamma: 1.5 }), new MultiMargin({ p: 2 }), new Dice({ activation: "softmax" })]) {
      const report = gradCheck(loss as never, x, { target: [2, 0] });
      expect(report.ok, String(report)).toBe(true);
    }
  });

  it("refuse what does not fit, and say what", () => {
    const x = t([[1, 2]]);
    const bad: [() => unknown, new (...args: never[]) => Error, string][] = [
      [() => new Focal().forward(x, x as never), ArgumentError, "Focal: expected labels as an array of class indices, got an object (Tensor) (for yes-or-no targets use SigmoidFocal)."],
      [() => new Focal().forward(x, [2]), ArgumentError, "Focal: expected labels from 0 to 1, got 2 at index 0 (labels count from 0)."],
      [() => new Focal().forward(x, [-100]), ArgumentError, "Focal: expected at least one target that counts, got none (all are ignored or have weight 0)."],
      [() => new SigmoidFocal({ alpha: 2 }), ArgumentError, "SigmoidFocal: expected alpha to be a finite number from 0 to 1, got 2."],
      [() => new MultiMargin({ p: 3 as never }), ArgumentError, "MultiMargin: expected p to be 1 or 2, got 3."],
      [() => new MultiMargin().forward(new Tensor([1]), [0]), ShapeError, "MultiMargin: expected scores [N, C], got [1]."],
      [() => new TripletMargin().forward(x, x, t([[1]])), ShapeError, "TripletMargin: expected negative of the shape of anchor [1, 2], got [1, 1]."],
      [() => new TripletMargin({ p: 0.5 }), ArgumentError, "TripletMargin: expected p to be a finite number of at least 1, got 0.5."],
      [() => new CosineEmbedding().forward(x, x, [0]), ArgumentError, "CosineEmbedding: expected targets 1 (alike) and -1 (different), got 0 at index 0."],
      [() => new CosineEmbedding().forward(x, x, [1, 1]), ShapeError, "CosineEmbedding: expected 2 targets"],
      [() => new Dice({ smooth: 0 }), ArgumentError, "Dice: expected smooth to be above 0, got 0 (two empty masks would be NaN)."],
      [() => new Dice().forward(x, new Tensor([1])), ShapeError, "Dice: expected masks of the logits' shape [1, 2], got [1] (class labels are a plain array or Int32Array, not a Tensor)."],
    ]; // prettier-ignore
    for (const [act, type, text] of bad) {
      expect(act).toThrow(type);
      if (!text.startsWith("CosineEmbedding: expected 2")) expect(act).toThrow(text);
    }
  });
});
