import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { accuracy } from "../../src/metrics/accuracy.js";
import { throwsExactly } from "../support/errors.js";

describe("accuracy", () => {
  const logits = new Tensor([
    [1, 3, 2],
    [5, 4, 0],
    [0, 1, 2],
    [-1, -2, -3],
  ]);

  it("is the share of samples whose largest logit stands at the label", () => {
    expect(accuracy(logits, [1, 0, 2, 0])).toBe(1);
    expect(accuracy(logits, [1, 0, 2, 1])).toBe(0.75);
    expect(accuracy(logits, [0, 1, 0, 2])).toBe(0);
  });

  it("takes labels from any array of numbers", () => {
    expect(accuracy(logits, Int32Array.of(1, 0, 0, 0))).toBe(0.75);
    expect(accuracy(logits, Uint8Array.of(1, 0, 0, 0))).toBe(0.75);
  });

  it("takes predicted classes, as argmax gives them", () => {
    expect(accuracy(logits.argmax(1), [1, 0, 2, 1])).toBe(0.75);
    expect(accuracy([1, 0], [1n, 1n])).toBe(0.5);
  });

  it("counts the first of equal logits as the prediction", () => {
    expect(accuracy(new Tensor([[2, 2]]), [0])).toBe(1);
    expect(accuracy(new Tensor([[2, 2]]), [1])).toBe(0);
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "logits that are no tensor",
      () => accuracy([[1, 2]] as never, [0]),
      ArgumentError,
      "accuracy: expected logits to be a Tensor, got [[1, 2]] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "logits of another rank",
      () => accuracy(new Tensor([1, 2]), [0, 1]),
      ShapeError,
      "accuracy: expected logits [N, C], got [2] (the batch axis is first, then the classes).",
    ],
    [
      "an empty batch",
      () => accuracy(new Tensor([], [0, 10]), []),
      ShapeError,
      "accuracy: expected logits [N, C], got [0, 10] (an empty batch has no accuracy).",
    ],
    [
      "too few labels",
      () => accuracy(logits, [0, 1]),
      ShapeError,
      "accuracy: expected 4 labels for logits [4, 3], got 2.",
    ],
    [
      "a predicted class that is none",
      () => accuracy([0, 0.5], [0, 0]),
      ArgumentError,
      "accuracy: expected predictions from 0 to 2147483647, got 0.5 at index 1.",
    ],
    ["no predictions", () => accuracy([], []), ShapeError, "accuracy: expected at least one prediction, got none."],
    [
      "no labels",
      () => accuracy(logits, undefined as never),
      ArgumentError,
      "accuracy: expected labels as an array of class indices, got undefined.",
    ],
    [
      "a label out of range",
      () => accuracy(logits, [0, 1, 3, 0]),
      ArgumentError,
      "accuracy: expected labels from 0 to 2, got 3 at index 2.",
    ],
    [
      "a label between classes",
      () => accuracy(logits, [0, 0.5, 1, 0]),
      ArgumentError,
      "accuracy: expected labels from 0 to 2, got 0.5 at index 1.",
    ],
  ])("refuses %s", (_, act, type, message) => {
    throwsExactly(act, type, message);
  });
});
