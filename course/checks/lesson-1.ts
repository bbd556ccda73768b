// Lesson 1: what the answers to exercises 1.1 to 1.5 must do.
import { Conv2d, MaxPool2d, Sequential, Tensor, conv2d, conv2dWeightGrad, ones, rand } from "handgrad";
import type * as answers from "../exercises/lesson-1.js";
import { exercise, must, same, type Exercise } from "./exercise.js";

type Answers = typeof answers;

const grayOf = (...weights: number[]): Conv2d => {
  const layer = new Conv2d(3, 1, 1, { bias: false });
  layer.weight.value.data.set(weights);
  return layer;
};

/** The exercises of lesson 1. */
export const exercises: readonly Exercise[] = [
  exercise<Answers["toGray"]>(
    "1.1",
    "toGray",
    {
      "a plain mean": () => grayOf(1 / 3, 1 / 3, 1 / 3),
      "blue before red": () => grayOf(0.114, 0.587, 0.299),
      "a bias that was drawn": () => {
        const layer = new Conv2d(3, 1, 1);
        layer.weight.value.data.set([0.299, 0.587, 0.114]);
        layer.bias?.value.data.set([0.1]);
        return layer;
      },
    },
    (toGray) => {
      const colors = new Tensor([[[[1, 0, 0, 1, 0.5]], [[0, 1, 0, 1, 0.2]], [[0, 0, 1, 1, 0.4]]]]);
      const gray = [0.299, 0.587, 0.114, 1, 0.5 * 0.299 + 0.2 * 0.587 + 0.4 * 0.114];
      same("red, green, blue, white and a mixture in gray", toGray().predict(colors), [[[gray]]], 1e-6);
      same("the shape for images of 7 x 6", toGray().predict(rand([2, 3, 7, 6], { seed: 1 })).shape, [2, 1, 7, 6]);
    },
  ),
  exercise<Answers["uprightEdges"]>(
    "1.2",
    "uprightEdges",
    {
      "edges of every direction": () => [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
      "level edges": () => [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
      "left minus right": () => [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
      "zeros": () => [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
    }, // prettier-ignore
    (uprightEdges) => {
      const filter = uprightEdges();
      must(filter.length === 3 && filter.every((row) => row.length === 3), "the filter: expected 3 rows of 3 numbers");
      const w = new Tensor([[filter]]);
      const upright = new Tensor([[[[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]]]]); // prettier-ignore
      const answer = [...conv2d(upright, w, null).data];
      must(answer[1] > 0 && answer[2] > 0, `at the edge 0 | 1: expected positive numbers, got ${answer.join(", ")}`);
      same("far from the edge", [answer[0], answer[3]], [0, 0], 1e-6);
      same("on a level edge", conv2d(upright.permute([0, 1, 3, 2]), w, null), zeros(4, 1), 1e-6);
      same("on an even surface", conv2d(ones([1, 1, 3, 3]), w, null), zeros(1, 1), 1e-6);
    },
  ),
  exercise<Answers["fiveFilters"]>(
    "1.3",
    "fiveFilters",
    {
      "no padding": () => new Sequential(new Conv2d(3, 5, 3), new MaxPool2d(2)),
      "no pooling": () => new Sequential(new Conv2d(3, 5, 3, { padding: 1 })),
      "no bias": () => new Sequential(new Conv2d(3, 5, 3, { padding: 1, bias: false }), new MaxPool2d(2)),
      "a stride of two": () => new Sequential(new Conv2d(3, 5, 3, { padding: 1, stride: 2 })),
    },
    (fiveFilters) => {
      const model = fiveFilters();
      same("the shape for [1, 3, 256, 256]", model.outputShape([1, 3, 256, 256]), [1, 5, 128, 128]);
      same("the parameters", model.summary([3, 256, 256]).totalParameters, 140);
      const kinds = [...model].map((layer) => layer.describe().split("(")[0]);
      must(kinds.includes("MaxPool2d"), `expected a MaxPool2d that halves the image, got ${kinds.join(", ")}`);
    },
  ),
  exercise<Answers["weightGradient"]>(
    "1.4",
    "weightGradient",
    {
      "only where all are the same": (x, d, taps) =>
        Array.from({ length: taps }, () => x[0] * d.reduce((a, b) => a + b, 0)),
      "the deltas flipped": (x, d, taps) =>
        Array.from({ length: taps }, (_, k) => d.reduce((sum, value, i) => sum + value * x[k + d.length - 1 - i], 0)),
      "too many weights": (x, d) =>
        Array.from({ length: x.length }, (_, k) => d.reduce((sum, value, i) => sum + value * (x[k + i] ?? 0), 0)),
    },
    (weightGradient) => {
      same("x = [2, -1, 3, 5], d = [0.5, 2, -1], 2 weights", weightGradient([2, -1, 3, 5], [0.5, 2, -1], 2), [-4, 0.5]);
      const [x, dy] = [rand([1, 1, 1, 11], { seed: 2 }), rand([1, 1, 1, 8], { seed: 3 })];
      const wanted = conv2dWeightGrad(x, dy, [1, 1, 1, 4]).data;
      same("4 weights on 11 numbers", weightGradient([...x.data], [...dy.data], 4), [...wanted], 1e-5);
    },
  ),
  exercise<Answers["step"]>(
    "1.5",
    "step",
    {
      "with the gradient": (w, gradient, lr) => w.map((value, i) => value + lr * gradient[i]),
      "times the gradient": (w, gradient, lr) => w.map((value, i) => value * lr * gradient[i]),
      "in place": (w, gradient, lr) => {
        for (let i = 0; i < w.length; i++) (w as number[])[i] -= lr * gradient[i];
        return w as number[];
      },
    },
    (step) => {
      const w = [2, -1];
      same("w = [2, -1], gradient [3, 0.5], lr 0.25", step(w, [3, 0.5], 0.25), [1.25, -1.125], 1e-12);
      same("the list that was given", w, [2, -1]);
      // The loss of one neuron, (w x - 6)^2 for x = 2, has its least at w = 3.
      let weights = [0];
      for (let i = 0; i < 50; i++) weights = step(weights, [2 * (2 * weights[0] - 6) * 2], 0.05);
      same("after 50 steps on (2 w - 6)^2", weights, [3], 1e-3);
    },
  ),
];

function zeros(rows: number, columns: number): number[][][][] {
  return [[Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0))]];
}
