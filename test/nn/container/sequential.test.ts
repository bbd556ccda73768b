import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { reference } from "../../../src/backend/reference/backend.js";
import { backendInfo, setBackend } from "../../../src/backend/select.js";
import { wasm } from "../../../src/backend/wasm/backend.js";
import { ones, randn } from "../../../src/ops/create.js";
import { ArgumentError, ShapeError, StateError } from "../../../src/base/errors.js";
import { zerosInit } from "../../../src/init/constant.js";
import type { Initializer } from "../../../src/init/initializer.js";
import { CrossEntropy } from "../../../src/loss/crossEntropy.js";
import { AvgPool2d } from "../../../src/nn/pool/avgpool2d.js";
import { Conv2d } from "../../../src/nn/conv/conv2d.js";
import { Dropout } from "../../../src/nn/dropout/dropout.js";
import { Dropout2d } from "../../../src/nn/dropout/dropout2d.js";
import { Flatten } from "../../../src/nn/shape/flatten.js";
import { Layer } from "../../../src/nn/layer.js";
import { StateBuffer } from "../../../src/nn/stateBuffer.js";
import { Linear } from "../../../src/nn/linear/linear.js";
import { LogSoftmax } from "../../../src/nn/activation/logsoftmax.js";
import { MaxPool2d } from "../../../src/nn/pool/maxpool2d.js";
import { Parameter } from "../../../src/nn/parameter.js";
import { ReLU } from "../../../src/nn/activation/relu.js";
import { Sequential } from "../../../src/nn/container/sequential.js";
import { Sigmoid } from "../../../src/nn/activation/sigmoid.js";
import { Softmax } from "../../../src/nn/activation/softmax.js";
import { Tanh } from "../../../src/nn/activation/tanh.js";
import { add, multiply } from "../../../src/ops/arithmetic.js";
import { fillNormal } from "../../../src/numbers/normal.js";
import { mean } from "../../../src/ops/reduce.js";
import { Adam } from "../../../src/optim/adam.js";
import { Generator, manualSeed } from "../../../src/numbers/random.js";
import { Tensor } from "../../../src/base/tensor.js";
import { throwsExactly } from "../../support/errors.js";

/** Counts what it is asked; multiplies by a factor. */
function timesTwo(): { calls: string[]; forward(x: Tensor): Tensor; backward(dy: Tensor): Tensor } {
  const calls: string[] = [];
  return {
    calls,
    forward: (x) => (calls.push("forward"), multiply(x, 2)),
    backward: (dy) => (calls.push("backward"), multiply(dy, 2)),
  };
}

/** A layer of a user's own: y = x * scale, with a parameter, and a buffer that counts forwards in train mode. */
class Scale extends Layer<Tensor> {
  readonly scale: Parameter;
  readonly count = new StateBuffer(new Tensor([0]));

  constructor(scale: number) {
    super();
    this.scale = new Parameter(new Tensor([scale]));
  }

  forward(x: Tensor): Tensor {
    if (this.training) this.count.value.data[0]++;
    this.save(x);
    return multiply(x, this.scale.value);
  }

  backward(dy: Tensor): Tensor {
    const x = this.saved();
    let sum = 0;
    for (let i = 0; i < x.size; i++) sum += x.data[i] * dy.data[i];
    this.scale.accumulate(new Tensor([sum]));
    return multiply(dy, this.scale.value);
  }
}

/** A block with layers inside: y = x + inner(x). */
class Residual extends Layer {
  constructor(readonly inner: Layer) {
    super();
  }

  forward(x: Tensor): Tensor {
    return add(x, this.inner.forward(x));
  }

  backward(dy: Tensor): Tensor {
    return add(dy, this.inner.backward(dy));
  }
}

function lesson4(...more: Layer[]): Sequential {
  return new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
    ...more,
  );
}

