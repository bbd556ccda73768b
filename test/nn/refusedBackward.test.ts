// A backward that is refused at its door uses nothing up (every layer alone: everyLayer.test.ts), and a model says which layer it is.
import { describe, expect, it } from "vitest";
import { Layer, Linear, ReLU, Sequential, ShapeError, StateError, ones, type Tensor } from "../../src/index.js";
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

describe("A refused backward", () => {
  it("of a model that ends in a user's layer leaves what forward saved, and so does that of an empty model", () => {
    for (const model of [new Sequential(new Linear(3, 3), new Twice()), new Sequential()]) {
      model.forward(ones([2, 3]));
      expect(() => model.backward(ones([3, 3]))).toThrow(ShapeError);
      expect(model.backward(ones([2, 3])).shape).toEqual([2, 3]);
      expect(() => model.backward(ones([2, 3]))).toThrow(StateError);
    }
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
