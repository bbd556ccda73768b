import { describe, expect, it } from "vitest";
import { ArgumentError, HandgradError, ShapeError, StateError } from "../../src/base/errors.js";
import { CrossEntropy, type ClassTarget, type CrossEntropyOptions } from "../../src/loss/crossEntropy.js";
import { Tensor } from "../../src/base/tensor.js";
import { alongLines, compare, tensorOf, type AnyTensor } from "../nn/helpers.js";
import { onEachBackend, type BackendCase } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture, type FixtureCase } from "../support/fixtures.js";

const LN2 = 0.6931471805599453;
const LN3 = 1.0986122886681098;
const { cases, refusedDraws } = loadFixture("crossEntropy");

/** The loss of a fixture's case with its target as this library takes it. */
function prepare(context: BackendCase, { options, tensors }: FixtureCase): { loss: CrossEntropy; target: ClassTarget } {
  const { weight, target } = tensors;
  const loss = new CrossEntropy({
    ...(options as CrossEntropyOptions<"mean">),
    ...(weight === undefined ? {} : { weight: new Tensor(weight.data, weight.shape) }),
  });
  const indices = target.data instanceof Int32Array;
  return { loss, target: indices ? (target.data as Int32Array) : (tensorOf(context, target) as Tensor) };
}

/** The weighted target t and the divisor of a case, from the formulas of the docs, in float64. */
function weightedTarget({ options, tensors }: FixtureCase): { t: Float64Array; divisor: number } {
  const { logits, target, weight } = tensors;
  const { labelSmoothing = 0, ignoreIndex = -100, reduction = "mean" } = options as CrossEntropyOptions;
  const [n, classes] = logits.shape;
  const inner = logits.data.length / n / classes;
  const w = (c: number): number => weight?.data[c] ?? 1;
  let divisor = 0;
  const t = Float64Array.from(logits.data, (_, i) => {
    const [sample, c, place] = [Math.floor(i / inner / classes), Math.floor(i / inner) % classes, i % inner];
    const smooth = labelSmoothing / classes;
    if (!(target.data instanceof Int32Array)) {
      if (c === 0) divisor++;
      return w(c) * ((1 - labelSmoothing) * target.data[i] + smooth);
    }
    const label = target.data[sample * inner + place];
    if (label === ignoreIndex) return 0;
    if (c === 0) divisor += w(label);
    return w(c) * ((c === label ? 1 - labelSmoothing : 0) + smooth);
  });
  return { t, divisor: reduction === "mean" ? divisor : 1 };
}