function small(): Sequential {
  return new Sequential(
    ["features", new Sequential(new Conv2d(1, 2, 3), new ReLU(), new MaxPool2d(2))],
    ["flatten", new Flatten()],
    ["head", new Linear(2 * 2 * 2, 3)],
  );
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("The layers of a Sequential", () => {
  it("are named by their place, or by the name given with them, at any depth", () => {
    const model = new Sequential(
      new Linear(2, 3),
      ["act", new ReLU()],
      ["block", new Sequential(new Linear(3, 4), ["last", new Linear(4, 1, { bias: false })])],
    );
    expect(model.namedChildren().map(([name]) => name)).toEqual(["0", "act", "block"]);
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      ...["0.weight", "0.bias", "block.0.weight", "block.0.bias", "block.last.weight"],
    ]);
    expect(model.parameters()).toEqual(model.namedParameters().map(([, parameter]) => parameter));
    expect([...model.layers()].length).toBe(6);
    expect(model.describe()).toBe(
      "Sequential(0: Linear(2, 3), act: ReLU(), block: Sequential(0: Linear(3, 4), last: Linear(4, 1, { bias: false })))",
    );
  });

  it("are found by place, also from the end, and by name, and come one by one in order", () => {
    const layers = [new Linear(2, 3), new ReLU(), new Linear(3, 1)];
    const model = new Sequential(layers[0], ["act", layers[1]], layers[2]);
    expect(model.length).toBe(3);
    expect([model.get(0), model.get("act"), model.get(-1), model.get("2")]).toEqual([...layers, layers[2]]);
    expect([...model]).toEqual(layers);
    expect(model.get(1)).toBe(layers[1]);
    throwsExactly(
      () => model.get(3),
      ArgumentError,
      "Sequential.get: expected a place from -3 to 2 or a name (act), got 3.",
    );
    throwsExactly(
      () => model.get("akt"),
      ArgumentError,
      'Sequential.get: expected a place from -3 to 2 or a name (act), got "akt", did you mean "act"?',
    );
  });

  it("are appended by add, under their place or a name, and a refused one leaves the model as it was", () => {
    const relu = new ReLU();
    const model = new Sequential().add(new Linear(2, 3)).add(relu, "act").add(timesTwo());
    expect(model.namedChildren().map(([name]) => name)).toEqual(["0", "act", "2"]);
    expect(() => model.add(relu)).toThrow("the same ReLU object");
    expect(() => model.add(new ReLU(), "act")).toThrow('got "act" twice');
    expect(() => model.add(ReLU as never)).toThrow("the class ReLU");
    expect(model.length).toBe(3);
    expect(model.forward(ones([1, 2])).shape).toEqual([1, 3]);
  });

  it("cannot be changed through what namedChildren returns", () => {
    const model = new Sequential(new ReLU());
    model.namedChildren().pop();
    expect(model.length).toBe(1);
  });

  it("start in train mode and switch with train and eval, all at any depth", () => {
    const model = new Sequential(new Sequential(new Dropout(0.5)), new Residual(new Dropout(0.5)));
    const modes = (): boolean[] => [...model.layers()].map((layer) => layer.training);
    expect(modes()).toEqual([true, true, true, true, true]);
    expect(model.eval()).toBe(model);
    expect(modes()).toEqual([false, false, false, false, false]);
    (model.get(0) as Sequential).train();
    expect(modes()).toEqual([false, true, true, false, false]);
    expect(model.train(true)).toBe(model);
    expect(modes()).toEqual([true, true, true, true, true]);
  });
});

