// Every metric against scikit-learn's numbers (test/fixtures/make_metrics.py), as a function and fed in pieces.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as metrics from "../../src/entries/metrics.js";
import { Tensor } from "../../src/base/tensor.js";
import { expectClose } from "../support/close.js";

interface Counted {
  readonly classes: number;
  readonly actual: number[];
  readonly predicted: number[];
}

const fixtures = JSON.parse(
  readFileSync(new URL("../fixtures/sklearn/metrics.json", import.meta.url), "utf8"),
) as Record<"counts" | "scores" | "binary", Record<string, unknown>[]>;

const BOUND = 1e-12;
const close = (got: number, expected: unknown, name: string): void =>
  expectClose([got], [expected as number], BOUND, { name });

/** The metric of the whole, of two pieces one after the other, and of two objects merged through JSON. */
function inEveryWay<M extends metrics.Metric<unknown>, T>(
  make: () => M,
  read: (metric: M) => T,
  predictions: readonly unknown[] | Tensor,
  labels: readonly number[],
  check: (got: T) => void,
): void {
  const piece = (from: number, to: number): [Tensor | number[], number[]] => [
    Tensor.isTensor(predictions) ? predictions.slice([from, to]) : (predictions.slice(from, to) as number[]),
    labels.slice(from, to),
  ];
  const half = Math.floor(labels.length / 2);
  const [a, b] = [piece(0, half), piece(half, labels.length)];
  check(read(make().update(...piece(0, labels.length))));
  check(
    read(
      make()
        .update(...a)
        .update(...b),
    ),
  );
  const stored = JSON.parse(JSON.stringify(make().update(...b))) as metrics.MetricState;
  check(read(make().update(...a).merge(stored) as M)); // prettier-ignore
  const resumed = make();
  resumed.state = JSON.parse(JSON.stringify(make().update(...a))) as metrics.MetricState;
  check(read(resumed.update(...b)));
  const reset = make().update(...a);
  reset.reset();
  check(read(reset.update(...b).update(...a)));
}

describe("metrics of class indices agree with scikit-learn", () => {
  it("has cases with missing classes of every kind", () => {
    expect(fixtures.counts.length).toBeGreaterThan(20);
  });

  it.each(fixtures.counts.map((each, i) => [i, each] as const))("case %i", (_, fixture) => {
    const { classes, actual, predicted } = fixture as unknown as Counted;
    const number = (make: () => metrics.Metric<number>, name: string): void => {
      inEveryWay(
        make,
        (metric) => metric.compute(),
        predicted,
        actual,
        (got) => close(got, fixture[name], name),
      );
    };
    number(() => new metrics.Accuracy(), "accuracy");
    number(() => new metrics.BalancedAccuracy(), "balancedAccuracy");
    number(() => new metrics.BalancedAccuracy({ adjusted: true }), "balancedAccuracyAdjusted");
    number(() => new metrics.MatthewsCorrcoef(), "mcc");
    number(() => new metrics.MeanIoU(), "iou");
    for (const normalize of ["none", "true", "pred", "all"] as const) {
      inEveryWay(
        () => new metrics.ConfusionMatrix({ normalize, classes }),
        (metric) => metric.compute().flat(),
        predicted,
        actual,
        (got) => expectClose(got, (fixture[`confusion_${normalize}`] as number[][]).flat(), BOUND, { name: normalize }),
      );
    }
    const kinds = { precision: metrics.Precision, recall: metrics.Recall, f1: metrics.F1 };
    for (const [name, Kind] of Object.entries(kinds)) {
      for (const zeroDivision of [0, 1] as const) {
        for (const average of ["macro", "micro", "weighted", ...(classes === 2 ? ["binary" as const] : [])] as const) {
          number(() => new Kind({ average, zeroDivision }), `${name}_${average}_${zeroDivision}`);
        }
        inEveryWay(
          () => new Kind({ zeroDivision, classes }),
          (metric) => metric.perClass(),
          predicted,
          actual,
          (got) => expectClose(got, fixture[`${name}_none_${zeroDivision}`] as number[], BOUND, { name }),
        );
      }
    }
    inEveryWay(
      () => new metrics.MeanIoU({ classes }),
      (metric) => metric.perClass(),
      predicted,
      actual,
      (got) => expectClose(got, fixture.iouPerClass as number[], BOUND, { name: "iou" }),
    );
    for (const weights of ["none", "linear", "quadratic"] as const) {
      // scikit-learn has NaN where chance explains all; ours is zeroDivision.
      const expected = fixture[`kappa_${weights}`] ?? 0;
      close(metrics.cohenKappa(predicted, actual, { weights }), expected, weights);
      if (expected !== 0) number(() => new metrics.CohenKappa({ weights }), `kappa_${weights}`);
    }
  });
});

