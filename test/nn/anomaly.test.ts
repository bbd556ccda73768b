// detectAnomaly: the first layer, pass and place of a number that is not finite, by class, fields and whole text.
import { describe, expect, it } from "vitest";
import {
  Adam,
  AnomalyError,
  ArgumentError,
  Conv2d,
  CrossEntropy,
  Flatten,
  Layer,
  Linear,
  MaxPool2d,
  ReLU,
  SGD,
  Sequential,
  Tensor,
  detectAnomaly,
  log,
  manualSeed,
  multiply,
  ones,
  randn,
  zeros,
} from "../../src/index.js";
import { throwsExactly } from "../support/errors.js";

class Log extends Layer<Tensor> {
  forward(x: Tensor): Tensor {
    this.save(x);
    return log(x);
  }
  backward(dy: Tensor): Tensor {
    const x = this.saved();
    return new Tensor(x.data.map((value, i) => dy.data[i] / value), x.shape); // prettier-ignore
  }
}

class Block extends Layer<null> {
  readonly first = new Linear(2, 2);
  readonly inner = new Sequential(["log", new Log()]);
  forward(x: Tensor): Tensor {
    this.save(null);
    return this.inner.forward(this.first.forward(x));
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    return this.first.backward(this.inner.backward(dy));
  }
}

function cnn(): Sequential {
  manualSeed(1);
  const features = new Sequential(["conv", new Conv2d(1, 2, 3)], ["relu", new ReLU()], ["pool", new MaxPool2d(2)]);
  return new Sequential(["features", features], ["flat", new Flatten()], ["head", new Linear(2 * 3 * 3, 3)]);
}

