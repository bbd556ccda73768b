// The gradient check: it accepts every layer, model and loss of this library in float64, it rejects gradients that
// are wrong in any of the usual ways, and it leaves everything as it was.
import { describe, expect, it } from "vitest";
import { reference } from "../../src/backend/reference/backend.js";
import { backendInfo, setBackend } from "../../src/backend/select.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { ones, randn, zeros } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { gradCheck } from "../../src/gradcheck/gradCheck.js";
import { CrossEntropy, type ClassTarget, type CrossEntropyOptions } from "../../src/loss/crossEntropy.js";
import { AvgPool2d } from "../../src/nn/pool/avgpool2d.js";
import { Conv2d, type Conv2dLayerOptions } from "../../src/nn/conv/conv2d.js";
import { Dropout } from "../../src/nn/dropout/dropout.js";
import { Dropout2d } from "../../src/nn/dropout/dropout2d.js";
import { Flatten } from "../../src/nn/shape/flatten.js";
import { Layer, type BackwardOptions } from "../../src/nn/layer.js";
import { StateBuffer } from "../../src/nn/stateBuffer.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { LogSoftmax } from "../../src/nn/activation/logsoftmax.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { Parameter } from "../../src/nn/parameter.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { Sigmoid } from "../../src/nn/activation/sigmoid.js";
import { Softmax } from "../../src/nn/activation/softmax.js";
import { Tanh } from "../../src/nn/activation/tanh.js";
import { add, multiply } from "../../src/ops/arithmetic.js";
import { mean } from "../../src/ops/reduce.js";
import { manualSeed } from "../../src/numbers/random.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

/** Fails with the report's text; float64 and its tolerances are taken for granted. */
function expectAgrees(target: Parameters<typeof gradCheck>[0], input: Tensor, target2?: ClassTarget): void {
  const report = gradCheck(target, input, target2 === undefined ? {} : { target: target2 });
  expect(String(report)).toMatch(/^gradCheck .*: \d+ gradients agree, largest error/s);
  expect(report.ok).toBe(true);
  expect(report.float64).toBe(true);
  expect(report.checked).toBeGreaterThan(0);
  expect(report.maxError).toBeLessThan(1e-6);
}

