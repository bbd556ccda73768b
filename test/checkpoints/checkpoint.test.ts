// A checkpoint as bytes: a run that is put back goes on bit for bit, damage is found, and an error changes nothing.
import { beforeEach, describe, expect, it } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropy,
  Dropout,
  FormatError,
  Generator,
  HandgradError,
  Layer,
  Linear,
  Parameter,
  ReLU,
  SGD,
  Sequential,
  ShapeError,
  StateBuffer,
  Tensor,
  backendInfo,
  fillNormal,
  getSeed,
  manualSeed,
  randn,
  zerosInit,
  type Optimizer,
} from "../../src/index.js";
import { batches, permutation } from "../../src/entries/data.js";
import {
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  restoreCheckpoint,
  type Run,
} from "../../src/entries/io.js";
import { crc32 } from "../../src/files/crc32.js";
import { throwsExactly } from "../support/errors.js";
import { digestOf, makeRun, train, weightsDigest } from "../support/trainingRun.js";

const STEPS = 8; // of three an epoch

const optimizers: [string, (model: Sequential) => Optimizer][] = [
  ["Adam", (model) => new Adam(model.parameters(), { lr: 0.01 })],
  ["Adam with amsgrad", (model) => new Adam(model.parameters(), { lr: 0.01, amsgrad: true, weightDecay: 0.01 })],
  ["SGD", (model) => new SGD(model.parameters(), { lr: 0.1 })],
  ["SGD with momentum", (model) => new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, dampening: 0.1 })],
];

describe.each(optimizers)("A run with %s", (_, optimizerOf) => {
  it(`goes on bit for bit from each of ${STEPS} steps, in a process that drew something else before`, () => {
    const whole = makeRun(1, optimizerOf);
    const losses = train(whole, STEPS);
    const last = encodeCheckpoint(whole);
    for (let cut = 0; cut <= STEPS; cut++) {
      const before = makeRun(1, optimizerOf);
      const first = train(before, cut);
      const bytes = encodeCheckpoint({ ...before, history: first });
      train(before, 2); // the bytes are a copy

      const after = makeRun(999, optimizerOf);
      train(after, cut % 3);
      after.optimizer.parameters[0].initialize(zerosInit()); // not even drawn yet
      randn([3]);
      permutation(5);
      const checkpoint = decodeCheckpoint(bytes);
      restoreCheckpoint(after, checkpoint);
      const rest = train(after, STEPS - cut);
      expect([...(checkpoint.history as number[]), ...rest]).toEqual(losses);
      expect(weightsDigest(after.model)).toBe(weightsDigest(whole.model));
      // Everything else is the same too: the bytes hold it all.
      expect(digestOf(encodeCheckpoint(after))).toBe(digestOf(last));
    }
  });
});

