// Who owns memory: what a user holds never changes, windows never leave a model, and nothing is allocated in a steady state.
import { describe, expect, it } from "vitest";
import { backendInfo } from "../../src/backend/select.js";
import { instance } from "../../src/backend/wasm/runtime/instance.js";
import { manualSeed } from "../../src/numbers/random.js";
import { saliency } from "../../src/entries/viz.js";
import {
  Adam, Conv2d, CrossEntropy, Dropout, Flatten, Layer, Linear, MaxPool2d, ReLU, Sequential, Tensor, multiply, randn,
} from "../../src/index.js"; // prettier-ignore

function lesson4(): Sequential {
  return new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Flatten(), new Linear(1568, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
  );
}

function step(model: Sequential, x: Tensor, loss = new CrossEntropy()): number {
  const value = loss.forward(
    model.forward(x),
    Int32Array.from({ length: x.shape[0] }, (_, i) => i % 10),
  );
  model.backward(loss.backward(), { inputGrad: false });
  return value;
}

const isPlain = (tensor: Tensor): boolean => tensor.data.buffer instanceof ArrayBuffer && tensor.data.byteOffset === 0;

class Spy extends Layer<Tensor> {
  readonly seen: Tensor[] = [];
  forward(x: Tensor): Tensor {
    this.seen.push(x);
    this.save(x);
    return multiply(x, 2);
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    this.seen.push(dy);
    return multiply(dy, 2);
  }
}

class LoudReLU extends ReLU {
  readonly seen: Tensor[] = [];
  override forward(x: Tensor): Tensor {
    this.seen.push(x);
    return super.forward(x);
  }
}

class Block extends Sequential {
  readonly seen: Tensor[] = [];
  override forward(x: Tensor): Tensor {
    this.seen.push(x);
    return super.forward(x);
  }
}

