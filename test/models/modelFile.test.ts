// Model files: what saveModel writes, loadModel brings back, to the bit; pixels go in by the file's input spec.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  Adam,
  AvgPool2d,
  Conv2d,
  CrossEntropy,
  Dropout,
  Dropout2d,
  Flatten,
  Generator,
  Layer,
  Linear,
  LogSoftmax,
  MaxPool2d,
  Parameter,
  ReLU,
  Sequential,
  Sigmoid,
  Softmax,
  StateBuffer,
  Tanh,
  Tensor,
  fromRgba,
  manualSeed,
  multiply,
  nchwToNhwc,
  nhwcToNchw,
  ones,
  randn,
  subtract,
  divide,
  zeros,
  type LayerConfig,
  type Shape,
} from "../../src/index.js";
import { decodeSafetensors, loadModel, saveModel } from "../../src/entries/io.js";
import { reference } from "../../src/entries/reference.js";
import { setBackend } from "../../src/backend/select.js";

const bitsOf = (x: Tensor): Uint8Array => new Uint8Array(x.data.slice().buffer);

/** toEqual looks at each byte by itself, which takes long. */
function expectBytes(got: Uint8Array, wanted: Uint8Array): void {
  expect(Buffer.compare(got, wanted)).toBe(0);
}

function expectSame(model: Layer, loaded: Layer, shape: Shape): void {
  const x = randn([3, ...shape], { seed: 5 });
  expectBytes(bitsOf(loaded.predict(x)), bitsOf(model.predict(x)));
  expect(loaded.config()).toEqual(model.config());
  expect(loaded.describe()).toBe(model.describe());
  expect(Object.keys(loaded.stateDict())).toEqual(Object.keys(model.stateDict()));
  for (const [name, tensor] of Object.entries(model.stateDict())) {
    expectBytes(bitsOf(loaded.stateDict()[name]), bitsOf(tensor));
  }
}

/** y = factor * x, with a learned factor and a count of its forwards. */
class Gain extends Layer<Tensor> {
  readonly factor = new Parameter(new Tensor([2]));
  readonly seen = new StateBuffer(zeros([1]));
  constructor(readonly start: number = 2) {
    super();
    this.factor.value = new Tensor([start]);
  }
  forward(x: Tensor): Tensor {
    this.save(x);
    this.seen.value.data[0] += 1;
    return multiply(x, this.factor.value.item());
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    return multiply(dy, this.factor.value.item());
  }
  override config(): LayerConfig {
    return { type: "Gain", args: [this.start] };
  }
}

/** y = x + body(x). */
class Block extends Layer<null> {
  constructor(readonly body: Sequential) {
    super();
  }
  forward(x: Tensor): Tensor {
    this.save(null);
    const y = this.body.forward(x);
    return new Tensor(y.data.map((value, i) => value + x.data[i]), y.shape); // prettier-ignore
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    const dx = this.body.backward(dy);
    return new Tensor(dx.data.map((value, i) => value + dy.data[i]), dx.shape); // prettier-ignore
  }
  override config(): LayerConfig {
    return { type: "Block", args: [{ ...this.body.config() }] };
  }
}

class Square extends Layer<Tensor> {
  forward(x: Tensor): Tensor {
    this.save(x);
    return multiply(x, x);
  }
  backward(dy: Tensor): Tensor {
    return multiply(multiply(this.saved(), dy), 2);
  }
}