describe("CrossEntropy", () => {
  onEachBackend((context) => {
    const { eps } = context;
    const tensor = (data: ArrayLike<number> | number[][]): Tensor => context.make(data as number[]) as Tensor;
    const near = (actual: number, expected: number): void => expectClose([actual], [expected], 8 * eps);

    it("gives the numbers worked out by hand, forward and backward", () => {
      const loss = new CrossEntropy();
      // Softmax of [0, ln 3] is [1/4, 3/4], of [0, 0] it is [1/2, 1/2].
      const logits = tensor([
        [0, LN3],
        [0, 0],
      ]);
      near(loss.forward(logits, [0, 1]), (2 * LN2 + LN2) / 2);
      expectClose(loss.backward().data, [-3 / 8, 3 / 8, 1 / 4, -1 / 4], 4 * eps);
    });

    it("divides a weighted mean by the weights of the targets that count", () => {
      const loss = new CrossEntropy({ weight: [3, 1], ignoreIndex: 7 });
      near(
        loss.forward(
          tensor([
            [0, LN3],
            [0, 0],
            [5, 9],
          ]),
          [0, 1, 7],
        ),
        (3 * 2 * LN2 + LN2) / 4,
      );
      const dx = loss.backward();
      expectClose(dx.data, [(-3 * 3) / 16, (3 * 3) / 16, 1 / 8, -1 / 8, 0, 0], 4 * eps);
    });

    it("takes a Tensor as probabilities and then divides by the number of samples, whatever the weights", () => {
      const loss = new CrossEntropy({ weight: [2, 4] });
      const value = loss.forward(
        tensor([
          [0, LN3],
          [0, 0],
        ]),
        tensor([
          [0.5, 0.5],
          [1, 0],
        ]),
      );
      // -(2 * 0.5 * log(1/4) + 4 * 0.5 * log(3/4)) = 2 ln 2 + 2 (2 ln 2 - ln 3), and 2 ln 2
      near(value, (2 * LN2 + 2 * (2 * LN2 - LN3) + 2 * LN2) / 2);
    });

    it("spreads labelSmoothing over all classes", () => {
      const loss = new CrossEntropy({ labelSmoothing: 0.2, reduction: "sum" });
      // t = [0.9, 0.1]: 0.9 * 2 ln 2 + 0.1 * (2 ln 2 - ln 3)
      near(loss.forward(tensor([[0, LN3]]), [0]), 2 * LN2 - 0.1 * LN3);
      expectClose(loss.backward().data, [0.25 - 0.9, 0.75 - 0.1], 8 * eps);
    });

    it("gives each loss with reduction none, and then wants an upstream gradient", () => {
      const loss = new CrossEntropy({ reduction: "none" });
      const losses = loss.forward(
        tensor([
          [0, LN3],
          [0, 0],
        ]),
        [0, 1],
      );
      expectClose(losses.data, [2 * LN2, LN2], 8 * eps);
      expectClose(loss.backward(tensor([4, 100])).data, [-3, 3, 50, -50], 200 * eps);
    });

    it("takes logits [N, C, H, W] with N * H * W labels in row-major order", () => {
      const loss = new CrossEntropy({ reduction: "none" });
      const logits = context.make([
        [[[0, 0]], [[LN3, 0]]],
        [[[0, LN3]], [[0, 0]]],
      ]) as Tensor;
      const losses = loss.forward(logits, [0, 0, 1, 1]);
      expect(losses.shape).toEqual([2, 1, 2]);
      expectClose(losses.data, [2 * LN2, LN2, LN2, 2 * LN2], 8 * eps);
    });

    it("stays finite for logits of any size", () => {
      const loss = new CrossEntropy();
      expect(loss.forward(tensor([[1e30, -1e30]]), [0])).toBe(0);
      expect(loss.backward().toArray()).toEqual([[0, 0]]);
    });

    it.each(cases)("agrees with PyTorch: $name", (fixtureCase) => {
      const { tensors, flags } = fixtureCase;
      const { loss, target } = prepare(context, fixtureCase);
      const logits = tensorOf(context, tensors.logits) as Tensor;
      if (flags.includes("zeroDivisor")) {
        // PyTorch gives NaN.
        expect(tensors.loss.data[0]).toBeNaN();
        expect(() => loss.forward(logits, target)).toThrow("expected at least one target that counts");
        return;
      }
      const value = loss.forward(logits, target) as number | AnyTensor;
      const dlogits = loss.backward(tensors.dy === undefined ? undefined : (tensorOf(context, tensors.dy) as Tensor));
      expect(dlogits.dtype).toBe(context.dtype);

      const { size, reach, over } = alongLines(tensors.logits, 1);
      const inner = logits.size / logits.shape[0] / size;
      const line = (i: number): number => Math.floor(i / inner / size) * inner + (i % inner);
      const { t, divisor } = weightedTarget(fixtureCase);
      // loss = sum of t * (log(total) - (x - max)); the total is from 1 to C, and errs by some eps.
      const terms = new Float64Array(logits.size / size);
      t.forEach((weight, i) => (terms[line(i)] += weight === 0 ? 0 : weight * (Math.log(size) + reach(i))));
      const p = (i: number): number => 1 / over(i, (k) => Math.exp(tensors.logits.data[k] - tensors.logits.data[i]));
      const upstream = (i: number): number => Math.abs(tensors.dy?.data[line(i)] ?? 1 / divisor);
      const gradientTerms = (i: number): number => upstream(i) * (p(i) * reach(i) * over(i, (k) => t[k]) + t[i]);

      if (typeof value === "number") {
        const all = terms.reduce((sum, term) => sum + term, 0) / divisor;
        expectClose([value], tensors.loss.data, sumBound(size + 1, all, eps), { name: "loss" });
      } else {
        compare("losses", value, tensors.loss, (i) => sumBound(size + 1, terms[i], eps));
      }
      compare("dlogits", dlogits, tensors.dlogits, (i) => sumBound(size + 1, gradientTerms(i), eps) + 2 ** -148);
    });
  });

  it("has at least 10 cases by PyTorch, some of them with a divisor of 0", () => {
    expect(cases.length).toBeGreaterThanOrEqual(10);
    expect(cases.filter(({ flags }) => flags.includes("zeroDivisor")).length).toBe(2);
  });

  it.each(refusedDraws.map((draw, i) => ({ ...draw, title: `${i} ${JSON.stringify(draw.options)}` })))(
    "refuses what PyTorch refuses: $title: $message",
    ({ options: { target, ...options }, shapes, message }) => {
      const run = (): unknown => {
        const weight = message.startsWith("weight tensor") ? [1, 1, 1, 1] : undefined;
        const loss = new CrossEntropy({ ...options, ...(weight === undefined ? {} : { weight }) });
        const zeros = (shape: readonly number[]): Tensor =>
          new Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
        const labels = new Int32Array(shapes.target.reduce((a, b) => a * b, 1));
        const bounds = /Target (-?\d+) is out of bounds/.exec(message);
        if (bounds !== null) labels[1] = Number(bounds[1]);
        return loss.forward(zeros(shapes.logits), target === "indices" ? labels : zeros(shapes.target));
      };
      expect(run).toThrow(HandgradError);
    },
  );

  it("takes labels from any array of numbers", () => {
    const value = (labels: ArrayLike<number>): number =>
      new CrossEntropy().forward(
        new Tensor([
          [1, 2],
          [3, 5],
        ]),
        labels,
      );
    const expected = value([1, 0]);
    for (const labels of [Int32Array.of(1, 0), Uint8Array.of(1, 0), Float32Array.of(1, 0)]) {
      expect(value(labels)).toBe(expected);
    }
  });

  it("does not see later changes of the weights, the labels or the probabilities that it was given", () => {
    const weight = new Tensor([1, 2]);
    const [labels, probabilities] = [
      Int32Array.of(0, 1),
      new Tensor([
        [0.5, 0.5],
        [1, 0],
      ]),
    ];
    for (const target of [labels, probabilities]) {
      const loss = new CrossEntropy({ weight });
      const logits = new Tensor([
        [1, 2],
        [4, 3],
      ]);
      loss.forward(logits, target);
      const expected = loss.backward().toArray();
      loss.forward(logits, target);
      weight.data.fill(9);
      labels.fill(0);
      probabilities.data.fill(9);
      expect(loss.backward().toArray()).toEqual(expected);
      weight.data.set([1, 2]);
      labels.set([0, 1]);
      probabilities.data.set([0.5, 0.5, 1, 0]);
    }
  });

  it("treats no weight, null and equal weights alike in a mean", () => {
    const run = (options: object): number => new CrossEntropy(options).forward(new Tensor([[1, 2, 4]]), [1]);
    expect(run({ weight: null })).toBe(run({}));
    expect(run({ weight: [1, 1, 1] })).toBe(run({}));
  });

  it("wants one forward before each backward, and keeps what it saved when a backward is refused", () => {
    const loss = new CrossEntropy();
    const expectStateError = (): void =>
      throwsExactly(
        () => loss.backward(),
        StateError,
        "CrossEntropy.backward: expected a forward before each backward, got none.",
      );
    expectStateError();
    loss.forward(new Tensor([[1, 2]]), [1]);
    throwsExactly(
      () => loss.backward(new Tensor([1])),
      ArgumentError,
      'CrossEntropy.backward: expected no dy with reduction "mean", got one.',
    );
    loss.backward();
    expectStateError();
  });

  it("wants an upstream gradient of the losses' shape with reduction none", () => {
    const loss = new CrossEntropy({ reduction: "none" });
    loss.forward(
      new Tensor([
        [1, 2],
        [3, 4],
      ]),
      [1, 0],
    );
    throwsExactly(
      () => loss.backward(),
      ArgumentError,
      'CrossEntropy.backward: expected dy, the gradient of each loss, with reduction "none", got undefined.',
    );
    throwsExactly(
      () => loss.backward(new Tensor([1])),
      ShapeError,
      "CrossEntropy.backward: expected dy of the output's shape [2], got [1].",
    );
    expect(loss.backward(new Tensor([1, 1])).shape).toEqual([2, 2]);
  });
});