describe("Every layer has the right gradients, in float64 on the reference", () => {
  const convolutions: [number, number, number | [number, number], Conv2dLayerOptions, number[]][] = [
    [1, 1, 1, {}, [1, 1, 1, 1]],
    [2, 3, 3, {}, [2, 2, 5, 4]],
    [2, 3, [3, 2], { stride: [2, 1], padding: [1, 2] }, [2, 2, 6, 5]],
    [2, 2, 2, { stride: 3, bias: false }, [1, 2, 7, 6]],
    [2, 2, 3, { dilation: [2, 1], stride: [1, 2], padding: [2, 0, 1, 1] }, [1, 2, 6, 6]],
    [4, 6, 3, { groups: 2, padding: "same" }, [1, 4, 4, 5]],
    [3, 3, [2, 3], { groups: 3, padding: "same", stride: 2 }, [2, 3, 5, 5]],
    [3, 6, 3, { groups: 3, padding: "valid" }, [1, 3, 4, 4]],
    [2, 2, 3, { padding: 2, paddingMode: "reflect", stride: 2 }, [1, 2, 4, 5]],
    [2, 2, [3, 2], { padding: [1, 3], paddingMode: "replicate", dilation: 2 }, [1, 2, 4, 4]],
    [2, 4, 3, { padding: [1, 2, 0, 3], paddingMode: "circular", groups: 2 }, [1, 2, 4, 5]],
    [1, 2, 4, { padding: "same", paddingMode: "reflect" }, [1, 1, 5, 6]],
  ];

  it.each(convolutions)("Conv2d(%d, %d, %j, %j) on %j", (inChannels, outChannels, kernelSize, options, shape) => {
    manualSeed(1);
    expectAgrees(new Conv2d(inChannels, outChannels, kernelSize, options), randn(shape));
  });

  it.each<[string, () => Layer, number[]]>([
    ["Linear", () => new Linear(5, 3), [4, 5]],
    ["Linear without a bias", () => new Linear(3, 7, { bias: false }), [1, 3]],
    ["ReLU", () => new ReLU(), [3, 4, 2]],
    ["Sigmoid", () => new Sigmoid(), [3, 7]],
    ["Tanh", () => new Tanh(), [3, 7]],
    ["Softmax", () => new Softmax(), [3, 6]],
    ["Softmax over an inner axis", () => new Softmax({ dim: 1 }), [2, 4, 3, 2]],
    ["Softmax over the last axis", () => new Softmax({ dim: -1 }), [2, 3, 4]],
    ["LogSoftmax", () => new LogSoftmax(), [3, 6]],
    ["LogSoftmax over the first axis", () => new LogSoftmax({ dim: 0 }), [5, 2]],
    ["MaxPool2d", () => new MaxPool2d(2), [2, 2, 4, 6]],
    ["MaxPool2d with overlap and padding", () => new MaxPool2d(3, { stride: 2, padding: 1 }), [2, 2, 6, 5]],
    [
      "MaxPool2d with dilation and ceilMode",
      () => new MaxPool2d([2, 3], { dilation: 2, ceilMode: true, stride: 2 }),
      [1, 2, 6, 8],
    ],
    ["AvgPool2d", () => new AvgPool2d([2, 3]), [2, 2, 4, 6]],
    ["AvgPool2d that counts padding", () => new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }), [1, 2, 6, 7]],
    [
      "AvgPool2d that does not",
      () => new AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
      [1, 2, 6, 7],
    ],
    ["AvgPool2d with its own divisor", () => new AvgPool2d(2, { stride: 1, divisorOverride: 3 }), [1, 2, 4, 4]],
    ["Flatten", () => new Flatten(), [2, 3, 2, 2]],
    ["Flatten of inner axes", () => new Flatten({ startDim: 1, endDim: 2 }), [2, 3, 2, 2]],
    ["Dropout", () => new Dropout(0.3), [6, 9]],
    ["Dropout that drops all", () => new Dropout(1), [6]],
    ["Dropout in eval mode", () => new Dropout(0.3).eval(), [6]],
    ["Dropout2d", () => new Dropout2d(0.4), [3, 5, 2, 2]],
  ])("%s", (_, make, shape) => {
    manualSeed(2);
    expectAgrees(make(), randn(shape));
  });
});

