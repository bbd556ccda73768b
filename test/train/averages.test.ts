// EMA, SWA and updateBatchNorm: against the formulas, against PyTorch's order of things by hand, in fit and by themselves.
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  BatchNorm2d,
  Conv2d,
  Dropout,
  ReLU,
  SGD,
  Sequential,
  StateError,
  manualSeed,
  randn,
} from "../../src/index.js";
import { EMA, SWA, evaluate, fit, updateBatchNorm, type Callback } from "../../src/entries/train.js";
import { CrossEntropy } from "../../src/index.js";
import { digest, make, plainLoop } from "./support.js";

const weights = (model: Sequential): number[][] => Object.values(model.stateDict()).map(({ data }) => [...data]);

/** The weights of a few steps of training. */
function history(steps: number): { model: Sequential; path: number[][][]; go: (seen: () => void) => void } {
  const { model, optimizer, data } = make(1, 8, 8 * steps);
  const path: number[][][] = [];
  const go = (seen: () => void): void => {
    const loss = new CrossEntropy();
    for (const [x, y] of data) {
      loss.forward(model.forward(x), y);
      optimizer.zeroGrad();
      model.backward(loss.backward());
      optimizer.step();
      path.push(weights(model));
      seen();
    }
  };
  return { model, path, go };
}

const isBuffer = (model: Sequential): boolean[] =>
  Object.keys(model.stateDict()).map((name) => /running|num_batches/.test(name));

describe("EMA and SWA", () => {
  it.each([
    ["EMA", false, (_n: number) => 0.1],
    ["EMA with buffers", true, (_n: number) => 0.1],
    ["EMA with warm-up", false, (n: number) => 1 - Math.min(0.9, (1 + n) / (10 + n))],
    ["SWA", false, (n: number) => 1 / (n + 1)],
  ])("%s: the averages are those of the formula", (name, useBuffers, share) => {
    const { model, path, go } = history(7);
    const options = { useBuffers, ...(name.startsWith("EMA") && { decay: 0.9, warmUp: name.includes("warm-up") }) };
    const average = name === "SWA" ? new SWA(model, { useBuffers }) : new EMA(model, options);
    go(() => average.update());
    expect(average.count).toBe(7);
    const buffers = isBuffer(model);
    const expected = path[0].map((values, t) => {
      if (buffers[t] && !useBuffers) return path[6][t];
      return path.slice(1).reduce((mean, next, i) => mean.map((m, j) => m + share(i + 1) * (next[t][j] - m)), values);
    });
    const before = digest(model);
    average.apply();
    weights(model).forEach((values, t) => values.forEach((value, i) => expect(value).toBeCloseTo(expected[t][i], 5)));
    expect(() => average.update()).toThrow(StateError);
    expect(() => average.apply()).toThrow(StateError);
    average.restore();
    expect(digest(model)).toBe(before);
    const copy = make(9).model;
    copy.loadStateDict(average.stateDict());
    average.apply();
    expect(digest(copy)).toBe(digest(model));
  }); // prettier-ignore

  it("go on bit for bit from their state, and refuse another model's", () => {
    const run = (cut: number): string => {
      const { model, go } = history(8);
      let ema = new EMA(model, { decay: 0.7 });
      go(() => {
        ema.update();
        if (ema.count !== cut) return;
        const state = ema.state();
        ema.update(); // the state is a copy
        ema = new EMA(model, { decay: 0.7 });
        ema.loadState(state);
      });
      ema.apply();
      return digest(model);
    };
    expect(run(3)).toBe(run(99));
    const ema = new EMA(make().model);
    expect(() => ema.stateDict()).toThrow("EMA.stateDict: expected an update before, got none.");
    expect(() => ema.apply()).toThrow(StateError);
    expect(() => ema.loadState({ count: 2, tensors: {} })).toThrow(ArgumentError);
    expect(() => new EMA(make().model, { decay: 2 })).toThrow("EMA: expected decay to be a finite number from 0 to 1, got 2.");
  }); // prettier-ignore

  it("serve in fit: validation and the best weights are the averages', training is not disturbed", async () => {
    const plain = make();
    plainLoop(plain, 3);
    const { model, optimizer, data, validation } = make();
    const ema = new EMA(model, { decay: 0.9 });
    let own = "";
    const look: Callback = { onEpochEnd: () => void (own = digest(model)) };
    const result = await fit(model, data, { optimizer, epochs: 3, validation, average: ema, callbacks: [look] });
    expect(own).toBe(digest(plain.model));
    const { loss } = await evaluate(model, validation, { loss: new CrossEntropy() });
    expect(loss).toBeCloseTo(result.best!.value, 6); // in the model are the averages of the best epoch
    expect(ema.count).toBe(12);
  });

  it("are in the model at the end without validation; SWA counts epochs from startEpoch on", async () => {
    const { model, optimizer, data } = make();
    const swa = new SWA(model, { startEpoch: 3 });
    const path: number[][][] = [];
    const look: Callback = { onEpochEnd: () => void path.push(weights(model)) };
    await fit(model, data, { optimizer, epochs: 5, average: swa, callbacks: [look] });
    expect([swa.count, swa.applied]).toEqual([3, true]);
    const mean = path.slice(2).reduce((sum, each) => sum.map((w, t) => w.map((x, i) => x + each[t][i])), path[0].map((w) => w.map(() => 0))); // prettier-ignore
    const buffers = isBuffer(model);
    weights(model).forEach((w, t) => !buffers[t] && w.forEach((x, i) => expect(x).toBeCloseTo(mean[t][i] / 3, 5)));
    await expect(async () => fit(model, data, { optimizer, epochs: 1, average: swa })).rejects.toThrow(
      "fit: expected the model's own weights in it, got its averages (average.restore() first).",
    );
    expect(() => fit(make().model, data, { optimizer, epochs: 1, average: swa })).toThrow(ArgumentError);
  });
});

