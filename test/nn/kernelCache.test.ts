// Kernel memory is a cache of ordinary arrays: whoever reads or writes whatever in whatever order, and whatever had to leave
// kernel memory meanwhile, the numbers are the same, bit for bit; nothing of it is ever in a user's hands.
import { createHash, webcrypto } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { budget, makeRoom } from "../../src/backend/wasm/runtime/blocks.js";
import { instance } from "../../src/backend/wasm/runtime/instance.js";
import * as data from "../../src/entries/data.js";
import * as io from "../../src/entries/io.js";
import { reference } from "../../src/entries/reference.js";
import { toNdarray } from "../../src/entries/ndarray.js";
import {
  Adam, BatchNorm2d, Conv2d, CrossEntropy, Flatten, GroupNorm, Linear, MaxPool2d, Optimizer, Parameter, ReLU, RMSprop, SGD,
  Sequential, StateError, StepLR, Tensor, backendInfo, clipGradNorm, clipGradValue, manualSeed, randn, setBackend, wasm,
  zerosInit, type OptimizerState, type StateDict, type TensorCopy,
} from "../../src/index.js"; // prettier-ignore

const LABELS = Int32Array.from([0, 2, 1]);
const X = randn([3, 2, 8, 8], { seed: 1 });

function build(): Sequential {
  manualSeed(7);
  return new Sequential(
    ...[new Conv2d(2, 8, 3, { padding: 1 }), new BatchNorm2d(8), new ReLU(), new MaxPool2d(2)],
    ...[new Conv2d(8, 8, 3, { padding: 1 }), new GroupNorm(2, 8), new ReLU(), new Flatten(), new Linear(128, 3)],
  );
}

const OPTIMIZERS: readonly ((model: Sequential) => Optimizer)[] = [
  (model) => new Adam(model.parameters(), { lr: 0.01, amsgrad: true }),
  (model) => new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 }),
  (model) => new RMSprop(model.parameters(), { lr: 0.01, centered: true, momentum: 0.5 }),
];

const bits = (numbers: Float32Array): string =>
  createHash("sha256").update(new Uint8Array(numbers.slice().buffer)).digest("hex");

const usual = { ...budget };

afterEach(() => {
  Object.assign(budget, usual);
});

type Action =
  | readonly ["forward" | "backward" | "step" | "zeroGrad" | "predict" | "clip" | "save" | "load" | "state" | "reload" | "train"]
  | readonly ["write" | "writeGrad", which: number, at: number, value: number]
  | readonly ["look" | "assign" | "evict" | "keep" | "redraw", which: number]; // prettier-ignore

const which = fc.nat(9);
const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Action>(["train"]) },
    fc.constantFrom<Action>(
      ["forward"], ["backward"], ["step"], ["zeroGrad"], ["predict"], ["clip"], ["save"], ["load"], ["state"], ["reload"],
    ), // prettier-ignore
    fc.tuple(fc.constantFrom("write", "writeGrad"), which, fc.nat(999), fc.double({ min: -1, max: 1, noNaN: true })),
    fc.tuple(fc.constantFrom("look", "assign", "evict", "keep", "redraw"), which),
  ) as fc.Arbitrary<Action>,
  { minLength: 5, maxLength: 40 },
);

/**
 * A program of these actions, and the bits it sees after each. A `holder` works through arrays that it took once and keeps, or
 * through parts of them; else each number is written by assigning a tensor and read by a copy, so that no array of a parameter
 * ever comes to light. `most`: bytes of blocks that may stay in kernel memory.
 */