const NETWORKS: Record<string, () => { model: Sequential; shape: Shape }> = {
  "lesson 1": () => ({
    model: new Sequential(
      ...[new Conv2d(3, 8, 5), new ReLU(), new MaxPool2d(2), new Conv2d(8, 12, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(12 * 5 * 5, 10)],
    ),
    shape: [3, 32, 32],
  }),
  "lesson 2": () => ({
    model: new Sequential(
      ...[new Conv2d(1, 10, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(1960, 100), new ReLU(), new Dropout(0.3), new Linear(100, 10)],
    ),
    shape: [1, 28, 28],
  }),
  "lesson 3": () => ({
    model: new Sequential(
      ...[new Conv2d(1, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
      ...[new Conv2d(32, 64, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
      ...[new Flatten(), new Linear(3136, 32), new ReLU(), new Linear(32, 10)],
    ),
    shape: [1, 28, 28],
  }),
  "lesson 4": () => ({
    model: new Sequential(
      ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Flatten(), new Linear(1568, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
    ),
    shape: [1, 28, 28],
  }),
  "every layer and option": () => ({
    model: new Sequential(
      [
        "conv",
        new Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 0, 2, 1], dilation: 2, groups: 2, bias: false }),
      ],
      ["same", new Conv2d(6, 4, 3, { padding: "same", paddingMode: "reflect" })],
      ["act", new Sequential(new Tanh(), ["inner", new Sequential(["relu", new ReLU()], new Sigmoid())])],
      ["max", new MaxPool2d([3, 2], { stride: 1, padding: 1, ceilMode: true, returnIndices: true })],
      ["avg", new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false, divisorOverride: 5 })],
      ["softmax", new Softmax({ dim: -1 })],
      ["flat", new Flatten({ startDim: 2, endDim: 3 })],
      ["all", new Flatten()],
      ["drop", new Dropout(0.25)],
      ["head", new Linear(84, 5, { bias: false })],
      ["log", new LogSoftmax()],
    ),
    shape: [4, 12, 11],
  }),
  "a sequence of nothing": () => ({ model: new Sequential(), shape: [2] }),
  "layers without numbers": () => ({ model: new Sequential(new ReLU()), shape: [2] }),
};

describe("A model file", () => {
  it.each(Object.keys(NETWORKS))("brings back %s: the same predictions, weights and names, to the bit", (name) => {
    manualSeed(3);
    const { model, shape } = NETWORKS[name]();
    const loaded = loadModel(saveModel(model));
    expectSame(model, loaded.model, shape);
    expect([loaded.input, loaded.classes, loaded.metadata]).toEqual([null, null, {}]);
    expectBytes(saveModel(loaded.model), saveModel(model));
  });

  it("is a safetensors file: any reader gets the weights under PyTorch's names", () => {
    const model = NETWORKS["lesson 4"]().model;
    const { tensors, metadata } = decodeSafetensors(saveModel(model, { metadata: { author: "Ada" } }));
    expect(Object.keys(tensors)).toEqual(Object.keys(model.stateDict()));
    expect(Object.keys(metadata)).toEqual(["author", "handgrad.model", "handgrad.checksum"]);
    const again = NETWORKS["lesson 4"]().model;
    again.loadStateDict(tensors);
    expectSame(model, again, [1, 28, 28]);
  });

  it("holds weights of any bits: NaN with payload, infinities, -0, the smallest numbers", () => {
    const model = new Sequential(new Linear(7, 1, { bias: false }));
    const words = Uint32Array.of(0x7fc00123, 0xffc00001, 0x7f800000, 0xff800000, 0x80000000, 1, 0x7f7fffff);
    new Uint32Array(model.parameters()[0].value.data.buffer, model.parameters()[0].value.data.byteOffset, 7).set(words);
    const read = loadModel(saveModel(model)).model.parameters()[0].value.clone().data;
    expect(Array.from(new Uint32Array(read.buffer))).toEqual(Array.from(words));
  });

  it("keeps spec, classes and texts", () => {
    const model = new Sequential(new Flatten(), new Linear(12, 2));
    const bytes = saveModel(model, {
      input: { shape: [3, 2, 2], mean: [0.1, 0.2, 0.3], std: 0.5, scale: 1 / 127.5 },
      classes: ["Känguru", "日本"],
      metadata: { licence: "MIT", __proto__x: "1" },
    });
    const loaded = loadModel(bytes);
    expect(loaded.input).toEqual({
      shape: [3, 2, 2],
      layout: "NCHW",
      scale: 1 / 127.5,
      mean: [0.1, 0.2, 0.3],
      std: [0.5, 0.5, 0.5],
    });
    expect(loaded.classes).toEqual(["Känguru", "日本"]);
    expect(loaded.metadata).toEqual({ licence: "MIT", __proto__x: "1" });
  });

  it("comes from a file, an ArrayBuffer, and a part of a larger buffer", () => {
    const model = new Sequential(new Linear(3, 2));
    const bytes = saveModel(model);
    const folder = mkdtempSync(join(tmpdir(), "handgrad-model-"));
    try {
      writeFileSync(join(folder, "m.safetensors"), bytes);
      expectSame(model, loadModel(readFileSync(join(folder, "m.safetensors"))).model, [3]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expectSame(model, loadModel(bytes.slice().buffer as ArrayBuffer).model, [3]);
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 5);
    expectSame(model, loadModel(larger.subarray(5, 5 + bytes.length)).model, [3]);
  });

  it("gives the same bits on the reference backend", () => {
    const { model } = NETWORKS["lesson 4"]();
    const bytes = saveModel(model);
    const before = setBackend(reference);
    try {
      expectBytes(saveModel(loadModel(bytes).model), bytes);
    } finally {
      setBackend(before);
    }
  });
});

describe("Shared state", () => {
  it("is stored once and shared again, parameters and buffers, also with several names", () => {
    const [a, b, c] = [new Linear(3, 3), new Linear(3, 3), new Linear(3, 3, { bias: false })];
    const [s, t] = [new Gain(), new Gain()];
    b.weight = a.weight;
    c.weight = a.weight;
    (t as { seen: StateBuffer }).seen = s.seen;
    const model = new Sequential(a, ["inner", new Sequential(b, s)], c, t);
    s.seen.value.data[0] = 7;
    const bytes = saveModel(model);
    expect(Object.keys(decodeSafetensors(bytes).tensors).sort()).toEqual(
      ["0.bias", "0.weight", "3.factor", "inner.0.bias", "inner.1.factor", "inner.1.seen"].sort(),
    );
    const loaded = loadModel(bytes, { layers: { Gain } }).model;
    expectSame(model, loaded, [3]);
    const weights = [...loaded.layers()].filter((layer) => layer instanceof Linear).map(({ weight }) => weight);
    expect(new Set(weights).size).toBe(1);
    expect(loaded.parameters().length).toBe(model.parameters().length);
    const scales = [...loaded.layers()].filter((layer) => layer instanceof Gain);
    expect(scales[0].seen).toBe(scales[1].seen);
    expect(scales[0].factor).not.toBe(scales[1].factor);
    weights[0].value.data[0] = 9;
    expect((loaded.get(2) as Linear).weight.value.data[0]).toBe(9);
  });
});

describe("A user's own layer", () => {
  it("comes back by its class, with its state", () => {
    const model = new Sequential(new Gain(3), ["again", new Gain(5)]);
    model.forward(ones([1, 2]));
    (model.get(0) as Gain).factor.value.data[0] = 11;
    const loaded = loadModel(saveModel(model), { layers: { Gain } });
    expect(loaded.model.stateDict()).toMatchObject({ "0.factor": { size: 1 }, "0.seen": { size: 1 } });
    expect(Object.values(loaded.model.stateDict()).map((each) => each.item())).toEqual([11, 1, 5, 1]);
    expectSame(model, loaded.model, [2]);
  });

  it("may take layers: { type, args } among its arguments stands for one", () => {
    const model = new Sequential(new Conv2d(1, 2, 3), [
      "res",
      new Block(new Sequential(new Conv2d(2, 2, 3, { padding: 1 }), ["act", new ReLU()], new Gain(0.5))),
    ]);
    const loaded = loadModel(saveModel(model), { layers: { Block, Gain } });
    expectSame(model, loaded.model, [1, 6, 6]);
    expect(loaded.model.namedParameters().map(([name]) => name)).toContain("res.body.2.factor");
  });

  it("may be a Sequential of one's own", () => {
    class LeNet extends Sequential {
      constructor(readonly classes: number) {
        super(new Flatten(), new Linear(4, classes));
      }
      override config(): LayerConfig {
        return { type: "LeNet", args: [this.classes] };
      }
    }
    const model = new LeNet(3);
    const loaded = loadModel(saveModel(model), { layers: { LeNet } });
    expect(loaded.model).toBeInstanceOf(LeNet);
    expectSame(model, loaded.model, [2, 2]);
  });

  it("that its container does not write down needs no config", () => {
    class Block extends Layer<null> {
      readonly inner = new Sequential(new Square());
      forward(x: Tensor): Tensor {
        this.save(null);
        return this.inner.forward(x);
      }
      backward(dy: Tensor): Tensor {
        this.saved();
        return this.inner.backward(dy);
      }
      override config(): LayerConfig {
        return { type: "Block", args: [] };
      }
    }
    const model = new Sequential(new Block());
    expectSame(model, loadModel(saveModel(model), { layers: { Block } }).model, [3]);
    expect(Object.getOwnPropertyNames((model.get(0) as Block).inner.get(0))).not.toContain("config");
  });
});

describe("A loaded model", () => {
  it("draws nothing, and takes the stream numbers that the same layers take in a program", () => {
    manualSeed(1);
    const bytes = saveModel(NETWORKS["lesson 4"]().model);
    const next = new Dropout().generator.state.stream;
    manualSeed(1);
    const loaded = loadModel(bytes);
    const drop = loaded.model.get(9) as Dropout;
    expect(drop.generator.state).toEqual({ ...new Generator("dropout", { stream: 0 }).state, counter: 0 });
    expect(new Dropout().generator.state.stream).toBe(next);
  });

  it("is in train mode and trains on as the original does, bit for bit", () => {
    const train = (model: Layer): Tensor => {
      const [loss, optimizer] = [new CrossEntropy(), new Adam(model.parameters(), { lr: 0.01 })];
      for (let step = 0; step < 3; step++) {
        loss.forward(model.forward(randn([5, 1, 28, 28], { seed: step })), [0, 1, 2, 3, 4]);
        optimizer.zeroGrad();
        model.backward(loss.backward(), { inputGrad: false });
        optimizer.step();
      }
      return model.predict(randn([2, 1, 28, 28], { seed: 9 }));
    };
    manualSeed(4);
    const model = NETWORKS["lesson 4"]().model.eval();
    const bytes = saveModel(model);
    manualSeed(4);
    const loaded = loadModel(bytes).model;
    expect([...loaded.layers()].every(({ training }) => training)).toBe(true);
    model.train();
    manualSeed(4);
    expect(bitsOf(train(loaded))).toEqual(bitsOf(train(model)));
  });
});

describe("Pixels", () => {
  const data = Uint8ClampedArray.from({ length: 4 * 6 }, (_, i) => (i % 4 === 3 ? 255 : (37 * i) % 256));
  const image = { data, width: 3, height: 2 };
  const identity = (shape: Shape): Sequential => {
    const size = shape.reduce((a, b) => a * b, 1);
    const model = new Sequential(new Flatten(), new Linear(size, size, { bias: false }));
    model.parameters()[0].value = new Tensor(
      Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
      [size, size],
    );
    return model;
  };

  it("become fromRgba's numbers, in color and gray", () => {
    for (const channels of [1, 3] as const) {
      const shape = [channels, 2, 3];
      const loaded = loadModel(saveModel(identity(shape), { input: { shape } }));
      expect(Array.from(loaded.predict(image).data)).toEqual(Array.from(fromRgba(data, 3, 2, { channels }).data));
    }
  });

  it("are normalized in float32 steps, the bits of subtract and divide", () => {
    const [mean, std] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]; // prettier-ignore
    const loaded = loadModel(saveModel(identity([3, 2, 3]), { input: { shape: [3, 2, 3], mean, std } }));
    const wanted = divide(
      subtract(fromRgba(data, 3, 2), new Tensor(mean, [1, 3, 1, 1])),
      new Tensor(std, [1, 3, 1, 1]),
    );
    expect(Array.from(loaded.predict(image).data)).toEqual(Array.from(wanted.data));
    expect(loaded.predict(image).data[0]).toBe(Math.fround((0 - Math.fround(0.485)) / Math.fround(0.229)));
  });

  it("are scaled by the spec: 0 to 255, or -1 to 1", () => {
    const raw = loadModel(saveModel(identity([3, 2, 3]), { input: { shape: [3, 2, 3], scale: 1 } }));
    expect(Array.from(raw.predict(image).data.subarray(0, 3))).toEqual([data[0], data[4], data[8]]);
    const input = { shape: [3, 2, 3], scale: 1 / 127.5, mean: 1 };
    const signed = loadModel(saveModel(identity([3, 2, 3]), { input }));
    const white = { data: new Uint8Array(24).fill(255), width: 3, height: 2 };
    expect(new Set(signed.predict(white).data)).toEqual(new Set([1]));
  });

  it("go in as NHWC where the model takes that", () => {
    class FromNhwc extends Layer<null> {
      forward(x: Tensor): Tensor {
        this.save(null);
        return nhwcToNchw(x);
      }
      backward(dy: Tensor): Tensor {
        this.saved();
        return nchwToNhwc(dy);
      }
      override outputShape([n, h, w, c]: Shape): Shape {
        return [n, c, h, w];
      }
      override config(): LayerConfig {
        return { type: "FromNhwc", args: [] };
      }
    }
    const model = new Sequential(new FromNhwc(), ...identity([3, 2, 3]));
    const bytes = saveModel(model, { input: { shape: [2, 3, 3], layout: "NHWC", mean: [0.1, 0.2, 0.3] } });
    const plain = loadModel(saveModel(identity([3, 2, 3]), { input: { shape: [3, 2, 3], mean: [0.1, 0.2, 0.3] } }));
    const loaded = loadModel(bytes, { layers: { FromNhwc } });
    expect(loaded.predict(image).data).toEqual(plain.predict(image).data);
  });

  it("with alpha are laid over the background", () => {
    const half = { data: Uint8Array.of(100, 0, 0, 128, 9, 9, 9, 0), width: 2, height: 1 };
    const loaded = loadModel(saveModel(identity([3, 1, 2]), { input: { shape: [3, 1, 2], scale: 1 } }));
    const over = (c: number, b: number): number => Math.fround((c * 128 + b * 127) / 255);
    expect(Array.from(loaded.predict(half, { background: [10, 20, 255] }).data)).toEqual([
      ...[over(100, 10), 10, over(0, 20), 20, over(0, 255), 255],
    ]);
    expect(Array.from(loaded.predict(half, { background: 255 }).data).filter((_, i) => i % 2)).toEqual([255, 255, 255]);
  });

  it("of several images are one batch", () => {
    const loaded = loadModel(saveModel(identity([1, 2, 3]), { input: { shape: [1, 2, 3] } }));
    const dark = { data: data.map((byte, i) => (i % 4 === 3 ? 255 : byte / 2)), width: 3, height: 2 };
    const both = loaded.predict([image, dark]);
    expect(both.shape).toEqual([2, 6]);
    expect(both.slice([1, 2]).data).toEqual(loaded.predict(dark).data);
  });

  it("of another size are stretched, if asked", () => {
    const loaded = loadModel(saveModel(identity([1, 1, 2]), { input: { shape: [1, 1, 2], scale: 1 } }));
    const gray = (levels: number[]): Uint8Array =>
      Uint8Array.from(levels.flatMap((level) => [level, level, level, 255]));
    // By hand: support 2, centers 1 and 3; weights 1/4, 3/4, 3/4, 1/4 cut at the edge: (3a + 3b + c) / 7, (b + 3c + 3d) / 7.
    const y = loaded.predict({ data: gray([70, 0, 140, 210]), width: 4, height: 1 }, { resize: true });
    expect(Array.from(y.data)).toEqual([Math.fround((3 * 70 + 140) / 7), Math.fround((3 * 140 + 3 * 210) / 7)]);
  });
});

describe("classify", () => {
  const model = (last: Layer[] = []): Sequential => {
    const linear = new Linear(2, 4);
    linear.weight.value = zeros([4, 2]);
    linear.bias!.value = new Tensor([Math.log(1), Math.log(4), Math.log(2), Math.log(3)]);
    return new Sequential(linear, ...last);
  };
  const classes = ["a", "b", "c", "d"];

  it("gives the likeliest classes with their softmax", () => {
    const loaded = loadModel(saveModel(model(), { classes }));
    const found = loaded.classify(zeros([1, 2]), { top: 3 });
    expect(found.map(({ name, index }) => [name, index])).toEqual([["b", 1], ["d", 3], ["c", 2]]); // prettier-ignore
    found.forEach(({ probability }, i) => expect(Math.abs(probability - [0.4, 0.3, 0.2][i])).toBeLessThan(1e-6));
    expect(loaded.classify(zeros([1, 2])).length).toBe(4);
    expect(loadModel(saveModel(model())).classify(zeros([1, 2]), { top: 1 })[0].name).toBe("1");
  });

  it("takes the outputs of a Softmax or Sigmoid as they are, and those of a LogSoftmax as logits", () => {
    for (const last of [new Softmax(), new LogSoftmax()]) {
      const [best] = loadModel(saveModel(model([last]), { classes })).classify(zeros([1, 2]));
      expect(Math.abs(best.probability - 0.4)).toBeLessThan(1e-6);
    }
    const [best] = loadModel(saveModel(new Sequential(model([new Sigmoid()])))).classify(zeros([1, 2]));
    expect(Math.abs(best.probability - 0.8)).toBeLessThan(1e-6); // 1 / (1 + 1/4)
  });

  it("tells the first of equals first", () => {
    const equal = new Sequential(new Linear(1, 3, { bias: false }));
    equal.parameters()[0].value = zeros([3, 1]);
    expect(loadModel(saveModel(equal)).classify(ones([1, 1])).map(({ index }) => index)).toEqual([0, 1, 2]); // prettier-ignore
  });
});
