// Misuse across realms and copies: options that are no options, whatever realm they are of; null where an option is left out; and
// objects of another copy of the package, as CommonJS beside ESM makes them.
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import * as core from "../../src/index.js";
import { batches, permutation } from "../../src/entries/data.js";
import * as io from "../../src/entries/io.js";
import { decodeNpz, encodeNpz } from "../../src/entries/npz.js";
import { exportOnnx, importOnnx } from "../../src/entries/onnx.js";
import { gradCheck } from "../../src/entries/reference.js";
import * as train from "../../src/entries/train.js";
import { LAYERS } from "../../src/nn/layers.js";
import * as optimizers from "../../src/optim/optimizers.js";
import { throwsExactly } from "../support/errors.js";
import { STORE, refuses } from "./calls.js";

const { ArgumentError, HandgradError, Linear, Parameter, Sequential, ones, zeros } = core;

type Call = (options: unknown) => unknown;

const x = ones([1, 1, 4, 4]);
const model = new Sequential(new Linear(1, 1));
const run = { model };
const trained = new Sequential(new Linear(1, 2));
const TRAIN = [[ones([2, 1]), [0, 1]]] as const;
const isObject = (o: unknown): o is object => typeof o === "object" && o !== null && !Array.isArray(o) && Object.getPrototypeOf(o) === Object.prototype; // prettier-ignore
const LOSS = (o: object): object => ("loss" in o ? {} : { loss: new core.CrossEntropy() });
const construct = (Class: unknown, ...args: unknown[]): unknown => Reflect.construct(Class as never, args) as unknown;

// The positional arguments of layers that take any.
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  Conv2d: [1, 1, 3],
  Linear: [1, 1],
  MaxPool2d: [2],
  AvgPool2d: [2],
  Dropout: [0.5],
  Dropout2d: [0.5],
};

