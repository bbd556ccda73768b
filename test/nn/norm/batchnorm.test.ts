// BatchNorm1d and BatchNorm2d: known answers by hand, PyTorch's numbers over five steps and in eval mode, running statistics,
// switches, and what is refused.
import { describe, expect, it } from "vitest";
import {
  ArgumentError, BatchNorm1d, BatchNorm2d, Conv2d, Flatten, Linear, ReLU, Sequential, ShapeError, Tensor, manualSeed, multiply,
  ones, randn, zeros, type BatchNormOptions,
} from "../../../src/index.js"; // prettier-ignore
import { exportOnnx, importOnnx } from "../../../src/entries/onnx.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";
import { throwsExactly } from "../../support/errors.js";
import { loadFixture, type FixtureTensor } from "../../support/fixtures.js";
import { give, tensorOf, type AnyTensor } from "../helpers.js";

type BatchNorm = BatchNorm1d | BatchNorm2d;

const largest = (x: ArrayLike<number>): number =>
  Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe.each([
  ["BatchNorm1d", BatchNorm1d, "batchNorm1d"],
  ["BatchNorm2d", BatchNorm2d, "batchNorm2d"],
] as const)("%s", (_, Class, op) => {
  const { cases } = loadFixture(op);

  it("has at least 30 cases by PyTorch", () => {
    expect(cases.length).toBeGreaterThanOrEqual(30);
  });

  onEachBackend((context) => {
    it.each(cases)("agrees with PyTorch over five steps and in eval mode: $name", ({ options, tensors }) => {
      const [steps, ...shape] = tensors.x.shape;
      const size = tensors.x.data.length / steps;
      const layer: BatchNorm = new Class(shape[1], options as BatchNormOptions);
      const { weight, bias, runningMean, runningVar, numBatchesTracked } = layer;
      for (const [name, parameter] of layer.namedParameters()) give(parameter, tensorOf(context, tensors[name]));
      const states = [runningMean, runningVar].map((state) => state?.value.data.length);
      expect(states).toEqual(tensors.runningMean === undefined ? [undefined, undefined] : [shape[1], shape[1]]);
      for (const state of [runningMean, runningVar, numBatchesTracked]) {
        state?.substitute(context.make(Array.from(state.value.data), state.value.shape) as Tensor);
      }
      const input = (step: number): Tensor => {
        const data = Array.from(tensors.x.data.subarray(step * size, (step + 1) * size));
        return context.make(data, shape) as Tensor;
      };
      const dy = tensorOf(context, tensors.dy) as Tensor;

      // What a rounding of the inputs can do: R standard deviations away from the mean, D of gradient to one of x.
      const eps = context.eps;
      const spread = 1 / Math.sqrt(smallestVariance(tensors, shape, size) + (layer.eps ?? 0));
      const R = 1 + largest(tensors.x.data) * spread;
      const W = weight === null ? 1 : Math.max(1, largest(tensors.weight.data));
      const bounds: Record<string, number> = {
        y: 16 * eps * R * R * W,
        dx: 64 * eps * R * R * W * spread * largest(tensors.dy.data),
        dweight: 16 * eps * R * R * largest(tensors.dy.data) * size,
        dbias: 4 * eps * largest(tensors.dy.data) * size,
      };
      const compare = (name: string, got: AnyTensor, suffix: string): void => {
        const expected = tensors[name + suffix];
        expect(got.shape, name + suffix).toEqual(expected.shape);
        expectClose(got.data, expected.data, bounds[name], { name: name + suffix });
      };
      const run = (x: Tensor, suffix: string): void => {
        layer.zeroGrad();
        const y = layer.forward(x);
        compare("y", y, suffix);
        compare("dx", layer.backward(dy), suffix);
        if (weight !== null) compare("dweight", weight.grad, suffix);
        if (bias !== null) compare("dbias", bias.grad, suffix);
      };

      for (let step = 0; step < steps - 1; step++) layer.forward(input(step));
      run(input(steps - 1), "");
      if (runningMean !== null && runningVar !== null) {
        const most = largest(tensors.x.data);
        expectClose(runningMean.value.data, tensors.runningMean.data, 16 * eps * most, { name: "running mean" });
        expectClose(runningVar.value.data, tensors.runningVar.data, 64 * eps * most * most, { name: "running var" });
        expect(numBatchesTracked?.value.item()).toBe(steps);
      }
      layer.eval();
      run(input(steps - 1), "Eval");
      expect(layer.predict(input(0)).shape).toEqual(shape);
    });
  });
});