function run(
  list: readonly Action[],
  optimizerOf: (typeof OPTIMIZERS)[number],
  holder: boolean,
  most: number,
): string[] {
  Object.assign(budget, { bytes: most, grows: false });
  const model = build();
  const optimizer = optimizerOf(model);
  const loss = new CrossEntropy();
  const parameters = model.parameters();
  const held = new Map<Parameter, Float32Array>();
  const seen: string[] = [];
  let open = false; // a forward waits for its backward
  let weights: StateDict | undefined;
  let state: OptimizerState | undefined;
  let checkpoint: Uint8Array<ArrayBuffer> | undefined;

  const arrayOf = (parameter: Parameter): Float32Array => {
    const array = held.get(parameter) ?? parameter.value.data.subarray(0);
    held.set(parameter, array);
    return array;
  };
  const look = (parameter: Parameter): void => {
    const { data: numbers } = parameter.value.clone();
    if (held.has(parameter)) expect(bits(held.get(parameter)!)).toBe(bits(numbers));
    seen.push(bits(numbers), parameter.hasGrad ? bits(parameter.grad.clone().data) : "none");
  };
  const edit = (tensor: Tensor, at: number, value: number): Tensor => {
    const copy = tensor.clone();
    copy.data[at % copy.size] = value;
    return copy;
  };
  const forward = (): void => {
    seen.push(String(loss.forward(model.forward(X), LABELS)));
    open = true;
  };
  const backward = (): void => {
    if (!open) return;
    seen.push(bits(model.backward(loss.backward()).data));
    open = false;
  };

  for (const [action, number = 0, at = 0, value = 0] of list) {
    const parameter = parameters[number % parameters.length];
    if (action === "forward") forward();
    else if (action === "backward") backward();
    else if (action === "step") optimizer.step();
    else if (action === "zeroGrad") optimizer.zeroGrad();
    else if (action === "predict") seen.push(bits(model.predict(X).data));
    else if (action === "look") look(parameter);
    else if (action === "redraw") {
      parameter.initialize((to) => void to.data.fill(0.125));
      held.delete(parameter); // its numbers are others from now on
    } else if (action === "train") {
      optimizer.zeroGrad();
      forward();
      backward();
      optimizer.step();
    } else if (action === "clip") {
      if (parameters.some((each) => each.hasGrad)) seen.push(String(clipGradNorm(parameters, 0.5)));
      clipGradValue(parameters, 0.05);
    } else if (action === "write") {
      if (holder) arrayOf(parameter)[at % parameter.size] = value;
      else parameter.value = edit(parameter.value, at, value);
    } else if (action === "writeGrad") {
      const from = edit(parameter.grad, at, value);
      if (holder) parameter.grad.data[at % parameter.size] = value;
      else parameter.prepareGrad(from)();
    } else if (action === "assign") {
      parameter.value = randn(parameter.shape, { seed: number });
    } else if (action === "keep") {
      if (holder) arrayOf(parameter);
    } else if (action === "evict") {
      makeRoom(Infinity);
    } else if (action === "save") {
      weights = Object.fromEntries(Object.entries(model.stateDict()).map(([name, tensor]) => [name, tensor.clone()]));
      checkpoint = io.encodeCheckpoint({ model, optimizer });
      seen.push(createHash("sha256").update(checkpoint).digest("hex"));
    } else if (action === "load") {
      if (weights !== undefined) model.loadStateDict(weights);
    } else if (action === "state") {
      if (state !== undefined) optimizer.loadStateDict(state);
      state = optimizer.stateDict();
    } else if (checkpoint !== undefined) {
      io.restoreCheckpoint({ model, optimizer }, io.decodeCheckpoint(checkpoint));
    }
    if (holder) for (const each of held.keys()) expect(bits(held.get(each)!)).toBe(bits(each.value.clone().data));
  }
  parameters.forEach(look);
  return seen;
}

describe("whatever a program does, its numbers have the same bits", () => {
  it.each(OPTIMIZERS.map((make, i) => [["Adam", "SGD", "RMSprop"][i], make] as const))(
    "with %s: through arrays that are held or never seen, with all blocks in kernel memory or none between two calls",
    (_, make) => {
      fc.assert(
        fc.property(actions, (list) => {
          const wanted = run(list, make, false, usual.bytes);
          expect(run(list, make, true, usual.bytes)).toEqual(wanted);
          expect(run(list, make, false, 0)).toEqual(wanted);
          expect(run(list, make, true, 0)).toEqual(wanted);
        }),
        { numRuns: 30 },
      );
    },
  );

  it("also on the reference with parameters of the fast backend, and the other way round", () => {
    const model = build();
    const array = model.parameters()[0].value.data;
    const before = setBackend(reference);
    try {
      model.predict(X);
      array[3] = 2;
      const slow = model.predict(X);
      setBackend(wasm);
      const fast = model.predict(X);
      fast.data.forEach((value, i) => expect(Math.abs(value - slow.data[i])).toBeLessThan(1e-5));
    } finally {
      setBackend(before);
    }
  });
});

