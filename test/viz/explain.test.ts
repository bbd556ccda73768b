// Explanations: answers by hand, completeness, seeds, which layer Grad-CAM takes, where it looks, and that nothing of a model changes.
import { describe, expect, it } from "vitest";
import {
  Adam, AdaptiveAvgPool2d, AvgPool2d, BatchNorm2d, Conv1d, Conv2d, CrossEntropy, Dropout, Flatten, Graph, Layer, Linear, MaxPool2d, ReLU,
  Residual, SGD, Sequential, Sigmoid, Tanh, Tensor, accuracy, manualSeed, multiply, ones, randn, sum,
} from "../../src/index.js"; // prettier-ignore
import { batches, makeStripes } from "../../src/entries/data.js";
import {
  activationStatistics, deadUnits, featureMaps, gradCam, gradientStatistics, guidedBackprop, inputXGradient, integratedGradients,
  maximizeActivation, occlusion, saliency, smoothGrad, topLosses,
} from "../../src/entries/viz.js"; // prettier-ignore
import { fillNormal } from "../../src/numbers/normal.js";
import { Generator } from "../../src/numbers/random.js";
import { onEachBackend, onFloat32 } from "../support/backends.js";
import { expectClose } from "../support/close.js";

/** y = W x + b with W = [[1, -2, 3], [0, 4, -1]], b = [0.5, -1]. */
function linear(): Sequential {
  const layer = new Linear(3, 2);
  layer.weight.value = new Tensor([1, -2, 3, 0, 4, -1], [2, 3]);
  layer.bias!.value = new Tensor([0.5, -1]);
  return new Sequential(layer);
}

function cnn(seed = 2): Sequential {
  manualSeed(seed);
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }), new BatchNorm2d(4), new ReLU(), new MaxPool2d(2), new Dropout(0.3),
    new Conv2d(4, 6, 3), new ReLU(), new Flatten(), new Linear(24, 3),
  ); // prettier-ignore
}

const images = (count = 3): Tensor => randn([count, 1, 8, 8], { seed: 11 });
const numbers = (x: Tensor): number[] => [...x.data];