describe("Forward and backward", () => {
  describe.each([wasm, reference])("on $name", (backend) => {
    beforeAll(() => void setBackend(backend));
    afterAll(() => void setBackend(wasm));

    it("walk the layers forth and back", () => {
      const model = new Sequential(new Linear(2, 2, { bias: false }), new ReLU(), new Linear(2, 1, { bias: false }));
      model.loadStateDict({
        "0.weight": new Tensor([
          [1, 2],
          [3, -4],
        ]),
        "2.weight": new Tensor([[5, 6]]),
      });
      // [1, 1] -> [3, -1] -> [3, 0] -> 15
      expect(model.forward(new Tensor([[1, 1]])).toArray()).toEqual([[15]]);
      expect(model.backward(new Tensor([[2]])).toArray()).toEqual([[10, 20]]);
      expect(model.parameters().map(({ grad }) => grad.toArray())).toEqual([
        [
          [10, 10],
          [0, 0],
        ],
        [[6, 0]],
      ]);
    });
  });

  it("of an empty model are the identity", () => {
    const model = new Sequential();
    expect(model.forward(new Tensor([1, 2])).toArray()).toEqual([1, 2]);
    expect(model.backward(new Tensor([3, 4])).toArray()).toEqual([3, 4]);
    expect(model.outputShape([3, 4])).toEqual([3, 4]);
  });

  it("give no input gradient with { inputGrad: false }, and the same gradients of the parameters", () => {
    const grads = (options: object): unknown => {
      manualSeed(1);
      const model = small();
      const x = randn([2, 1, 6, 6]);
      const dx = model.backward(model.forward(x), options) as Tensor | undefined;
      return [dx?.shape, model.parameters().map(({ grad }) => grad.toArray())];
    };
    const [shape, expected] = grads({}) as [unknown, unknown];
    expect(shape).toEqual([2, 1, 6, 6]);
    expect(grads({ inputGrad: false })).toEqual([undefined, expected]);
  });

  it("pass { inputGrad: false } on to the first layer of a nested model only", () => {
    const spy = vi.spyOn(Conv2d.prototype, "backward");
    const model = new Sequential(new Sequential(new Conv2d(1, 2, 1), new Conv2d(2, 2, 1)), new Conv2d(2, 1, 1));
    model.forward(ones([1, 1, 2, 2]));
    model.backward(ones([1, 1, 2, 2]), { inputGrad: false });
    expect(spy.mock.results.map(({ value }) => value !== undefined)).toEqual([true, true, false]);
  });

  it("want a forward before each backward, and only one backward after it", () => {
    const model = small();
    const missing =
      "Sequential.backward: expected a forward before it, got none (call forward first; predict saves nothing).";
    throwsExactly(() => model.backward(ones([1, 3])), StateError, missing);
    model.predict(ones([1, 1, 6, 6]));
    throwsExactly(() => model.backward(ones([1, 3])), StateError, missing);
    model.forward(ones([1, 1, 6, 6]));
    model.backward(ones([1, 3]));
    throwsExactly(
      () => model.backward(ones([1, 3])),
      StateError,
      "Sequential.backward: expected one backward for each forward, got a second one (call forward again first).",
    );
  });

  it("never mix a failed forward with the one before it", () => {
    let fails = false;
    const model = new Sequential(new Linear(2, 2), {
      forward: (x: Tensor) => {
        if (fails) throw new Error("out of luck");
        return x;
      },
      backward: (dy: Tensor) => dy,
    });
    model.forward(ones([1, 2]));
    fails = true;
    expect(() => model.forward(multiply(ones([1, 2]), 5))).toThrow("out of luck");
    // The first layer has saved the second input: no gradient may come of it.
    expect(() => model.backward(ones([1, 2]))).toThrow(StateError);
    expect((model.get(0) as Linear).weight.grad.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("save in eval mode too", () => {
    const model = small().eval();
    model.forward(ones([1, 1, 6, 6]));
    expect(model.backward(ones([1, 3])).shape).toEqual([1, 1, 6, 6]);
  });

  it("add gradients up over several passes, until zeroGrad", () => {
    manualSeed(2);
    const model = small();
    const x = randn([2, 1, 6, 6]);
    const pass = (): number[] => {
      model.backward(model.forward(x));
      return Array.from(model.parameters()[0].grad.data);
    };
    const once = pass();
    expect(pass()).toEqual(once.map((value) => value * 2));
    model.zeroGrad();
    expect(model.parameters().every(({ grad }) => grad.data.every((value) => value === 0))).toBe(true);
    expect(pass()).toEqual(once);
  });
});

describe("predict", () => {
  it("is forward in eval mode and leaves the mode of every layer as it was", () => {
    manualSeed(3);
    const model = lesson4();
    const x = randn([2, 1, 28, 28]);
    (model.get(9) as Dropout).eval();
    const predicted = model.predict(x).toArray();
    expect([...model.layers()].map((layer) => layer.training)).toEqual([...Array(10).fill(true), false, true]);
    expect(model.eval().forward(x).toArray()).toEqual(predicted);
  });

  it("between a forward and its backward changes nothing, in nested models and in a user's own layers too", () => {
    const run = (between: (model: Sequential) => void): unknown => {
      manualSeed(4);
      const model = new Sequential(
        new Scale(3),
        new Sequential(new Conv2d(1, 2, 3), new ReLU(), new AvgPool2d(2), new Dropout2d(0.5)),
        new Residual(new Sequential(new Sigmoid(), new Tanh())),
        ...[new MaxPool2d(2), new Flatten(), new Linear(2, 3), new Dropout(0.4), new LogSoftmax()],
      );
      model.forward(randn([2, 1, 6, 6]));
      between(model);
      const dx = model.backward(ones([2, 3])).toArray();
      return [dx, model.parameters().map(({ grad }) => grad.toArray())];
    };
    const alone = run(() => undefined);
    expect(run((model) => model.predict(multiply(ones([5, 1, 6, 6]), 7)))).toEqual(alone);
    expect(run((model) => model.summary([1, 6, 6]))).toEqual(alone);
  });

  it("leaves modes as they were when a layer fails", () => {
    const model = new Sequential(new Dropout(0.5), new Residual(new Linear(2, 2)));
    expect(() => model.predict(ones([1, 3]))).toThrow(ShapeError);
    expect([...model.layers()].every((layer) => layer.training)).toBe(true);
    expect(model.forward(ones([1, 2])).shape).toEqual([1, 2]);
    expect(model.backward(ones([1, 2])).shape).toEqual([1, 2]);
  });

  describe.each([wasm, reference])("on $name", (backend) => {
    beforeAll(() => void setBackend(backend));
    afterAll(() => void setBackend(wasm));

    it.each<[string, number[], () => Layer]>([
      ["Conv2d", [3, 9, 11], () => new Conv2d(3, 5, 3, { stride: 2, padding: 1 })],
      [
        "Conv2d with groups and dilation",
        [4, 8, 9],
        () => new Conv2d(4, 8, 3, { groups: 2, dilation: 2, padding: "same" }),
      ],
      ["Conv2d with reflected padding", [2, 7, 7], () => new Conv2d(2, 3, 5, { padding: 2, paddingMode: "reflect" })],
      ["Conv2d, one by one", [9, 1, 1], () => new Conv2d(9, 17, 1)],
      ["MaxPool2d", [3, 7, 9], () => new MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true })],
      ["AvgPool2d", [3, 7, 9], () => new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true })],
      ["Linear", [13], () => new Linear(13, 7)],
      ["Linear with many inputs", [333], () => new Linear(333, 10)],
      ["Linear with one output", [9], () => new Linear(9, 1)],
      ["Sigmoid", [5], () => new Sigmoid()],
      ["Tanh", [5], () => new Tanh()],
      ["Softmax", [10], () => new Softmax()],
      ["Softmax over channels", [3, 2, 3], () => new Softmax()],
      ["LogSoftmax", [11], () => new LogSoftmax()],
      ["a small CNN", [1, 6, 6], small],
      ["lesson 4's network", [1, 28, 28], lesson4],
    ])("of row i equals predict of row i alone, bit for bit: %s", (_, shape, make) => {
      manualSeed(5);
      const layer = make();
      const heavy = backend.name === "reference" && shape[1] === 28;
      for (const n of heavy ? [2] : [2, 3, 5, 8, 9]) {
        const x = randn([n, ...shape]);
        const together = layer.predict(x);
        for (let i = 0; i < n; i++) {
          expect(layer.predict(x.slice([i, i + 1])).toArray()).toEqual(together.slice([i, i + 1]).toArray());
        }
      }
    });
  });
});