describe("A checkpoint", () => {
  it("has the same bytes for the same state, and holds what was given", () => {
    const run = makeRun(1);
    train(run, 4);
    const notes = { history: [1, { loss: 0.5 }], extra: { note: "ä", list: [null, true] }, metric: 0.75 };
    const bytes = encodeCheckpoint({ ...run, ...notes });
    expect(encodeCheckpoint({ ...run, ...notes })).toEqual(bytes);
    const checkpoint = decodeCheckpoint(bytes);
    expect(checkpoint).toMatchObject(notes);
    expect(checkpoint.batches[0]).toEqual(run.batches.position);
    expect(checkpoint.batches[0]).toMatchObject({ epoch: 1, batch: 1, size: 8, samples: 21 });
    expect(checkpoint.optimizers[0]).toMatchObject({ ...run.optimizer.stateDict(), parameters: ["0.weight", "0.bias", "head.1.weight", "head.1.bias"] }); // prettier-ignore
    expect(checkpoint.model).toEqual(run.model.stateDict());
    expect(checkpoint.random.seed).toBe(getSeed());
  });

  it("is a safetensors file with the weights under their names, and its checksum is the CRC-32 of the rest", () => {
    const run = makeRun(1);
    train(run, 1);
    const bytes = encodeCheckpoint(run);
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(tensors["model.head.1.bias"]).toEqual(run.model.stateDict()["head.1.bias"]);
    expect(Object.keys(metadata)).toEqual(["format", "version", "checksum", "state"]);
    expect([metadata.format, metadata.version]).toEqual(["handgrad checkpoint", "1"]);
    const place = Buffer.from(bytes).indexOf(metadata.checksum);
    const blank = bytes.slice().fill(0x30, place, place + 8);
    expect(metadata.checksum).toBe(crc32(blank).toString(16).padStart(8, "0"));
    // The test value that everybody gives for this CRC.
    expect(crc32(new TextEncoder().encode("123456789")).toString(16)).toBe("cbf43926");
    expect(crc32(new TextEncoder().encode("56789"), crc32(new TextEncoder().encode("1234")))).toBe(0xcbf43926);
  });

  it("keeps every number of history and extra, NaN, infinities and -0 too, and keys that look like its own", () => {
    const { model } = makeRun(1);
    const history = [
      NaN,
      Infinity,
      -Infinity,
      -0,
      0,
      5e-324,
      0.1,
      { $: "NaN" },
      { $: { $: -0 } },
      { __proto__: null, a: 1 },
    ];
    const read = decodeCheckpoint(encodeCheckpoint({ model, history, metric: NaN, extra: { a: undefined, b: [-0] } }));
    expect(read.history).toEqual(history);
    expect(Object.is((read.extra as { b: number[] }).b[0], -0)).toBe(true);
    expect(Object.keys(read.extra as object)).toEqual(["b"]);
    expect(read.metric).toBeNaN();
    let deep: unknown = "\ud800 and half a pair";
    for (let level = 0; level < 24; level++) deep = { $: deep };
    expect(decodeCheckpoint(encodeCheckpoint({ model, extra: deep })).extra).toEqual(deep);
    const nan = decodeCheckpoint(encodeCheckpoint({ model, extra: JSON.parse('{ "__proto__": { "x": 1 } }') }));
    expect(JSON.stringify(nan.extra)).toBe('{"__proto__":{"x":1}}');
  });

  it("keeps weights that are not numbers, with their bits", () => {
    const { model } = makeRun(1);
    const bits = Uint32Array.of(0x7fc00001, 0xff800000, 0x80000000, 1);
    model.stateDict()["head.1.bias"].data.set(new Float32Array(bits.buffer));
    const other = makeRun(2);
    restoreCheckpoint({ model: other.model }, decodeCheckpoint(encodeCheckpoint({ model })));
    expect(new Uint32Array(other.model.stateDict()["head.1.bias"].data.slice().buffer)).toEqual(bits);
  });

  it("keeps gradients: their numbers for a loop that adds them up, and that there are none", () => {
    const [run, other] = [makeRun(1), makeRun(2)];
    train(run, 1);
    const [first, second] = run.model.parameters();
    train(other, 1);
    const fresh = makeRun(3).model.parameters();
    const bytes = encodeCheckpoint(run);
    expect(Object.keys(decodeCheckpoint(bytes).gradients)).toHaveLength(4);
    restoreCheckpoint(other, decodeCheckpoint(bytes));
    expect(other.model.parameters()[0].grad).toEqual(first.grad);
    expect(fresh.some(({ hasGrad }) => hasGrad)).toBe(false);

    run.optimizer.zeroGrad();
    const zeros = encodeCheckpoint(run);
    expect(zeros.length).toBeLessThan(0.85 * bytes.length);
    expect(encodeCheckpoint({ ...makeRestored(bytes), gradients: false }).length).toBe(zeros.length);
    second.grad.data[0] = -0; // not the bits of a zero that was filled in
    expect(encodeCheckpoint(run).length).toBeGreaterThan(zeros.length);

    // Before any backward there is none, and Adam leaves the parameter alone; a gradient of zeros moves it on.
    const none = encodeCheckpoint(makeRun(1));
    restoreCheckpoint(other, decodeCheckpoint(none));
    expect(other.model.parameters().map(({ hasGrad }) => hasGrad)).toEqual([false, false, false, false]);
  });

  const makeRestored = (bytes: Uint8Array): Run => {
    const run = makeRun(4);
    restoreCheckpoint(run, decodeCheckpoint(bytes));
    return run;
  };

  it("keeps modes layer by layer, buffers, shared parameters, and generators in layers of one's own", () => {
    class Noisy extends Layer<null> {
      readonly steps = new StateBuffer(new Tensor([0, 0]));
      readonly shared: Parameter;
      readonly noise = new Generator("augment");
      constructor(shared: Parameter) {
        super();
        this.shared = shared;
      }
      forward(x: Tensor): Tensor {
        this.steps.value.data[0] += this.noise.uniform();
        return x;
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    class Plain {
      readonly noise = new Generator("augment");
      forward(x: Tensor): Tensor {
        this.noise.uniform();
        return x;
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    const build = (seed: number): { model: Sequential; plain: Plain } => {
      manualSeed(seed);
      const linear = new Linear(2, 2);
      const plain = new Plain();
      return {
        model: new Sequential(linear, ["noisy", new Noisy(linear.weight)], plain, new Sequential(new Dropout())),
        plain,
      };
    };
    const [before, after] = [build(1), build(2)];
    const x = new Tensor([[1, 2]]);
    before.model.forward(x);
    before.model.get("noisy").eval();
    before.model.get(3).eval();
    const [dropout] = before.model.get(3) as Sequential;
    dropout.train();
    const bytes = encodeCheckpoint({ model: before.model });
    expect(decodeCheckpoint(bytes).evalLayers).toEqual(["noisy", "3"]);
    expect(Object.keys(decodeCheckpoint(bytes).model)).toContain("noisy.steps");
    expect(decodeCheckpoint(bytes).model["noisy.shared"]).toEqual(decodeCheckpoint(bytes).model["0.weight"]);
    restoreCheckpoint({ model: after.model }, decodeCheckpoint(bytes));
    expect([...after.model.layers()].map(({ training }) => training)).toEqual([true, true, false, true, false, true]);
    expect(after.plain.noise.uniform()).toBe(before.plain.noise.uniform());
    expect(after.model.forward(x)).toEqual(before.model.forward(x));
    expect(encodeCheckpoint({ model: after.model })).not.toEqual(bytes);
  });

  it("puts the numbering of streams back: what is made after it draws what it drew in the saved run", () => {
    const run = makeRun(1);
    const bytes = encodeCheckpoint(run);
    const drawn = [new Linear(3, 3).weight.value, randn([4]), new Tensor(Array.from(permutation(9)))].map(
      (t) => t.data,
    );
    manualSeed(77);
    const other = makeRun(77);
    restoreCheckpoint(other, decodeCheckpoint(bytes));
    expect(getSeed()).toBe(1);
    expect(
      [new Linear(3, 3).weight.value, randn([4]), new Tensor(Array.from(permutation(9)))].map((t) => t.data),
    ).toEqual(drawn);
    // Also where a weight is drawn anew later.
    const again = (each: Run): Float32Array => {
      const [parameter] = each.model.parameters();
      parameter.initialize((tensor, generator) => fillNormal(generator, tensor.data, 0, 1));
      return parameter.value.data;
    };
    expect(again(other)).toEqual(again(run));
  });

  it("takes several optimizers and batches, in their order", () => {
    const build = (seed: number): Run => {
      const { model, batches: data } = makeRun(seed);
      const [a, b, ...others] = model.parameters();
      const x = new Tensor([[1], [2], [3]]);
      return {
        model,
        optimizer: [new SGD([a, b], { lr: seed, momentum: 0.5 }), new Adam(others)],
        batches: [data, batches(x, [0, 1, 2], { size: 1, shuffle: true, seed: 3 })],
      };
    };
    const [run, other] = [build(1), build(2)];
    (run.batches as unknown as readonly Iterable<unknown>[])[1][Symbol.iterator]().next();
    restoreCheckpoint(other, decodeCheckpoint(encodeCheckpoint(run)));
    expect((other.optimizer as SGD[])[0].lr).toBe(1);
    expect(encodeCheckpoint(other)).toEqual(encodeCheckpoint(run));
  });

  it("takes no kernel memory to save, and none to restore again and again", () => {
    const run = makeRun(1);
    train(run, 2);
    const bytes = encodeCheckpoint(run);
    const checkpoint = decodeCheckpoint(bytes);
    restoreCheckpoint(run, checkpoint);
    const { memoryBytes } = backendInfo();
    for (let i = 0; i < 300; i++) {
      encodeCheckpoint(run);
      restoreCheckpoint(run, checkpoint);
    }
    expect(backendInfo().memoryBytes).toBe(memoryBytes);
  });
});

describe("Damage", () => {
  let bytes: Uint8Array;
  beforeEach(() => {
    manualSeed(1);
    const model = new Sequential(new Linear(3, 2), new Dropout(0.5));
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    new CrossEntropy();
    model.backward(model.forward(new Tensor([[1, 2, 3]])));
    optimizer.step();
    bytes = encodeCheckpoint({ model, optimizer, history: [1, 2] });
  });

  it("is found in every single bit", () => {
    expect(bytes.length).toBeLessThan(4096);
    const before = makeRun(1);
    const state = encodeCheckpoint(before);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(() => decodeCheckpoint(bytes), `bit ${bit}`).toThrow(FormatError);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    decodeCheckpoint(bytes);
    expect(encodeCheckpoint(before)).toEqual(state);
  });

  it("is found at every truncation, and in what is appended", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length)), `${length} bytes`).toThrow(FormatError);
    }
    expect(() => decodeCheckpoint(Uint8Array.of(...bytes, 0))).toThrow(FormatError);
  });

  it("is told from a foreign file and from one by a newer version", () => {
    const said = Buffer.from(bytes).indexOf('"checksum":"') + 12;
    const of = (text: string): string => Buffer.from(bytes.subarray(said, said + text.length)).toString();
    const flipped = bytes.slice();
    flipped[bytes.length - 1] ^= 1;
    const blank = flipped.slice().fill(0x30, said, said + 8);
    throwsExactly(
      () => decodeCheckpoint(flipped),
      FormatError,
      `decodeCheckpoint: expected a whole checkpoint, got a damaged one (checksum ${crc32(blank).toString(16).padStart(8, "0")}, ` +
        `the file says ${of("12345678")}).`,
    );
    const newer = resealed(bytes, (text) => text.replace('"version":"1"', '"version":"2"'));
    throwsExactly(
      () => decodeCheckpoint(newer),
      FormatError,
      "decodeCheckpoint: expected a checkpoint of version 1 or older, got version 2 (written by a newer handgrad; update the " +
        "package).",
    );
    throwsExactly(() => decodeCheckpoint(new Uint8Array()), FormatError, "decodeCheckpoint: expected a handgrad checkpoint, got an empty file."); // prettier-ignore
    throwsExactly(
      () => decodeCheckpoint(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
      FormatError,
      "decodeCheckpoint: expected a handgrad checkpoint, got another file (89 50 4e 47; this looks like a PNG image).",
    );
    throwsExactly(
      () => decodeCheckpoint(encodeSafetensors({ "0.weight": new Tensor([1]) })),
      FormatError,
      "decodeCheckpoint: expected a handgrad checkpoint, got another file (safetensors without our metadata; for weights " +
        "alone use decodeSafetensors).",
    );
    throwsExactly(
      () => decodeCheckpoint([1, 2] as never),
      ArgumentError,
      "decodeCheckpoint: expected bytes (Uint8Array or ArrayBuffer), got [1, 2] (read the file first).",
    );
  });

  it("of the text under a right checksum is a FormatError, too", () => {
    const bad: [string, string, string][] = [
      ["history", "histori", "expected state to be an object with model, gradients, evalLayers, optimizers, batches"],
      ['\\"evalLayers\\":[]', '\\"evalLayers\\":{}', "expected evalLayers to be a list, got an object (Object)."],
      ['\\"evalLayers\\":[]', '\\"evalLayers\\":[3]', "expected evalLayers to be a text, got 3."],
      [
        '\\"model.0.bias\\"',
        '\\"model.0.weight\\"',
        'expected model.0.bias to be a tensor of its own, got "model.0.weight".',
      ],
      ['\\"metric\\":null', '\\"metric\\":{}', "expected metric to be a number or null, got an object (Object)."],
      [
        '\\"extra\\":null',
        '\\"extra\\":',
        "expected a state of JSON, got text that does not parse (the file is damaged).",
      ],
    ];
    for (const [from, to, message] of bad) {
      const changed = resealed(bytes, (text) => text.replace(from, to));
      expect(changed).not.toEqual(bytes);
      expect(() => decodeCheckpoint(changed), message).toThrow(FormatError);
      expect(() => decodeCheckpoint(changed)).toThrow(message);
    }
  });
});

