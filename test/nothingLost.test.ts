// What JavaScript does to objects without asking them: JSON, clones, spreads, loops, operators. Each public object is written right,
// or it says what to write instead; none of them loses its content in silence. Layers are in nn/.
import { inspect, isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as core from "../src/index.js";
import * as data from "../src/entries/data.js";
import * as metrics from "../src/entries/metrics.js";
import * as io from "../src/entries/io.js";
import * as reference from "../src/entries/reference.js";
import * as optimizers from "../src/optim/optimizers.js";
import {
  Adam,
  AnomalyError,
  ArgumentError,
  CrossEntropy,
  Generator,
  Layer,
  Linear,
  Optimizer,
  Parameter,
  SGD,
  Sequential,
  ShapeError,
  StateBuffer,
  Summary,
  Tensor,
  add,
  manualSeed,
  ones,
  randn,
  zeros,
} from "../src/index.js";
import { throwsExactly } from "./support/errors.js";

const TEXT =
  "Symbol(an object of handgrad (send data and shape of tensors, or the bytes of saveModel)) could not be cloned.";

function bitsOf({ data: numbers }: Tensor): number[] {
  return Array.from(numbers, (value, i) => (Number.isNaN(value) ? NaN : new Uint32Array(numbers.buffer)[i]));
}

// Any 32 bits: NaN, infinities, zeros of both signs, subnormals.
const anyTensor = fc
  .array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })
  .chain((shape) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const word = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.constantFrom(0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 1),
    );
    return fc.tuple(fc.constant(shape), fc.array(word, { minLength: size, maxLength: size }));
  })
  .map(([shape, words]) => new Tensor(new Float32Array(Uint32Array.from(words).buffer), shape));

function trained(make: (model: Sequential) => Optimizer): {
  model: Sequential;
  optimizer: Optimizer;
  step: () => void;
} {
  manualSeed(1);
  const model = new Sequential(new Linear(3, 2));
  const optimizer = make(model);
  const step = (): void => {
    optimizer.zeroGrad();
    model.forward(randn([4, 3], { seed: 2 }));
    model.backward(randn([4, 2], { seed: 3 }), { inputGrad: false });
    optimizer.step();
  };
  step();
  step();
  return { model, optimizer, step };
}

async function place(): Promise<io.Checkpoints> {
  return io.openCheckpoints({ list: () => [], read: () => null, write: () => undefined, remove: () => undefined });
}