describe("An array that the caller holds", () => {
  it("never changes by a later call", () => {
    manualSeed(6);
    const model = new Sequential(
      ...[new Conv2d(1, 4, 3), new ReLU(), new MaxPool2d(2), new Conv2d(4, 4, 3, { padding: "same" }), new Tanh()],
      ...[new AvgPool2d(2), new Dropout2d(0.2), new Flatten(), new Linear(36, 8), new Sigmoid(), new Dropout(0.3)],
      new Linear(8, 5),
    );
    const loss = new CrossEntropy();
    const optimizer = new Adam(model.parameters(), { lr: 0.1 });
    const held: [what: string, tensor: Tensor, copy: number[]][] = [];
    const hold = (what: string, tensor: Tensor): Tensor => {
      held.push([what, tensor, Array.from(tensor.data)]);
      return tensor;
    };
    const mine = new Parameter(hold("a parameter's source", randn([3])));
    new Adam([mine]).step();
    for (let step = 0; step < 4; step++) {
      const n = step === 2 ? 7 : 3; // another size, which makes memory grow or move
      const x = hold("x", randn([n, 1, 14, 14]));
      const y = hold("y", model.forward(x));
      hold("predicted", model.predict(x));
      hold("one layer's output", model.get(0).predict(x));
      loss.forward(y, new Int32Array(n).fill(step));
      const dlogits = hold("dlogits", loss.backward());
      optimizer.zeroGrad();
      hold("dx", model.backward(dlogits));
      optimizer.step();
      mine.accumulate(hold("a gradient", randn([3])));
    }
    model.loadStateDict(
      Object.fromEntries(Object.entries(model.stateDict()).map(([name, t]) => [name, hold(name, t.clone())])),
    );
    model.forward(randn([64, 1, 14, 14]));
    model.zeroGrad();
    optimizer.step();
    expect(held.length).toBe(4 * 7 + 1 + 8);
    for (const [what, { data }, copy] of held) expect(Array.from(data), what).toEqual(copy);
  });
});