/** Every array that can be reached from a value by properties, getters and loops. */
function arraysOf(root: unknown): Map<ArrayBufferView | ArrayBufferLike, string> {
  const found = new Map<ArrayBufferView | ArrayBufferLike, string>();
  const seen = new Set<unknown>([Object.prototype, Function.prototype, Array.prototype]);
  const visit = (value: unknown, path: string): void => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      found.set(value, path);
      return visit(value.buffer, `${path}.buffer`);
    }
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return void found.set(value, path);
    const isTensor = Tensor.isTensor(value) && Object.hasOwn(value, "shape"); // not the prototype
    if (Array.isArray(value) || value instanceof Map || value instanceof Set || (isTensor && value.rank > 0)) {
      let i = 0;
      for (const each of value as Iterable<unknown>) visit(each, `${path}[${i++}]`);
    }
    for (let owner: object | null = value; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
      for (const key of Reflect.ownKeys(owner)) {
        if (key === "caller" || key === "callee" || key === "arguments") continue;
        let member: unknown;
        try {
          member = (value as Record<PropertyKey, unknown>)[key];
        } catch {
          continue; // a getter that refuses
        }
        if (typeof member !== "function") visit(member, `${path}.${String(key)}`);
      }
    }
  };
  visit(root, "it");
  return found;
}

describe("every array that a user can reach", () => {
  it("is an ordinary one of its own", () => {
    const model = build();
    const optimizer = new Adam(model.parameters());
    const loss = new CrossEntropy();
    const set = data.batches(X, LABELS, { size: 2, shuffle: true });
    const y = model.forward(X);
    const value = loss.forward(y, LABELS);
    const dx = model.backward(loss.backward());
    optimizer.step();
    const all = {
      model, optimizer, loss, set, y, dx, value, wasm, reference,
      parts: [...set],
      scheduler: new StepLR(optimizer, 1),
      parameters: model.namedParameters(),
      values: model.parameters().map((parameter) => [parameter.value, parameter.grad, parameter.toJSON()]),
      state: model.stateDict(),
      shaped: Object.values(model.stateDict()).map((tensor) => tensor.reshape([-1])),
      views: Object.values(model.stateDict()).map((tensor) => toNdarray(tensor)),
      optimizerState: [optimizer.stateDict(), optimizer.toJSON()],
      prediction: model.predict(X),
      bytes: [io.saveModel(model), io.encodeSafetensors(model.stateDict()), io.encodeCheckpoint({ model, optimizer })],
      loaded: io.loadModel(io.saveModel(model)),
      spread: Object.values(model.stateDict()).map((tensor) => ({ ...tensor })),
      clones: structuredClone(model.stateDict()),
      errors: [new StateError("x")],
    }; // prettier-ignore
    const found = arraysOf(all);
    expect(found.size).toBeGreaterThan(100);
    for (const [array, path] of found) {
      if (!ArrayBuffer.isView(array)) {
        expect(array instanceof ArrayBuffer, path).toBe(true);
      } else {
        expect([path, array.byteOffset, array.buffer.byteLength]).toEqual([path, 0, array.byteLength]);
      }
    }
  });

  it("of a parameter is taken by what takes bytes: a response, a digest, a buffer, a clone", async () => {
    const { weight } = new Linear(3, 2).stateDict();
    expect((await new Response(weight.data as BufferSource).arrayBuffer()).byteLength).toBe(24);
    expect((await webcrypto.subtle.digest("SHA-256", weight.data as BufferSource)).byteLength).toBe(32);
    expect(Buffer.from(weight.data.buffer).length).toBe(24);
    expect(structuredClone(weight.data).buffer.byteLength).toBe(24);
    const clone = new Tensor(structuredClone<unknown>(weight) as TensorCopy);
    weight.data[0] = 42;
    expect(clone.at(0, 0)).not.toBe(42);
  });

  it("outlives its model unchanged, a part of it too", () => {
    const part = ((): Float32Array => {
      const layer = new Linear(64, 64);
      layer.predict(randn([1, 64], { seed: 3 }));
      return layer.weight.value.data.subarray(5, 9);
    })();
    const before = [...part];
    for (let i = 0; i < 300; i++) new Linear(64, 64).predict(randn([1, 64], { seed: i }));
    expect([...part]).toEqual(before);
  });

  it("shows a step at once, however long ago it was taken, in a layer of one's own and between two lines", () => {
    const layer = new Linear(2, 1, { bias: false });
    const array = layer.weight.value.data;
    const gradient = layer.weight.grad.data;
    const optimizer = new SGD([layer.weight], { lr: 0.5 });
    for (let i = 0; i < 3; i++) {
      const before = [...array];
      optimizer.zeroGrad();
      expect([...gradient]).toEqual([0, 0]);
      layer.forward(new Tensor([[1, 2]]));
      layer.backward(new Tensor([[1]]));
      expect([...gradient]).toEqual([1, 2]);
      optimizer.step();
      expect([...array]).toEqual([Math.fround(before[0] - 0.5), Math.fround(before[1] - 1)]);
    }
    array.set([3, 4]);
    expect(layer.predict(new Tensor([[1, 1]])).item()).toBe(7);
    expect(layer.weight.value.at(0, 1)).toBe(4);
  });

  it("that was transferred away is an error at the next use, not old numbers", () => {
    const layer = new Linear(2, 2);
    layer.predict(new Tensor([[1, 2]]));
    structuredClone(layer.weight.value.data, { transfer: [layer.weight.value.data.buffer] });
    const text =
      "Parameter: expected its array of 4 numbers, got one whose buffer was transferred (transfer a copy: value.data.slice()).";
    expect(() => layer.predict(new Tensor([[1, 2]]))).toThrow(text);
    expect(() => layer.weight.value.clone()).toThrow(StateError);
  });

  it("is right inside a Proxy, as an app's reactive state is one", () => {
    const { weight } = new Linear(3, 2).stateDict();
    const proxy: Tensor = new Proxy(weight, {});
    expect([proxy.size, proxy.dtype, proxy.at(1, 2), proxy.clone().toArray()]).toEqual([
      6,
      "float32",
      weight.at(1, 2),
      weight.toArray(),
    ]);
    expect(proxy.data).toBe(weight.data);
  });
});

