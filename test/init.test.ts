import { describe, expect, it, vi } from "vitest";
import { ArgumentError, ShapeError } from "../src/base/errors.js";
import { constantInit, onesInit, zerosInit } from "../src/init/constant.js";
import { glorotNormal, glorotUniform } from "../src/init/glorot.js";
import type { Initializer } from "../src/init/initializer.js";
import { kaimingNormal, kaimingUniform } from "../src/init/kaiming.js";
import { torchDefault } from "../src/init/torchDefault.js";
import { normalInit, uniformInit } from "../src/init/uniform.js";
import { Conv2d } from "../src/nn/conv/conv2d.js";
import { Linear } from "../src/nn/linear/linear.js";
import { Parameter } from "../src/nn/parameter.js";
import { fillNormal } from "../src/numbers/normal.js";
import { Generator, manualSeed } from "../src/numbers/random.js";
import { sizeOf, type PairOption, type Shape } from "../src/base/shape.js";
import { Tensor } from "../src/base/tensor.js";
import { expectClose } from "./support/close.js";
import { throwsExactly } from "./support/errors.js";
import { loadFixture } from "./support/fixtures.js";

vi.mock("../src/numbers/normal.js", { spy: true });

const { cases } = loadFixture("initializers");

/** What an initializer asks its generator for: bounds, or mean and deviation. */
function asked(initializer: Initializer, shape: Shape): { kind: "uniform" | "normal"; arguments: [number, number] } {
  const calls: { kind: "uniform" | "normal"; arguments: [number, number] }[] = [];
  const recorder = {
    uint32: () => 0, // nothing is drawn: there are no numbers to fill
    fillUniform: (_: unknown, low: number, high: number) => calls.push({ kind: "uniform", arguments: [low, high] }),
  };
  vi.mocked(fillNormal).mockClear();
  // Only the shape counts, so that large weights need no memory.
  initializer({ shape, data: new Float32Array(0) } as unknown as Tensor, recorder as unknown as Generator);
  for (const [, , ...moments] of vi.mocked(fillNormal).mock.calls) calls.push({ kind: "normal", arguments: moments });
  expect(calls.length).toBe(1);
  return calls[0];
}

function expectUniform(initializer: Initializer, shape: Shape, bound: number): void {
  const { kind, arguments: bounds } = asked(initializer, shape);
  expect(kind).toBe("uniform");
  expectClose(bounds, [-bound, bound], 1e-14 * bound);
}

function expectNormal(initializer: Initializer, shape: Shape, std: number): void {
  const { kind, arguments: moments } = asked(initializer, shape);
  expect(kind).toBe("normal");
  expectClose(moments, [0, std], 1e-14 * std);
}

function fill(initializer: Initializer, shape: Shape, seed = 1): Tensor {
  const tensor = new Tensor(new Float32Array(sizeOf(shape)), shape);
  initializer(tensor, new Generator("init", { seed }));
  return tensor;
}

function moments({ data }: Tensor): { mean: number; std: number; low: number; high: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const std = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  return { mean, std, low: data.reduce((a, b) => Math.min(a, b)), high: data.reduce((a, b) => Math.max(a, b)) };
}