function caught(act: () => unknown): AnomalyError {
  try {
    act();
  } catch (error) {
    if (error instanceof AnomalyError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const images = (): Tensor => randn([40, 1, 8, 8], { seed: 1 });
const labels = Int32Array.from({ length: 40 }, (_, i) => i % 3);

describe("detectAnomaly finds", () => {
  it("a NaN in the data, with its place in the batch, also where a large prediction is cut", () => {
    const model = cnn();
    const x = images();
    x.data[64 * 35 + 10] = NaN;
    for (const pass of ["forward", "predict"] as const) {
      const error = caught(() => detectAnomaly(model, () => model[pass](x)));
      expect(error.message).toBe(
        `features.conv Conv2d.${pass}: expected finite inputs [40, 1, 8, 8], got NaN at [35, 0, 1, 2] (nothing before it in ` +
          `the model made it: look at the data).`,
      );
      expect([error.path, error.pass, error.what, error.index, error.value]).toEqual([
        ...["features.conv", pass, "inputs", [35, 0, 1, 2], NaN],
      ]);
    }
  });

  it("a parameter that is not finite", () => {
    const model = cnn();
    (model.get("head") as Linear).weight.value.data[20] = -Infinity;
    const error = caught(() => detectAnomaly(model, () => model.predict(images())));
    expect(error.message).toBe(
      "head Linear.predict: expected finite parameters [3, 18], got -Infinity at [1, 2] (in weight: a step or the program " +
        "wrote it).",
    );
    expect(error.parameter).toBe("weight");
  });

  it("an output beyond float32, where input and parameters are finite", () => {
    const model = new Sequential(new Linear(1, 2, { bias: false }), new ReLU());
    model.parameters()[0].value = new Tensor([1, 2e20], [2, 1]);
    throwsExactly(
      () => detectAnomaly(model, () => model.forward(new Tensor([[1e20]]))),
      AnomalyError,
      "0 Linear.forward: expected finite outputs [1, 2], got Infinity at [0, 1] (input and parameters are finite, the largest " +
        "|input| is 1.00e+20).",
    );
  });

  it("a gradient that arrives broken, one of the input, and one of a parameter", () => {
    const linear = new Linear(2, 1, { bias: false });
    linear.weight.value = new Tensor([3e38, 1], [1, 2]);
    const model = new Sequential(linear);
    const back = (x: number[], dy: number): AnomalyError =>
      caught(() =>
        detectAnomaly(model, () => {
          model.forward(new Tensor([x]));
          model.backward(new Tensor([[dy]]));
        }),
      );
    expect(back([0, 1], NaN).message).toBe(
      "0 Linear.backward: expected finite gradients dy [1, 1], got NaN at [0, 0] (no layer behind it made it: look at the " +
        "loss and what it is given).",
    );
    expect(back([0, 1], 10).message).toBe(
      "0 Linear.backward: expected finite gradients of its input [1, 2], got Infinity at [0, 0] (dy is finite, the largest " +
        "|dy| is 10.0).",
    );
    linear.weight.value = new Tensor([0, 0], [1, 2]);
    linear.zeroGrad();
    expect(back([0, 1e38], 10).message).toBe(
      "0 Linear.backward: expected finite gradients of its parameters [1, 2], got Infinity at [0, 1] (in that of weight; dy is " +
        "finite, the largest |dy| is 10.0).",
    );
    expect(back([0, 1], 1).message).toBe(
      "0 Linear.backward: expected finite gradients before it [1, 2], got Infinity at [0, 1] (in weight: left from an earlier " +
        "backward).",
    );
  });

  it("the layer inside a user's layer, in a model and alone", () => {
    const block = new Block();
    block.first.weight.value = new Tensor([1, 0, 0, 1], [2, 2]);
    block.first.bias!.value = zeros([2]);
    const model = new Sequential(new ReLU(), ["block", block]);
    const x = new Tensor([[1, 0]]);
    const text =
      "Log.forward: expected finite outputs [1, 2], got -Infinity at [0, 1] (input and parameters are finite, the ";
    expect(caught(() => detectAnomaly(model, () => model.forward(x))).message).toBe(
      `block.inner.log ${text}largest |input| is 1.00).`,
    );
    expect(caught(() => detectAnomaly(block, () => block.forward(x))).path).toBe("inner.log");
    expect(
      caught(() =>
        detectAnomaly(model, () => {
          model.forward(new Tensor([[1, 1e-38]]));
          return model.backward(new Tensor([[1, 10]]));
        }),
      ).message,
    ).toMatch(
      /^block\.inner\.log Log\.backward: expected finite gradients of its input \[1, 2\], got Infinity at \[0, 1\]/,
    );
  });

  it("an object with forward and backward", () => {
    const model = new Sequential({ forward: (x: Tensor) => multiply(x, 1e30), backward: (dy: Tensor) => dy });
    expect(caught(() => detectAnomaly(model, () => model.forward(multiply(ones([1]), 1e30)))).path).toBe("0");
  });

  it("a loss that is given or makes what is not finite", () => {
    const model = cnn();
    const loss = new CrossEntropy();
    throwsExactly(
      () => detectAnomaly(model, () => loss.forward(new Tensor([[1, NaN]]), [0])),
      AnomalyError,
      "CrossEntropy: expected finite logits [1, 2], got NaN at [0, 1] (no watched model made it).",
    );
    const infinite = new Tensor([[3e38, -3e38]]);
    expect(caught(() => detectAnomaly(model, () => loss.forward(infinite, [1]))).what).toBe("losses");
    expect(loss.forward(new Tensor([[1, NaN]]), [0])).toBeNaN(); // not watched
  });

  it.each([
    ["SGD", (model: Sequential) => new SGD(model.parameters(), { lr: 3e38 })],
    ["Adam", (model: Sequential) => new Adam(model.parameters(), { lr: 3e38, eps: 0 })],
  ])("the step of %s that breaks a parameter, by the parameter's name", (name, make) => {
    const model = new Sequential(["fc", new Linear(1, 1, { bias: false })]);
    model.parameters()[0].value = new Tensor([[-3e38]]);
    const optimizer = make(model);
    const error = caught(() =>
      detectAnomaly(model, () => {
        model.forward(ones([1, 1]));
        model.backward(multiply(ones([1, 1]), 2), { inputGrad: false });
        optimizer.step();
      }),
    );
    expect(error.message).toBe(
      `${name}.step: expected finite parameters [1, 1], got -Infinity at [0, 0] (in fc.weight, which this step made, the ` +
        `largest |gradient| is 2.00; try a smaller learning rate).`,
    );
    expect([error.pass, error.parameter]).toEqual(["step", "fc.weight"]);
  });

  it("a gradient that a step would use", () => {
    const model = new Sequential(new Linear(1, 1, { bias: false }));
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    model.parameters()[0].grad.data[0] = NaN;
    throwsExactly(
      () => detectAnomaly(model, () => optimizer.step()),
      AnomalyError,
      "SGD.step: expected finite gradients [1, 1], got NaN at [0, 0] (in that of 0.weight).",
    );
  });
});

describe("detectAnomaly", () => {
  const train = (model: Sequential): Tensor => {
    const [loss, optimizer] = [new CrossEntropy(), new Adam(model.parameters(), { lr: 0.01 })];
    for (let step = 0; step < 3; step++) {
      loss.forward(model.forward(images()), labels);
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    return model.predict(images());
  };

  it("changes no bit of a run, and returns what it ran", () => {
    const [model, watched] = [cnn(), cnn()];
    expect(detectAnomaly(watched, () => train(watched)).data).toEqual(train(model).data);
  });

  it("leaves nothing behind, also after an error, nested, or with functions that the layer itself has", () => {
    const model = cnn();
    const own = (x: Tensor): Tensor => x;
    const relu = (model.get("features") as Sequential).get("relu");
    Object.defineProperty(relu, "forward", { value: own, configurable: true, enumerable: true, writable: true });
    expect(() => detectAnomaly(model, () => detectAnomaly(model, () => model.forward(zeros([1]))))).toThrow("Conv2d");
    expect(relu.forward).toBe(own);
    const bad = multiply(ones([1, 1, 8, 8]), Infinity);
    detectAnomaly(model, () => {
      expect(() => detectAnomaly(model, () => model.forward(bad))).toThrow(AnomalyError);
      expect(() => model.forward(bad)).toThrow(AnomalyError); // the outer one goes on
    });
    for (const layer of model.layers()) expect(Object.getOwnPropertyNames(layer)).not.toContain("backward");
    model.forward(bad);
  });

  it("watches a Promise until it settles", async () => {
    const model = cnn();
    const bad = multiply(ones([1, 1, 8, 8]), NaN);
    const late = async (): Promise<void> => {
      await Promise.resolve();
      model.forward(bad);
    };
    await expect(detectAnomaly(model, late)).rejects.toThrow(AnomalyError);
    model.forward(bad);
    await expect(detectAnomaly(model, async () => Promise.resolve(7))).resolves.toBe(7);
  });

  it("is asked for with a model and a function", () => {
    throwsExactly(
      () => detectAnomaly(true as never, () => 1),
      ArgumentError,
      "detectAnomaly: expected a model, got true (detectAnomaly(model, () => { ... }) watches it meanwhile).",
    );
    throwsExactly(
      () => detectAnomaly(cnn(), true as never),
      ArgumentError,
      "detectAnomaly: expected a function that runs the model, got true.",
    );
  });
});

describe("Layers where no walk finds them", () => {
  const text = (who: string, name: string): string =>
    `${who}: expected layers and parameters as fields of their own, got some inside ${name}, where they are not found (for ` +
    `layers: ${name} = new Sequential(...layers), which can be looped over; it names them ${name}.0, ${name}.1 as PyTorch's ` +
    `ModuleList).`;
  class Deep extends Layer<null> {
    constructor(readonly blocks: unknown) {
      super();
    }
    forward(x: Tensor): Tensor {
      return x;
    }
    backward(dy: Tensor): Tensor {
      return dy;
    }
  }

  it.each<[string, unknown]>([
    ["a list", [new Linear(1, 1)]],
    ["a list of names and layers", [["a", new Linear(1, 1)]]],
    ["an object", { a: new Linear(1, 1) }],
    ["a Map", new Map([["a", new Linear(1, 1)]])],
    ["a list of parameters", new Linear(1, 1).parameters()],
  ])("are refused in %s: by the model, by the optimizer's list, by the state dict", (_, blocks) => {
    const deep = new Deep(blocks);
    for (const act of [
      () => new Sequential(deep),
      () => deep.parameters(),
      () => deep.stateDict(),
      () => deep.eval(),
    ]) {
      throwsExactly(act, ArgumentError, text("Deep", "blocks"));
    }
  });

  it.each<[unknown]>([[[1, 2]], [[[1, 2]]], [null], [{ a: 1 }], [new Float32Array(3)], [new Set([1])], [[null]]])(
    "are not seen in %j",
    (blocks) => {
      expect(new Deep(blocks).parameters()).toEqual([]);
    },
  );

  it("are refused in an object with forward and backward", () => {
    const plain = { conv: new Linear(1, 1), forward: (x: Tensor) => x, backward: (x: Tensor) => x };
    throwsExactly(
      () => new Sequential(plain),
      ArgumentError,
      "Layer: expected an object without parameters, got a layer or parameter in conv, where it is not found (make it a class " +
        "that extends Layer).",
    );
  });
});
