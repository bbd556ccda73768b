// What the pages on activations, counting, descending, batch normalization and filters compute, against known numbers.
import { describe, expect, it, vi } from "vitest";
import type { Tensor as BuiltTensor } from "handgrad";
import { BatchNorm1d } from "../../src/nn/norm/batchnorm1d.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { Tensor } from "../../src/base/tensor.js";
import { curve, gradients } from "../../site/src/activations/compute.js";
import { NETWORKS, count, format, parse, type Block, type NetworkName } from "../../site/src/count/blocks.js";
import { RULES, SURFACES, descend, learn, spirals, type SurfaceName } from "../../site/src/descend/run.js";
import { KERNELS, correlate, isSymmetric, selfSimilarity, toGray, turn } from "../../site/src/filters/apply.js";
import { difference, normalize } from "../../site/src/norm/compute.js";
import { buildNetwork, confusionOf, lookAt } from "../../site/src/train/network.js";

vi.mock("handgrad", () => import("../../src/index.js"));

// The types of the pages come from the built package; at run time "handgrad" is our source here.
const built = (x: Tensor): BuiltTensor => x as unknown as BuiltTensor;

const counted = (name: NetworkName): ReturnType<typeof count> =>
  count(NETWORKS[name][0].split(",").map(Number), parse(NETWORKS[name][1]) as Block[]);

describe("count it", () => {
  it.each([
    ["lesson1", 241_802],
    ["lesson2", 197_210],
    ["lesson3", 119_530],
    ["lesson4", 55_338],
    ["lenet", 61_706],
    ["alexnet", 61_100_840],
    ["vgg16", 138_357_544],
    ["resnet18", 11_689_512],
  ] as const)("%s has %i parameters", (name, parameters) => {
    expect(counted(name)).toMatchObject({ parameters, error: undefined });
  });

  it("lesson 4: shapes, parameters and the size of a pass are those of its summary", () => {
    const { rows, passBytes } = counted("lesson4");
    expect(rows.map(({ shape }) => shape.join())).toEqual(["16,26,26", "16,26,26", "16,14,14", "32,12,12", "32,12,12", "32,7,7", "1568", "32", "32", "32", "10"]); // prettier-ignore
    expect(rows.map(({ parameters }) => parameters)).toEqual([160, 0, 0, 4640, 0, 0, 0, 50_208, 0, 0, 330]);
    expect((passBytes / 1024 / 1024).toFixed(2)).toBe("0.27");
  });

  it("lesson 3: a 3x3 convolution from 128 to 64 channels has 73,728 weights", () => {
    expect(count([128, 8, 8], parse("conv64k3nb") as Block[]).parameters).toBe(73_728);
  });

  it.each([
    ["alexnet", 714_188_480], // torchvision publishes 0.71, 15.47 and 1.81 billion
    ["vgg16", 15_470_264_320],
    ["resnet18", 1_814_073_344],
  ] as const)("%s needs %i multiplications an image", (name, multiplications) => {
    expect(counted(name).multiplications).toBe(multiplications);
  });

  it("receptive fields are those of Araujo, Norris and Sim, Computing receptive fields (2019)", () => {
    const last = (name: NetworkName): number => counted(name).rows.filter(({ shape, block }) => shape.length === 3 && block.kind !== "avg").at(-1)!.field; // prettier-ignore
    expect([last("alexnet"), last("vgg16"), last("resnet18")]).toEqual([195, 212, 435]);
  });

  it("what does not fit has handgrad's own message, and what comes before it is counted", () => {
    const { rows, error } = count([1, 28, 28], parse("conv16k3-lin10-relu") as Block[]);
    expect(rows).toHaveLength(1);
    expect(error).toEqual({ at: 1, message: expect.stringMatching(/^Linear: expected/) });
  });

  it("a network is written as it is read, and what is no block is named", () => {
    for (const [, text] of Object.values(NETWORKS)) expect(format(parse(text) as Block[])).toBe(text);
    expect(parse("conv16k3-blur3")).toBe("blur3");
    expect(parse("lin10k3")).toBe("lin10k3");
  });
});

