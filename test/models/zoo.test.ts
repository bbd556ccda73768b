// The networks of handgrad/models against PyTorch and torchvision (test/fixtures/make_models.py), and what they promise by themselves.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, loadModel, saveModel } from "../../src/entries/io.js";
import * as zoo from "../../src/entries/models.js";
import {
  ArgumentError, BatchNorm2d, ShapeError, manualSeed, randn, setConvAlgorithm, type Conv2d, type Graph, type Layer, type Sequential,
} from "../../src/index.js"; // prettier-ignore
import { fillByFormula } from "./zooFormula.js";
import { NETWORKS, buildNetwork } from "./zooNetworks.js";
import { errorsOf, filledNetwork, type ParityCase } from "./zooParity.js";

const folder = new URL("../fixtures/torchvision/", import.meta.url);
const names = JSON.parse(gunzipSync(readFileSync(new URL("models.json.gz", folder))).toString()) as Record<
  string,
  [name: string, shape: number[]][]
>;
const { cases } = JSON.parse(readFileSync(new URL("parity.json", folder), "utf8")) as { cases: ParityCase[] };

function count(model: Layer): number {
  return model.parameters().reduce((sum, { size }) => sum + size, 0);
}

// Nothing is drawn for it.
function entriesOf(model: Layer): [name: string, shape: number[]][] {
  const shapes = new Map(model.namedParameters().map(([name, { shape }]) => [name, [...shape]]));
  const buffers = [...model.layers()].flatMap((layer) => (layer instanceof BatchNorm2d ? [layer] : []));
  expect(buffers.every(({ runningMean }) => runningMean !== null)).toBe(true);
  return stateNames(model).map((name) => [name, shapes.get(name) ?? bufferShape(model, name)]);
}

function stateNames(model: Layer): string[] {
  const walk = (layer: Layer, path: string): string[] => {
    const own =
      layer instanceof BatchNorm2d ? ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"] : [];
    const plain =
      own.length > 0
        ? own
        : Object.keys(layer).filter((key) => key === "weight" || (key === "bias" && (layer as Conv2d).bias !== null));
    return [
      ...plain.map((key) => path + key),
      ...layer.namedChildren().flatMap(([name, child]) => walk(child, `${path}${name}.`)),
    ];
  };
  return walk(model, "");
}

function bufferShape(model: Layer, name: string): number[] {
  return name.endsWith("num_batches_tracked")
    ? []
    : [
        ...(model.namedParameters().find(([key]) => key === name.replace(/running_(mean|var)$/, "weight"))?.[1].shape ??
          []),
      ];
}

describe("state dicts", () => {
  it("are known of every network that torchvision has, and of others", () => {
    const known = new Set(Object.keys(names));
    expect([...NETWORKS.keys()].filter((name) => !known.has(name) && !name.startsWith("lesson"))).toEqual([]);
  });

  it.each(Object.keys(names))("of %s have PyTorch's names, shapes and order", (name) => {
    const model = name === "resnet18 cifar" ? zoo.resnet18({ numClasses: 10, stem: "cifar" }) : buildNetwork(name);
    expect(entriesOf(model)).toEqual(names[name]);
  });

  it("are what the walk above says, in a network whose weights are looked at", () => {
    const model = zoo.squeezenet1_1({ numClasses: 2 });
    expect(Object.entries(model.stateDict()).map(([name, { shape }]) => [name, [...shape]])).toEqual(entriesOf(model));
    const small = zoo.unet({ width: 2, depth: 1 });
    expect(Object.entries(small.stateDict()).map(([name, { shape }]) => [name, [...shape]])).toEqual(entriesOf(small));
  });
});

