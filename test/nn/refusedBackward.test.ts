// A backward that is refused at its door uses nothing up: the next one, with the right gradient, gives what it would have given.
import { describe, expect, it } from "vitest";
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  Dropout2d,
  Flatten,
  Layer,
  Linear,
  LogSoftmax,
  MaxPool2d,
  ReLU,
  Sequential,
  ShapeError,
  Sigmoid,
  Softmax,
  StateError,
  Tanh,
  manualSeed,
  ones,
  randn,
  zeros,
  type Tensor,
} from "../../src/index.js";
import { onEachBackend } from "../support/backends.js";
import { throwsExactly } from "../support/errors.js";

class Twice extends Layer<Tensor> {
  forward(x: Tensor): Tensor {
    this.save(x);
    return x;
  }
  backward(dy: Tensor): Tensor {
    this.saved();
    return dy;
  }
}

const images = [2, 4, 6, 6];
const layers: [string, () => Layer, number[]][] = [
  ["Conv2d", () => new Conv2d(4, 2, 3), images],
  ["MaxPool2d", () => new MaxPool2d(2), images],
  ["AvgPool2d", () => new AvgPool2d(2), images],
  ["Linear", () => new Linear(6, 3), [2, 6]],
  ["Flatten", () => new Flatten(), images],
  ["Dropout", () => new Dropout(0.5), images],
  ["Dropout2d", () => new Dropout2d(0.5), images],
  ["ReLU", () => new ReLU(), images],
  ["Sigmoid", () => new Sigmoid(), images],
  ["Tanh", () => new Tanh(), images],
  ["Softmax", () => new Softmax(), images],
  ["LogSoftmax", () => new LogSoftmax(), images],
  ["Sequential", () => new Sequential(new Conv2d(4, 2, 3), new ReLU(), ["last", new Sequential(new Flatten(), new Linear(32, 3))]), images],
  ["Sequential that ends in a user's layer", () => new Sequential(new Conv2d(4, 2, 3), new Twice()), images],
  ["empty Sequential", () => new Sequential(), images],
]; // prettier-ignore

describe("A refused backward", () => {
  onEachBackend(() => {
    it.each(layers)("of %s leaves what forward saved", (_, build, shape) => {
      const run = (refuse: boolean): unknown => {
        manualSeed(1);
        const layer = build();
        const y = layer.forward(randn(shape));
        if (refuse) {
          expect(() => layer.backward(zeros([7, 7, 7]))).toThrow(ShapeError);
          expect(() => layer.backward([1] as never)).toThrow("to be a Tensor, got [1]");
        }
        const dx = layer.backward(ones(y.shape));
        expect(() => layer.backward(ones(y.shape))).toThrow(StateError);
        return [dx, ...layer.parameters().map(({ grad }) => grad)];
      };
      expect(run(true)).toEqual(run(false));
    });
  });

  it("of a model names the last layer by its path, and the model trains on", () => {
    const model = new Sequential(new Linear(4, 3), ["head", new Sequential(new ReLU(), ["out", new Linear(3, 2)])]);
    model.forward(ones([5, 4]));
    throwsExactly(
      () => model.backward(ones([5, 3])),
      ShapeError,
      "head.out Linear.backward: expected dy of the output's shape [5, 2], got [5, 3].",
    );
    expect(model.backward(ones([5, 2])).shape).toEqual([5, 4]);
    throwsExactly(
      () => model.backward(ones([5, 2])),
      StateError,
      "Sequential.backward: expected one backward for each forward, got a second one (call forward again first).",
    );
  });
});
