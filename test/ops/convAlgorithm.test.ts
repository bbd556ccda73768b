// The switch to direct sums: exact for whole numbers, and infinities and NaN stay where the reference has them; for a process
// and for one layer.
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { loadModel, saveModel } from "../../src/entries/io.js";
import { reference } from "../../src/entries/reference.js";
import {
  ArgumentError, Conv1d, Conv2d, ConvTranspose2d, Sequential, Tensor, conv2d, conv2dBiasGrad, conv2dInputGrad, conv2dWeightGrad, ones, rand, randn, setBackend,
  setConvAlgorithm, wasm, zeros, type Conv2dOptions,
} from "../../src/index.js"; // prettier-ignore
import { throwsExactly } from "../support/errors.js";

afterEach(() => {
  setConvAlgorithm("auto");
  setBackend(wasm);
});

const geometries = fc
  .record({
    n: fc.integer({ min: 1, max: 5 }),
    groups: fc.constantFrom(1, 1, 1, 2),
    c: fc.constantFrom(1, 3, 8, 16),
    o: fc.constantFrom(1, 4, 8, 9),
    size: fc.tuple(fc.integer({ min: 5, max: 17 }), fc.integer({ min: 5, max: 17 })),
    k: fc.constantFrom(1, 3, 3, 5),
    stride: fc.constantFrom(1, 1, 1, 2),
    dilation: fc.constantFrom(1, 1, 1, 2),
    padding: fc.integer({ min: 0, max: 2 }),
    seed: fc.nat(1e6),
  })
  .filter(({ size, k, dilation, padding }) => Math.min(...size) + 2 * padding > dilation * (k - 1));
type Geometry = typeof geometries extends fc.Arbitrary<infer G> ? G : never;

interface Case {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly b: Tensor;
  readonly dy: Tensor;
}

/** Operands of a geometry, each number made of a draw from 0 to 1. */
function caseOf({ n, groups, c, o, size, k, seed, ...options }: Geometry, number: (draw: number) => number): Case {
  const draw = (shape: readonly number[], stream: number): Tensor => {
    const tensor = rand(shape, { seed: seed + stream });
    tensor.data.forEach((value, i) => (tensor.data[i] = number(value)));
    return tensor;
  };
  const x = draw([n, c * groups, ...size], 0);
  const w = draw([o * groups, c, k, k], 1);
  const { shape } = conv2d(x, w, null, { groups, ...options });
  return { x, w, b: draw([o * groups], 2), dy: draw(shape, 3) };
}

function passes({ x, w, b, dy }: Case, options: Conv2dOptions): Record<string, Tensor> {
  return {
    y: conv2d(x, w, b, options),
    dx: conv2dInputGrad(dy, w, x.shape, options),
    dw: conv2dWeightGrad(x, dy, w.shape, options),
    db: conv2dBiasGrad(dy),
  };
}

function onReference<T>(work: () => T): T {
  const before = setBackend(reference);
  try {
    return work();
  } finally {
    setBackend(before);
  }
}

const optionsOf = ({ stride, dilation, padding, groups }: Geometry): Conv2dOptions => ({
  ...{ stride, dilation, padding, groups },
});

/** The numbers; 0 has no sign where one counts. */
const counts = ({ data }: Tensor): number[] => Array.from(data, (value) => value + 0);

/** Holds for direct sums over drawn whole numbers; `algorithm` is what the call says. */
const isExact = (options: Conv2dOptions): fc.IProperty<[Geometry]> =>
  fc.property(geometries, (geometry) => {
    // At most 400 terms of an output, 16 * 289 * 5 of a weight's gradient: sums of absolute values below 2^24.
    const operands = caseOf(geometry, (draw) => Math.round(draw * 48 - 24));
    const got = passes(operands, { ...optionsOf(geometry), ...options });
    const wanted = onReference(() => passes(operands, optionsOf(geometry)));
    for (const [name, tensor] of Object.entries(wanted)) expect(counts(got[name]), name).toEqual(counts(tensor));
  });