describe("JSON.stringify", () => {
  it("of a tensor is read back by new Tensor, bit for bit, whatever its shape and numbers", () => {
    fc.assert(
      fc.property(anyTensor, (x) => {
        const back = new Tensor(JSON.parse(JSON.stringify(x)) as never);
        expect(back.shape).toEqual(x.shape);
        expect(bitsOf(back)).toEqual(bitsOf(x));
      }),
    );
  });

  it("of a float64 tensor keeps every digit", () => {
    const x = Tensor.float64([[0.1, -0, 5e-324]]);
    const back = Tensor.float64(JSON.parse(JSON.stringify(x)) as never);
    expect(back.toArray()).toEqual([[0.1, -0, 5e-324]]);
    expect(back.dtype).toBe("float64");
  });

  it("of a tensor is its numbers, shape and number format", () => {
    expect(JSON.stringify(new Tensor([[1, -0.5, NaN]]))).toBe(
      '{"dtype":"float32","shape":[1,3],"numbers":[1,-0.5,"NaN"]}',
    );
  });

  it("of a state dict is read back by loadStateDict", () => {
    const { model } = trained((net) => new SGD(net.parameters(), { lr: 0.1 }));
    const text = JSON.stringify(model.stateDict());
    const other = new Sequential(new Linear(3, 2));
    other.loadStateDict(JSON.parse(text) as core.StateDict);
    expect(JSON.stringify(other.stateDict())).toBe(text);
  });

  const all = Object.entries(optimizers).map(([name, Class]): [string, (model: Sequential) => Optimizer] => [
    name,
    // Muon takes no vectors.
    (model) => new Class(model.parameters().slice(0, name === "Muon" ? 1 : 2), { lr: 0.1 }),
  ]);
  it.each<[string, (model: Sequential) => Optimizer]>([
    ["SGD with momentum", (model) => new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })],
    ["Lookahead", (model) => new core.Lookahead(new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }), { k: 3 })],
    ["Adam with AMSGrad", (model) => new Adam(model.parameters(), { amsgrad: true })],
    ...all,
  ])(
    "of the state of %s, and of the optimizer itself, is read back by loadStateDict, and the next step is the same",
    (_, make) => {
      const first = trained(make);
      const text = JSON.stringify(first.optimizer.stateDict());
      expect(JSON.stringify(first.optimizer)).toBe(text);
      const second = trained(make);
      second.step();
      second.model.loadStateDict(first.model.stateDict());
      second.optimizer.loadStateDict(JSON.parse(text) as core.OptimizerState);
      first.step();
      second.step();
      expect(JSON.stringify(second.model.stateDict())).toBe(JSON.stringify(first.model.stateDict()));
    },
  );

  it("of a schedule is its state, and read back by loadStateDict", () => {
    const make = (): core.StepLR => new core.StepLR(new SGD([new Parameter(ones([1]))], { lr: 1 }), 2);
    const [first, second] = [make(), make()];
    for (let i = 0; i < 3; i++) first.step();
    second.loadStateDict(JSON.parse(JSON.stringify(first)) as core.SchedulerState);
    expect(second.lastLr).toEqual(first.lastLr);
    for (const schedule of [first, second]) schedule.step();
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  it("of a checkpoint's content is read back by restoreCheckpoint", () => {
    const { model, optimizer, step } = trained((net) => new Adam(net.parameters()));
    const checkpoint = io.decodeCheckpoint(io.encodeCheckpoint({ model, optimizer }));
    const text = JSON.stringify(checkpoint);
    step();
    io.restoreCheckpoint({ model, optimizer }, JSON.parse(text) as io.Checkpoint);
    expect(JSON.stringify(io.decodeCheckpoint(io.encodeCheckpoint({ model, optimizer })))).toBe(text);
  });

  it("of a generator is its state, of batches.position the position, each taken back", () => {
    const generator = new Generator("draw", { seed: 7 });
    generator.uniform();
    const text = JSON.stringify({ generator });
    const next = generator.uniform();
    generator.state = (JSON.parse(text) as { generator: core.GeneratorState }).generator;
    expect(generator.uniform()).toBe(next);
  });

  it("of a parameter is its numbers and its gradient, if there is one", () => {
    const parameter = new Parameter(new Tensor([1]));
    expect(JSON.stringify(parameter)).toBe('{"value":{"dtype":"float32","shape":[1],"numbers":[1]},"grad":null}');
    parameter.accumulate(new Tensor([2]));
    expect(JSON.parse(JSON.stringify(parameter))).toMatchObject({ grad: { numbers: [2] } });
  });

  it("of an error has its message", () => {
    let error: unknown;
    try {
      zeros([-1]);
    } catch (thrown) {
      error = thrown;
    }
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "ShapeError",
      path: "",
      message: "zeros: expected a shape of whole numbers of at least 0, got [-1].",
    });
    const anomaly = new AnomalyError("x", { path: "0", what: "inputs", value: 1, index: [2] });
    expect(JSON.parse(JSON.stringify(anomaly))).toMatchObject({ message: "x", path: "0", what: "inputs", index: [2] });
  });

  it.each<[string, () => unknown | Promise<unknown>, string]>([
    [
      "batches",
      () => data.batches(ones([2, 1]), [0, 1], { size: 1 }),
      "Batches: expected their position in JSON, got the data themselves (write batches.position).",
    ],
    [
      "a loaded model",
      () => io.loadModel(io.saveModel(new Sequential(new Linear(1, 1)))),
      "LoadedModel: expected bytes of a model, got JSON.stringify (saveModel(loaded.model) writes them).",
    ],
    [
      "a data set",
      () => new data.TensorDataset(ones([2, 1]), [0, 1]),
      "TensorDataset: expected plain data in JSON, got a data set (write the tensors that it holds).",
    ],
    [
      "a part of a data set",
      () => data.subset(new data.TensorDataset(ones([2, 1]), [0, 1]), [0]),
      "Subset: expected plain data in JSON, got a data set (write its indices).",
    ],
    [
      "a loss",
      () => new CrossEntropy({ labelSmoothing: 0.1 }),
      "CrossEntropy: expected its options in JSON, got the loss (write what it was made with).",
    ],
    ["checkpoints", place, "Checkpoints: expected what list() or read() give in JSON, got the place itself."],
  ])("of %s is an error that says what to write", async (_, make, message) => {
    const object = await make();
    throwsExactly(() => JSON.stringify({ object }), ArgumentError, message);
  });
});