// Everything that takes an object of options, or may take one.
const CANDIDATES: readonly (readonly [name: string, call: Call])[] = [
  ["rand", (o) => core.rand([1], o as never)],
  ["randn", (o) => core.randn([1], o as never)],
  ["fromRgba", (o) => core.fromRgba(new Uint8Array(4), 1, 1, o as never)],
  ["sum", (o) => core.sum(x, o as never)],
  ["max", (o) => core.max(x, o as never)],
  ["min", (o) => core.min(x, o as never)],
  ["mean", (o) => core.mean(x, o as never)],
  ["variance", (o) => core.variance(x, o as never)],
  ["pad", (o) => core.pad(x, [[1, 1]], o as never)],
  ["allClose", (o) => core.allClose(x, x, o as never)],
  ["conv2d", (o) => core.conv2d(x, ones([1, 1, 3, 3]), null, o as never)],
  ["maxPool2d", (o) => core.maxPool2d(x, 2, o as never)],
  ["avgPool2d", (o) => core.avgPool2d(x, 2, o as never)],
  ["correlate1d", (o) => core.correlate1d([1, 2], [1], o as never)],
  ["convolve2d", (o) => core.convolve2d([[1, 2]], [[1]], o as never)],
  ["autocorrelate", (o) => core.autocorrelate([1, 2], o as never)],
  ["kaimingNormal", (o) => core.kaimingNormal(o as never)],
  ["kaimingUniform", (o) => core.kaimingUniform(o as never)],
  ["Generator", (o) => construct(core.Generator, "draw", o)],
  ["Lookahead", (o) => construct(core.Lookahead, new core.SGD(model.parameters(), { lr: 1 }), o)],
  ["Focal", (o) => construct(core.Focal, o)],
  ["SigmoidFocal", (o) => construct(core.SigmoidFocal, o)],
  ["MultiMargin", (o) => construct(core.MultiMargin, o)],
  ["HingeEmbedding", (o) => construct(core.HingeEmbedding, o)],
  ["TripletMargin", (o) => construct(core.TripletMargin, o)],
  ["CosineEmbedding", (o) => construct(core.CosineEmbedding, o)],
  ["Dice", (o) => construct(core.Dice, o)],
  ["truncNormalInit", (o) => core.truncNormalInit(o as never)],
  ["diracInit", (o) => core.diracInit(o as never)],
  ["whiteningInit", (o) => core.whiteningInit(x, o as never)],
  ["fit", (o) => train.fit(trained, TRAIN, o as never)],
  ["lrFind", (o) => train.lrFind(trained, TRAIN, o as never)],
  ["evaluate", (o) => train.evaluate(trained, TRAIN, isObject(o) ? { ...o, ...LOSS(o) } : (o as never))],
  ["predict", (o) => train.predict(trained, TRAIN, o as never)],
  ["EMA", (o) => construct(train.EMA, trained, o)],
  ["SWA", (o) => construct(train.SWA, trained, o)],
  ["earlyStopping", (o) => train.earlyStopping(o as never)],
  ["progress", (o) => train.progress(o as never)],
  ["CrossEntropy", (o) => construct(core.CrossEntropy, o)],
  ["loadStateDict", (o) => model.loadStateDict(model.stateDict(), o as never)],
  [
    "backward",
    (o) => {
      model.forward(ones([1, 1]));
      return model.backward(ones([1, 1]), o as never);
    },
  ],
  ["batches", (o) => batches(ones([2, 1]), [0, 1], o as never)],
  ["permutation", (o) => permutation(3, o as never)],
  ["decodeNpy", (o) => io.decodeNpy(io.encodeNpy(x), o as never)],
  ["decodeSafetensors", (o) => io.decodeSafetensors(io.encodeSafetensors({}), o as never)],
  ["encodeNpz", (o) => encodeNpz({}, o as never)],
  ["decodeNpz", (o) => decodeNpz(encodeNpz({}), o as never)],
  ["saveModel", (o) => io.saveModel(model, o as never)],
  ["loadModel", (o) => io.loadModel(io.saveModel(model), o as never)],
  ["openCheckpoints", (o) => io.openCheckpoints(STORE, o as never)],
  ["encodeCheckpoint", (o) => io.encodeCheckpoint(o as never)],
  ["restoreCheckpoint", (o) => io.restoreCheckpoint(o as never, io.decodeCheckpoint(io.encodeCheckpoint(run)))],
  ["exportOnnx", (o) => exportOnnx(model, [1], o as never)],
  ["importOnnx", (o) => importOnnx(exportOnnx(model, [1]), o as never)],
  ["gradCheck", (o) => gradCheck(model, ones([1, 1]), o as never)],
  ...Object.entries(optimizers).map(([name, Class]): [string, Call] => {
    return [name, (o) => construct(Class, [new Parameter(ones([1, 1]))], o)]; // Muon takes no vectors
  }),
  ...Object.entries(LAYERS).map(([name, Class]): [string, Call] => {
    return [name, (o) => construct(Class, ...(ARGUMENTS[name] ?? []), o)];
  }),
];

/** The options that a call knows, as its error lists them. */
async function optionsOf(call: Call): Promise<string[]> {
  const error = (await refusal(() => call({ noSuchOption: 1 }))) as Error | undefined;
  const list = /\(options: (.*)\)\.$/.exec(error?.message ?? "")?.[1];
  return list === undefined || list === "none" ? [] : list.split(", ");
}