// The file with another header, its length and checksum made right again.
function resealed(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = change(
    Buffer.from(bytes.subarray(8, 8 + length))
      .toString()
      .trimEnd(),
  ).replace(/("checksum":")[0-9a-f]{8}/, "$100000000");
  const json = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8, " "));
  const file = Buffer.concat([Buffer.alloc(8), json, bytes.subarray(8 + length)]);
  file.writeBigUInt64LE(BigInt(json.length));
  file.write(crc32(file).toString(16).padStart(8, "0"), file.indexOf('"checksum":"') + 12);
  return new Uint8Array(file);
}

describe("An error of restoreCheckpoint", () => {
  it("names what does not fit and changes nothing", () => {
    const run = makeRun(1);
    train(run, 4);
    const good = decodeCheckpoint(encodeCheckpoint(run));
    const { model, optimizer, batches: data, generators } = run;
    const small = new Sequential(new Linear(2, 2));
    const before = encodeCheckpoint(run);
    const remedy = "the checkpoint is of another model; build the same one";
    const stretched = { ...good.model, "head.1.bias": new Tensor([1]) };
    const [state] = good.optimizers;
    const rotated = { ...state, parameters: [...state.parameters.slice(1), state.parameters[0]] };
    const position = good.batches[0];
    const draws = good.generators.draws;
    const who = "restoreCheckpoint";
    const bad: [Run, object, new (message: string) => HandgradError, string][] = [
      [
        run,
        { model: { ...good.model, extra: new Tensor([1]) } },
        ArgumentError,
        `${who}: expected the model's 4 names, got 1 unexpected (extra) (${remedy}).`,
      ],
      [
        { ...run, model: small, optimizer: new SGD(small.parameters(), { lr: 1 }) },
        {},
        ArgumentError,
        `${who}: expected the model's 2 names, got 2 unexpected (head.1.weight, head.1.bias) (${remedy}).`,
      ],
      [run, { model: stretched }, ShapeError, `${who}: expected "head.1.bias" of shape [4], got [1] (${remedy}).`],
      [
        { model, batches: data, generators },
        {},
        ArgumentError,
        `${who}: expected as many of optimizer as the checkpoint has, 1, got 0 (give what was saved; for the weights alone use ` +
          "model.loadStateDict(checkpoint.model)).",
      ],
      [
        run,
        { batches: [] },
        ArgumentError,
        `${who}: expected as many of batches as the checkpoint has, 0, got 1 (the checkpoint was made without it).`,
      ],
      [
        run,
        { optimizers: [rotated] },
        ArgumentError,
        `${who}: expected optimizer 0 to update what it did, 0.bias at index 0, got 0.weight (give it the same parameters in the ` +
          "same order).",
      ],
      [
        run,
        { optimizers: [{ ...state, type: "SGD" }] },
        ArgumentError,
        `${who}: expected the state of Adam, got that of "SGD".`,
      ],
      [
        { model, optimizer, batches: data },
        {},
        ArgumentError,
        `${who}: expected the 7 generators of this run, got 1 unexpected (own.noise) (${remedy}, and give the same generators).`,
      ],
      [
        run,
        { generators: { ...good.generators, draws: { ...draws, counter: -1 } } },
        ArgumentError,
        "Generator.state: expected counter to be a whole number from 0 to 9007199254740991, got -1.",
      ],
      [
        run,
        { batches: [{ ...position, samples: 22 }] },
        ArgumentError,
        "Batches.position: expected a position inside an epoch of 21 samples by 8, got one of 22 by 8 (use the same data and " +
          "size, or start at batch 0).",
      ],
      [
        run,
        { batches: [{ ...position, generator: { ...position.generator, counter: 2 ** 53 - 2 } }] },
        HandgradError,
        "Generator: expected at most 2^53 words, got to the end of the stream (use another one).",
      ],
      [
        run,
        { random: { ...good.random, seed: 0.5 } },
        ArgumentError,
        `${who}: expected seed to be a whole number from 0 to 9007199254740991, got 0.5.`,
      ],
      [run, { evalLayers: ["9"] }, ArgumentError, `${who}: expected layers in eval mode of this model, got "9" (${remedy}).`],
      [run, { gradients: { "9.w": null } }, ArgumentError, `${who}: expected gradients of this model, got "9.w" (${remedy}).`],
      [
        run,
        { gradients: { "0.bias": new Tensor([1]) } },
        ShapeError,
        `${who}: expected the gradient of "0.bias" of shape [3], got [1] (${remedy}).`,
      ],
    ]; // prettier-ignore
    for (const [into, changes, type, message] of bad) {
      let thrown: unknown;
      try {
        restoreCheckpoint(into, { ...good, ...changes } as never);
      } catch (error) {
        thrown = error;
      }
      expect((thrown as Error | undefined)?.message).toBe(message);
      expect(thrown).toBeInstanceOf(type);
    }
    expect(encodeCheckpoint(run)).toEqual(before);
  });
});