describe("Initializers", () => {
  it("have at least 10 cases by PyTorch", () => {
    expect(cases.length).toBeGreaterThanOrEqual(10);
  });

  it.each(cases)("use PyTorch's bounds: $name", ({ options, values }) => {
    const shape = options.shape as number[];
    if (options.init === "default") {
      expectUniform(torchDefault(shape), shape, values.weightBound);
      // The bias has the bound of its weight.
      expectUniform(torchDefault(shape), [shape[0]], values.biasBound);
    } else if (options.init === "kaiming") {
      const mode = options.mode as "fanIn" | "fanOut";
      expectUniform(kaimingUniform({ mode, gain: values.gain }), shape, values.bound);
      expectNormal(kaimingNormal({ mode, gain: values.gain }), shape, values.std);
      if (options.nonlinearity === "relu") {
        expectUniform(kaimingUniform({ mode }), shape, values.bound);
        expectNormal(kaimingNormal({ mode }), shape, values.std);
      }
      if (mode === "fanIn") expectNormal(kaimingNormal({ gain: values.gain }), shape, values.std);
    } else {
      expect(options.init).toBe("xavier");
      expectUniform(glorotUniform(values.gain), shape, values.bound);
      expectNormal(glorotNormal(values.gain), shape, values.std);
      if (options.nonlinearity === "linear") expectUniform(glorotUniform(), shape, values.bound);
    }
  });

  it.each(cases.filter(({ options }) => options.init === "default" && sizeOf(options.shape as number[]) < 2e5))(
    "a new layer starts within PyTorch's bounds and fills them: $name",
    ({ options, values }) => {
      manualSeed(5);
      const { layer, inChannels, outChannels, kernelSize, groups, inFeatures, outFeatures } = options as Record<
        string,
        never
      >;
      const made =
        layer === "linear"
          ? new Linear(inFeatures, outFeatures)
          : new Conv2d(inChannels, outChannels, kernelSize as PairOption, { groups });
      for (const [parameter, bound] of [
        [made.weight, values.weightBound],
        [made.bias!, values.biasBound],
      ] as const) {
        const { low, high } = moments(parameter.value);
        expect(Math.max(-low, high)).toBeLessThanOrEqual(Math.fround(bound));
        // The largest of n uniform numbers is above 1 - 10 / n of the bound but once in 20,000.
        expect(Math.max(-low, high)).toBeGreaterThan(bound * (1 - 10 / parameter.size));
      }
    },
  );

  it("draw what they say: moments and bounds of a hundred thousand numbers", () => {
    const shape = [250, 400];
    const n = sizeOf(shape);
    const check = (initializer: Initializer, mean: number, std: number): ReturnType<typeof moments> => {
      const drawn = moments(fill(initializer, shape));
      expect(Math.abs(drawn.mean - mean)).toBeLessThan((5 * std) / Math.sqrt(n));
      expect(Math.abs(drawn.std / std - 1)).toBeLessThan(5 / Math.sqrt(n));
      return drawn;
    };
    check(normalInit(3, 0.5), 3, 0.5);
    check(kaimingNormal(), 0, Math.sqrt(2 / 400));
    check(kaimingNormal({ mode: "fanOut", gain: 1 }), 0, Math.sqrt(1 / 250));
    check(glorotNormal(2), 0, 2 * Math.sqrt(2 / 650));
    const { low, high } = check(uniformInit(-1, 3), 1, 4 / Math.sqrt(12));
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThan(3);
    check(kaimingUniform(), 0, Math.sqrt(2 / 400));
    check(glorotUniform(), 0, Math.sqrt(2 / 650));
  });

  it("fill with constants", () => {
    expect(fill(constantInit(-0.25), [2, 2]).toArray()).toEqual([
      [-0.25, -0.25],
      [-0.25, -0.25],
    ]);
    expect(fill(zerosInit(), [3]).toArray()).toEqual([0, 0, 0]);
    expect(fill(onesInit(), [3]).toArray()).toEqual([1, 1, 1]);
    expect(fill(uniformInit(2, 2), [3]).toArray()).toEqual([2, 2, 2]);
    expect(fill(normalInit(2, 0), [3]).toArray()).toEqual([2, 2, 2]);
  });

  it("count fans with the receptive field: I * KH * KW and O * KH * KW", () => {
    expectUniform(glorotUniform(), [16, 8, 3, 5], Math.sqrt(6 / (15 * 8 + 15 * 16)));
    expectNormal(kaimingNormal({ mode: "fanOut" }), [16, 8, 3, 5], Math.sqrt(2 / (15 * 16)));
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "a bias for Glorot",
      () => fill(glorotUniform(), [8]),
      ShapeError,
      "glorotUniform: expected a weight [O, I] or [O, I, KH, KW], got [8] (a bias has no fans: use zeros).",
    ],
    [
      "a bias for Kaiming",
      () => fill(kaimingNormal(), [8]),
      ShapeError,
      "kaimingNormal: expected a weight [O, I] or [O, I, KH, KW], got [8] (a bias has no fans: use zeros).",
    ],
    [
      "a negative gain",
      () => glorotNormal(-1),
      ArgumentError,
      "glorotNormal: expected gain to be a finite number of at least 0, got -1.",
    ],
    [
      "a fan by PyTorch's name",
      () => kaimingUniform({ mode: "fan_in" as never }),
      ArgumentError,
      'kaimingUniform: expected mode to be one of "fanIn", "fanOut", got "fan_in", did you mean "fanIn"?',
    ],
    [
      "a nonlinearity",
      () => kaimingNormal({ nonlinearity: "relu" } as never),
      ArgumentError,
      'kaimingNormal: unknown option "nonlinearity" (options: mode, gain).',
    ],
    ["low above high", () => uniformInit(1, 0), ArgumentError, "uniformInit: expected low of at most high 0, got 1."],
    [
      "a negative deviation",
      () => normalInit(0, -1),
      ArgumentError,
      "normalInit: expected std to be a finite number of at least 0, got -1.",
    ],
    [
      "a constant that is none",
      () => constantInit(NaN),
      ArgumentError,
      "constantInit: expected value to be a finite number, got NaN.",
    ],
    [
      "a shape that is none",
      () => torchDefault(8 as never),
      ShapeError,
      "torchDefault: expected a shape of whole numbers of at least 0, got 8 (in brackets, such as [8]).",
    ],
  ])("refuse %s", (_, act, type, message) => {
    throwsExactly(act, type, message);
  });
});

