// Statistics of layers, gradients and steps; dead units; the samples, classes and labels that a model stumbles over.
import { describe, expect, it } from "vitest";
import {
  BatchNorm1d, Conv2d, CrossEntropy, Dropout, Flatten, Linear, MSE, NLL, ReLU, ReLU6, SGD, Sequential, Softmax, StateError,
  Tensor, manualSeed, ones, randn, softmax, zeros,
} from "../../src/index.js"; // prettier-ignore
import { batches } from "../../src/entries/data.js";
import { ConfusionMatrix, confusionMatrix } from "../../src/entries/metrics.js";
import {
  activationStatistics, deadUnits, gradientStatistics, mostConfused, suspectedLabels, topLosses, updateRatios,
} from "../../src/entries/viz.js"; // prettier-ignore
import { onFloat32 } from "../support/backends.js";
import { expectClose } from "../support/close.js";

onFloat32(() => {
  describe("activationStatistics", () => {
    it("tells mean, deviation, extremes and zeros of each layer", () => {
      const layer = new Linear(1, 4, { bias: false });
      layer.weight.value = new Tensor([1, -1, 2, -4], [4, 1]);
      const model = new Sequential(layer, new ReLU());
      expect(activationStatistics(model, ones([1, 1]))).toEqual([
        { path: "0", type: "Linear", shape: [1, 4], mean: -0.5, std: Math.sqrt(22 / 4 - 0.25), min: -4, max: 2, zeros: 0, notFinite: 0 }, // prettier-ignore
        { path: "1", type: "ReLU", shape: [1, 4], mean: 0.75, std: Math.sqrt(5 / 4 - 0.5625), min: 0, max: 2, zeros: 0.5, notFinite: 0 }, // prettier-ignore
        { path: "", type: "Sequential", shape: [1, 4], mean: 0.75, std: Math.sqrt(5 / 4 - 0.5625), min: 0, max: 2, zeros: 0.5, notFinite: 0 }, // prettier-ignore
      ]);
    });

    it("counts what is not finite, and leaves it out of the rest", () => {
      const layer = new Linear(1, 3, { bias: false });
      layer.weight.value = new Tensor([NaN, Infinity, 2], [3, 1]);
      const [row] = activationStatistics(layer, ones([1, 1]));
      expect(row).toMatchObject({ mean: 2, std: 0, min: 2, max: 2, notFinite: 2, zeros: 0 });
      layer.weight.value = new Tensor([NaN, NaN, NaN], [3, 1]);
      expect(activationStatistics(layer, ones([1, 1]))[0]).toMatchObject({ mean: 0, std: 0, notFinite: 3 });
    });

    it("runs in eval mode, or as in training if asked", () => {
      manualSeed(1);
      const model = new Sequential(new Dropout(0.5));
      const x = ones([4, 50]);
      expect(activationStatistics(model, x)[0].zeros).toBe(0);
      const { zeros: share } = activationStatistics(model, x, { training: true })[0];
      expect(share).toBeGreaterThan(0.3);
      const { data } = model.forward(x); // the draws that were looked at are still to come
      expect(data.filter((value) => value === 0).length / 200).toBe(share);
    });
  });

  describe("gradientStatistics", () => {
    it("gives the gradients of a plain training step", () => {
      manualSeed(2);
      const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new ReLU(), new Linear(4, 2));
      model.get(0).freeze();
      const [x, labels, loss] = [randn([5, 3], { seed: 1 }), [0, 1, 1, 0, 1], new CrossEntropy()];
      const { loss: value, layers, parameters } = gradientStatistics(model, x, loss, labels);
      expect(() => loss.backward()).toThrow(StateError); // it left nothing behind
      expect(model.parameters().some(({ hasGrad }) => hasGrad)).toBe(false);
      expect(loss.forward(model.forward(x), labels)).toBe(value);
      const dy = loss.backward();
      model.backward(dy, { inputGrad: false });
      expect(parameters.map(({ name }) => name)).toEqual(["1.weight", "1.bias", "3.weight", "3.bias"]);
      const named = new Map(model.namedParameters());
      for (const { name, norm, gradNorm, grad } of parameters) {
        const parameter = named.get(name)!;
        expectClose([norm, gradNorm], [Math.hypot(...parameter.value.data), Math.hypot(...parameter.grad.data)], 1e-6);
        expect(grad.max).toBe(Math.max(...parameter.grad.data));
      }
      expect(layers.map(({ path }) => path)).toEqual(["3", "2", "1", ""]);
      expect(layers[0].min).toBe(Math.min(...dy.data));
      expect(layers[3].shape).toEqual([5, 2]);
    });

    it("leaves a loss whose backward waits as it is", () => {
      const [model, loss] = [new Linear(2, 2), new CrossEntropy()];
      loss.forward(model.forward(ones([3, 2])), [0, 1, 0]);
      gradientStatistics(model, ones([1, 2]), loss, [1]);
      expect(model.backward(loss.backward()).shape).toEqual([3, 2]);
    });
  });

  describe("updateRatios", () => {
    it("compares a step with the weights before it", () => {
      const layer = new Linear(2, 1);
      layer.weight.value = new Tensor([3, 4], [1, 2]);
      layer.bias!.value = zeros([1]);
      const optimizer = new SGD(layer.parameters(), { lr: 0.5 });
      layer.forward(ones([1, 2]));
      layer.backward(ones([1, 1]));
      expect(updateRatios(layer, () => optimizer.step())).toEqual([
        { name: "weight", norm: 5, updateNorm: Math.sqrt(0.5), ratio: Math.sqrt(0.5) / 5 },
        { name: "bias", norm: 0, updateNorm: 0.5, ratio: Infinity },
      ]);
      expect(updateRatios(layer, () => undefined).map(({ ratio }) => ratio)).toEqual([0, 0]);
    });
  });

  describe("deadUnits", () => {
    it("finds channels that are 0 for all samples and places, over all batches", async () => {
      const conv = new Conv2d(1, 4, 1);
      conv.weight.value = new Tensor([1, -1, 1, 0], [4, 1, 1, 1]);
      conv.bias!.value = new Tensor([0, 0, -5, 0]);
      const model = new Sequential(conv, new ReLU(), new Flatten(), new Linear(16, 2), new ReLU6());
      const last = model.get(3) as Linear;
      last.bias!.value = new Tensor([1, -100]);
      last.weight.value = zeros([2, 16]);
      // Channel 1 lives by a single pixel of the last image, channel 2 by none, channel 3 is always 0.
      const x = ones([5, 1, 2, 2]);
      x.data[19] = -1;
      const expected = [
        { path: "1", type: "ReLU", units: 4, dead: Int32Array.of(2, 3), samples: 5 },
        { path: "4", type: "ReLU6", units: 2, dead: Int32Array.of(1), samples: 5 },
      ];
      expect(await deadUnits(model, x)).toEqual(expected);
      expect(await deadUnits(model, batches(x, [0, 1, 0, 1, 0], { size: 2 }))).toEqual(expected);
      expect((await deadUnits(model, [x.slice([0, 4])]))[0].dead).toEqual(Int32Array.of(1, 2, 3));
      x.data[3] = 6; // now channel 2 lives, too
      expect((await deadUnits(model, () => [[x, [0, 0, 0, 0, 0]] as const]))[0].dead).toEqual(Int32Array.of(3));
    });
  });

  describe("topLosses", () => {
    const logits = new Tensor([3, 0, 0, 3, 1, 0, 0, 2, 0, 0], [5, 2]);
    const labels = [1, 1, 0, 0, 1];
    const identity = { forward: (x: Tensor) => x.clone(), backward: (dy: Tensor) => dy.clone() };
    const model = new Sequential(identity);
    const lossOf = (n: number): number => -Math.log(softmax(logits.slice([n, n + 1]), 1).at(0, labels[n]));

    it("gives the largest losses first, with index, sample, prediction, label and probabilities", async () => {
      const worst = await topLosses(model, batches(logits, labels, { size: 2 }), new CrossEntropy(), { k: 3 });
      expect(worst.map(({ index }) => index)).toEqual([0, 3, 4]);
      expectClose(
        worst.map(({ loss }) => loss),
        [0, 3, 4].map(lossOf),
        1e-6,
      );
      expect(worst.map(({ prediction, target }) => [prediction, target])).toEqual([
        [0, 1],
        [1, 0],
        [0, 1],
      ]);
      expect([...worst[1].x.data]).toEqual([0, 2]);
      expectClose(worst[0].probabilities!.data, softmax(logits, 1).data.slice(0, 2), 1e-7);
      const all = await topLosses(model, batches(logits, labels, { size: 5 }), new CrossEntropy());
      expect(all.map(({ index }) => index)).toEqual([0, 3, 4, 2, 1]);
    });

    it("takes any reduction, and puts the earlier of equals first", async () => {
      const x = ones([4, 2]);
      for (const reduction of ["mean", "sum", "none"] as const) {
        const worst = await topLosses(model, [[x, [0, 1, 0, 1]]], new CrossEntropy({ reduction }), { k: 2 });
        expect(worst.map(({ index }) => index)).toEqual([0, 1]);
        expect(worst[0].loss).toBeCloseTo(Math.LN2, 6);
      }
    });

    it("takes probabilities, targets that are tensors, outputs and labels of any shape, and a loss that waits", async () => {
      const likely = new Sequential(identity, new Softmax());
      const [first] = await topLosses(likely, batches(logits, labels, { size: 5 }), new NLL(), { k: 1, logits: false });
      expectClose(first.probabilities!.data, softmax(logits, 1).data.slice(0, 2), 1e-7);
      const loss = new MSE();
      loss.forward(zeros([1, 2]), zeros([1, 2]));
      const target = new Tensor([3, 0, 0, 3, 1, 0, 0, 2, 5, 0], [5, 2]);
      const [regression] = await topLosses(model, batches(logits, target, { size: 2 }), loss, { k: 1 });
      expect(regression).toMatchObject({ index: 4, loss: 12.5, target: null, prediction: 0 });
      expect(loss.backward().shape).toEqual([1, 2]);
      const image = zeros([2, 2, 1, 2]);
      image.data[0] = 9;
      const [pixel] = await topLosses(model, [[image, [1, 1, 0, 0]]], new CrossEntropy(), { k: 1 });
      expect(pixel).toMatchObject({ index: 0, prediction: null, target: null, probabilities: null });
      expect(pixel.loss).toBeCloseTo((9 + Math.LN2) / 2, 3);
    });

    it("keeps an infinite loss as the largest", async () => {
      const odd = { forward: (y: Tensor) => (y.data[0] > 0.5 ? Infinity : 1), backward: () => zeros([1, 2]) };
      const worst = await topLosses(model, [[new Tensor([0, 0, 1, 0, 1, 0], [3, 2]), [0, 0, 0]]], odd);
      expect(worst.map(({ index }) => index)).toEqual([1, 2, 0]);
    });
  });
});