describe("memory", () => {
  it("gives owned tensors to the caller: outputs, input gradients and predictions", () => {
    const model = lesson4();
    const x = randn([2, 1, 28, 28], { seed: 1 });
    const y = model.forward(x);
    const dx = model.backward(y);
    const p = model.predict(x);
    for (const tensor of [y, dx, p]) expect(isPlain(tensor)).toBe(true);
    const before = [y, dx, p].map((tensor) => tensor.toArray());
    for (let i = 0; i < 3; i++) step(model, randn([2, 1, 28, 28], { seed: 2 + i }));
    model.predict(randn([2, 1, 28, 28], { seed: 9 }));
    expect([y, dx, p].map((tensor) => tensor.toArray())).toEqual(before);
  });

  it("hands owned copies to layers of the user's own, to subclasses of its layers, and to overridden containers", () => {
    const spy = new Spy();
    const loud = new LoudReLU();
    const block = new Block(new Conv2d(2, 2, 3, { padding: 1 }), new ReLU());
    const model = new Sequential(new Conv2d(1, 2, 3), spy, new ReLU(), loud, block, new Flatten(), new Linear(72, 10));
    const x = randn([2, 1, 8, 8], { seed: 1 });
    step(model, x);
    const seen = [...spy.seen, ...loud.seen, ...block.seen];
    expect(seen.length).toBe(4);
    for (const tensor of seen) expect(isPlain(tensor)).toBe(true);
    const before = seen.map((tensor) => tensor.toArray());
    step(model, randn([2, 1, 8, 8], { seed: 2 }));
    expect(seen.map((tensor) => tensor.toArray())).toEqual(before);
  });

  it("is not disturbed when the caller writes into an input or an output between forward and backward", () => {
    const gradients = [false, true].map((meddle) => {
      manualSeed(5);
      const model = lesson4().eval();
      const x = randn([2, 1, 28, 28], { seed: 1 });
      const y = model.forward(x);
      const dy = y.clone();
      if (meddle) {
        x.data.fill(7);
        y.data.fill(7);
      }
      model.backward(dy);
      return model.parameters().map((parameter) => parameter.grad.toArray());
    });
    expect(gradients[1]).toEqual(gradients[0]);
  });

  it("gives the same numbers inside a model as its layers give alone", () => {
    manualSeed(3);
    const model = lesson4().eval();
    const x = randn([3, 1, 28, 28], { seed: 1 });
    let alone: Tensor = x;
    for (const layer of model) alone = layer.forward(alone);
    const dy = randn([3, 10], { seed: 2 });
    let dAlone: Tensor = dy;
    for (const layer of [...model].reverse()) dAlone = layer.backward(dAlone);
    const gradients = model.parameters().map((parameter) => parameter.grad.toArray());
    model.zeroGrad();
    expect(model.forward(x).toArray()).toEqual(alone.toArray());
    expect(model.backward(dy).toArray()).toEqual(dAlone.toArray());
    expect(model.parameters().map((parameter) => parameter.grad.toArray())).toEqual(gradients);
    expect(model.predict(x).toArray()).toEqual(alone.toArray());
  });

  it("allocates nothing in kernel memory in a steady-state step", () => {
    const model = lesson4();
    const optimizer = new Adam(model.parameters());
    const x = randn([8, 1, 28, 28], { seed: 1 });
    const once = (): void => {
      step(model, x);
      optimizer.step();
      model.predict(x);
    };
    for (let i = 0; i < 3; i++) once();
    const { heap } = instance();
    const used = heap.usedBytes;
    const total = backendInfo().memoryBytes;
    for (let i = 0; i < 10; i++) once();
    expect(heap.usedBytes).toBe(used);
    expect(backendInfo().memoryBytes).toBe(total);
  });

  it("takes up its own room again after somebody looked inside between a forward and its backward", () => {
    const model = lesson4();
    const x = randn([8, 1, 28, 28], { seed: 1 });
    const labels = Int32Array.from({ length: 8 }, (_, i) => i);
    const loss = new CrossEntropy();
    const once = (): void => {
      loss.forward(model.forward(x), labels);
      saliency(model, x);
      model.backward(loss.backward(), { inputGrad: false });
    };
    for (let i = 0; i < 3; i++) step(model, x);
    const { heap } = instance();
    for (let i = 0; i < 10; i++) once();
    const after = heap.usedBytes;
    for (let i = 0; i < 3; i++) step(model, x);
    expect(heap.usedBytes).toBe(after); // the model's own room serves again
  });

  it("builds, trains and drops fifty models in one synchronous loop within bounded memory", () => {
    const x = randn([64, 1, 28, 28], { seed: 1 });
    for (let i = 0; i < 50; i++) {
      const model = lesson4();
      const optimizer = new Adam(model.parameters());
      expect(step(model, x)).toBeGreaterThan(0);
      optimizer.step();
    }
    expect(backendInfo().memoryBytes).toBeLessThan(600 * 1024 * 1024);
  });

  it("predicts a large batch in bounded memory, with the bits that small batches give", () => {
    const model = lesson4();
    const x = randn([3000, 1, 28, 28], { seed: 4 });
    model.predict(x.slice([0, 8]));
    const before = backendInfo().memoryBytes;
    const whole = model.predict(x);
    expect(whole.shape).toEqual([3000, 10]);
    expect(backendInfo().memoryBytes - before).toBeLessThan(160 * 1024 * 1024); // all at once it would be 430 MB
    for (const first of [0, 229, 1024, 2999]) {
      const row = model.predict(x.slice([first, first + 1]));
      expect(row.toArray()).toEqual(whole.slice([first, first + 1]).toArray());
    }
  });

  it("keeps parameters usable through views that were taken before", () => {
    const layer = new Linear(4, 2);
    const view = layer.weight.value.data;
    const big = Array.from({ length: 20 }, () => new Linear(512, 512).weight.value); // may grow kernel memory
    view[0] = 42;
    expect(layer.weight.value.at(0, 0)).toBe(42);
    expect(big.length).toBe(20);
  });
});