describe("encodeCheckpoint refuses", () => {
  const { model, optimizer } = makeRun(1);
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const bad: [string, object, string][] = [
    ["what is no run", [] as never, "expected an options object such as { model: ... }, got []."],
    ["an unknown part", { model, optimiser: optimizer }, 'unknown option "optimiser", did you mean "optimizer"? (options: model, optimizer, schedule, batches, generators, history, extra, tensors, metric, gradients).'],
    ["a model that is none", { model: {} }, "expected model to be a layer or a model, got an object (Object)."],
    ["an optimizer that is none", { model, optimizer: [Adam] }, "expected optimizer[0] to be an Optimizer, got the class Adam."],
    ["one optimizer twice", { model, optimizer: [optimizer, optimizer] }, "expected each of optimizer once, got one twice."],
    ["batches that are none", { model, batches: [[1]] }, "expected batches[0] to be what batches() returns, got [1]."],
    ["an optimizer of another model", { model, optimizer: makeRun(2).optimizer }, "expected optimizer 0 to have parameters of the model alone, got another one at index 0 (make all that is trained part of one model)."],
    ["generators without names", { model, generators: new Generator("draw") }, "expected generators by name, such as { noise }, got an object (Generator)."],
    ["a generator that is none", { model, generators: { noise: 3 } }, "expected generators.noise to be a Generator, got 3."],
    ["a history that is no list", { model, history: {} }, "expected history to be a list, got an object (Object)."],
    ["a metric that is no number", { model, metric: "1" }, 'expected metric to be a number or null, got "1".'],
    ["what is not plain data", { model, extra: { a: [new Date(0)] } }, "expected extra.a[0] to be plain data for JSON, got an object (Date)."],
    ["a typed array", { model, history: [new Float32Array(2)] }, "expected history[0] to be plain data for JSON, got Float32Array(2) (use Array.from)."],
    ["undefined in a list", { model, history: [undefined] }, "expected history[0] to be plain data for JSON, got undefined."],
    ["a circle", { model, extra: cyclic }, `expected extra${"[0]".repeat(12).slice(0, 35)}... of at most 24 levels, got more.`],
    ["an unclear wish for gradients", { model, gradients: 1 }, "expected gradients to be true or false, got 1."],
    ["float64 weights", { model: new Sequential(new Float64Layer()) }, "expected model.0.weight in float32, got float64 (train in float32)."],
  ]; // prettier-ignore
  it.each(bad)("%s", (_, run, message) => {
    throwsExactly(() => encodeCheckpoint(run as never), ArgumentError, `encodeCheckpoint: ${message}`);
  });
});

class Float64Layer extends ReLU {
  readonly weight = new Parameter(Tensor.float64([1]) as unknown as Tensor);
}