describe("mostConfused", () => {
  const matrix = [
    [50, 3, 0],
    [3, 40, 7],
    [0, 1, 9],
  ];
  const pair = ([actual, predicted, count]: number[], share: number): unknown => {
    return { actual, predicted, names: [String(actual), String(predicted)], count, share };
  };

  it("lists what stands beside the diagonal, the most first, equal ones in order", () => {
    expect(mostConfused(matrix)).toEqual([pair([1, 2, 7], 0.14), pair([0, 1, 3], 3 / 53), pair([1, 0, 3], 0.06), pair([2, 1, 1], 0.1)]); // prettier-ignore
    expect(mostConfused(matrix, { min: 3 })).toHaveLength(3);
    expect(mostConfused(matrix, { k: 1, classes: ["a", "b", "c"] })[0].names).toEqual(["b", "c"]);
    expect(
      mostConfused([
        [1, 0],
        [0, 1],
      ]),
    ).toEqual([]);
  });

  it("takes what handgrad/metrics gives, shares too", () => {
    const [predictions, labels] = [
      [0, 1, 1, 1],
      [0, 1, 0, 0],
    ];
    expect(mostConfused(confusionMatrix(predictions, labels))).toEqual([pair([0, 1, 2], 2 / 3)]);
    const running = new ConfusionMatrix({ normalize: "true" }).update(predictions, labels);
    expect(mostConfused(running)[0].count).toBeCloseTo(2 / 3, 12);
  });
});