describe("structuredClone and postMessage", () => {
  const parameter = new Parameter(ones([2]));
  const objects: readonly (readonly [string, () => unknown | Promise<unknown>])[] = [
    ["Parameter", () => parameter],
    ["SGD", () => new SGD([parameter], { lr: 1 })],
    ["Adam", () => new Adam([parameter])],
    ["Generator", () => new Generator("draw")],
    ["StepLR", () => new core.StepLR(new SGD([parameter], { lr: 1 }), 1)],
    ["CrossEntropy", () => new CrossEntropy()],
    ["ReLU", () => new core.ReLU()],
    ["Sequential", () => new Sequential(["a", new Sequential()])],
    ["Batches", () => data.batches(ones([2, 1]), [0, 1], { size: 1 })],
    ["TensorDataset", () => new data.TensorDataset(ones([2, 1]), [0, 1])],
    ["Subset", () => data.subset(new data.TensorDataset(ones([2, 1]), [0, 1]), [1])],
    ["F1", () => new metrics.F1()],
    ["LoadedModel", () => io.loadModel(io.saveModel(new Sequential(new Linear(1, 1))))],
    ["Checkpoints", place],
  ];
  // These have nothing but public, plain fields beside what makes their text, and lose nothing else.
  const PLAIN = ["Summary", "GradCheckReport", "Tensor"];
  // Their base does it for all of them; one of each has a row.
  const BASES: readonly (abstract new (...args: never[]) => object)[] = [
    Layer,
    StateBuffer,
    Optimizer,
    core.LRScheduler,
    core.Loss,
    core.HandgradError,
    data.Epochs,
    metrics.Metric,
  ];

  it("have a row here for every public class", () => {
    const all: Record<string, unknown> = { ...core, ...data, ...metrics, ...io, ...reference };
    const classes = Object.entries(all).filter(
      ([, value]) =>
        typeof value === "function" &&
        Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false &&
        !BASES.some((base) => value === base || value.prototype instanceof base),
    );
    const rows = [...objects.map(([name]) => name), ...PLAIN];
    expect(classes.map(([name]) => name).filter((name) => !rows.includes(name))).toEqual([]);
    expect(classes.length).toBeGreaterThan(5);
  });

  it.each(objects)("refuse a %s by an error that names what can be sent", async (_, make) => {
    const object = await make();
    for (const value of [object, [object], { deep: { object } }]) {
      expect(() => structuredClone(value)).toThrow(TEXT);
      const { port1, port2 } = new MessageChannel();
      expect(() => port1.postMessage(value)).toThrow(TEXT);
      port1.close();
      port2.close();
    }
  });

  it("take a tensor, and new Tensor makes an equal one of what arrives, of numbers of its own", async () => {
    const { port1, port2 } = new MessageChannel();
    const posted = async (x: Tensor): Promise<unknown> => {
      const arrived = new Promise((resolve) => (port2.onmessage = ({ data: copy }) => resolve(copy)));
      port1.postMessage(x);
      return arrived;
    };
    await fc.assert(
      fc.asyncProperty(anyTensor, async (x) => {
        for (const copy of [structuredClone(x), await posted(x), { ...x }, Object.assign({}, x)]) {
          const back = new Tensor(copy as never);
          expect(back.shape).toEqual(x.shape);
          expect(bitsOf(back)).toEqual(bitsOf(x));
        }
      }),
    );
    const x = ones([2]);
    new Tensor(structuredClone(x) as never).data.fill(5);
    expect(x.toArray()).toEqual([1, 1]);
    expect(Tensor.float64(structuredClone(Tensor.float64([0.1])) as never).item()).toBe(0.1);
    port1.close();
    port2.close();
  });

  it("take a state dict, the state of an optimizer and a checkpoint's content, as a worker sends them, and they load", () => {
    const { model, optimizer, step } = trained((net) => new Adam(net.parameters()));
    const checkpoint = io.decodeCheckpoint(io.encodeCheckpoint({ model, optimizer }));
    const bytes = io.encodeCheckpoint({ model, optimizer });
    const states = structuredClone([checkpoint.model, optimizer.stateDict()] as const);
    step();
    model.loadStateDict(states[0]);
    optimizer.loadStateDict(states[1]);
    expect(model.stateDict()).toEqual(checkpoint.model);
    step();
    io.restoreCheckpoint({ model, optimizer }, structuredClone(checkpoint));
    expect(io.encodeCheckpoint({ model, optimizer })).toEqual(bytes);
  });

  it("and deep comparisons see the numbers of a tensor", () => {
    expect(isDeepStrictEqual(new Tensor([1, 2]), new Tensor([1, 2]))).toBe(true);
    expect(isDeepStrictEqual(new Tensor([1, 2]), new Tensor([1, 3]))).toBe(false);
    expect(isDeepStrictEqual(new Tensor([1]), Tensor.float64([1]))).toBe(false);
  });

  it("take a summary with all that is public of it", () => {
    const summary = new Sequential(new Linear(2, 1)).summary([2]);
    expect(summary).toBeInstanceOf(Summary);
    expect(structuredClone(summary)).toEqual(JSON.parse(JSON.stringify(summary)));
    expect(structuredClone(summary).rows).toEqual(summary.rows);
  });
});