describe("numbers", () => {
  // In float32, with sums in another order: largest seen 3.3e-6 and 1.2e-5. Gradients are those of direct sums: with other roundings,
  // such as those of Winograd's algorithm, a ReLU or a max pool near its kink may fall the other way, and the gradients with it.
  const [MOST_Y, MOST_GRADIENT] = [1e-5, 4e-5];

  it.each(cases)("of $title are PyTorch's, and so are its gradients", (theirs) => {
    for (const algorithm of ["auto", "direct"] as const) {
      setConvAlgorithm(algorithm);
      try {
        const { y, gradients, buffers, odd } = errorsOf(theirs);
        expect(odd).toEqual([]);
        expect(y).toBeLessThan(MOST_Y);
        expect(buffers).toBeLessThan(MOST_Y);
        if (algorithm === "direct") expect(gradients).toBeLessThan(MOST_GRADIENT);
      } finally {
        setConvAlgorithm("auto");
      }
    }
  });

  it("would not be taken for PyTorch's with one wrong weight, a NaN, or a parameter too many", () => {
    const theirs = cases.find(({ title }) => title === "U-Net in train mode")!;
    const wrong = (change: (model: Graph) => void): ReturnType<typeof errorsOf> => {
      const model = filledNetwork(theirs) as Graph;
      change(model);
      return errorsOf(theirs, model);
    };
    const scaled = wrong((model) => {
      const { data } = model.namedParameters().find(([name]) => name === "down2.0.weight")![1].value;
      for (let i = 0; i < 9; i++) data[i] *= 1.05;
    });
    expect(scaled.y).toBeGreaterThan(MOST_Y);
    expect(scaled.gradients).toBeGreaterThan(MOST_GRADIENT);
    expect(scaled.buffers).toBeGreaterThan(MOST_Y);
    const broken = wrong((model) => {
      model.parameters()[0].value.data[0] = NaN;
    });
    expect(broken.y).not.toBeLessThan(MOST_Y);
    expect(broken.gradients).not.toBeLessThan(MOST_GRADIENT);
    const lacking = wrong((model) => {
      (model.get("head") as Conv2d).bias = null;
    });
    expect(lacking.odd).toEqual(["head.bias"]);
  });
});

describe("parameter counts", () => {
  it.each([
    ["alexnet", 61_100_840],
    ["vgg11", 132_863_336],
    ["vgg11Bn", 132_868_840],
    ["vgg13", 133_047_848],
    ["vgg13Bn", 133_053_736],
    ["vgg16", 138_357_544],
    ["vgg16Bn", 138_365_992],
    ["vgg19", 143_667_240],
    ["vgg19Bn", 143_678_248],
    ["resnet18", 11_689_512],
    ["resnet34", 21_797_672],
    ["resnet50", 25_557_032],
    ["resnet20", 272_474],
    ["resnet32", 466_906],
    ["resnet44", 661_338],
    ["resnet56", 855_770],
    ["squeezenet1_0", 1_248_424],
    ["squeezenet1_1", 1_235_496],
    ["mobilenetV2", 3_504_872],
    ["shufflenetV2x0_5", 1_366_792],
    ["shufflenetV2x1_0", 2_278_604],
    ["shufflenetV2x1_5", 3_503_624],
    ["shufflenetV2x2_0", 7_393_996],
    ["densenet121", 7_978_856],
    ["lenet5", 61_706],
    ["unet", 482_466],
    ["autoencoder", 115_217],
    ["lesson1", 241_802],
    ["lesson2", 197_210],
    ["lesson3", 119_530],
    ["lesson4", 55_338],
    ["lesson5", 190],
  ])("of %s: %i, as its documentation says", (name, expected) => {
    expect(count(buildNetwork(name))).toBe(expected);
  });

  it("of every network are in the list above or known otherwise", () => {
    expect([...NETWORKS.keys()].length).toBe(32);
  });
});

describe("shapes", () => {
  it.each([
    ["alexnet", 63],
    ["vgg11", 32],
    ["squeezenet1_0", 21],
    ["squeezenet1_1", 17],
    ["densenet121", 29],
  ])("%s takes images of %i, and of one pixel less says what is too small", (name, size) => {
    const model = buildNetwork(name, { numClasses: 7, inChannels: 2 });
    expect(model.outputShape([5, 2, size, size])).toEqual([5, 7]);
    expect(() => model.outputShape([5, 2, size - 1, size - 1])).toThrow(ShapeError);
  });

  it.each([...NETWORKS.keys()].filter((name) => /net|vgg|lenet/.test(name) && !/unet/.test(name)))(
    "%s gives logits for its classes",
    (name) => {
      const size = name === "lenet5" ? 28 : 64;
      const model = buildNetwork(name, { numClasses: 3, inChannels: 4 });
      expect(model.outputShape([2, 4, size, size])).toEqual([2, 3]);
    },
  );

  it("a U-Net keeps size and takes other depths; an autoencoder gives what it is given", () => {
    expect(zoo.unet({ inChannels: 3, numClasses: 5, width: 4, depth: 2 }).outputShape([2, 3, 20, 12])).toEqual([
      2, 5, 20, 12,
    ]);
    expect(() => zoo.unet({ depth: 2 }).outputShape([1, 1, 10, 8])).toThrow(ShapeError);
    const model = zoo.autoencoder({ inChannels: 3, imageSize: 12, codeSize: 4 });
    expect(model.outputShape([2, 3, 12, 12])).toEqual([2, 3, 12, 12]);
    expect(model.get("encoder").outputShape([2, 3, 12, 12])).toEqual([2, 4]);
  });

  it("the lessons' networks take their lessons' images", () => {
    expect(zoo.lesson1().outputShape([2, 3, 32, 32])).toEqual([2, 10]);
    expect(zoo.lesson2({ dropout: 0.5 }).outputShape([2, 1, 28, 28])).toEqual([2, 10]);
    expect(zoo.lesson4().outputShape([2, 1, 28, 28])).toEqual([2, 10]);
    expect(zoo.lesson5().outputShape([2, 1, 40, 31])).toEqual([2, 10]);
    const model = zoo.lesson3({
      inputShape: [3, 16, 16],
      kernelSize: 5,
      convWidths: [4],
      hiddenWidths: [],
      batchNorm: true,
    });
    expect(model.outputShape([2, 3, 16, 16])).toEqual([2, 10]);
    expect(
      zoo
        .lesson3()
        .namedParameters()
        .map(([name, { shape }]) => [name, [...shape]]),
    ).toEqual([
      ["net.conv2d_00.weight", [32, 1, 3, 3]],
      ["net.conv2d_00.bias", [32]],
      ["net.conv2d_04.weight", [64, 32, 3, 3]],
      ["net.conv2d_04.bias", [64]],
      ["net.linear_09.weight", [32, 3136]],
      ["net.linear_09.bias", [32]],
      ["net.linear_11.weight", [10, 32]],
      ["net.linear_11.bias", [10]],
    ]);
  });
});

