// The tables of what a worker makes by name hold all that the package has, but for what cannot be sent.
import { describe, expect, it } from "vitest";
import * as losses from "../../src/loss/losses.js";
import * as metrics from "../../src/entries/metrics.js";
import * as optimizers from "../../src/optim/optimizers.js";
import * as schedules from "../../src/optim/schedules/schedules.js";
import { SGD, Linear } from "../../src/index.js";
import * as metricClasses from "../../src/worker/metricClasses.js";
import { LOSSES, OPTIMIZERS, SCHEDULES, makeLoss, makeMetric, makeSchedule } from "../../src/worker/specTables.js";

const names = (module: object, ...without: readonly string[]): string[] =>
  Object.keys(module)
    .filter((name) => !without.includes(name))
    .sort();

describe("What a worker makes by name", () => {
  it("are all losses of one input", () => {
    expect(names(LOSSES)).toEqual(names(losses, "CosineEmbedding", "TripletMargin"));
    for (const type of names(LOSSES)) expect(makeLoss(type, undefined).constructor.name).toBe(type);
  });

  it("are all optimizers", () => {
    expect(names(OPTIMIZERS)).toEqual(names(optimizers));
  });

  it("are all schedules, but for one whose factor is a function", () => {
    expect(names(SCHEDULES)).toEqual(names(schedules, "LambdaLR", "SequentialLR", "ChainedScheduler"));
    const optimizer = new SGD(new Linear(2, 2).parameters(), { lr: 0.1, momentum: 0.9 });
    const args = { stepSize: 2, milestones: [2], gamma: 0.5, tMax: 3, t0: 3, baseLr: 0.01, maxLr: 0.1, totalSteps: 9 };
    const wanted: Readonly<Record<string, readonly (keyof typeof args)[]>> = {
      StepLR: ["stepSize"],
      MultiStepLR: ["milestones"],
      ExponentialLR: ["gamma"],
      CosineAnnealingLR: ["tMax"],
      CosineAnnealingWarmRestarts: ["t0"],
      CyclicLR: ["baseLr", "maxLr"],
      OneCycleLR: ["maxLr", "totalSteps"],
    };
    for (const type of names(SCHEDULES)) {
      const given = Object.fromEntries((wanted[type] ?? []).map((name) => [name, args[name]]));
      expect(makeSchedule("batchSchedule", { type, ...given }, [optimizer]).constructor.name).toBe(type);
    }
  });

  it("are all metrics", () => {
    const bases = ["Metric", "CountMetric", "ScoreMetric", "SumMetric", "PrecisionRecallMetric"];
    const classes = names(metrics, ...bases).filter((name) => /^[A-Z]/.test(name));
    expect(names(metricClasses)).toEqual(classes);
    for (const type of classes)
      expect((makeMetric("m", type, undefined) as unknown as { type: string }).type).toBe(type);
    expect(makeMetric("m", "accuracy", undefined)).toBe(metrics.accuracy);
  });
});
