// lrFind: its curve, its hint, and that nothing is left of it.
import { describe, expect, it } from "vitest";
import { ArgumentError, Linear, MSE, SGD, Sequential, Tensor } from "../../src/index.js";
import { encodeCheckpoint } from "../../src/entries/io.js";
import { fit, lrFind } from "../../src/entries/train.js";
import { digest, make, plainLoop } from "./support.js";

describe("lrFind", () => {
  it("puts weights, buffers, gradients, modes, optimizer, generators and data back, bit for bit", async () => {
    const expected = make();
    plainLoop(expected, 4);
    const run = make();
    plainLoop(run, 1);
    const state = (): Uint8Array => encodeCheckpoint({ model: run.model, optimizer: run.optimizer, batches: run.data });
    const before = state();
    run.model.get(1).eval();
    const modes = run.model.get(1).training;
    const { points } = await lrFind(run.model, run.data, { optimizer: run.optimizer, steps: 30 });
    expect(points.length).toBeGreaterThan(10);
    expect(run.model.get(1).training).toBe(modes);
    run.model.train();
    expect(state()).toEqual(before);
    plainLoop(run, 3);
    expect(digest(run.model)).toBe(digest(expected.model));
  });

  it("grows the learning rate by one factor, and groups keep their ratios", async () => {
    const { model, data } = make();
    const [first, ...rest] = model.parameters();
    const optimizer = new SGD([{ params: [first], lr: 0.2 }, { params: rest }], { lr: 0.1 });
    const seen: number[][] = [];
    const { step } = optimizer;
    optimizer.step = () => (seen.push(optimizer.groups.map(({ lr }) => lr)), step.call(optimizer));
    const { points } = await lrFind(model, data, { optimizer, from: 1e-6, to: 1e-2, steps: 21 });
    points.forEach(({ lr }, i) => expect(lr / (1e-6 * 10 ** (i / 5))).toBeCloseTo(1, 9));
    expect(points.length).toBe(21);
    for (const [a, b] of seen) expect(a / b).toBeCloseTo(2, 12);
    expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.2, 0.1]);
  });

  it("gives the losses before each step, smoothed, ends where they explode, and hints below that", async () => {
    // w -> loss w^2 with gradient 2 w: learning is best at 0.5 and explodes above 1.
    const model = new Sequential(new Linear(1, 1, { bias: false }));
    (model.get(0) as Linear).weight.value.data.fill(1);
    const data = [[new Tensor([[1]]), new Tensor([[0]])] as const];
    const optimizer = new SGD(model.parameters(), { lr: 0.3 });
    const options = { optimizer, loss: new MSE(), from: 1e-4, to: 100, steps: 60, smoothing: 0.5 };
    const { points, suggestion } = await lrFind(model, data, options);
    expect(points[0]).toMatchObject({ lr: 1e-4, loss: 1, smoothed: 1 });
    let [w, mean, weight] = [1, 0, 0];
    for (const { lr, loss, smoothed } of points) {
      mean = 0.5 * mean + 0.5 * w * w;
      weight = 0.5 * weight + 0.5;
      expect(loss / (w * w)).toBeCloseTo(1, 3);
      expect(smoothed / (mean / weight)).toBeCloseTo(1, 3);
      w -= lr * 2 * w;
    }
    expect(points.at(-1)!.lr).toBeLessThan(30);
    const smallest = Math.min(...points.map(({ smoothed }) => smoothed));
    expect(points.at(-1)!.smoothed).toBeGreaterThan(4 * smallest);
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThan(1);
    expect((model.get(0) as Linear).weight.value.item()).toBe(1);
    expect(optimizer.lr).toBe(0.3);
  });

  it("has no hint where the loss never falls", async () => {
    const { model, data, optimizer } = make();
    const loss = { forward: () => 1, backward: () => new Tensor(new Float32Array(24), [8, 3]) };
    const { suggestion } = await lrFind(model, () => [[...data][0]], { optimizer, loss, steps: 10, to: 1e-6 });
    expect(suggestion).toBeNull();
  });

  it("puts all back when it is aborted or fails, too, and refuses odd options", async () => {
    const { model, data, optimizer } = make();
    const before = digest(model);
    const controller = new AbortController();
    const loss = { forward: () => (controller.abort(), 1), backward: () => new Tensor(new Float32Array(24), [8, 3]) };
    await expect(lrFind(model, data, { optimizer, loss, signal: controller.signal })).rejects.toMatchObject({ name: "AbortError" }); // prettier-ignore
    expect(digest(model)).toBe(before);
    expect(data.position).toMatchObject({ epoch: 0, batch: 0 });
    const refused = async (options: object): Promise<void> => {
      await expect(lrFind(model, data, { optimizer, ...options })).rejects.toThrow(ArgumentError);
    };
    for (const bad of [{ from: 0 }, { from: 3, to: 2 }, { steps: 5 }, { smoothing: 1 }, { divergence: 0.5 }, { lr: 1 }]) await refused(bad); // prettier-ignore
    await refused({ optimizer: [optimizer] as never, steps: "many" });
    await expect(lrFind(model, [], { optimizer })).rejects.toThrow("lrFind: expected data to give at least one batch");
    await expect(lrFind(model, data, {} as never)).rejects.toThrow("lrFind: expected an optimizer, got none");
    await fit(model, data, { optimizer, epochs: 1 });
  });
});