describe("Models that work by turns", () => {
  /** A model of drawn layers for images [1, 8, 8], with blocks and nested models among them. */
  function drawn(generator: Generator): Sequential {
    const layers: Layer[] = [];
    let [channels, size] = [1, 8];
    for (let i = 1 + generator.integer(6); i > 0; i--) {
      const kind = generator.integer(7);
      if (kind === 0) layers.push(new Conv2d(channels, (channels = 1 + generator.integer(5)), 3, { padding: "same" }));
      else if (kind === 1) layers.push(new ReLU(), new Dropout2d(0.3));
      else if (kind === 2 && size > 2) layers.push(new MaxPool2d(2));
      else if (kind === 3 && size > 2) layers.push(new AvgPool2d(2));
      else if (kind === 4) layers.push(new Residual(new Sequential(new Conv2d(channels, channels, 1), new Tanh())));
      else if (kind === 5) layers.push(new Sequential(new Sigmoid(), new Sequential(new Dropout(0.3))));
      else layers.push(new Scale(0.5));
      if ((kind === 2 || kind === 3) && size > 2) size /= 2;
    }
    return new Sequential(...layers, new Flatten(), new Linear(channels * size * size, 3));
  }

  /** Forwards, predictions, backwards and steps of three models in drawn order; the numbers that each gave. */
  function play(seed: number, plays: (model: number) => boolean): number[][] {
    manualSeed(seed);
    const generator = new Generator("draw", { seed });
    const models = [0, 1, 2].map(() => drawn(generator));
    const optimizers = models.map((model) => new Adam(model.parameters(), { lr: 0.01 }));
    const numbers: number[][] = [[], [], []];
    const pending: (Tensor | undefined)[] = [];
    for (let turn = 0; turn < 30; turn++) {
      const [which, act, n] = [generator.integer(3), generator.integer(4), 1 + generator.integer(3)];
      const x = new Tensor(new Float32Array(n * 64), [n, 1, 8, 8]);
      fillNormal(generator, x.data, 0, 1);
      if (!plays(which)) continue;
      const model = models[which];
      if (act === 0) numbers[which].push(...model.predict(x).data);
      else if (act === 1) numbers[which].push(...(pending[which] = model.forward(x)).data);
      else if (act === 2 && pending[which] !== undefined) {
        numbers[which].push(...model.backward(pending[which]).data);
        pending[which] = undefined;
      } else if (act === 3) {
        optimizers[which].step();
        optimizers[which].zeroGrad();
      }
    }
    return numbers;
  }

  it("give the same bits as each alone: no model's memory is another's", () => {
    for (let seed = 0; seed < 30; seed++) {
      const together = play(seed, () => true);
      for (const model of [0, 1, 2]) {
        expect(play(seed, (other) => other === model)[model], `seed ${seed}, model ${model}`).toEqual(together[model]);
      }
    }
  });
});