describe("initial weights", () => {
  function momentsOf(model: Layer, name: string): { mean: number; std: number; most: number } {
    const { data } = model.namedParameters().find(([key]) => key === name)![1].value;
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const square = data.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / data.length;
    return { mean, std: Math.sqrt(square), most: data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
  }

  // Name of a weight, and the standard deviation of torchvision's rule for it; uniform ones also say the bound.
  it.each([
    ["resnet18", "layer2.0.conv1.weight", Math.sqrt(2 / (128 * 9))],
    ["resnet20", "layer2.1.conv1.weight", Math.sqrt(2 / (32 * 9))],
    ["mobilenetV2", "features.3.conv.1.0.weight", Math.sqrt(2 / (144 * 9))],
    ["mobilenetV2", "classifier.1.weight", 0.01],
    ["densenet121", "features.denseblock2.denselayer3.conv1.weight", Math.sqrt(2 / 192)],
    ["vgg11", "features.6.weight", Math.sqrt(2 / (256 * 9))],
    ["squeezenet1_1", "features.4.expand3x3.weight", Math.sqrt(2 / (16 * 9)), Math.sqrt(6 / (16 * 9))],
    ["squeezenet1_1", "classifier.1.weight", 0.01],
    ["shufflenetV2x1_0", "stage3.1.branch2.0.weight", Math.sqrt(1 / 3 / 116), Math.sqrt(1 / 116)],
    ["resnet18", "fc.weight", Math.sqrt(1 / 3 / 512), Math.sqrt(1 / 512)],
    ["lesson2", "4.weight", Math.sqrt(2 / 2060), Math.sqrt(6 / 2060)],
    ["unet", "bottom.0.weight", Math.sqrt(2 / (64 * 9))],
  ])("of %s: %s has a standard deviation of %d", (name, key, std, bound = Infinity) => {
    manualSeed(11);
    const moments = momentsOf(buildNetwork(name), key);
    const size = buildNetwork(name)
      .namedParameters()
      .find(([each]) => each === key)![1].size;
    expect(Math.abs(moments.std / std - 1)).toBeLessThan(4 / Math.sqrt(size));
    expect(Math.abs(moments.mean)).toBeLessThan((4 * std) / Math.sqrt(size));
    expect(moments.most).toBeLessThanOrEqual(bound);
  });

  it("biases and batch norms start as torchvision's, and a seed fixes all", () => {
    manualSeed(1);
    const model = zoo.squeezenet1_1();
    for (const [name, { value }] of model.namedParameters()) {
      if (name.endsWith("bias")) expect(value.data.every((each) => each === 0)).toBe(true);
    }
    manualSeed(1);
    const again = zoo.squeezenet1_1();
    const [a, b] = [model, again].map((each) => each.get("features") as Sequential);
    expect(b.namedParameters()[4][1].value.data).toEqual(a.namedParameters()[4][1].value.data);
    const zero = zoo.resnet20({ zeroInitResidual: true }).stateDict();
    expect(zero["layer1.0.bn2.weight"].data.every((each) => each === 0)).toBe(true);
    expect(zero["layer2.0.downsample.1.weight"].data.every((each) => each === 1)).toBe(true);
    expect(zero["layer1.0.bn1.weight"].data.every((each) => each === 1)).toBe(true);
    const bottleneck = zoo.resnet50({ zeroInitResidual: true });
    const norm = bottleneck.namedParameters().find(([name]) => name === "layer3.0.bn3.weight")![1];
    expect(norm.value.data.every((each) => each === 0)).toBe(true);
  });

  it("are not drawn until they are looked at: the largest network is counted without them", () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(zoo.vgg19Bn().summary([3, 224, 224]).totalParameters).toBe(143_678_248);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4e6);
  });
});