describe("activations", () => {
  it("values and derivatives at known places; the derivative of ReLU at 0 is 0", () => {
    const at = (name: "sigmoid" | "tanh" | "relu" | "leaky", x: number): (number | undefined)[] => {
      const [{ y, dy }] = curve(name, [x]);
      return [Math.round(y * 1e6) / 1e6, Math.round(dy * 1e6) / 1e6];
    };
    expect(at("sigmoid", 0)).toEqual([0.5, 0.25]);
    expect(at("sigmoid", 2)).toEqual([0.880797, 0.104994]);
    expect(at("tanh", 1)).toEqual([0.761594, 0.419974]);
    expect(at("relu", 0)).toEqual([0, 0]);
    expect(at("relu", 3)).toEqual([3, 1]);
    expect(at("leaky", -2)).toEqual([-0.02, 0.01]);
  });

  it("lesson 2: the tails of sigmoid and tanh are flat, ReLU's is not", () => {
    expect(curve("sigmoid", [-10, 10]).every(({ dy }) => dy < 1e-4)).toBe(true);
    expect(curve("tanh", [-10, 10]).every(({ dy }) => dy < 1e-6)).toBe(true);
    expect(curve("relu", [10])[0].dy).toBe(1);
  });

  it("a gradient vanishes in a stack of sigmoids and stays in one of ReLUs with Kaiming weights", () => {
    const sigmoid = gradients("sigmoid", 20, "glorot");
    const relu = gradients("relu", 20, "kaiming");
    expect(sigmoid).toHaveLength(20);
    expect(sigmoid[0] / sigmoid[19]).toBeLessThan(1e-9);
    expect(relu[0] / relu[19]).toBeGreaterThan(0.1);
    expect(gradients("relu", 20, "kaiming")).toEqual(relu);
  });
});

describe("descend", () => {
  it.each(Object.keys(SURFACES) as SurfaceName[])("the slope of %s is that of its heights", (name) => {
    const { f, df } = SURFACES[name];
    const h = 1e-5;
    for (const [x, y] of [[-1.3, 0.7], [0.4, -1.1], [1.9, 1.2]]) {
      const numeric = [(f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)];
      df(x, y).forEach((slope, n) => expect(Math.abs(slope - numeric[n])).toBeLessThan(1e-6));
    }
  }); // prettier-ignore

  it("SGD in the bowl is a power: x (1 - lr)^n, y (1 - 16 lr)^n", () => {
    const { points } = descend("bowl", "sgd", 0.05, "none", [-1.8, 0.9], 10);
    points.forEach(([x, y], n) => {
      expect(Math.abs(x + 1.8 * 0.95 ** n)).toBeLessThan(1e-5);
      expect(Math.abs(y - 0.9 * 0.2 ** n)).toBeLessThan(1e-5);
    });
  });

  it("Adam's first step is the learning rate in each direction, momentum's is SGD's", () => {
    const [, [x, y]] = descend("bowl", "adam", 0.1, "none", [-1.8, 0.9], 1).points;
    expect(Math.abs(x + 1.7) + Math.abs(y - 0.8)).toBeLessThan(1e-5);
    const first = (rule: "sgd" | "momentum"): unknown => descend("valley", rule, 0.02, "none", [-1, 1], 1).points[1];
    expect(first("momentum")).toEqual(first("sgd"));
  });

  it("schedules change the rate as they are named", () => {
    const rates = (name: "none" | "step" | "cosine" | "oneCycle"): readonly number[] => descend("bowl", "sgd", 0.06, name, [1, 1], 30).rates;
    expect(new Set(rates("none"))).toEqual(new Set([0.06]));
    expect([rates("step")[9], rates("step")[10], rates("step")[20]].map((v) => v.toFixed(4))).toEqual(["0.0600", "0.0180", "0.0054"]);
    expect(rates("cosine")[15]).toBeCloseTo(0.03, 6);
    expect(Math.max(...rates("oneCycle"))).toBeCloseTo(0.06, 3);
    expect(rates("oneCycle")[0]).toBeLessThan(0.01);
  }); // prettier-ignore

  it("a rate that is too large leaves for infinity, and the path ends there", () => {
    const { points } = descend("bowl", "sgd", 1, "none", [1, 1], 100);
    expect(points.length).toBeLessThan(20);
    expect(points.flat().every(Number.isFinite)).toBe(true);
  });

  it("the network starts alike for every rule and learns the spirals with Adam", () => {
    const all = RULES.map((rule) => learn(rule, { sgd: 0.05, momentum: 0.02, adam: 0.1 }[rule], "none", 60));
    expect(new Set(all.map(({ losses }) => losses[0])).size).toBe(1);
    expect(all[2].losses.at(-1)!).toBeLessThan(0.1);
    expect(spirals(60).labels.filter((label) => label === 1)).toHaveLength(60);
  });
});