describe("outputShape and summary", () => {
  it("name the layer that does not fit, before any data is there", () => {
    const fill = vi.spyOn(Generator.prototype, "fillUniform");
    const model = new Sequential(
      ["features", new Sequential(new Conv2d(1, 4, 3), new ReLU())],
      new Flatten(),
      new Linear(9, 2),
    );
    expect(() => model.outputShape([1, 1, 8, 8])).toThrow(
      "2 Linear: expected input [N, 9], got [1, 144] (the weight is [2, 9]).",
    );
    throwsExactly(
      () => model.summary([3, 8, 8]),
      ShapeError,
      "features.0 Conv2d: expected input [N, 1, H, W], got [1, 3, 8, 8] (channels are axis 1; for NHWC data use " +
        "nhwcToNchw).",
    );
    throwsExactly(
      () => model.outputShape([1, 1, 2, 2]),
      ShapeError,
      "features.0 Conv2d: expected a padded image of at least [3, 3] (the kernel's extent), got [2, 2] (add " +
        "padding, or use a " +
        "smaller kernel).",
    );
    expect(new Sequential(model.get(0)).outputShape([2, 1, 8, 8])).toEqual([2, 4, 6, 6]);
    expect(fill).not.toHaveBeenCalled();
  });

  it("give lesson 4's table, in which a Flatten has no number", () => {
    expect(String(lesson4().summary([1, 28, 28]))).toBe(
      [
        "---------------------------------------",
        "Layer (type)  Output shape      Param #",
        "---------------------------------------",
        "Conv2d-1      [-1, 16, 26, 26]      160",
        "ReLU-2        [-1, 16, 26, 26]        0",
        "MaxPool2d-3   [-1, 16, 14, 14]        0",
        "Conv2d-4      [-1, 32, 12, 12]    4,640",
        "ReLU-5        [-1, 32, 12, 12]        0",
        "MaxPool2d-6   [-1, 32, 7, 7]          0",
        "Flatten       [-1, 1568]              0",
        "Linear-7      [-1, 32]           50,208",
        "ReLU-8        [-1, 32]                0",
        "Dropout-9     [-1, 32]                0",
        "Linear-10     [-1, 10]              330",
        "---------------------------------------",
        "Total params: 55,338",
        "Input size: 0.00 MB (3.06 kB)",
        "Forward/backward pass size: 0.27 MB",
        "Params size: 0.21 MB",
        "Estimated total size: 0.49 MB",
      ].join("\n"),
    );
  });

  it("mark a last Softmax, and no other", () => {
    const lines = (model: Sequential): string[] => String(model.summary([1, 28, 28])).split("\n");
    const mark = "<- returns probabilities; CrossEntropy wants logits";
    expect(lines(lesson4(new Softmax()))[14]).toBe(`Softmax-11    [-1, 10]                0  ${mark}`);
    expect(lines(lesson4(new Softmax(), new ReLU())).some((line) => line.includes("<-"))).toBe(false);
    expect(lines(lesson4(new LogSoftmax())).some((line) => line.includes("<-"))).toBe(false);
    // Also at the end of a nested model.
    expect(lines(new Sequential(lesson4(new Softmax())))[14]).toContain(mark);
  });

  it("give the rows as data: path, shape and parameters, a shared parameter where it stands first", () => {
    const first = new Linear(4, 4);
    const second = new Linear(4, 4);
    (second as { weight: Parameter }).weight = first.weight;
    const model = new Sequential(["a", first], ["b", new Sequential(second, new Residual(new Linear(4, 4)))]);
    const { rows, totalParameters, inputBytes, parameterBytes, passBytes } = model.summary([4]);
    expect(rows.map(({ name, path, outputShape, parameters }) => [name, path, outputShape, parameters])).toEqual([
      ["Linear-1", "a", [4], 20],
      ["Linear-2", "b.0", [4], 4],
      ["Residual-3", "b.1", [4], 20],
    ]);
    expect([totalParameters, inputBytes, parameterBytes, passBytes]).toEqual([44, 16, 176, 2 * 4 * 12]);
  });

  it("build and count VGG-16 without allocating its weights", () => {
    const fill = vi.spyOn(Generator.prototype, "fillUniform");
    const [memory, kernels] = [process.memoryUsage(), backendInfo().memoryBytes];
    const widths = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];
    let channels = 3;
    const features = widths.flatMap((width): Layer[] => {
      if (width === 0) return [new MaxPool2d(2)];
      const conv = new Conv2d(channels, width, 3, { padding: 1 });
      channels = width;
      return [conv, new ReLU()];
    });
    const model = new Sequential(
      ["features", new Sequential(...features)],
      ["flatten", new Flatten()],
      [
        "classifier",
        new Sequential(
          ...[
            new Linear(512 * 7 * 7, 4096),
            new ReLU(),
            new Dropout(),
            new Linear(4096, 4096),
            new ReLU(),
            new Dropout(),
          ],
          new Linear(4096, 1000),
        ),
      ],
    );
    expect(model.outputShape([1, 3, 224, 224])).toEqual([1, 1000]);
    expect(model.summary([3, 224, 224]).totalParameters).toBe(138_357_544);
    expect(model.parameters().reduce((total, { size }) => total + size, 0)).toBe(138_357_544);
    expect(model.namedParameters()[26][0]).toBe("classifier.0.weight");
    const adam = new Adam(model.parameters());
    adam.zeroGrad();
    adam.step();
    expect(fill).not.toHaveBeenCalled();
    // The weights would be 528 MiB.
    const after = process.memoryUsage();
    expect(after.arrayBuffers - memory.arrayBuffers).toBeLessThan(8 * 1024 * 1024);
    expect(backendInfo().memoryBytes).toBe(kernels);
  });
});