onFloat32(({ make }) => {
  const x = make([1, 2, 3, -1, 0.5, 2], [2, 3]) as Tensor; // scores [6.5, 4] and [4.5, -1]

  describe("saliency", () => {
    it("of a linear model is the row of weights of the class, without signs", () => {
      expect(numbers(saliency(linear(), x))).toEqual([1, 2, 3, 1, 2, 3]);
      expect(numbers(saliency(linear(), x, { target: 1, absolute: false }))).toEqual([0, 4, -1, 0, 4, -1]);
      expect(numbers(saliency(linear(), x, { target: [1, 0], absolute: false }))).toEqual([0, 4, -1, 1, -2, 3]);
      expect(numbers(saliency(linear(), x, { target: Int32Array.of(0, 1), absolute: false }))).toEqual([
        1, -2, 3, 0, 4, -1,
      ]);
      expect(numbers(saliency(linear(), x, { target: BigInt64Array.of(0n, 1n), absolute: false }))).toEqual([
        1, -2, 3, 0, 4, -1,
      ]);
    });

    it("takes weights of the outputs as target", () => {
      const target = make([1, -1, 0.5, 0], [2, 2]) as Tensor;
      expect(numbers(saliency(linear(), x, { target, absolute: false }))).toEqual([1, -6, 4, 0.5, -1, 1.5]);
    });

    it("sums over the places of a class where outputs are images", () => {
      const conv = new Conv2d(1, 2, 1, { bias: false });
      conv.weight.value = new Tensor([3, -5], [2, 1, 1, 1]);
      expect(numbers(saliency(conv, ones([1, 1, 2, 2]), { target: 1 }))).toEqual([5, 5, 5, 5]);
    });

    it("times x adds up to the score of a linear model, but for the bias", () => {
      const product = inputXGradient(linear(), x);
      expect(numbers(product)).toEqual([1, -4, 9, -1, -1, 6]);
      expect(numbers(sum(product, { dim: 1 }))).toEqual([6, 4]);
    });
  });

  describe("guidedBackprop", () => {
    it("lets through what is active and raises the score", () => {
      // h = relu([x0, -x0, x1, -x1]); y = h w: at x = [2, -3] the units 0 and 3 are active.
      const first = new Linear(2, 4, { bias: false });
      first.weight.value = new Tensor([1, 0, -1, 0, 0, 1, 0, -1], [4, 2]);
      const last = new Linear(4, 1, { bias: false });
      last.weight.value = new Tensor([-5, 7, 7, 2], [1, 4]);
      const model = new Sequential(first, new ReLU(), last);
      const at = make([2, -3], [1, 2]) as Tensor;
      expect(numbers(saliency(model, at, { absolute: false }))).toEqual([-5, -2]);
      expect(numbers(guidedBackprop(model, at)).map((value) => value + 0)).toEqual([0, -2]);
    });
  });

  describe("integratedGradients", () => {
    it("of a linear model is (x - baseline) w in a single step", () => {
      const { attributions, delta } = integratedGradients(linear(), x, { steps: 1, baseline: 0.5, target: 0 });
      expect(numbers(attributions)).toEqual([0.5, -3, 7.5, -1.5, -0, 4.5]);
      expectClose(delta, [0, 0], 1e-6);
    });

    it("is complete: attributions add up to the difference of the scores, and delta says how nearly", () => {
      const model = cnn();
      const [at, baseline] = [images(), multiply(randn([1, 1, 8, 8], { seed: 4 }), 0.3)];
      const target = [0, 1, 2];
      const difference = (n: number): number =>
        model.predict(at).at(n, target[n]) - model.predict(baseline).at(0, target[n]);
      let last = Infinity;
      for (const steps of [10, 1000]) {
        const { attributions, delta } = integratedGradients(model, at, { baseline, target, steps });
        const sums = sum(attributions.reshape([3, -1]), { dim: 1 });
        expectClose(
          delta,
          [0, 1, 2].map((n) => sums.at(n) - difference(n)),
          1e-5,
        );
        const worst = Math.max(...delta.map(Math.abs));
        expect(worst).toBeLessThan(last / 4);
        last = worst;
      }
      expect(last).toBeLessThan(2e-3);
    });
  });

  describe("smoothGrad", () => {
    it("is the mean of the gradients at the inputs that its seed gives", () => {
      const model = cnn();
      const at = images(2);
      const map = smoothGrad(model, at, { samples: 3, noise: 0.2, seed: 9, absolute: false, target: [1, 2] });
      const generator = new Generator("draw", { seed: 9 });
      const mean = new Float64Array(at.size);
      for (let draw = 0; draw < 3; draw++) {
        const noisy = at.like();
        fillNormal(generator, noisy.data, 0, 1);
        for (let n = 0; n < 2; n++) {
          const own = at.data.subarray(64 * n, 64 * (n + 1));
          const deviation = 0.2 * (Math.max(...own) - Math.min(...own));
          for (let i = 64 * n; i < 64 * (n + 1); i++) noisy.data[i] = at.data[i] + deviation * noisy.data[i];
        }
        saliency(model, noisy, { absolute: false, target: [1, 2] }).data.forEach((value, i) => (mean[i] += value / 3));
      }
      expectClose(map.data, mean, 1e-6);
    });

    it("gives the same bits for the same seed, others for another, and without noise the saliency", () => {
      const [model, at] = [cnn(), images(2)];
      expect(numbers(smoothGrad(model, at))).toEqual(
        numbers(smoothGrad(model, at, { seed: 0, samples: 25, noise: 0.15 })),
      );
      expect(numbers(smoothGrad(model, at, { seed: 1 }))).not.toEqual(numbers(smoothGrad(model, at)));
      expect(numbers(smoothGrad(model, at, { samples: 1, noise: 0 }))).toEqual(numbers(saliency(model, at)));
    });

    it("keeps the target of the input without noise", () => {
      const linearModel = linear();
      expect(numbers(smoothGrad(linearModel, x, { noise: 5, samples: 50 })).map((value) => value.toFixed(4))).toEqual(
        [1, 2, 3, 1, 2, 3].map((value) => value.toFixed(4)),
      );
    });
  });

  describe("gradCam", () => {
    // Two maps, x itself and 1 - x; their means enter the score with the weights 2 and -1.
    const twoMaps = (): Sequential => {
      const conv = new Conv2d(1, 2, 1);
      conv.weight.value = new Tensor([1, -1], [2, 1, 1, 1]);
      conv.bias!.value = new Tensor([0, 1]);
      const head = new Linear(2, 1, { bias: false });
      head.weight.value = new Tensor([2, -1], [1, 2]);
      return new Sequential(["conv", conv], ["pool", new AvgPool2d(2)], ["flat", new Flatten()], ["head", head]);
    };

    it("weighs the maps by the means of their gradients", () => {
      const model = twoMaps();
      const at = make([0, 1, 2, -4], [1, 1, 2, 2]) as Tensor;
      // Each gradient is w / 4: map = (2 x - (1 - x)) / 4 = (3 x - 1) / 4.
      expect(numbers(gradCam(model, at, { relu: false }))).toEqual([-0.25, 0.5, 1.25, -3.25]);
      expect(numbers(gradCam(model, at))).toEqual([0, 0.5, 1.25, 0]);
      expect(numbers(gradCam(model, at, { layer: model.get("conv") }))).toEqual([0, 0.5, 1.25, 0]);
      expect(gradCam(model, at, { layer: "pool" }).shape).toEqual([1, 1, 2, 2]);
      expect(gradCam(model, at, { layer: "pool", upsample: false }).shape).toEqual([1, 1, 1, 1]);
    });

    it("takes sequences, whose maps are not stretched", () => {
      manualSeed(1);
      const model = new Sequential(new Conv1d(2, 3, 3), new ReLU(), new Flatten(), new Linear(18, 2));
      expect(gradCam(model, randn([2, 2, 8])).shape).toEqual([2, 1, 6]);
    });

    it("chooses the last maps before layers that only pool, drop or reshape, and sees blocks as one", () => {
      manualSeed(1);
      const head = (): Layer[] => [new Dropout(0.2), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(4, 2)];
      const conv = (): Conv2d => new Conv2d(4, 4, 3, { padding: 1 });
      class Own extends Layer {
        readonly body = new Sequential(conv(), new ReLU(), new MaxPool2d(2));
        forward(x: Tensor): Tensor {
          return this.body.forward(x);
        }
        backward(dy: Tensor): Tensor {
          return this.body.backward(dy);
        }
      }
      const cases: [Layer[], string][] = [
        [[conv(), new ReLU(), new MaxPool2d(2)], "1"],
        [[conv()], "0"],
        [[new Sequential(conv(), new Tanh(), new AvgPool2d(2))], "0.1"],
        [[new Residual(conv(), new Conv2d(4, 4, 1))], "0"],
        [[new Residual(conv(), new Conv2d(4, 4, 1)), new ReLU()], "1"],
        [[new Graph([["a", conv()], ["b", new ReLU()]])], "0.b"],
        [[new Own()], "0"],
      ]; // prettier-ignore
      const at = randn([2, 4, 6, 6], { seed: 1 });
      for (const [layers, path] of cases) {
        const model = new Sequential(...layers, ...head());
        expect(numbers(gradCam(model, at)), path).toEqual(numbers(gradCam(model, at, { layer: path })));
        expect(Math.max(...numbers(gradCam(model, at, { relu: false })).map(Math.abs))).toBeGreaterThan(0);
      }
    });
  });

  describe("occlusion", () => {
    it("by single pixels of a linear model is w (x - baseline)", () => {
      const model = new Sequential(new Flatten(), linear().get(0));
      const at = make([1, 2, 3], [1, 1, 1, 3]) as Tensor;
      expect(numbers(occlusion(model, at, { window: 1, baseline: 1 }))).toEqual([0, -2, 6]);
    });

    it("takes the mean over the windows of a pixel; the last window ends with the image", () => {
      const model = new Sequential(new Flatten(), linear().get(0));
      const at = make([1, 2, 3], [1, 1, 1, 3]) as Tensor;
      // Windows [0, 1] and [1, 2]: score 6.5, covered 0.5 + 9 and 0.5 + 1.
      expect(numbers(occlusion(model, at, { window: [1, 2], stride: 1 }))).toEqual([-3, 1, 5]);
      // With a stride of 2 windows [0, 1] and [2].
      expect(numbers(occlusion(model, at, { window: [1, 2], stride: [1, 2] }))).toEqual([-3, -3, 9]);
      expect(numbers(occlusion(model, at, { window: [1, 2], stride: [1, 2], batch: 1 }))).toEqual([-3, -3, 9]);
    });

    it("serves layers whose backward is not there", () => {
      const model = new Sequential({
        forward: (x: Tensor) => x.reshape([x.shape[0], -1]),
        backward: () => {
          throw new Error("none");
        },
      });
      expect(numbers(occlusion(model, make([1, 5], [1, 1, 1, 2]) as Tensor, { window: 1 }))).toEqual([0, 5]);
    });
  });

  describe("featureMaps", () => {
    it("are what a chain of predictions gives, by path", () => {
      const model = cnn();
      const at = images();
      const maps = featureMaps(model, at);
      expect(Object.keys(maps)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
      let y = at;
      for (const [name, layer] of model.namedChildren())
        expectClose(maps[name].data, (y = layer.predict(y)).data, 1e-5);
      expect(Object.keys(featureMaps(model, at, { layers: [model.get(5), "0"] }))).toEqual(["0", "5"]);
    });
  });

  describe("maximizeActivation", () => {
    it("goes up: of a linear model to the weights' direction", () => {
      const { x: found, activations } = maximizeActivation(linear(), { shape: [3], channel: 1, steps: 40, decay: 0.1 });
      const size = Math.hypot(0, 4, -1) / Math.sqrt(3);
      // x = lr / decay * g / rms(g) in the end.
      expectClose(found.data, [0, (0.5 * 4) / size, (0.5 * -1) / size], 0.02);
      expect(activations).toHaveLength(41);
      expect(activations[40]).toBeGreaterThan(activations[0]);
    });

    it("reaches inner layers, by one channel alone, from a start and within a range", () => {
      const model = cnn();
      const options = { layer: "5", channel: 2, steps: 30, range: [0, 1] as const, seed: 3 };
      const { x: found, activations } = maximizeActivation(model, { ...options, shape: [1, 8, 8] });
      expect(Math.min(...found.data)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...found.data)).toBeLessThanOrEqual(1);
      expect(activations[30]).toBeGreaterThan(activations[1]);
      const maps = featureMaps(model, found, { layers: ["5"] })["5"].slice(0, 2);
      expect(activations[30]).toBeCloseTo(maps.data.reduce((total, value) => total + value, 0) / maps.size, 5);
      expect(numbers(maximizeActivation(model, { ...options, shape: [1, 8, 8] }).x)).toEqual(numbers(found));
      const start = ones([1, 1, 8, 8]);
      maximizeActivation(model, { ...options, start });
      expect(numbers(start)).toEqual(numbers(ones([1, 1, 8, 8])));
    });
  });

  describe("nothing of a model changes", () => {
    it("by any look, at any time of a training step: the run is the same, bit for bit", async () => {
      const at = images();
      const loss = new CrossEntropy();
      const look = async (model: Sequential): Promise<void> => {
        saliency(model, at);
        inputXGradient(model, at);
        smoothGrad(model, at, { samples: 2 });
        integratedGradients(model, at, { steps: 2 });
        guidedBackprop(model, at);
        gradCam(model, at);
        occlusion(model, at, { window: 4 });
        featureMaps(model, at);
        maximizeActivation(model, { shape: [1, 8, 8], layer: "5", steps: 2 });
        activationStatistics(model, at);
        activationStatistics(model, at, { training: true });
        gradientStatistics(model, at, loss, [2, 1, 0]);
        await deadUnits(model, at);
        await topLosses(model, [[at, [0, 1, 2]]], loss);
      };
      const run = async (looks: boolean): Promise<unknown> => {
        const model = cnn(5);
        model.get(1).eval();
        model.get(5).freeze();
        const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
        const all: unknown[] = [];
        for (let step = 0; step < 2; step++) {
          if (looks) await look(model);
          const value = loss.forward(model.forward(at), [0, 1, 2]);
          if (looks) await look(model);
          const dx = model.backward(loss.backward());
          if (looks) await look(model);
          optimizer.step();
          all.push(
            value,
            numbers(dx),
            [...model.layers()].map(({ training }) => training),
          );
          all.push(model.parameters().map(({ hasGrad, requiresGrad, grad }) => [hasGrad, requiresGrad, numbers(grad)]));
          all.push(Object.values(model.stateDict()).map(numbers));
        }
        return all;
      };
      expect(await run(true)).toEqual(await run(false));
    });
  });
});