describe("models that nobody holds", () => {
  const megabytes = (): number => backendInfo().memoryBytes / 1048576;

  function trainOne(model: Sequential, x: Tensor, labels: Int32Array): void {
    const optimizer = new Adam(model.parameters());
    const loss = new CrossEntropy();
    loss.forward(model.forward(x), labels);
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }

  // 3.2 M parameters: 51 MB each with gradients and moments. Weights of zeros, which are drawn at once.
  function large(): Sequential {
    const model = new Sequential(new Flatten(), new Linear(3072, 1024), new ReLU(), new Linear(1024, 10));
    for (const parameter of model.parameters()) parameter.initialize(zerosInit());
    return model;
  }

  const images = randn([4, 3, 32, 32], { seed: 1 });
  const labels = Int32Array.from([0, 1, 2, 3]);

  it("cost nothing: 40 of 51 MB in a synchronous loop, and in one that waits", async () => {
    const start = megabytes();
    for (let i = 0; i < 20; i++) trainOne(large(), images, labels);
    for (let i = 0; i < 20; i++) {
      trainOne(large(), images, labels);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(megabytes() - start).toBeLessThan(200);
    expect(process.memoryUsage().arrayBuffers / 1048576).toBeLessThan(350);
  });

  it("cost nothing: 500 small ones, in blocks of every size", () => {
    const start = megabytes();
    const x = randn([4, 1, 12, 12], { seed: 2 });
    for (let i = 0; i < 500; i++) {
      const width = 4 + (i % 29);
      const model = new Sequential(new Conv2d(1, width, 3), new ReLU(), new Flatten(), new Linear(width * 100, 10));
      trainOne(model, x, labels);
    }
    expect(megabytes() - start).toBeLessThan(200);
  });

  it("give way to one that is larger than the cache, which then stays", () => {
    budget.bytes = 1 << 20;
    const x = randn([2, 1, 16, 16], { seed: 2 });
    const model = new Sequential(new Flatten(), new Linear(256, 2048), new ReLU(), new Linear(2048, 10));
    for (let i = 0; i < 3; i++) trainOne(model, x, labels.subarray(0, 2));
    const { heap } = instance();
    const used = heap.usedBytes;
    for (let i = 0; i < 3; i++) model.predict(x);
    expect(heap.usedBytes).toBeGreaterThanOrEqual(used); // nothing was evicted any more
  });
});