describe("direct sums", () => {
  it("are exact for whole numbers whose sums stay below 2^24, in all passes and geometries", () => {
    fc.assert(isExact({ algorithm: "direct" }), { numRuns: 300 });
    setConvAlgorithm("direct");
    fc.assert(isExact({}), { numRuns: 100 });
  });

  it("are what makes them exact: by the algorithm that is chosen otherwise they are not", () => {
    expect(fc.check(isExact({}), { numRuns: 300, endOnFailure: true }).failed).toBe(true);
  });

  it("are exact up to the last whole number that float32 counts to", () => {
    // 8 * 9 terms of 233,016 are 2^24 - 64, and one more number makes it 2^24.
    const x = new Tensor(new Float32Array(8 * 9).fill(233016), [1, 8, 3, 3]);
    const x1 = conv2d(x, ones([1, 8, 3, 3]), new Tensor([63]), { algorithm: "direct" });
    expect(x1.item()).toBe(2 ** 24 - 1);
  });

  it("leave infinities and NaN where the reference has them, in all passes", () => {
    const special = fc.record({
      into: fc.constantFrom("x", "w", "dy"),
      at: fc.array(fc.tuple(fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity)), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(geometries, fc.array(special, { minLength: 1, maxLength: 2 }), (geometry, specials) => {
        const operands = caseOf(geometry, (draw) => draw - 0.5);
        for (const { into, at } of specials) {
          const { data, size } = operands[into as "x" | "w" | "dy"];
          for (const [place, value] of at) data[place % size] = value;
        }
        const got = passes(operands, { ...optionsOf(geometry), algorithm: "direct" });
        const wanted = onReference(() => passes(operands, optionsOf(geometry)));
        const kinds = ({ data }: Tensor): number[] => Array.from(data, (value) => (Number.isFinite(value) ? 0 : value));
        for (const [name, tensor] of Object.entries(wanted)) expect(kinds(got[name]), name).toEqual(kinds(tensor));
      }),
      { numRuns: 300 },
    );
  });

  it("keep finite what is finite: inputs near 3e37 with weights near 1e-6", () => {
    const x = randn([1, 8, 12, 12], { seed: 1 });
    const w = randn([8, 8, 3, 3], { seed: 2 });
    x.data.forEach((value, i) => (x.data[i] = value * 3e37));
    w.data.forEach((value, i) => (w.data[i] = value * 1e-6));
    const finite = (options: Conv2dOptions): boolean =>
      conv2d(x, w, null, { padding: 1, ...options }).data.every((value) => Number.isFinite(value));
    expect([finite({}), finite({ algorithm: "direct" })]).toEqual([false, true]);
  });

  it("count the neighbors of a cellular automaton", () => {
    const cells = rand([1, 8, 24, 24], { seed: 4 });
    cells.data.forEach((value, i) => (cells.data[i] = value < 0.3 ? 1 : 0));
    const neighbors = conv2d(cells, ones([8, 8, 3, 3]), null, { padding: 1, algorithm: "direct" });
    expect(neighbors.data.every((value) => Number.isInteger(value))).toBe(true);
  });
});

describe("the switch", () => {
  const x = randn([2, 16, 12, 12], { seed: 1 });
  const w = randn([16, 16, 3, 3], { seed: 2 });
  const run = (options: Conv2dOptions = {}): Float32Array => conv2d(x, w, null, options).data;

  it("counts for the process, and a call or a layer that says it itself goes its own way", () => {
    const [auto, direct] = [run({ algorithm: "auto" }), run({ algorithm: "direct" })];
    expect(auto).not.toEqual(direct);
    expect(run()).toEqual(auto);
    expect(setConvAlgorithm("direct")).toBe("auto");
    expect(run()).toEqual(direct);
    expect(run({ algorithm: "auto" })).toEqual(auto);
    expect(setConvAlgorithm("auto")).toBe("direct");
    expect(run()).toEqual(auto);
  });

  it("counts for one layer of a model, forth, back and in predictions, between two calls as well", () => {
    const build = (options: Conv2dOptions): Sequential => {
      const layer = new Conv2d(16, 16, 3, options);
      layer.loadStateDict({ weight: w, bias: zeros([16]) });
      return new Sequential(layer);
    };
    const [auto, direct] = [build({}), build({ algorithm: "direct" })];
    expect(direct.predict(x).data).toEqual(run({ algorithm: "direct" }));
    expect(auto.predict(x).data).toEqual(run());
    setConvAlgorithm("direct");
    expect(auto.predict(x).data).toEqual(direct.predict(x).data);
    setConvAlgorithm("auto");
    expect(auto.predict(x).data).toEqual(run());
    const dy = randn(direct.forward(x).shape, { seed: 3 });
    expect(direct.backward(dy).data).toEqual(conv2dInputGrad(dy, w, x.shape, { algorithm: "direct" }).data);
    const [{ grad }] = direct.parameters();
    expect(grad.data).toEqual(conv2dWeightGrad(x, dy, w.shape, { algorithm: "direct" }).data);
  });

  it("stands in what describes the layer and in model files, and only if it was given", () => {
    const model = new Sequential(new Conv2d(8, 8, 3, { algorithm: "direct" }), new Conv2d(8, 8, 3));
    const [first, second] = [...model];
    expect(first.describe()).toBe('Conv2d(8, 8, [3, 3], { algorithm: "direct" })');
    expect(second.describe()).toBe("Conv2d(8, 8, [3, 3])");
    expect(first.config().options?.algorithm).toBe("direct");
    expect(Object.hasOwn(second.config().options ?? {}, "algorithm")).toBe(false);
    const [loaded] = [...(loadModel(saveModel(model)).model as Sequential)];
    expect(loaded.describe()).toBe(first.describe());
  });

  it("knows two words", () => {
    const text = (who: string): string => `${who}: expected algorithm to be one of "auto", "direct", got "exact".`;
    throwsExactly(() => setConvAlgorithm("exact" as "auto"), ArgumentError, text("setConvAlgorithm"));
    throwsExactly(() => new Conv2d(1, 1, 3, { algorithm: "exact" as "auto" }), ArgumentError, text("Conv2d"));
    throwsExactly(() => run({ algorithm: "exact" as "auto" }), ArgumentError, text("conv2d"));
  });
});

describe("The switch of other convolutions", () => {
  const whole = (shape: readonly number[], seed: number): Tensor => {
    const tensor = rand(shape, { seed });
    tensor.data.forEach((value, i) => (tensor.data[i] = Math.floor(value * 200) - 100));
    return tensor;
  };

  it("makes a transposed one exact for whole numbers, which it is not without", () => {
    const run = (options: object): Tensor[] => {
      const layer = new ConvTranspose2d(16, 8, 3, { padding: 1, bias: false, ...options });
      layer.weight.value = whole(layer.weight.shape, 1);
      const y = layer.forward(whole([2, 16, 12, 12], 2));
      return [y, layer.backward(whole(y.shape, 3)), layer.weight.grad];
    };
    const direct = run({ algorithm: "direct" });
    for (const { data } of direct) expect(data.every(Number.isInteger)).toBe(true);
    setBackend(reference);
    expect(direct.map(({ data }) => [...data])).toEqual(run({}).map(({ data }) => [...data]));
    setBackend(wasm);
    expect(run({}).every(({ data }) => data.every(Number.isInteger))).toBe(false);
  });

  it("leaves infinities and NaN of sequences where the reference has them in the weight gradient, which it does not without", () => {
    const kinds = (options: object): string[] =>
      Array.from({ length: 120 }, (_, s) => {
        const [C, O, K] = [1 + (s % 9), 1 + ((s * 7) % 9), 1 + (s % 5)];
        const layer = new Conv1d(C, O, K, { padding: s % 3, stride: 1 + (s % 2), bias: false, ...options });
        const x = rand([2, C, K + 3 + (s % 23)], { seed: s });
        x.data[(s * 31) % x.size] = s % 2 === 0 ? Infinity : NaN;
        const dy = rand(layer.forward(x).shape, { seed: s + 1 });
        dy.data.forEach((_v, i) => (dy.data[i] *= i % 3 === 0 ? 1 : 0));
        layer.backward(dy);
        return Array.from(layer.weight.grad.data, (value) =>
          Number.isFinite(value) ? "finite" : String(value),
        ).join();
      });
    const [auto, direct] = [kinds({}), kinds({ algorithm: "direct" })];
    setBackend(reference);
    const exact = kinds({});
    expect(direct).toEqual(exact);
    expect(auto).not.toEqual(exact);
  });
});