describe("Whole networks have the right gradients", () => {
  it.each<[string, () => Layer, number[]]>([
    [
      "lesson 1, smaller",
      () =>
        new Sequential(
          ...[new Conv2d(3, 4, 5), new ReLU(), new MaxPool2d(2), new Conv2d(4, 5, 3), new ReLU(), new MaxPool2d(2)],
          ...[new Flatten(), new Linear(5, 3)],
        ),
      [2, 3, 12, 12],
    ],
    [
      "lesson 2, smaller",
      () =>
        new Sequential(
          ...[new Conv2d(1, 3, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2), new Flatten()],
          ...[new Linear(27, 6), new ReLU(), new Linear(6, 4)],
        ),
      [2, 1, 6, 6],
    ],
    [
      "lesson 3, smaller, with its Dropout2d",
      () =>
        new Sequential(
          ...[new Conv2d(1, 4, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
          ...[new Conv2d(4, 4, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
          ...[new Flatten(), new Linear(16, 5), new ReLU(), new Linear(5, 3)],
        ),
      [2, 1, 8, 8],
    ],
    [
      "lesson 4, smaller, with its Dropout and a Softmax",
      () =>
        new Sequential(
          ...[new Conv2d(1, 3, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
          ...[new Conv2d(3, 4, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
          ...[new Flatten(), new Linear(16, 6), new ReLU(), new Dropout(0.3), new Linear(6, 4), new Softmax()],
        ),
      [2, 1, 9, 9],
    ],
    [
      "nested, with a shared weight",
      () => {
        const [first, second] = [new Linear(3, 3), new Linear(3, 3)];
        (second as { weight: Parameter }).weight = first.weight;
        return new Sequential(new Sequential(first, new Tanh()), second, new Sigmoid());
      },
      [2, 3],
    ],
  ])("%s", (_, make, shape) => {
    manualSeed(3);
    expectAgrees(make(), randn(shape));
  });
});

describe("CrossEntropy has the right gradient", () => {
  const labels = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 2 + 1) % 4);
  const weight = [0.5, 2, 1, 0];
  const cases: [string, CrossEntropyOptions, number[], ClassTarget][] = [
    ["indices", {}, [3, 4], labels(3)],
    ["sum of indices", { reduction: "sum" }, [3, 4], labels(3)],
    ["each of the indices", { reduction: "none" }, [3, 4], labels(3)],
    ["indices with weights and an ignored one", { weight, ignoreIndex: 3 }, [4, 4], labels(4)],
    ["indices with smoothing and weights", { labelSmoothing: 0.3, weight }, [3, 4], labels(3)],
    ["indices for images", { reduction: "none", labelSmoothing: 0.1 }, [2, 4, 2, 3], labels(12)],
    [
      "probabilities",
      {},
      [2, 4],
      new Tensor([
        [0.1, 0.2, 0.3, 0.4],
        [0, 0, 1, 0],
      ]),
    ],
    ["probabilities for images", { labelSmoothing: 0.2, weight }, [2, 4, 1, 2], randn([2, 4, 1, 2])],
    [
      "probabilities, each",
      { reduction: "none" },
      [2, 4],
      new Tensor([
        [0.7, 0.1, 0.1, 0.1],
        [0.25, 0.25, 0.25, 0.25],
      ]),
    ],
    ["probabilities, summed", { reduction: "sum" }, [1, 4], new Tensor([[0.7, 0.1, 0.1, 0.1]])],
  ];

  it.each(cases)("for %s", (_, options, shape, target) => {
    manualSeed(4);
    expectAgrees(new CrossEntropy(options as CrossEntropyOptions<"mean">), randn(shape), target);
  });
});

// ---- wrong gradients ------------------------------------------------------------------------------------------------

/** A correct layer, y = x * w + b for each number, whose backward can be spoiled. */
class Affine extends Layer<Tensor> {
  readonly weight = new Parameter(new Tensor([1.5]));
  readonly bias = new Parameter(new Tensor([0.5]));

  constructor(readonly spoil: (name: string, gradient: Tensor) => Tensor = (_, gradient) => gradient) {
    super();
  }

  forward(x: Tensor): Tensor {
    this.save(x);
    return add(multiply(x, this.weight.value), this.bias.value);
  }

  backward(dy: Tensor): Tensor {
    const x = this.saved();
    this.weight.accumulate(this.spoil("weight", total(multiply(x, dy))));
    this.bias.accumulate(this.spoil("bias", total(dy)));
    return this.spoil("input", multiply(dy, this.weight.value));
  }
}

function total(x: Tensor): Tensor {
  return multiply(mean(x), x.size).reshape([1]);
}

function spoiling(which: string, change: (data: Float32Array) => void): Affine {
  return new Affine((name, gradient) => {
    if (name === which) change(gradient.data);
    return gradient;
  });
}

const scaled =
  (factor: number) =>
  (data: Float32Array): void =>
    data.forEach((value, i) => (data[i] = value * factor));

describe("A wrong gradient is rejected, and the report says where", () => {
  manualSeed(5);
  const x = randn([3, 4]);

  it("while the same layer with the right one is accepted", () => {
    expectAgrees(new Affine(), x);
  });

  it.each<[string, string, Layer]>([
    ["an input gradient that is too large by 1 %", "input", spoiling("input", scaled(1.01))],
    ["an input gradient that is too large by 0.01 %", "input", spoiling("input", scaled(1.0001))],
    ["an input gradient of the wrong sign", "input", spoiling("input", scaled(-1))],
    ["an input gradient of zeros", "input", spoiling("input", scaled(0))],
    ["an input gradient that misses one number", "input", spoiling("input", (data) => (data[7] = 0))],
    ["an input gradient with one NaN", "input", spoiling("input", (data) => (data[7] = NaN))],
    ["an input gradient with one Infinity", "input", spoiling("input", (data) => (data[7] = Infinity))],
    ["a weight gradient that is too large by 1 %", "weight", spoiling("weight", scaled(1.01))],
    ["a weight gradient that is NaN", "weight", spoiling("weight", scaled(NaN))],
    ["a bias gradient that is a mean instead of a sum", "bias", spoiling("bias", scaled(1 / 12))],
    ["a bias gradient with a constant on top", "bias", spoiling("bias", (data) => (data[0] += 0.001))],
  ])("%s", (_, tensor, layer) => {
    const report = gradCheck(layer, x);
    expect(report.ok).toBe(false);
    expect(report.float64).toBe(true);
    expect(new Set(report.failures.map((failure) => failure.tensor))).toEqual(new Set([tensor]));
    expect(report.maxError).not.toBeLessThan(1e-7);
    expect(String(report)).toMatch(
      new RegExp(`gradients disagree, largest error .*\\n  ${tensor}\\[\\d+\\]: backward `),
    );
  });

  it("one number: its place, both gradients and the error", () => {
    const report = gradCheck(
      spoiling("input", (data) => (data[7] = 0)),
      x,
    );
    expect(report.failures.length).toBe(1);
    const [{ tensor, index, analytic, numeric, error }] = report.failures;
    expect([tensor, index, analytic]).toEqual(["input", 7, 0]);
    expect(Math.abs(numeric)).toBeGreaterThan(1e-3);
    expect(error).toBe(Math.abs(numeric));
    expect(report.maxError).toBe(error);
    expect(report.checked).toBe(12 + 2);
  });

  it("in a model: the parameter's path", () => {
    const model = new Sequential(new Tanh(), ["block", new Sequential(spoiling("bias", scaled(2)))]);
    expect(gradCheck(model, x).failures.map((failure) => failure.tensor)).toEqual(["block.0.bias"]);
  });

  it("a parameter that backward forgets", () => {
    class Forgetful extends Affine {
      override backward(dy: Tensor): Tensor {
        this.saved();
        return multiply(dy, this.weight.value);
      }
    }
    expect(gradCheck(new Forgetful(), x).failures.map(({ tensor }) => tensor)).toEqual(["weight", "bias"]);
  });

  it("a softmax gradient without its cross term", () => {
    class Wrong extends Softmax {
      #y: Tensor | undefined;
      override forward(x: Tensor): Tensor {
        this.#y = super.forward(x);
        return this.#y.clone();
      }
      override backward(dy: Tensor): Tensor {
        this.saved();
        return multiply(dy, this.#y!);
      }
    }
    expect(gradCheck(new Wrong(), x).ok).toBe(false);
  });

  it("a ReLU that lets everything through, however often the input is drawn anew", () => {
    class Wrong extends ReLU {
      override backward(dy: Tensor): Tensor {
        this.saved();
        return dy;
      }
    }
    expect(gradCheck(new Wrong(), x).ok).toBe(false);
    expect(gradCheck(new Wrong(), zeros([30])).ok).toBe(false);
  });

  it("a convolution whose gradient forgets the stride", () => {
    class Wrong extends Conv2d {
      override backward(dy: Tensor, options: BackwardOptions & { readonly inputGrad: false }): void;
      override backward(dy: Tensor, options?: BackwardOptions): Tensor;
      override backward(dy: Tensor): Tensor {
        const dx = super.backward(dy);
        return dx.permute([0, 1, 3, 2]);
      }
    }
    expect(gradCheck(new Wrong(1, 1, 2, { stride: 2 }), randn([1, 1, 4, 4])).failures[0].tensor).toBe("input");
  });

  it("a loss whose gradient is that of the sum", () => {
    class Wrong extends CrossEntropy {
      override backward(): Tensor {
        return multiply(super.backward(), 3);
      }
    }
    const report = gradCheck(new Wrong(), randn([3, 4]), { target: [0, 1, 2] });
    expect(report.ok).toBe(false);
    expect(String(report)).toMatch(/^gradCheck Wrong: 12 of 12 gradients disagree/);
  });

  it("and the report lists the first eight of many", () => {
    const text = String(gradCheck(spoiling("input", scaled(2)), x));
    expect(text.split("\n").length).toBe(10);
    expect(text).toMatch(/^gradCheck Affine: 12 of 14 gradients disagree/);
    expect(text.endsWith("\n  ... and 4 more")).toBe(true);
  });
});

describe("Kinks", () => {
  it("at 0 are drawn anew, as many as there are, and the report says so", () => {
    const report = gradCheck(new ReLU(), zeros([5, 9]));
    expect([report.ok, report.redrawn]).toEqual([true, 45]);
    expect(String(report)).toMatch(
      /^gradCheck ReLU: 45 gradients agree, largest error \S+ \(45 input numbers drawn anew because of a kink\)$/,
    );
    expect(gradCheck(new ReLU(), new Tensor([1, 0, -1])).redrawn).toBe(1);
  });

  it("of ties in a max window are drawn anew", () => {
    const report = gradCheck(new MaxPool2d(3, { stride: 2, padding: 1 }), ones([1, 2, 6, 6]));
    expect(report.ok).toBe(true);
    expect(report.redrawn).toBeGreaterThan(0);
  });

  it("behind a parameter move the whole input", () => {
    // y = relu(x * w) has a kink in w wherever x * w = 0.
    const model = new Sequential(new Linear(2, 2, { bias: false }), new ReLU());
    (model.get(0) as Linear).weight.value.data.fill(0);
    const report = gradCheck(model, new Tensor([[1, 2]]));
    // Weights of 0 stay on the kink: that is said, not hidden.
    expect(report.ok).toBe(false);
    (model.get(0) as Linear).weight.value.data.set([1, 1, 2, 1]);
    expect(gradCheck(model, new Tensor([[1, -1]])).ok).toBe(true);
  });

  it("are none where nothing was found wrong", () => {
    expect(gradCheck(new ReLU(), ones([4])).redrawn).toBe(0);
  });
});

describe("Code that makes float32 numbers of its own", () => {
  class Single extends Layer<Tensor> {
    readonly weight = new Parameter(new Tensor([2]));
    constructor(readonly factor = 1) {
      super();
    }
    forward(x: Tensor): Tensor {
      this.save(x);
      const w = this.weight.value.data[0];
      return new Tensor(
        Float32Array.from(x.data, (value) => value * value * w),
        x.shape,
      );
    }
    backward(dy: Tensor): Tensor {
      const x = this.saved();
      const w = this.weight.value.data[0];
      let sum = 0;
      for (let i = 0; i < x.size; i++) sum += dy.data[i] * x.data[i] * x.data[i];
      this.weight.accumulate(new Tensor([sum]));
      return new Tensor(
        Float32Array.from(x.data, (value, i) => this.factor * 2 * value * w * dy.data[i]),
        x.shape,
      );
    }
  }

  it("is checked coarsely, and the report says so", () => {
    manualSeed(6);
    const report = gradCheck(new Single(), randn([3, 4]));
    expect([report.ok, report.float64]).toEqual([true, false]);
    expect(String(report)).toMatch(
      /\(the code fell back to float32, so the tolerance is coarse \(allocate with x.like\(shape\)\)\)$/,
    );
  });

  it("is rejected when it is wrong by more than that", () => {
    manualSeed(6);
    expect(gradCheck(new Single(1.2), randn([3, 4])).ok).toBe(false);
  });

  it("is noticed also where it mixes with float64 numbers", () => {
    const constant = new Tensor([2]);
    const mixing = { forward: (x: Tensor) => multiply(x, constant), backward: (dy: Tensor) => multiply(dy, constant) };
    const report = gradCheck(mixing, ones([3]));
    expect([report.ok, report.float64]).toEqual([true, false]);
  });
});

describe("Afterwards everything is as it was", () => {
  /** Counts its forwards in a buffer, and lets the count leak into its output. */
  class Counting extends Layer<Tensor> {
    readonly count = new StateBuffer(new Tensor([0]));
    forward(x: Tensor): Tensor {
      this.count.value.data[0]++;
      this.save(x);
      return multiply(x, this.count.value);
    }
    backward(dy: Tensor): Tensor {
      const x = this.saved();
      return multiply(dy, x.like().data.length > 0 ? this.count.value : 0);
    }
  }

  it.each([wasm, reference])("on $name: parameters, gradients, modes, saved inputs, buffers, generators", (backend) => {
    const before = setBackend(backend);
    try {
      const run = (check: boolean): unknown => {
        manualSeed(7);
        const [conv, pool, dropout] = [
          new Conv2d(1, 2, 3),
          new MaxPool2d(2, { returnIndices: true }),
          new Dropout(0.4),
        ];
        const unused = new Linear(2, 2);
        const model = new Sequential(conv, new ReLU(), pool, new Flatten(), dropout, new Linear(8, 3), new Tanh());
        const batch = randn([2, 1, 6, 6]);
        model.backward(model.forward(batch)); // gradients that are not 0
        (model.get(1) as ReLU).eval();
        const y = model.forward(batch); // saved inputs
        const indices = pool.indices;
        const weight = conv.weight.value;
        if (check) {
          expect(gradCheck(model, randn([1, 1, 6, 6])).ok).toBe(true);
          expect(gradCheck(unused, ones([1, 2])).ok).toBe(true);
          expect(unused.weight.hasGrad).toBe(false);
        } else randn([1, 1, 6, 6]);
        expect(backendInfo().name).toBe(backend.name);
        expect(conv.weight.value).toBe(weight);
        expect(weight.dtype).toBe("float32");
        expect(pool.indices).toBe(indices);
        return [
          ...[
            unused.weight.value.toArray(),
            [...model.layers()].map((layer) => layer.training),
            dropout.generator.state,
          ],
          ...[y.toArray(), model.backward(y).toArray(), model.parameters().map(({ grad }) => grad.toArray())],
          ...[model.forward(batch).toArray(), randn([3]).toArray(), new Linear(2, 2).weight.value.toArray()],
        ];
      };
      expect(run(true)).toEqual(run(false));
    } finally {
      setBackend(before);
    }
  });

  it("a model's saved inputs also when its memory would then be given to other models", () => {
    const run = (check: boolean): unknown => {
      manualSeed(9);
      const make = (): Sequential => new Sequential(new Conv2d(1, 4, 3), new Tanh(), new Flatten(), new Linear(144, 3));
      const model = make();
      model.forward(randn([2, 1, 8, 8]));
      const input = randn([1, 1, 8, 8]);
      if (check) expect(gradCheck(model, input).ok).toBe(true);
      // More idle memory than is kept: what is idle longest is used again.
      for (let i = 0; i < 4; i++) {
        const large = new Sequential(new Conv2d(1, 8, 3), new Tanh(), new Tanh());
        large.backward(large.forward(ones([1, 1, 1000, 1000])));
      }
      const other = make();
      other.backward(other.forward(randn([2, 1, 8, 8])));
      return [model.backward(ones([2, 3])).toArray(), model.parameters().map(({ grad }) => grad.toArray())];
    };
    expect(run(true)).toEqual(run(false));
  });

  it("public fields of a user's layer, in which it keeps what its backward needs", () => {
    class Keeping extends Layer {
      kept: Tensor | null = null;
      forward(x: Tensor): Tensor {
        this.kept = x;
        return multiply(x, x);
      }
      backward(dy: Tensor): Tensor {
        return multiply(multiply(this.kept!, dy), 2);
      }
    }
    const model = new Sequential(new Keeping());
    model.forward(new Tensor([[3]]));
    expect(gradCheck(model, ones([2, 2])).ok).toBe(true);
    expect(model.backward(ones([1, 1])).toArray()).toEqual([[6]]);
  });

  it("buffers: each forward of the check starts from the same ones, in float64", () => {
    const layer = new Counting();
    layer.forward(ones([2]));
    const { value } = layer.count;
    const report = gradCheck(layer, ones([3]));
    expect(report.float64).toBe(true);
    expect(layer.count.value).toBe(value);
    expect(value.toArray()).toEqual([1]);
  });

  it("what a loss saved", () => {
    const loss = new CrossEntropy();
    loss.forward(new Tensor([[1, 2]]), [0]);
    expect(gradCheck(loss, ones([3, 4]), { target: [0, 1, 2] }).ok).toBe(true);
    expect(loss.backward().shape).toEqual([1, 2]);
  });

  it("also after an error", () => {
    const model = new Sequential(new Linear(2, 2), new Dropout(0.5));
    const { weight } = model.get(0) as Linear;
    const { value } = weight;
    const y = model.forward(ones([1, 2]));
    expect(() => gradCheck(model, ones([1, 3]))).toThrow("0 Linear: expected input [N, 2], got [1, 3]");
    expect(backendInfo().name).toBe("wasm");
    expect(weight.value).toBe(value);
    expect(model.backward(y).shape).toEqual([1, 2]);
  });

  it("except that a plain object's memory cannot be put back: its backward is refused then", () => {
    let kept: Tensor | undefined;
    const plain = {
      forward: (x: Tensor) => multiply((kept = x), x),
      backward: (dy: Tensor) => multiply(multiply(dy, kept!), 2),
    };
    const model = new Sequential(plain);
    model.forward(new Tensor([1, 2]));
    expect(gradCheck(model, new Tensor([3, 4])).ok).toBe(true);
    expect(() => model.backward(new Tensor([1, 1]))).toThrow("expected no predict between forward and backward");
  });

  it("and the input that was given is not written to, nor are the global draws used up", () => {
    const input = zeros([4]);
    manualSeed(8);
    const next = randn([3]).toArray();
    manualSeed(8);
    gradCheck(new ReLU(), input);
    expect(randn([3]).toArray()).toEqual(next);
    expect(input.toArray()).toEqual([0, 0, 0, 0]);
  });
});

describe("Options and arguments", () => {
  it("samples limits how many numbers of each tensor are checked", () => {
    const layer = new Linear(30, 20);
    expect(gradCheck(layer, ones([2, 30])).checked).toBe(60 + 100 + 20);
    expect(gradCheck(layer, ones([2, 30]), { samples: 7 }).checked).toBe(21);
  });

  it("the same seed checks the same numbers, another seed others", () => {
    const wrong = spoiling("input", scaled(3));
    const places = (seed: number): number[] =>
      gradCheck(wrong, ones([500]), { samples: 5, seed }).failures.map((f) => f.index);
    expect(places(1)).toEqual(places(1));
    expect(places(2)).not.toEqual(places(1));
  });

  it("rtol and atol allow what the caller allows", () => {
    const wrong = spoiling("input", scaled(1.01));
    expect(gradCheck(wrong, ones([5]), { rtol: 0.02 }).ok).toBe(true);
    expect(gradCheck(wrong, ones([5]), { atol: 1 }).ok).toBe(true);
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "an input that is no tensor",
      () => gradCheck(new ReLU(), [1] as never),
      ArgumentError,
      "gradCheck: expected input to be a Tensor, got [1].",
    ],
    [
      "a class",
      () => gradCheck(ReLU as never, ones([1])),
      ArgumentError,
      "gradCheck: expected a layer, a model or a loss, got the class ReLU (write new before it).",
    ],
    [
      "nothing",
      () => gradCheck(undefined as never, ones([1])),
      ArgumentError,
      "gradCheck: expected a layer, a model or a loss, got undefined.",
    ],
    [
      "a loss without its target",
      () => gradCheck(new CrossEntropy(), ones([1, 2])),
      ArgumentError,
      "gradCheck: expected options.target for a loss, got none (give { target: labels }, what its forward takes " +
        "second).",
    ],
    [
      "an unknown option",
      () => gradCheck(new ReLU(), ones([1]), { tol: 1 } as never),
      ArgumentError,
      'gradCheck: unknown option "tol", did you mean "rtol"? (options: target, step, rtol, atol, samples, seed).',
    ],
    [
      "a step of 0",
      () => gradCheck(new ReLU(), ones([1]), { step: 0 }),
      ArgumentError,
      "gradCheck: expected step to be above 0, got 0.",
    ],
    [
      "a negative tolerance",
      () => gradCheck(new ReLU(), ones([1]), { rtol: -1 }),
      ArgumentError,
      "gradCheck: expected rtol to be a finite number of at least 0, got -1.",
    ],
    [
      "half a sample",
      () => gradCheck(new ReLU(), ones([1]), { samples: 0.5 }),
      ArgumentError,
      "gradCheck: expected samples to be a whole number of at least 1, got 0.5.",
    ],
    [
      "a backward that returns nothing",
      () => gradCheck({ forward: (x: Tensor) => x, backward: () => undefined as unknown as Tensor }, ones([1])),
      ArgumentError,
      "gradCheck Layer: expected the result of backward to be a Tensor, got undefined (does it return its " +
        "result?).",
    ],
    [
      "a backward that returns another shape",
      () => gradCheck({ forward: (x: Tensor) => x, backward: (dy: Tensor) => dy.reshape([4]) }, ones([2, 2])),
      ShapeError,
      "gradCheck Layer: expected backward to return a gradient of the input's shape [2, 2], got [4].",
    ],
  ])("%s is refused", (_, act, type, message) => {
    throwsExactly(act, type, message);
  });
});
