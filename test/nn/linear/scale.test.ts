// Scale: answers by hand.
import { describe, expect, it } from "vitest";
import { Scale, Tensor } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";

describe("Scale", () => {
  onEachBackend(({ make }) => {
    it("multiplies by a number that is fixed", () => {
      const layer = new Scale(-0.5);
      expect(layer.parameters()).toEqual([]);
      expect(layer.forward(new Tensor([2, -4])).toArray()).toEqual([-1, 2]);
      expect(layer.backward(new Tensor([6, 8])).toArray()).toEqual([-3, -4]);
    });

    it("learns one number, or one for each channel", () => {
      const one = new Scale(2, { learned: true });
      expect(one.forward(new Tensor([[1, 2], [3, 4]])).toArray()).toEqual([[2, 4], [6, 8]]); // prettier-ignore
      expect(one.backward(new Tensor([[1, 10], [100, 1000]])).toArray()).toEqual([[2, 20], [200, 2000]]); // prettier-ignore
      expect(one.weight!.grad.toArray()).toEqual([4321]);
      const each = new Scale(0.5, { channels: 2 });
      each.weight!.value = new Tensor([2, 3]);
      expect(each.forward(new Tensor([[[1, 2], [3, 4]]])).toArray()).toEqual([[[2, 4], [9, 12]]]); // prettier-ignore
      expect(each.backward(new Tensor([[[1, 1], [10, 100]]])).toArray()).toEqual([[[2, 2], [30, 300]]]); // prettier-ignore
      expect(each.weight!.grad.toArray()).toEqual([3, 430]);
    });

    it("takes the number format of its input", () => {
      expect(new Scale(3).forward(make([1, 2]) as Tensor).data).toEqual(make([3, 6]).data);
    });
  });

  it("says in its config whether it learns", () => {
    expect(new Scale(2).describe()).toBe("Scale(2)");
    expect(new Scale(2, { learned: true }).config()).toEqual({ type: "Scale", args: [2], options: { learned: true } });
    expect(new Scale(2, { channels: 3 }).describe()).toBe("Scale(2, { channels: 3 })");
  });
});