describe("options", () => {
  it("reach the layers", () => {
    const rates = (model: Layer): unknown[] =>
      [...model.layers()].filter((layer) => layer.config().type === "Dropout").map((layer) => layer.config().args[0]);
    expect(rates(zoo.alexnet())).toEqual([0.5, 0.5]);
    expect(rates(zoo.vgg11({ dropout: 0.1 }))).toEqual([0.1, 0.1]);
    expect(rates(zoo.mobilenetV2())).toEqual([0.2]);
    expect(rates(zoo.squeezenet1_0({ dropout: 0.4 }))).toEqual([0.4]);
    expect(rates(zoo.lesson2({ dropout: 0.5 }))).toEqual([0.5]);
    expect(rates(zoo.densenet121())).toEqual([]);
    expect(rates(zoo.densenet121({ dropRate: 0.3 }))).toEqual(Array.from({ length: 58 }, () => 0.3));
    expect(count(zoo.mobilenetV2({ widthMult: 0.35 }))).toBe(1_677_128); // PyTorch's
  });

  it.each<[() => unknown, string]>([
    [
      () => zoo.resnet18({ classes: 10 } as object),
      'resnet18: unknown option "classes" (options: numClasses, inChannels, zeroInitResidual, stem).',
    ],
    [
      () => zoo.resnet18({ stem: "small" as "cifar" }),
      'resnet18: expected stem to be one of "imagenet", "cifar", got "small".',
    ],
    [() => zoo.vgg16({ numClasses: 0 }), "vgg16: expected numClasses to be"],
    [() => zoo.alexnet({ dropout: 2 }), "alexnet: expected dropout to be"],
    [
      () => zoo.shufflenetV2({ widthMult: 0.75 as 0.5 }),
      "shufflenetV2: expected widthMult to be 0.5, 1, 1.5 or 2, got 0.75.",
    ],
    [() => zoo.mobilenetV2({ widthMult: 0 }), "mobilenetV2: expected widthMult to be a finite number above 0, got 0."],
    [
      () => zoo.autoencoder({ imageSize: 30 }),
      "autoencoder: expected imageSize to be a multiple of 4 (it is halved twice), got 30.",
    ],
    [() => zoo.lesson3({ inputShape: [28, 28] }), "lesson3: expected inputShape as [C, H, W], got [28, 28]."],
    [
      () => zoo.lesson3({ convWidths: 32 as unknown as number[] }),
      "lesson3: expected convWidths to be an array of widths, got 32.",
    ],
    [() => zoo.lesson3({ hiddenWidths: [0] }), "lesson3: expected hiddenWidths[0] to be"],
    [() => zoo.unet({ depth: 1.5 }), "unet: expected depth to be"],
    [() => zoo.resnet20(null as unknown as object), "resnet20: expected an options object"],
  ])("that cannot be are refused: %s", (build, message) => {
    expect(build).toThrow(ArgumentError);
    expect(build).toThrow(message);
  });
});

describe("files", () => {
  it("of weights that torchvision wrote are loaded by name, those of another head are refused", () => {
    const model = zoo.resnet20();
    fillByFormula(model);
    const bytes = encodeSafetensors(model.stateDict());
    const other = zoo.resnet20();
    other.loadStateDict(decodeSafetensors(bytes).tensors);
    const x = randn([1, 3, 32, 32], { seed: 1 });
    expect(other.predict(x).data).toEqual(model.predict(x).data);
    expect(() => zoo.resnet20({ numClasses: 3 }).loadStateDict(decodeSafetensors(bytes).tensors)).toThrow(ShapeError);
  });

  it.each(["shufflenetV2x0_5", "squeezenet1_1", "unet", "autoencoder"])(
    "of the model %s bring back the same bits",
    (name) => {
      manualSeed(2);
      const model = buildNetwork(name, name === "squeezenet1_1" ? { numClasses: 4 } : {});
      const back = loadModel(saveModel(model)).model;
      expect(back.describe()).toBe(model.describe());
      const x = randn(name === "unet" ? [1, 1, 16, 16] : name === "autoencoder" ? [1, 1, 28, 28] : [1, 3, 64, 64], {
        seed: 1,
      });
      expect(back.predict(x).data).toEqual(model.predict(x).data);
    },
  );
});