describe("State dicts", () => {
  it("hold parameters and buffers under PyTorch's names, live", () => {
    const model = new Sequential(["features", small()], ["scale", new Scale(2)]);
    const state = model.stateDict();
    expect(Object.entries(state).map(([name, { shape }]) => [name, shape])).toEqual([
      ["features.features.0.weight", [2, 1, 3, 3]],
      ["features.features.0.bias", [2]],
      ["features.head.weight", [3, 8]],
      ["features.head.bias", [3]],
      ["scale.scale", [1]],
      ["scale.count", [1]],
    ]);
    expect(model.namedParameters().map(([name]) => name)).not.toContain("scale.count");
    model.forward(ones([1, 1, 6, 6]));
    model.predict(ones([1, 1, 6, 6]));
    expect(state["scale.count"].toArray()).toEqual([1]);
    expect(state["features.head.bias"]).toBe(((model.get(0) as Sequential).get("head") as Linear).bias!.value);
  });

  it("hold a shared parameter under each of its names, and parameters() has it once", () => {
    const model = new Sequential(new Linear(2, 2), new Linear(2, 2));
    (model.get(1) as { weight?: Parameter }).weight = (model.get(0) as Linear).weight;
    expect(Object.keys(model.stateDict())).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
    expect(model.namedParameters().map(([name]) => name)).toEqual(["0.weight", "0.bias", "1.bias"]);
    // Its gradient is the sum of both places'.
    model.forward(ones([1, 2]));
    model.backward(ones([1, 2]));
    const optimizer = new Adam(model.parameters());
    expect(optimizer.parameters.length).toBe(3);
  });

  it("load into another model, which then computes the same", () => {
    manualSeed(7);
    const [a, b] = [small(), small()];
    const x = randn([2, 1, 6, 6]);
    expect(b.predict(x).toArray()).not.toEqual(a.predict(x).toArray());
    expect(b.loadStateDict(a.stateDict())).toEqual({ missing: [], unexpected: [], mismatched: [] });
    expect(b.predict(x).toArray()).toEqual(a.predict(x).toArray());
    // It copies: training b leaves a alone.
    (b.get("head") as Linear).weight.value.data.fill(0);
    expect((a.get("head") as Linear).weight.value.data.some((value) => value !== 0)).toBe(true);
  });

  it("load into buffers", () => {
    const layer = new Scale(2);
    layer.loadStateDict({ scale: new Tensor([5]), count: new Tensor([41]) });
    expect(layer.forward(new Tensor([2])).toArray()).toEqual([10]);
    expect(layer.stateDict().count.toArray()).toEqual([42]);
  });

  it("draws nothing for what it overwrites, and leaves the draws of the other parameters alone", () => {
    const drawn: string[] = [];
    const initializer =
      (name: string): Initializer =>
      (tensor, generator) => {
        drawn.push(name);
        generator.fillUniform(tensor.data, 0, 1);
      };
    class Pair extends Layer {
      first = new Parameter([2], initializer("first"));
      second = new Parameter([2], initializer("second"));
      forward = (x: Tensor): Tensor => x;
      backward = (dy: Tensor): Tensor => dy;
    }
    manualSeed(3);
    const expected = new Pair().second.value.toArray();
    manualSeed(3);
    const layer = new Pair();
    drawn.length = 0;
    layer.loadStateDict({ first: new Tensor([5, 6]) }, { strict: false });
    expect(drawn).toEqual([]);
    expect(layer.first.value.toArray()).toEqual([5, 6]);
    expect(layer.second.value.toArray()).toEqual(expected);
    expect(drawn).toEqual(["second"]);
    const held = layer.first.value.data; // live: sees the next load
    layer.loadStateDict({ first: new Tensor([7, 8]), second: new Tensor([9, 10]) });
    expect([...held]).toEqual([7, 8]);
    expect(layer.first.initialize(initializer("again")).value.toArray()).not.toEqual([7, 8]);
  });

  it("change nothing after an error", () => {
    manualSeed(8);
    const model = small();
    const before = Object.values(model.stateDict()).map((tensor) => tensor.toArray());
    const entries = (): Record<string, Tensor> =>
      Object.fromEntries(Object.entries(model.stateDict()).map(([name, { shape }]) => [name, ones(shape)]));
    const missing = Object.fromEntries(Object.entries(entries()).filter(([name]) => name !== "head.bias"));
    const attempts: [Record<string, unknown>, string, new (...args: never[]) => Error][] = [
      [
        missing,
        "Sequential.loadStateDict: expected the model's 4 names, got 1 missing (head.bias) (load with { strict: " +
          "false } to " +
          "take what fits).",
        ArgumentError,
      ],
      [
        { ...entries(), "head.bais": ones([3]) },
        "Sequential.loadStateDict: expected the model's 4 names, got 1 unexpected (head.bais, did you mean " +
          '"head.bias"?) ' +
          "(load with { strict: false } to take what fits).",
        ArgumentError,
      ],
      [
        { ...entries(), "head.bias": ones([4]) },
        'Sequential.loadStateDict: expected "head.bias" of shape [3], got [4] (load with { strict: false } to ' +
          "take what fits).",
        ShapeError,
      ],
      [
        { ...entries(), "head.bias": [1, 2, 3] },
        'Sequential.loadStateDict: expected "head.bias" to be a Tensor, got [1, 2, 3].',
        ArgumentError,
      ],
    ];
    for (const [state, message, type] of attempts) {
      throwsExactly(() => model.loadStateDict(state as never), type, message);
      expect(Object.values(model.stateDict()).map((tensor) => tensor.toArray())).toEqual(before);
    }
  });

  it("load what fits with { strict: false } and report the rest", () => {
    const model = small();
    const old = (model.get("head") as Linear).weight.value.toArray();
    const report = model.loadStateDict(
      { "features.0.bias": new Tensor([7, 8]), "head.weight": ones([4, 8]), "tail.weight": ones([2]) },
      { strict: false },
    );
    expect(report).toEqual({
      missing: ["features.0.weight", "head.bias"],
      unexpected: ["tail.weight"],
      mismatched: ["head.weight"],
    });
    expect(model.stateDict()["features.0.bias"].toArray()).toEqual([7, 8]);
    expect(model.stateDict()["head.weight"].toArray()).toEqual(old);
  });
});