describe("updateBatchNorm", () => {
  it("gives the plain means of the batches' statistics, without dropout, and leaves modes and draws alone", async () => {
    manualSeed(2);
    const model = new Sequential(new Conv2d(1, 2, 3), new Dropout(0.5), new BatchNorm2d(2, { momentum: 0.3 }), new ReLU());
    const xs = [1, 2, 3].map((seed) => randn([4, 1, 5, 5], { seed }));
    const norm = model.get(2) as BatchNorm2d;
    norm.runningMean!.value.data.fill(77);
    model.get(1).eval();
    const draws = JSON.stringify((model.get(1) as unknown as { generator: unknown }).generator ?? null);
    await updateBatchNorm(model, xs);
    const seen = xs.map((x) => model.get(0).predict(x));
    for (const c of [0, 1]) {
      const each = seen.map((y) => y.permute([1, 0, 2, 3]).slice(c).data);
      const means = each.map((data) => data.reduce((sum, v) => sum + v, 0) / data.length);
      const variances = each.map((data, k) => data.reduce((sum, v) => sum + (v - means[k]) ** 2, 0) / (data.length - 1));
      expect(norm.runningMean!.value.data[c]).toBeCloseTo(means.reduce((a, b) => a + b) / 3, 5);
      expect(norm.runningVar!.value.data[c]).toBeCloseTo(variances.reduce((a, b) => a + b) / 3, 5);
    }
    expect(norm.numBatchesTracked!.value.item()).toBe(3);
    expect([...model.layers()].map((layer) => layer.training)).toEqual([true, true, false, true, true]);
    expect(JSON.stringify((model.get(1) as unknown as { generator: unknown }).generator ?? null)).toBe(draws);
    // Its own momentum serves again.
    model.get(0).freeze();
    const before = norm.runningMean!.value.data[0];
    const y = model.get(0).predict(xs[0]).permute([1, 0, 2, 3]).slice(0).data;
    norm.forward(model.get(0).predict(xs[0]));
    const mean = y.reduce((sum, v) => sum + v, 0) / y.length;
    expect(norm.runningMean!.value.data[0]).toBeCloseTo(0.7 * before + 0.3 * mean, 5);
  }); // prettier-ignore

  it("leaves a model without batch norm alone, and asks for a batch", async () => {
    await updateBatchNorm(new Sequential(new ReLU()), []);
    await expect(updateBatchNorm(make().model, [])).rejects.toThrow("at least one batch");
    await expect(updateBatchNorm(new SGD(make().model.parameters(), { lr: 1 }) as never, [])).rejects.toThrow(
      ArgumentError,
    );
  });
});