describe("metrics of probabilities agree with scikit-learn", () => {
  it.each(fixtures.scores.map((each, i) => [i, each] as const))("case %i", (_, fixture) => {
    const classes = fixture.classes as number;
    const actual = fixture.actual as number[];
    const p = Tensor.float64(fixture.p as number[][]);
    const logits = Tensor.float64(fixture.logits as number[][]);
    const number = (make: () => metrics.Metric<number>, name: string, x = p, expected = fixture[name]): void => {
      inEveryWay(
        make,
        (metric) => metric.compute(),
        x as unknown as Tensor,
        actual,
        (got) => close(got, expected, name),
      );
    };
    number(() => new metrics.LogLoss(), "logLoss");
    number(() => new metrics.LogLoss({ eps: 1e-3 }), "logLoss_eps");
    for (let k = 1; k < classes; k++) {
      if (fixture[`top${k}`] !== undefined) number(() => new metrics.TopKAccuracy({ k }), `top${k}`);
    }
    for (const average of ["macro", "weighted"] as const) {
      number(() => new metrics.RocAuc({ average }), `auc_${average}`);
      number(() => new metrics.AveragePrecision({ average }), `ap_${average}`);
      // Equal logits need not have equal probabilities to the last bit, so not where there are ties.
      if (fixture.top1 !== undefined) {
        number(() => new metrics.RocAuc({ average, logits: true }), `auc_${average}`, logits);
      }
    }
    if (!(fixture.p as number[][]).flat().includes(0)) {
      number(() => new metrics.LogLoss({ logits: true }), "logLoss", logits);
    }
  });
});

describe("metrics of the score of class 1 agree with scikit-learn", () => {
  it.each(fixtures.binary.map((each, i) => [i, each] as const))("case %i", (_, fixture) => {
    const actual = fixture.actual as number[];
    const [score, p] = [fixture.score as number[], fixture.p as number[]];
    const number = (make: () => metrics.Metric<number>, name: string, x: number[]): void => {
      inEveryWay(
        make,
        (metric) => metric.compute(),
        x,
        actual,
        (got) => close(got, fixture[name], name),
      );
    };
    number(() => new metrics.RocAuc(), "auc", score);
    number(() => new metrics.AveragePrecision(), "ap", score);
    number(() => new metrics.LogLoss(), "logLoss", p);
    for (const bins of [2, 5, 15]) {
      const filled = metrics.reliability(p, actual, { bins }).filter(({ count }) => count > 0);
      const expected = fixture[`curve${bins}`] as { accuracy: number[]; confidence: number[] };
      expectClose(
        filled.map(({ accuracy }) => accuracy!),
        expected.accuracy,
        BOUND,
      );
      expectClose(
        filled.map(({ confidence }) => confidence!),
        expected.confidence,
        BOUND,
      );
      const gaps = filled.map(({ accuracy, confidence }) => Math.abs(accuracy! - confidence!));
      const mean = filled.reduce((sum, { count }, i) => sum + (count / p.length) * gaps[i], 0);
      close(metrics.calibrationError(p, actual, { bins }), mean, "ece");
      close(metrics.calibrationError(p, actual, { bins, norm: "max" }), Math.max(...gaps), "mce");
    }
  });
});