describe("Parameter", () => {
  it("draws its numbers when they are first read: the same whenever and in whatever order that is", () => {
    const draw = (order: readonly number[]): unknown[] => {
      manualSeed(6);
      const parameters = [0, 1, 2].map(() => new Parameter([4], uniformInit()));
      for (const index of order) void parameters[index].value;
      return parameters.map(({ value }) => value.toArray());
    };
    const [first, second, third] = draw([0, 1, 2]);
    expect(draw([2, 0, 1])).toEqual([first, second, third]);
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
  });

  it("keeps the seed of its construction", () => {
    const draw = (seedLater: boolean): unknown => {
      manualSeed(6);
      const parameter = new Parameter([4], uniformInit());
      if (seedLater) manualSeed(99);
      return parameter.value.toArray();
    };
    expect(draw(true)).toEqual(draw(false));
  });

  it("draws the same by a second rule, whether or not it had drawn by the first", () => {
    const draw = (read: boolean): unknown => {
      manualSeed(6);
      const { weight } = new Linear(3, 2);
      if (read) void weight.value;
      return weight.initialize(kaimingNormal()).value.toArray();
    };
    expect(draw(true)).toEqual(draw(false));
  });

  it("copies the tensor that it is made from, so that training does not change it", () => {
    const mine = new Tensor([1, 2]);
    const parameter = new Parameter(mine);
    parameter.value.data.fill(7);
    expect(mine.toArray()).toEqual([1, 2]);
  });

  it("copies an assigned tensor's numbers into its own, and keeps its array", () => {
    const parameter = new Parameter([2], zerosInit());
    const before = parameter.value;
    const mine = new Tensor([1, 2]);
    parameter.value = mine;
    expect(parameter.value).toBe(before);
    expect(parameter.value.toArray()).toEqual([1, 2]);
    mine.data.fill(9);
    expect(parameter.value.toArray()).toEqual([1, 2]);
  });

  it("has a gradient of zeros before the first backward, and accumulate adds", () => {
    const parameter = new Parameter(new Tensor([1, 2]));
    expect(parameter.hasGrad).toBe(false);
    parameter.accumulate(new Tensor([3, 4]));
    parameter.accumulate(new Tensor([30, 40]));
    expect(parameter.hasGrad).toBe(true);
    expect(parameter.grad.toArray()).toEqual([33, 44]);
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "a shape without an initializer",
      () => new Parameter([2]),
      ArgumentError,
      "Parameter: expected an initializer with the shape, such as zerosInit(), got none.",
    ],
    [
      "an initializer that was not called",
      () => new Parameter([2], onesInit as never).value,
      ArgumentError,
      "Parameter: expected an initializer such as onesInit(), got a function that makes one (call it, with " +
        "parentheses).",
    ],
    [
      "a value of another shape",
      () => (new Parameter([2], zerosInit()).value = new Tensor([1])),
      ShapeError,
      "Parameter.value: expected shape [2], got [1].",
    ],
    [
      "a value that is no tensor",
      () => (new Parameter([2], zerosInit()).value = [1, 2] as never),
      ArgumentError,
      "Parameter.value: expected the new value to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "a gradient of another shape",
      () => new Parameter([2], zerosInit()).accumulate(new Tensor([1])),
      ShapeError,
      "Parameter.accumulate: expected a gradient of shape [2], got [1].",
    ],
    [
      "a gradient that is no tensor",
      () => new Parameter([2], zerosInit()).accumulate([1, 2] as never),
      ArgumentError,
      "Parameter.accumulate: expected the gradient to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "no initializer for initialize",
      () => new Parameter([2], zerosInit()).initialize(1 as never),
      ArgumentError,
      "Parameter.initialize: expected an initializer such as kaimingNormal(), got none.",
    ],
  ])("refuses %s", (_, act, type, message) => {
    throwsExactly(act, type, message);
  });
});
