// What the metrics of handgrad/metrics do besides agreeing with scikit-learn: answers by hand, forms of input, choices, errors.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as metrics from "../../src/entries/metrics.js";
import { accuracy } from "../../src/metrics/accuracy.js";
import { ArgumentError, ShapeError, StateError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

const scores = new Tensor([
  [0.1, 0.7, 0.2],
  [0.5, 0.3, 0.2],
  [0.2, 0.2, 0.6],
  [0.4, 0.35, 0.25],
]);

const all: readonly [name: string, make: () => metrics.Metric<unknown>][] = [
  ["Accuracy", () => new metrics.Accuracy()],
  ["BalancedAccuracy", () => new metrics.BalancedAccuracy({ adjusted: true })],
  ["TopKAccuracy", () => new metrics.TopKAccuracy({ k: 2 })],
  ["ConfusionMatrix", () => new metrics.ConfusionMatrix({ normalize: "true" })],
  ["Precision", () => new metrics.Precision({ average: "weighted" })],
  ["Recall", () => new metrics.Recall({ zeroDivision: 1 })],
  ["F1", () => new metrics.F1({ average: "micro" })],
  ["CohenKappa", () => new metrics.CohenKappa({ weights: "linear" })],
  ["MatthewsCorrcoef", () => new metrics.MatthewsCorrcoef()],
  ["MeanIoU", () => new metrics.MeanIoU()],
  ["RocAuc", () => new metrics.RocAuc({ average: "weighted" })],
  ["AveragePrecision", () => new metrics.AveragePrecision()],
  ["LogLoss", () => new metrics.LogLoss({ eps: 0.01 })],
  ["CalibrationError", () => new metrics.CalibrationError({ bins: 4 })],
];

describe("every running metric", () => {
  it.each(all)("%s merges halves, stores its state, starts over, and is what its function gives", (name, make) => {
    const labels = [1, 0, 2, 1];
    const whole = make().update(scores, labels).compute();
    const half = make().update(scores.slice([0, 2]), labels.slice(0, 2));
    const rest = make().update(scores.slice([2, 4]), labels.slice(2));
    const before = JSON.stringify(rest);
    expect(half.merge(rest).compute()).toEqual(whole);
    expect(JSON.stringify(rest)).toBe(before);
    const stored = JSON.parse(before) as metrics.MetricState;
    expect(stored.type).toBe(name);
    const resumed = make();
    resumed.state = stored;
    expect(JSON.stringify(resumed)).toBe(before);
    resumed.reset();
    expect(() => resumed.compute()).toThrow(StateError);
    expect(() => structuredClone(resumed)).toThrow("could not be cloned");
  });

  it.each(all)("%s counts nothing of a batch that it refuses, and nothing of a state", (_, make) => {
    const metric = make().update(scores, [1, 0, 2, 1]);
    const before = JSON.stringify(metric);
    expect(() => metric.update(scores, [1, 0, 2, 3])).toThrow(ArgumentError);
    expect(() => metric.update(scores, [1, 0, 2])).toThrow(ShapeError);
    expect(() => metric.update(new Tensor([], [0, 3]), [])).toThrow(ShapeError);
    expect(() => metric.merge({ ...metric.state, data: [0.5] })).toThrow(ArgumentError);
    expect(() => metric.merge({ ...metric.state, data: [NaN] })).toThrow(ArgumentError);
    expect(() => metric.merge({ ...metric.state, type: "Other" })).toThrow(ArgumentError);
    expect(() => metric.merge(undefined as never)).toThrow(ArgumentError);
    expect(() => (metric.state = { ...metric.state, options: { k: 1000 } })).toThrow(ArgumentError);
    expect(JSON.stringify(metric)).toBe(before);
  });

  it("merges with itself as with a copy", () => {
    const metric = new metrics.ConfusionMatrix().update([0, 1], [0, 0]);
    expect(metric.merge(metric).compute()).toEqual([
      [2, 2],
      [0, 0],
    ]);
  });

  it("gives the same for any cut into pieces, in any order of merging", () => {
    const samples = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 40 });
    const property = fc.property(samples, fc.nat(40), (pairs, at) => {
      const [p, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const cut = Math.min(at, pairs.length - 1);
      for (const make of [() => new metrics.F1(), () => new metrics.CohenKappa(), () => new metrics.MeanIoU()]) {
        const whole = make().update(p, y).compute();
        const right = make().update(p.slice(cut), y.slice(cut));
        if (cut > 0) right.merge(make().update(p.slice(0, cut), y.slice(0, cut)));
        expect(right.compute()).toBe(whole);
      }
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });
});

describe("answers by hand", () => {
  it("precision, recall and F1 of one class out of three", () => {
    const [p, y] = [
      [0, 0, 1, 2, 2, 2],
      [0, 1, 1, 2, 0, 2],
    ];
    expect(metrics.precision(p, y, { average: "none" })).toEqual([1 / 2, 1, 2 / 3]);
    expect(metrics.recall(p, y, { average: "none" })).toEqual([1 / 2, 1 / 2, 1]);
    expect(metrics.f1(p, y, { average: "none" })).toEqual([1 / 2, 2 / 3, 4 / 5]);
    expect(metrics.f1(p, y)).toBeCloseTo((1 / 2 + 2 / 3 + 4 / 5) / 3, 14);
    expect(metrics.confusionMatrix(p, y)).toEqual([
      [1, 0, 1],
      [1, 1, 0],
      [0, 0, 2],
    ]);
  });

  it("the first of equal scores is the prediction, and stands first in top-k", () => {
    expect(new metrics.Accuracy().update(new Tensor([[2, 2]]), [0]).compute()).toBe(1);
    expect(metrics.topKAccuracy(new Tensor([[2, 2, 2]]), [1], { k: 2 })).toBe(1);
    expect(metrics.topKAccuracy(new Tensor([[2, 2, 2]]), [2], { k: 2 })).toBe(0);
  });

  it("equal scores count half in the area under the curve", () => {
    expect(metrics.rocAuc([0.5, 0.5], [0, 1])).toBe(0.5);
    expect(metrics.rocAuc([1, 2, 2, 3], [0, 0, 1, 1])).toBe(3.5 / 4);
  });

  it("two columns of logits are ranked by their difference", () => {
    const logits = new Tensor([
      [5, 5.5],
      [0, 1],
    ]);
    expect(metrics.rocAuc(logits, [0, 1], { logits: true })).toBe(1);
  });

  it("bins hold their upper end, and not their lower one", () => {
    const at = (p: number, bins: number): number =>
      metrics.reliability([p], [1], { bins }).findIndex(({ count }) => count > 0);
    for (const bins of [2, 3, 7, 10, 15, 100]) {
      for (let k = 1; k <= bins; k++) expect(at(k / bins, bins)).toBe(k - 1);
      expect(at(0, bins)).toBe(0);
    }
  });

  it("an empty bin has no accuracy, and no weight", () => {
    expect(metrics.reliability([0.9], [1], { bins: 2 })).toEqual([
      { lower: 0, upper: 0.5, count: 0, confidence: null, accuracy: null },
      { lower: 0.5, upper: 1, count: 1, confidence: 0.9, accuracy: 1 },
    ]);
  });

  it("log loss of logits is cross-entropy, also where probabilities are 0", () => {
    expect(metrics.logLoss(new Tensor([[0, 2000]]), [0], { logits: true })).toBe(2000);
    expect(metrics.logLoss([-2000], [1], { logits: true })).toBe(2000);
    expect(metrics.logLoss(new Tensor([[0, 1]]), [0])).toBeCloseTo(23 * Math.LN2, 5); // eps of float32
    expect(metrics.logLoss([0], [1])).toBeCloseTo(52 * Math.LN2, 5);
  });
});

describe("forms of input", () => {
  it("pixels: scores [N, C, H, W] with a label for each pixel, and pixels to ignore", () => {
    const x = new Tensor([[[[1, 0]], [[0, 1]]]]); // one image of 1 x 2 pixels: classes 0, 1
    expect(metrics.meanIoU(x, [0, 1])).toBe(1);
    expect(metrics.meanIoU(x, [0, 255], { ignoreIndex: 255 })).toBe(1);
    expect(metrics.confusionMatrix(x, [1, -100], { ignoreIndex: -100 })).toEqual([
      [0, 0],
      [1, 0],
    ]);
    const metric = new metrics.MeanIoU({ ignoreIndex: 255 }).update(x, [255, 255]);
    expect(() => metric.compute()).toThrow(StateError); // nothing counted
  });

  it("classes as any list of whole numbers, NumPy's int64 too", () => {
    for (const list of [[0, 1], Uint8Array.of(0, 1), BigInt64Array.of(0n, 1n), Float32Array.of(0, 1)]) {
      expect(metrics.balancedAccuracy(list, list)).toBe(1);
    }
  });

  it("`accuracy` is the core's own", () => {
    expect(metrics.accuracy).toBe(accuracy);
  });

  it("later batches may bring new classes, until `classes` says how many there are", () => {
    const metric = new metrics.ConfusionMatrix().update([0], [0]).update([2], [1]);
    expect(metric.compute()).toEqual([
      [1, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
    ]);
    const fixed = new metrics.ConfusionMatrix({ classes: 2 });
    throwsExactly(
      () => fixed.update([2], [1]),
      ArgumentError,
      "ConfusionMatrix: expected at most 2 classes, got class 2 (see its option classes).",
    );
  });
});

describe("where nothing is divided by nothing", () => {
  it("zeroDivision is the value, 0 unless told otherwise", () => {
    expect(metrics.precision([0, 0], [0, 1], { average: "none" })).toEqual([0.5, 0]);
    expect(metrics.precision([0, 0], [0, 1], { average: "none", zeroDivision: 1 })).toEqual([0.5, 1]);
    expect(metrics.cohenKappa([0, 0], [0, 0])).toBe(0);
    expect(metrics.cohenKappa([0, 0], [0, 0], { zeroDivision: 1 })).toBe(1);
    expect(metrics.matthewsCorrcoef([0, 0], [0, 0])).toBe(0);
    expect(metrics.averagePrecision([0.5, 0.6], [0, 0])).toBe(0);
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "an area with one class alone",
      () => metrics.rocAuc([0.1, 0.2], [1, 1]),
      ArgumentError,
      "RocAuc: expected labels of class 1 and of others, got 2 and 0 (with one of them alone the curve does not exist).",
    ],
    [
      "a metric of nothing",
      () => new metrics.F1().compute(),
      StateError,
      "F1.compute: expected at least one update before, got none.",
    ],
    [
      "logits in the place of probabilities",
      () => metrics.logLoss(new Tensor([[2, 3]]), [0]),
      ArgumentError,
      "LogLoss: expected probabilities that sum to 1 in each row, got row 0 with the sum 5 (for logits give " +
        "{ logits: true }, or take softmax or sigmoid first).",
    ],
    [
      "a score that is not finite",
      () => metrics.topKAccuracy(new Tensor([[1, NaN]]), [0], { k: 1 }),
      ArgumentError,
      "TopKAccuracy: expected finite scores, got NaN at row 0, class 1.",
    ],
    [
      "swapped arguments",
      () => metrics.f1([0, 1] as never, scores as never),
      ArgumentError,
      "F1: expected predictions, then labels, got [0, 1] and a Tensor [4, 3] of 12 numbers (swap the two).",
    ],
    [
      "a tensor of class indices",
      () => metrics.f1(new Tensor([0, 1]), [0, 1]),
      ShapeError,
      "F1: expected scores [N, C, ...], got [2] (class indices come as a plain list or an Int32Array).",
    ],
    [
      "binary with three classes",
      () => metrics.f1([0, 2], [0, 1], { average: "binary" }),
      ArgumentError,
      'F1: expected at most 2 classes for average "binary", got 3 (choose "macro", "micro" or "weighted").',
    ],
    [
      "a k beyond the classes",
      () => metrics.topKAccuracy(scores, [0, 1, 2, 0]),
      ArgumentError,
      "TopKAccuracy: expected k of at most 3, the number of classes, got 5.",
    ],
    [
      "NaN as zeroDivision",
      () => metrics.precision([0], [0], { zeroDivision: NaN as 0 }),
      ArgumentError,
      "Precision: expected zeroDivision to be 0 or 1, got NaN.",
    ],
    [
      "other options in a merge",
      () => new metrics.F1().merge(new metrics.F1({ average: "micro" })),
      ArgumentError,
      'F1.merge: expected the state of F1 {"classes":null,"ignoreIndex":null,"average":"macro","zeroDivision":0}, got F1 ' +
        '{"classes":null,"ignoreIndex":null,"average":"micro","zeroDivision":0} (make both with the same options).',
    ],
  ])("refuses %s", (_, act, type, message) => throwsExactly(act, type, message));
});