describe("suspectedLabels", () => {
  it("finds labels against which the probabilities are confident", () => {
    // Thresholds: class 0 (.9 + .8 + .1) / 3 = .6, class 1 (.7 + .9 + .55) / 3 = .7167.
    const rows = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.1, 0.9], [0.45, 0.55]]; // prettier-ignore
    const labels = [0, 0, 0, 1, 1, 1];
    const [found, ...others] = suspectedLabels(new Tensor(rows), labels);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ index: 2, label: 0, suggested: 1 });
    expectClose([found.labelProbability, found.suggestedProbability, found.margin], [0.1, 0.9, -0.8], 1e-6);
    const logits = new Tensor(rows.map((row) => row.map((p) => Math.log(p) + 3)));
    expect(suspectedLabels(logits, Int32Array.from(labels), { logits: true }).map(({ index }) => index)).toEqual([2]);
  });

  it("takes the likeliest of several classes above their thresholds, sorts by margin, and never suggests a class without samples", () => {
    const rows = [
      [0.4, 0.35, 0.25, 0], // labeled 1
      [0.5, 0.1, 0.4, 0], // labeled 0
      [0.3, 0.3, 0.4, 0], // labeled 2
      [0.05, 0.05, 0.45, 0.45], // labeled 0
      [0.1, 0.6, 0.3, 0], // labeled 1
    ];
    const labels = [1, 0, 2, 0, 1];
    // Thresholds: .275, .475, .4, none.
    const found = suspectedLabels(new Tensor(rows), labels);
    expect(found.map(({ index, suggested }) => [index, suggested])).toEqual([[3, 2], [0, 0]]); // prettier-ignore
    expect(suspectedLabels(new Tensor(rows), labels, { k: 1 }).map(({ index }) => index)).toEqual([3]);
  });

  it("finds the labels that were exchanged in separable data", () => {
    const truth = Array.from({ length: 60 }, (_, i) => i % 3);
    const noise = randn([60, 3], { seed: 2 });
    const logits = new Tensor(truth.map((c, i) => [0, 1, 2].map((k) => (k === c ? 4 : 0) + 0.5 * noise.at(i, k))));
    const labels = truth.map((c, i) => (i % 13 === 5 ? (c + 1) % 3 : c));
    const wrong = [...labels.keys()].filter((i) => labels[i] !== truth[i]);
    const found = suspectedLabels(logits, labels, { logits: true });
    expect(found.map(({ index }) => index).sort((a, b) => a - b)).toEqual(wrong);
    expect(found.map(({ suggested, index }) => suggested === truth[index])).not.toContain(false);
  });
});