// The smallest variance of a channel, of the running estimate too.
function smallestVariance(
  tensors: Readonly<Record<string, FixtureTensor>>,
  [N, C]: readonly number[],
  size: number,
): number {
  const P = size / (N * C);
  let least = tensors.runningVar === undefined ? Infinity : Math.min(...tensors.runningVar.data);
  const data = tensors.x.data.subarray(tensors.x.data.length - size);
  for (let c = 0; c < C; c++) {
    const values = Array.from(data).filter((_, i) => Math.floor(i / P) % C === c);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    least = Math.min(least, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  }
  return least;
}

describe("Batch norm by hand", () => {
  it("makes [1, 3] and [10, 14] of two channels [-1, 1] each, times the weight plus the bias", () => {
    const layer = new BatchNorm1d(2, { eps: 0 });
    layer.weight!.value = new Tensor([2, 3]);
    layer.bias!.value = new Tensor([5, 7]);
    const y = layer.forward(new Tensor([[1, 10], [3, 14]])); // prettier-ignore
    expect(y.toArray()).toEqual([[3, 4], [7, 10]]); // prettier-ignore
    // Two numbers that are normalized give -1 and 1 whatever they are: no gradient goes through.
    expect(layer.backward(new Tensor([[1, 1], [2, 5]])).toArray()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
    expect(layer.weight!.grad.toArray()).toEqual([1, 4]); // 2 - 1, 5 - 1
    expect(layer.bias!.grad.toArray()).toEqual([3, 6]);
    // A tenth of mean and unbiased variance: 0.1 * 2, 0.9 + 0.1 * 2, and 0.1 * 12, 0.9 + 0.1 * 8.
    expectClose(layer.runningMean!.value.data, [0.2, 1.2], 1e-7);
    expectClose(layer.runningVar!.value.data, [1.1, 1.7], 1e-7);
    expect(layer.numBatchesTracked!.value.toArray()).toBe(1);
  });

  it("uses the running statistics in eval mode, and there dx = dy weight / deviation", () => {
    const layer = new BatchNorm1d(1, { eps: 0 }).eval();
    layer.loadStateDict({
      ...{ weight: new Tensor([3]), bias: new Tensor([1]) },
      ...{ running_mean: new Tensor([10]), running_var: new Tensor([4]), num_batches_tracked: new Tensor([0], []) },
    });
    expect(layer.forward(new Tensor([[12], [6]])).toArray()).toEqual([[4], [-5]]);
    expect(layer.backward(new Tensor([[2], [4]])).toArray()).toEqual([[3], [6]]);
    expect(layer.runningMean!.value.toArray()).toEqual([10]);
    expect(layer.predict(new Tensor([[12]])).toArray()).toEqual([[4]]);
  });

  it("with momentum null keeps the plain mean over all batches", () => {
    const layer = new BatchNorm1d(1, { momentum: null });
    for (const mean of [1, 2, 6]) layer.forward(new Tensor([[mean - 1], [mean + 1]]));
    expectClose(layer.runningMean!.value.data, [3], 1e-6);
    expectClose(layer.runningVar!.value.data, [2], 1e-6);
  });

  it("keeps its digits where the mean is far larger than the deviation", () => {
    const x = new Tensor(
      Float32Array.from({ length: 4096 }, (_, i) => 4096 + (i % 2)),
      [4, 1, 32, 32],
    );
    const y = new BatchNorm2d(1, { eps: 0 }).forward(x);
    expectClose(
      y.data,
      Array.from(x.data, (value) => (value === 4096 ? -1 : 1)),
      1e-6,
    );
  });
});

describe("Batch norm's state", () => {
  it("has PyTorch's names, also inside a model, and the public fields are in camelCase", () => {
    const model = new Sequential(["conv", new Conv2d(1, 2, 3)], ["bn", new BatchNorm2d(2)]);
    expect(Object.keys(model.stateDict())).toEqual([
      ...["conv.weight", "conv.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"],
      "bn.num_batches_tracked",
    ]);
    expect(model.namedParameters().map(([name]) => name)).toEqual(["conv.weight", "conv.bias", "bn.weight", "bn.bias"]);
    class Norm extends BatchNorm2d {}
    expect(Object.keys(new Norm(2).stateDict())).toContain("running_mean");
  });

  it.each<[BatchNormOptions, string[]]>([
    [{}, ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]],
    [{ affine: false }, ["running_mean", "running_var", "num_batches_tracked"]],
    [{ weight: false, trackRunningStats: false }, ["bias"]],
    [{ affine: false, weight: true }, ["weight", "running_mean", "running_var", "num_batches_tracked"]],
  ])("with %j has these names", (options, names) => {
    expect(Object.keys(new BatchNorm1d(3, options).stateDict())).toEqual(names);
  });

  it("is not touched by predict, eval mode, summary or a frozen backward", () => {
    const model = new Sequential(new BatchNorm2d(2));
    const before = JSON.stringify(Object.values(model.stateDict()).map((tensor) => tensor.toArray()));
    model.predict(randn([4, 2, 3, 3], { seed: 1 }));
    model.summary([2, 3, 3]);
    model.eval().forward(randn([4, 2, 3, 3], { seed: 1 }));
    model.freeze();
    model.backward(ones([4, 2, 3, 3]));
    expect(model.parameters().every(({ hasGrad }) => !hasGrad)).toBe(true);
    expect(JSON.stringify(Object.values(model.stateDict()).map((tensor) => tensor.toArray()))).toBe(before);
  });

  it("without running statistics predicts by the whole batch, however large", () => {
    const layer = new BatchNorm1d(2, { trackRunningStats: false, affine: false });
    const x = randn([5000, 2], { seed: 3 });
    const y = new Sequential(layer).predict(multiply(x, 5));
    const mean = y.data.reduce((sum, value) => sum + value, 0) / y.size;
    expect(Math.abs(mean)).toBeLessThan(1e-5);
    expect(y.toArray()).toEqual(layer.forward(multiply(x, 5)).toArray());
  });
});

describe("A batch norm behind a convolution or a Linear", () => {
  it("is folded into it in an export to ONNX on request, in nested models too", () => {
    manualSeed(4);
    const model = new Sequential(
      ["features", new Sequential(new Conv2d(1, 3, 3, { bias: false }), new BatchNorm2d(3), new ReLU())],
      ...[new Flatten(), new Linear(48, 4), new BatchNorm1d(4, { weight: false })],
    );
    for (let i = 0; i < 3; i++) model.forward(randn([8, 1, 6, 6], { seed: i }));
    const kept = importOnnx(exportOnnx(model, [1, 6, 6]));
    const folded = importOnnx(exportOnnx(model, [1, 6, 6], { foldBatchNorm: true }));
    const x = randn([5, 1, 6, 6], { seed: 9 });
    const expected = model.predict(x);
    for (const { model: found } of [kept, folded]) expectClose(found.predict(x).data, expected.data, 1e-5);
    expect(exportOnnx(model, [1, 6, 6], { foldBatchNorm: true }).length).toBeLessThan(
      exportOnnx(model, [1, 6, 6]).length,
    );
    expect(Object.values(folded.model.stateDict()).length).toBe(4);
  });
});

describe("Batch norm refuses", () => {
  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "other channels",
      () => new BatchNorm2d(3).forward(zeros([2, 4, 5, 5])),
      ShapeError,
      "BatchNorm2d: expected input [N, 3, H, W], got [2, 4, 5, 5] (channels are axis 1; for NHWC data use nhwcToNchw).",
    ],
    [
      "images in BatchNorm1d",
      () => new BatchNorm1d(3).forward(zeros([2, 3, 5, 5])),
      ShapeError,
      "BatchNorm1d: expected input [N, 3] or [N, 3, L], got [2, 3, 5, 5] (BatchNorm2d takes images).",
    ],
    [
      "one number a channel in train mode",
      () => new BatchNorm1d(3).forward(zeros([1, 3])),
      ShapeError,
      "BatchNorm1d: expected more than one number for each channel in train mode, got input [1, 3] (a variance of one number is " +
        "none: use a larger batch, or eval() for a single sample).",
    ],
    ["no channels", () => new BatchNorm2d(0), ArgumentError, "BatchNorm2d: expected numFeatures to be a whole number of at least 1, got 0."],
    [
      "a momentum above 1",
      () => new BatchNorm2d(2, { momentum: 2 }),
      ArgumentError,
      "BatchNorm2d: expected momentum to be a finite number from 0 to 1, got 2.",
    ],
    [
      "a negative eps",
      () => new BatchNorm2d(2, { eps: -1 }),
      ArgumentError,
      "BatchNorm2d: expected eps to be a finite number of at least 0, got -1.",
    ],
    [
      "PyTorch's spelling",
      () => new BatchNorm2d(2, { track_running_stats: false } as never),
      ArgumentError,
      'BatchNorm2d: unknown option "track_running_stats", did you mean "trackRunningStats"? (options: eps, momentum, affine, ' +
        "weight, bias, trackRunningStats).",
    ],
    [
      "an export without running statistics",
      () => exportOnnx(new Sequential(new BatchNorm2d(2, { trackRunningStats: false })), [2, 3, 3]),
      ArgumentError,
      "0 BatchNorm2d: expected running statistics for an export to ONNX, got a layer with trackRunningStats: false (its outputs " +
        "depend on the whole batch).",
    ],
  ])("%s", (_, act, type, message) => throwsExactly(act, type, message)); // prettier-ignore
});