async function refusal(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

const KNOWN = new Map<string, readonly string[]>();
for (const [name, call] of CANDIDATES) KNOWN.set(name, await optionsOf(call));
const CALLS = CANDIDATES.filter(([name]) => KNOWN.get(name)?.length !== 0);

describe("null", () => {
  // Where null says something of its own: none, unknown, all the numbers so far.
  const MEANT = [
    "CrossEntropy weight",
    "Focal weight",
    "MultiMargin weight",
    "fit classWeight",
    "encodeCheckpoint extra",
    "encodeCheckpoint metric",
    "gradCheck target",
  ];
  const rows = CALLS.flatMap(([name, call]) =>
    (KNOWN.get(name) ?? []).map((option) => [name, option, call] as const),
  ).filter(
    ([name, option]) => !MEANT.includes(`${name} ${option}`) && !(option === "momentum" && /^BatchNorm/.test(name)),
  );

  it("is tried for more than a hundred options", () => {
    expect(rows.length).toBeGreaterThan(100);
  });

  it.each(rows)("is no option of %s: %s is refused as with any other wrong value", async (name, option, call) => {
    const optimizer = new core.SGD(trained.parameters(), { lr: 0.1 });
    const required = {
      size: 1,
      lr: 0.1,
      epochs: 1,
      ...(KNOWN.get(name)?.includes("model") ? { model } : { optimizer }),
    };
    const given = Object.fromEntries(Object.entries(required).filter(([key]) => KNOWN.get(name)?.includes(key)));
    const error = await refusal(() => call({ ...given, [option]: null }));
    expect(error).toBeInstanceOf(HandgradError);
    expect((error as Error).message).toMatch(/expected .*(got null|got undefined|got .*null)/);
    expect(await refusal(() => call({ ...given }))).toBeUndefined();
  });
});

describe("What is no object of options", () => {
  const foreign = (code: string): unknown => runInNewContext(code);
  const values: readonly (readonly [string, () => unknown])[] = [
    ["a Map", () => new Map([["lr", 1]])],
    ["a Map of another realm", () => foreign("new Map()")],
    ["a Set", () => new Set()],
    ["a Promise", () => Promise.resolve({})],
    ["a Promise of another realm", () => foreign("Promise.resolve({})")],
    ["a Date", () => new Date(0)],
    ["bytes", () => new Uint8Array(2)],
    ["an ArrayBuffer of another realm", () => foreign("new ArrayBuffer(2)")],
    ["a list of another realm", () => foreign("[]")],
    ["a tensor", () => ones([1])],
    ["a model", () => new Sequential()],
    ["a function", () => () => ({})],
    ["null", () => null],
    ["a text", () => "lr=1"],
  ];
  it.each(values)("is refused as such by every call that takes options: %s", async (_, make) => {
    for (const [name, call] of CALLS) {
      const error = await refusal(() => call(make()));
      expect(error, name).toBeInstanceOf(HandgradError);
      expect((error as Error).message, name).toMatch(
        /expected (an options object|parameters|at least|a learning rate)/,
      );
    }
  });

  it("is not an object of another realm or without a prototype: those are options", () => {
    expect(core.rand([1], foreign("({ seed: 3 })") as never).item()).toBe(core.rand([1], { seed: 3 }).item());
    const bare = Object.assign(Object.create(null) as object, { seed: 3 });
    expect(core.rand([1], bare).item()).toBe(core.rand([1], { seed: 3 }).item());
  });
});

describe("Objects of another copy of the package", () => {
  let other: typeof core;
  let otherData: { batches: typeof batches };
  const remedy = "(it is of another copy of handgrad: load the package by import everywhere, or by require everywhere)";

  beforeAll(async () => {
    vi.resetModules();
    other = await import("../../src/index.js");
    otherData = await import("../../src/entries/data.js");
    expect(other.Sequential).not.toBe(Sequential);
  });

  it("are taken where a brand tells what they are: tensors and parameters", () => {
    expect(core.add(other.ones([2]) as never, 1).toArray()).toEqual([2, 2]);
    expect(core.Tensor.isTensor(other.ones([1]))).toBe(true);
    expect(core.Tensor.isTensor({ ...ones([1]) })).toBe(false);
    const parameter = new other.Parameter(other.ones([1]));
    const optimizer = new core.SGD([parameter as never], { lr: 1 });
    parameter.accumulate(other.ones([1]));
    optimizer.step();
    expect(parameter.value.item()).toBe(0);
    model.loadStateDict(new other.Sequential(new other.Linear(1, 1)).stateDict() as never);
    expect(io.decodeNpy(io.encodeNpy(other.zeros([2]) as never)).tensor.toArray()).toEqual(zeros([2]).toArray());
  });

  it("are refused as such elsewhere", () => {
    const net = new other.Sequential(new other.Linear(1, 1));
    const rows: [unknown, string][] = [
      [{ model: net }, "model to be a layer or a model, got an object (Sequential)"],
      [{ model, optimizer: new other.Adam(net.parameters()) }, "optimizer to be an Optimizer, got an object (Adam)"],
      [
        { model, batches: otherData.batches(other.ones([2, 1]), [0, 1], { size: 1 }) },
        "batches to be what batches() returns, got an object (Batches)",
      ],
      [
        { model, generators: { noise: new other.Generator("draw") } },
        "generators.noise to be a Generator, got an object (Generator)",
      ],
    ];
    for (const [given, message] of rows) {
      const text = `encodeCheckpoint: expected ${message} ${remedy}.`;
      throwsExactly(() => io.encodeCheckpoint(given as never), ArgumentError, text);
    }
  });

  it("are no layers here, in a model, a layer of one's own or any function that takes one", () => {
    const net = new other.Sequential(new other.Linear(1, 1)) as never;
    const relu = new other.ReLU() as never;
    class Block extends core.Layer {
      constructor(readonly part: unknown) {
        super();
      }
      forward(x: core.Tensor): core.Tensor {
        return x;
      }
      backward(dy: core.Tensor): core.Tensor {
        return dy;
      }
    }
    const plain = { net, forward: (x: core.Tensor) => x, backward: (dy: core.Tensor) => dy };
    const x = ones([1, 1]);
    const rows: [() => unknown, string][] = [
      [() => new Sequential(relu), `Sequential: expected layer 0 to be a layer, got an object (ReLU) ${remedy}.`],
      [
        () => new Sequential(["a", net]),
        `Sequential: expected layer a to be a layer, got an object (Sequential) ${remedy}.`,
      ],
      [() => new core.Residual(relu), `Residual: expected body to be a layer, got an object (ReLU) ${remedy}.`],
      [
        () => new core.Residual(new core.ReLU(), relu),
        `Residual: expected shortcut to be a layer, got an object (ReLU) ${remedy}.`,
      ],
      [
        () => new Sequential(new Block(net)),
        `Block: expected part to be a layer or buffer, got an object (Sequential) ${remedy}.`,
      ],
      [
        () => new Block(relu).parameters(),
        `Block: expected part to be a layer or buffer, got an object (ReLU) ${remedy}.`,
      ],
      [
        () => new Block(new other.StateBuffer(other.ones([1]))).stateDict(),
        `Block: expected part to be a layer or buffer, got an object (StateBuffer) ${remedy}.`,
      ],
      [
        () => new Block([relu]).parameters(),
        "Block: expected layers and parameters as fields of their own, got some inside part, where they are not found (for " +
          "layers: part = new Sequential(...layers), which can be looped over; it names them part.0, part.1 as PyTorch's ModuleList).",
      ],
      [
        () => new Sequential(plain),
        "Layer: expected an object without parameters, got a layer or parameter in net, where it is not found (make it a class " +
          "that extends Layer).",
      ],
      [
        () => core.detectAnomaly(net, () => 1),
        `detectAnomaly: expected a model, got an object (Sequential) ${remedy}.`,
      ],
      [() => gradCheck(relu, x), `gradCheck: expected a layer, a model or a loss, got an object (ReLU) ${remedy}.`],
      [() => io.saveModel(net), `saveModel: expected a Sequential or a Graph, got an object (Sequential) ${remedy}.`],
      [() => exportOnnx(net, [1]), `exportOnnx: expected a model or a layer, got an object (Sequential) ${remedy}.`],
    ];
    for (const [work, message] of rows) throwsExactly(work, ArgumentError, message);
    const own = new Block(new other.Parameter(other.ones([1])));
    expect(own.parameters()).toHaveLength(1);
  });

  it("have errors with the same names", () => {
    let thrown: unknown;
    try {
      other.zeros([-1]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).not.toBeInstanceOf(HandgradError);
    expect(thrown).toMatchObject({ name: "ShapeError", message: expect.stringContaining("zeros: expected") as string });
  });
});

// The harness itself sees what it must.
describe("The tables", () => {
  it("have no row that passes by chance: a wrong text, a wrong class and a call that works are failures", async () => {
    const seen: string[] = [];
    const each = vi.spyOn(it, "each").mockReturnValue(((_: string, test: (...args: unknown[]) => unknown) => {
      tests.push(test);
    }) as never);
    const tests: ((...args: unknown[]) => unknown)[] = [];
    refuses("zeros", "zeros: ", []);
    each.mockRestore();
    const [test] = tests;
    for (const [args, type, message] of [
      [[null], core.ShapeError, "expected another text."],
      [[null], ArgumentError, "expected a shape of whole numbers of at least 0, got null."],
      [[[2]], core.ShapeError, "expected a shape of whole numbers of at least 0, got null."],
    ] as const) {
      await expect(async () => test("", args, type, message)).rejects.toThrow();
      seen.push(message);
    }
    await test("", [null], core.ShapeError, "expected a shape of whole numbers of at least 0, got null.");
    expect(seen).toHaveLength(3);
  });
});