onEachBackend(({ make, dtype }) => {
  it("explanations come in the number format of their input", () => {
    const layer = new Linear(2, 2);
    const undo =
      dtype === "float64"
        ? layer.parameters().map((each) => each.substitute(each.value.toFloat64() as unknown as Tensor))
        : [];
    const model = new Sequential(layer, new Sigmoid());
    const at = make([1, 2], [1, 2]) as Tensor;
    for (const map of [saliency(model, at), smoothGrad(model, at), integratedGradients(model, at).attributions]) {
      expect(map.dtype).toBe(dtype);
    }
    undo.forEach((each) => each());
  });
});

describe("Grad-CAM of a trained network", () => {
  it("has its peak on the patch that decides", () => {
    manualSeed(4);
    const [size, figure, count, trained] = [24, 10, 400, 340];
    // Stripes, lying or standing, somewhere on a large gray noise: a sixth of the places.
    const [all, kinds] = makeStripes({ samples: 2 * count, size: figure, noise: 0.02, seed: 3 }).all();
    const chosen = Int32Array.from([...kinds.keys()].filter((n) => kinds[n] < 2).slice(0, count)); // the classes come in turn
    const [figures, labels] = [all.take(chosen), chosen.map((n) => kinds[n])];
    const draws = new Generator("draw", { seed: 1 });
    const x = multiply(randn([count, 1, size, size], { seed: 6 }), 0.05);
    const corners = Array.from({ length: count }, () => [draws.integer(size - figure), draws.integer(size - figure)]);
    corners.forEach(([top, left], n) => {
      for (let i = 0; i < figure * figure; i++) {
        const [row, column] = [top + Math.floor(i / figure), left + (i % figure)];
        x.data[(n * size + row) * size + column] += figures.data[n * figure * figure + i];
      }
    });
    const model = new Sequential(
      new Conv2d(1, 8, 5, { padding: 2 }), new ReLU(), new MaxPool2d(2),
      new Conv2d(8, 16, 3, { padding: 1 }), new ReLU(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(16, 2),
    ); // prettier-ignore
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const loss = new CrossEntropy();
    const train = batches(x.slice([0, trained]), labels.subarray(0, trained), { size: 20, shuffle: true, seed: 1 });
    for (let epoch = 0; epoch < 5; epoch++) {
      for (const [bx, by] of train) {
        loss.forward(model.forward(bx), by);
        optimizer.zeroGrad();
        model.backward(loss.backward(), { inputGrad: false });
        optimizer.step();
      }
    }
    const test = x.slice([trained, count]);
    const right = accuracy(model.predict(test), labels.subarray(trained));
    expect(right).toBeGreaterThan(0.95);
    const maps = gradCam(model, test);
    let on = 0;
    for (let n = 0; n < count - trained; n++) {
      const peak = maps.slice(n, 0).argmax();
      const [top, left] = corners[trained + n];
      const [row, column] = [Math.floor(peak / size) - top, (peak % size) - left];
      if (row >= 0 && row < figure && column >= 0 && column < figure) on++;
    }
    expect(on / (count - trained)).toBeGreaterThan(0.95);
  });
});
