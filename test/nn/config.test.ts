// config(): a layer as plain JSON (that every layer is built again from it: everyLayer.test.ts).
import { describe, expect, it } from "vitest";
import { Layer, Linear, ReLU, Sequential, Tensor } from "../../src/index.js";

describe("config", () => {
  it("of a Sequential holds its layers by name", () => {
    const model = new Sequential(["first", new Linear(3, 2)], new ReLU());
    expect(model.config()).toEqual({
      type: "Sequential",
      args: [
        ["first", { type: "Linear", args: [3, 2], options: { bias: true } }],
        ["1", { type: "ReLU", args: [] }],
      ],
    });
  });

  it("is asked for, with the place, where a layer does not say it", () => {
    class Twice extends Layer {
      forward(x: Tensor): Tensor {
        return x;
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    expect(() => new Sequential(new ReLU(), new Twice()).config()).toThrow(
      "1 Twice: expected a layer that can be written down, got a class without a config() of its own " +
        "(give it one that returns { type, args, options }).",
    );
  });
});
