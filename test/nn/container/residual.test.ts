// Residual and Identity: known answers, against a user's block of the same, and the permission to overwrite.
import { describe, expect, it } from "vitest";
import {
  ArgumentError, Conv2d, Dropout, Identity, Layer, Linear, ReLU, Residual, Sequential, ShapeError, StateError, Tanh, Tensor, add,
  manualSeed, ones, randn,
} from "../../../src/index.js"; // prettier-ignore
import { onEachBackend } from "../../support/backends.js";
import { throwsExactly } from "../../support/errors.js";

/** The same as a user's block. */
class Block extends Layer {
  constructor(
    readonly body: Layer,
    readonly shortcut: Layer | null = null,
  ) {
    super();
  }
  forward(x: Tensor): Tensor {
    return add(this.body.forward(x), this.shortcut === null ? x : this.shortcut.forward(x));
  }
  backward(dy: Tensor): Tensor {
    return add(this.body.backward(dy), this.shortcut === null ? dy : this.shortcut.backward(dy));
  }
}

const body = (): Sequential =>
  new Sequential(new Conv2d(2, 4, 3, { stride: 2, padding: 1 }), new ReLU(), new Conv2d(4, 4, 3, { padding: 1 }));

describe("Residual", () => {
  it("adds its input: relu([-1, 2]) + [-1, 2] is [-1, 4], and dx is dy where x is negative, else 2 dy", () => {
    const block = new Residual(new ReLU());
    expect(block.forward(new Tensor([-1, 2])).toArray()).toEqual([-1, 4]);
    expect(block.backward(new Tensor([10, 100])).toArray()).toEqual([10, 200]);
    expect(block.predict(new Tensor([-1, 2])).toArray()).toEqual([-1, 4]);
  });

  it("adds its shortcut: with weights 2 and 5, 3 becomes 6 + 15", () => {
    const block = new Residual(new Linear(1, 1, { bias: false }), new Linear(1, 1, { bias: false }));
    block.loadStateDict({ "body.weight": new Tensor([[2]]), "shortcut.weight": new Tensor([[5]]) });
    expect(block.forward(new Tensor([[3]])).toArray()).toEqual([[21]]);
    expect(block.backward(new Tensor([[10]])).toArray()).toEqual([[70]]);
    expect(block.parameters().map(({ grad }) => grad.item())).toEqual([30, 30]);
  });

  onEachBackend(() => {
    it.each<[string, (make: (body: Layer, shortcut?: Layer) => Layer) => Layer]>([
      ["a shortcut of its own", (make) => make(body(), new Conv2d(2, 4, 1, { stride: 2 }))],
      ["layers that could overwrite their input", (make) => make(new Sequential(new ReLU(), new Tanh()), new ReLU())],
      [
        "blocks in blocks",
        (make) => make(make(make(new ReLU(), new Sequential(new Dropout(0.5), new ReLU()))), new ReLU()),
      ],
      ["a way that only hands on", (make) => make(new Sequential(new Identity(), new ReLU()), new Identity())],
    ])("gives the bits of a user's block: %s", (_, build) => {
      const results = [Residual, Block].map((Class) => {
        manualSeed(3);
        const net = new Sequential(
          new Tanh(),
          build((way, around) => new Class(way, around ?? null)),
          new Tanh(),
        );
        const x = randn([3, 2, 6, 6], { seed: 1 });
        const predicted = net.predict(x).toArray();
        net.eval();
        const y = net.forward(x);
        expect(y.toArray()).toEqual(predicted);
        const dx = net.backward(randn(y.shape, { seed: 2 }));
        return [y, dx, ...net.parameters().map(({ grad }) => grad)].map((each) => each.toArray());
      });
      expect(results[0]).toEqual(results[1]);
    });
  });

  it("leaves out what nobody wants: a frozen way, and the input's gradient", () => {
    const block = new Residual(new Linear(2, 2), new Linear(2, 2));
    block.body.freeze();
    const model = new Sequential(block);
    model.forward(ones([1, 2]));
    expect(model.backward(ones([1, 2]), { inputGrad: false })).toBeUndefined();
    expect(model.parameters().map(({ hasGrad }) => hasGrad)).toEqual([false, false, true, true]);
  });

  it("shows its ways in summaries, and counts them", () => {
    const model = new Sequential(["block", new Residual(body(), new Conv2d(2, 4, 1, { stride: 2 }))], new ReLU());
    const { rows, totalParameters } = model.summary([2, 8, 8]);
    expect(rows.map(({ path, outputShape }) => [path, outputShape])).toEqual([
      ["block.body.0", [4, 4, 4]],
      ["block.body.1", [4, 4, 4]],
      ["block.body.2", [4, 4, 4]],
      ["block.shortcut", [4, 4, 4]],
      ["1", [4, 4, 4]],
    ]);
    expect(totalParameters).toBe(76 + 148 + 12);
    expect(new Residual(new ReLU()).describe()).toBe("Residual(ReLU())");
    expect(String(new Residual(new ReLU(), new Identity()))).toBe("Residual(ReLU(), Identity())");
  });

  it("refuses ways of different shapes, values that are no layers, and one layer twice", () => {
    const text =
      "Residual: expected body and shortcut to give one shape, got [1, 4, 3, 3] and [1, 2, 6, 6] (a shortcut such as new " +
      "Conv2d(inChannels, outChannels, 1, { stride }) brings the input to the body's shape).";
    throwsExactly(() => new Residual(body()).forward(ones([1, 2, 6, 6])), ShapeError, text);
    throwsExactly(() => new Residual(body()).outputShape([1, 2, 6, 6]), ShapeError, text);
    throwsExactly(
      () => new Sequential(["a", new Residual(new Linear(2, 2))]).forward(ones([1, 3])),
      ShapeError,
      "a.body Linear: expected input [N, 2], got [1, 3] (the weight is [2, 2]).",
    );
    throwsExactly(
      () => new Residual(ReLU as never),
      ArgumentError,
      "Residual: expected body to be a layer, or an object with forward and backward, got the class ReLU (write new before it).",
    );
    const relu = new ReLU();
    expect(() => new Residual(relu, relu)).toThrow("layers body and shortcut are the same ReLU object");
    expect(() => new Residual(new ReLU()).backward(ones([1]))).toThrow(StateError);
  });
});

describe("Identity", () => {
  it("hands on copies of the caller's numbers, both ways", () => {
    const layer = new Identity();
    const x = new Tensor([1, 2]);
    const y = layer.forward(x);
    y.data.fill(7);
    expect(x.toArray()).toEqual([1, 2]);
    expect(layer.backward(new Tensor([3, 4])).toArray()).toEqual([3, 4]);
    expect(new Sequential(new Identity()).summary([3]).rows[0]).toMatchObject({ name: "Identity", parameters: 0 });
    expect(() => new Identity(3 as never)).toThrow("Identity: expected no arguments, got 3.");
  });
});