describe("A spread or Object.assign", () => {
  it.each<[string, () => unknown]>([
    ["{ ...x }", () => ({ ...ones([1]) })],
    ["Object.assign({}, x)", () => Object.assign({}, ones([1]))],
  ])("of a tensor is no tensor, and says so where one is expected: %s", (_, make) => {
    throwsExactly(
      () => add(make() as never, ones([1])),
      ArgumentError,
      "add: expected a to be a Tensor, got an object (Object) (new Tensor(value) makes one of this copy).",
    );
  });

  it("of a parameter is no parameter", () => {
    const copy = { ...new Parameter(ones([1])) };
    throwsExactly(
      () => new SGD([copy as never], { lr: 1 }),
      ArgumentError,
      "SGD: expected parameter 0 to be a Parameter, got an object (Object) (give it model.parameters()).",
    );
  });

  it("of JSON of a tensor names the way to a tensor", () => {
    throwsExactly(
      () => add(JSON.parse(JSON.stringify(ones([1]))) as never, ones([1])),
      ArgumentError,
      "add: expected a to be a Tensor, got an object (Object) (new Tensor(value) makes one of this copy).",
    );
  });
});

describe("A loop over a tensor", () => {
  it("gives the numbers of a list and the rows of anything else, as toArray has them", () => {
    const plain = (value: number | Tensor): unknown => (typeof value === "number" ? value : Array.from(value, plain));
    fc.assert(
      fc.property(
        anyTensor.filter(({ rank }) => rank > 0),
        (x) => {
          expect(Array.from(x, plain)).toEqual(x.toArray());
        },
      ),
    );
  });

  it("serves whatever takes an iterable, and a test's toEqual", () => {
    const x = new Tensor([3, 1, 2]);
    expect([...x]).toEqual([3, 1, 2]);
    expect(Float32Array.from(x as Iterable<number>)).toEqual(x.data);
    expect(Math.max(...(x as Iterable<number>))).toBe(3);
    const [[a, b], c] = new Tensor([
      [1, 2],
      [3, 4],
    ]) as unknown as Tensor[];
    expect([a, b, String(c)]).toEqual([1, 2, "Tensor [2] [3, 4]"]);
    expect(new Tensor([[1, 2]])).toEqual(new Tensor([[1, 2]]));
    expect(new Tensor([[1, 2]])).not.toEqual(new Tensor([[1, 3]]));
  });

  it("gives rows of their own", () => {
    const x = zeros([2, 2]);
    for (const row of x) (row as Tensor).data.fill(1);
    expect(x.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("of rank 0 is an error", () => {
    throwsExactly(
      () => [...new Tensor(1)],
      ShapeError,
      "Tensor: expected at least one axis to loop over, got rank 0 (use item()).",
    );
  });
});

describe("An operator", () => {
  const x = new Tensor([1, 2]) as unknown as number;
  const message = "Tensor: expected a function such as add or multiply for a tensor [2], got an operator.";
  it.each<[string, () => unknown]>([
    ["x * 2", () => x * 2],
    ["x - x", () => x - x],
    ["-x", () => -x],
    ["+x", () => +x],
    ["x < 3", () => x < 3],
    ["x ** 2", () => x ** 2],
    ["Math.abs(x)", () => Math.abs(x)],
    ["Number(x)", () => Number(x)],
    ["isNaN(x)", () => isNaN(x)],
    ["new Float32Array(1).fill(x)", () => new Float32Array(1).fill(x)],
  ])("that wants a number of several is an error that names functions: %s", (_, act) => {
    throwsExactly(act, ArgumentError, message);
  });

  it("gets the number of a tensor that holds one", () => {
    const one = new Tensor([[2.5]]) as unknown as number;
    expect([one * 2, one < 3, Number(one), Math.max(one, 1)]).toEqual([5, true, 2.5, 2.5]);
  });

  it("gets the text where it wants text; == compares identity", () => {
    expect(`${x} ${String(x)}` + x).toBe("Tensor [2] [1, 2] Tensor [2] [1, 2]Tensor [2] [1, 2]");
    expect([x == x, x == (new Tensor([1, 2]) as unknown as number), x == null]).toEqual([true, false, false]);
  });
});

describe("console.log of Node", () => {
  it("shows the numbers of tensors and parameters, also deep inside", () => {
    const parameter = new Parameter(new Tensor([[1, 2]]));
    expect(inspect({ a: [new Tensor([1.5])] })).toBe("{ a: [ Tensor [1] [1.5000] ] }");
    expect(inspect(parameter)).toBe("Parameter [1, 2]\n[[1, 2]]");
    expect(String(parameter)).toBe(inspect(parameter));
  });
});

describe("Objects of another realm", () => {
  const foreign = <T>(code: string): T => runInNewContext(code) as T;
  it("are taken as those of this one: arrays, typed arrays, options, plain objects, JSON", () => {
    expect(new Tensor(foreign<number[][]>("[[1, 2], [3, 4]]")).shape).toEqual([2, 2]);
    expect(
      new Tensor(foreign<ArrayBufferView[]>("[new Float32Array([1, 2]), new Uint8Array([3, 4])]")).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const json = JSON.stringify(JSON.stringify(new Linear(2, 1).stateDict()));
    new Linear(2, 1).loadStateDict(foreign(`JSON.parse(${json})`));
    new Adam([new Parameter(ones([1]))], foreign("({ lr: 0.1, betas: [0.5, 0.5] })"));
    expect(zeros(foreign("[2]")).shape).toEqual([2]);
    const state = foreign<core.GeneratorState>("({ seed: 1, kind: 'draw', stream: 0, counter: 2 })");
    const generator = new Generator("draw");
    generator.state = state;
    expect(generator.state).toEqual({ ...state });
    const rows = data.batches(ones([2, 1]), foreign<Uint8Array>("new Uint8Array([0, 1])"), foreign("({ size: 2 })"));
    expect([...rows][0][1]).toEqual(Int32Array.of(0, 1));
  });
});