describe("Layers of other origin", () => {
  it("a plain object with forward and backward stands in a model, called through to", () => {
    const plain = timesTwo();
    const model = new Sequential(new Scale(3), plain, ["again", timesTwo()]);
    expect(model.forward(new Tensor([1, 2])).toArray()).toEqual([12, 24]);
    expect(model.backward(new Tensor([1, 1])).toArray()).toEqual([12, 12]);
    expect(plain.calls).toEqual(["forward", "backward"]);
    expect(model.parameters().length).toBe(1);
    expect(model.outputShape([5])).toEqual([5]);
    expect(model.summary([5]).rows.map(({ name }) => name)).toEqual(["Scale-1", "Layer-2", "Layer-3"]);
  });

  it("a class with forward and backward keeps its name", () => {
    class Shift {
      forward(x: Tensor): Tensor {
        return add(x, 1);
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    const model = new Sequential(new Shift());
    expect(model.describe()).toBe("Sequential(0: Shift())");
    expect(model.predict(new Tensor([1])).toArray()).toEqual([2]);
  });

  it("a plain object's backward after a predict is refused, because its forward has run again", () => {
    const message =
      "0 Layer.backward: expected no predict between forward and backward, got one that ran the object's forward " +
      "(give it " +
      "a predict function, or extend Layer).";
    const model = new Sequential(timesTwo());
    model.forward(new Tensor([1]));
    model.predict(new Tensor([2]));
    throwsExactly(() => model.backward(new Tensor([1])), StateError, message);
    // Also when the predict comes through a block around it.
    const block = new Residual(new Sequential(timesTwo()));
    block.forward(new Tensor([1]));
    block.predict(new Tensor([2]));
    throwsExactly(() => block.backward(new Tensor([1])), StateError, message);
    // A new forward makes it good.
    block.forward(new Tensor([1]));
    expect(block.backward(new Tensor([1])).toArray()).toEqual([3]);
  });

  it("a plain object with a predict of its own is predicted by it, also inside a block", () => {
    const plain = { ...timesTwo(), predict: (x: Tensor) => multiply(x, 100) };
    const block = new Residual(new Sequential(plain));
    block.forward(new Tensor([1]));
    expect(block.predict(new Tensor([1])).toArray()).toEqual([101]);
    expect(block.backward(new Tensor([1])).toArray()).toEqual([3]);
  });

  it("a layer of a user's own trains: its parameter gets a gradient and has a name", () => {
    const model = new Sequential(["scale", new Scale(2)], ["block", new Residual(new Linear(2, 2))]);
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      ...["scale.scale", "block.inner.weight", "block.inner.bias"],
    ]);
    (model.get(1) as Residual).inner.parameters().forEach((parameter) => parameter.initialize(zerosInit()));
    expect(model.forward(new Tensor([[1, 3]])).toArray()).toEqual([[2, 6]]);
    expect(model.backward(new Tensor([[10, 100]])).toArray()).toEqual([[20, 200]]);
    expect((model.get(0) as Scale).scale.grad.toArray()).toEqual([310]);
  });

  it("a layer without outputShape is asked by predicting zeros, which leaves its state alone", () => {
    const layer = new Scale(2);
    expect(layer.outputShape([2, 3])).toEqual([2, 3]);
    expect(layer.count.value.toArray()).toEqual([0]);
    class Mean extends Layer {
      forward(x: Tensor): Tensor {
        return mean(x, { dim: [2, 3] });
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    expect(new Sequential(new Conv2d(1, 5, 3), new Mean(), new Linear(5, 2)).outputShape([7, 1, 9, 9])).toEqual([7, 2]);
  });

  it("a layer that returns no tensor is named", () => {
    const broken = { forward: (x: Tensor) => x, backward: (_: Tensor) => undefined as unknown as Tensor };
    const model = new Sequential(new ReLU(), ["mine", broken]);
    model.forward(ones([2]));
    expect(() => model.backward(ones([2]))).toThrow(
      "mine Layer.backward: expected its result to be a Tensor, got undefined",
    );
    const silent = new Sequential({ forward: () => undefined as unknown as Tensor, backward: (dy: Tensor) => dy });
    expect(() => silent.forward(ones([2]))).toThrow(
      "0 Layer.forward: expected its result to be a Tensor, got undefined",
    );
  });
});