describe("batch norm", () => {
  const given = { x: [[1, 4], [2, 2], [3, 8], [6, 2]], gamma: [1, 2], beta: [0, 1], dy: [[1, 0], [0, 1], [0, -1], [-1, 2]], eps: 1e-5 }; // prettier-ignore
  const run = normalize(given);

  it("by hand: means 3 and 4, variances 3.5 and 6", () => {
    expect(run.mean).toEqual([3, 4]);
    expect(run.variance).toEqual([3.5, 6]);
    expect(run.dbeta).toEqual([0, 2]);
  });

  it("gives what handgrad's BatchNorm1d gives, forth and back", () => {
    const layer = new BatchNorm1d(2);
    const [weight, bias] = layer.parameters();
    weight.value = new Tensor(Float32Array.from(given.gamma), [2]);
    bias.value = new Tensor(Float32Array.from(given.beta), [2]);
    const y = layer.forward(new Tensor(Float32Array.from(given.x.flat()), [4, 2]));
    const dx = layer.backward(new Tensor(Float32Array.from(given.dy.flat()), [4, 2])) as Tensor;
    const near = (a: readonly number[], b: ArrayLike<number>): void => a.forEach((v, n) => expect(Math.abs(v - b[n])).toBeLessThan(1e-5));
    near(run.y.flat(), y.data);
    near(run.dx.flat(), dx.data);
    near(run.dgamma, weight.grad.data);
    near(run.dbeta, bias.grad.data);
  }); // prettier-ignore

  it("dx agrees with differences, and each column adds up to 0", () => {
    run.dx.forEach((row, n) =>
      row.forEach((value, c) => expect(Math.abs(value - difference(given, n, c))).toBeLessThan(1e-6)),
    );
    for (const c of [0, 1]) expect(Math.abs(run.dx.reduce((sum, row) => sum + row[c], 0))).toBeLessThan(1e-12);
  });
});

describe("filters", () => {
  const picture = built(
    new Tensor(
      Float32Array.from({ length: 36 }, (_, n) => (n * 7) % 11),
      [1, 1, 6, 6],
    ),
  );
  const rows = picture.reshape([6, 6]).toArray() as number[][];

  it("lesson 1: blur and sharpen leave a flat picture as it is; without padding the result is smaller", () => {
    const flat = built(new Tensor(new Float32Array(75).fill(0.5), [1, 3, 5, 5]));
    for (const name of ["blur", "sharpen"] as const) {
      const y = correlate(flat, KERNELS[name], { padded: false, stride: 1 });
      expect(y.shape).toEqual([1, 3, 3, 3]);
      expect(y.data.every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true);
    }
    expect(correlate(flat, KERNELS.blur, { padded: true, stride: 1 }).shape).toEqual([1, 3, 5, 5]);
    expect(correlate(flat, KERNELS.blur, { padded: false, stride: 2 }).shape).toEqual([1, 3, 2, 2]);
  });

  it("a turned kernel makes a correlation a convolution", () => {
    const kernel = KERNELS.emboss.map((row) => [...row]);
    const options = { padded: false, stride: 1 };
    expect([...correlate(picture, kernel, options).data]).toEqual([...correlate2d(rows, kernel).data]);
    expect([...correlate(picture, turn(kernel), options).data]).toEqual([...convolve2d(rows, kernel).data]);
    expect([isSymmetric(KERNELS.blur), isSymmetric(KERNELS.emboss)]).toEqual([true, false]);
  });

  it("gray is a weighted sum, and a picture is most like itself unmoved", () => {
    expect(toGray(built(new Tensor(Float32Array.of(1, 1, 1), [1, 3, 1, 1]))).data[0]).toBeCloseTo(1, 6);
    const { shape, data } = selfSimilarity(picture, 6);
    expect(shape).toEqual([6, 6]);
    expect(data.indexOf(1)).toBe(Math.floor((6 - 1) / 2) * 6 + Math.floor((6 - 1) / 2));
  });
});

describe("train it here", () => {
  it("a look leaves the training as it was: no gradient, train mode, the same prediction", () => {
    const model = buildNetwork();
    const image = Float32Array.from({ length: 784 }, (_, n) => ((n * 7919) % 997) / 997);
    const { probabilities, first, second, saliency } = lookAt(model, image);
    expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-6);
    expect([first.length, second.length, saliency.length]).toEqual([16 * 26 * 26, 32 * 12 * 12, 784]);
    expect(model.training).toBe(true);
    expect(model.parameters().every(({ grad }) => grad.data.every((value) => value === 0))).toBe(true);
    // The saliency is the slope of the winning score: move one pixel and see.
    const best = probabilities.indexOf(Math.max(...probabilities));
    const at = saliency.reduce((most, value, n) => (Math.abs(value) > Math.abs(saliency[most]) ? n : most), 0);
    const score = (by: number): number => {
      const moved = Float32Array.from(image, (value, n) => (n === at ? value + by : value));
      return model.predict(built(new Tensor(moved, [1, 1, 28, 28]))).data[best];
    };
    expect(Math.abs((score(1e-2) - score(-1e-2)) / 2e-2 - saliency[at])).toBeLessThan(
      0.1 * Math.abs(saliency[at]) + 1e-3,
    );
  });

  it("counts confusions by truth and prediction", () => {
    const { confusion, right } = confusionOf([1, 2, 2], [1, 2, 3]);
    expect([right, confusion[11], confusion[22], confusion[32]]).toEqual([2, 1, 1, 1]);
  });
});
