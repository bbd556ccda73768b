// Lesson 4: what the answers to exercises 4.1 to 4.5 must do.
import {
  Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tensor, convolve2d, correlate2d, rand, softmax, zeros,
} from "handgrad"; // prettier-ignore
import type * as answers from "../exercises/lesson-4.js";
import { exercise, must, same, type Exercise } from "./exercise.js";

type Answers = typeof answers;
type Matrix = answers.Matrix;

const rowsOf = (tensor: Tensor): number[][] => tensor.toArray() as number[][];

/** The lesson's network with other pools or another dropout. */
function network(pool: () => MaxPool2d, flat: number, p: number): Sequential {
  return new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), pool(), new Conv2d(16, 32, 3), new ReLU(), pool(), new Flatten()],
    ...[new Linear(flat, 32), new ReLU(), new Dropout(p), new Linear(32, 10)],
  );
}

/** Every gradient to all places of a window that hold the largest number, or to every place. */
function poolBackward(
  image: Matrix,
  dy: Matrix,
  size: number,
  chosen: (value: number, largest: number) => boolean,
): number[][] {
  return image.map((row, h) =>
    row.map((value, w) => {
      const [i, j] = [Math.floor(h / size), Math.floor(w / size)];
      if (dy[i]?.[j] === undefined) return 0;
      const window = image.slice(i * size, (i + 1) * size).flatMap((line) => line.slice(j * size, (j + 1) * size));
      return chosen(value, Math.max(...window)) ? dy[i][j] : 0;
    }),
  );
}

/** The exercises of lesson 4. */
export const exercises: readonly Exercise[] = [
  exercise<Answers["correlate"]>(
    "4.1",
    "correlate",
    {
      "the kernel flipped": (image, kernel) => rowsOf(convolve2d(image as number[][], kernel as number[][])),
      "the last row and column forgotten": (image, kernel) =>
        rowsOf(correlate2d(image as number[][], kernel as number[][])).slice(0, -1).map((row) => row.slice(0, -1)),
    }, // prettier-ignore
    (correlate) => {
      const image = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]; // prettier-ignore
      same("the example of the lesson", correlate(image, [[1, 0], [1, 1]]), [[10, 13], [19, 22]]); // prettier-ignore
      const [large, small] = [rand([7, 5], { seed: 1 }), rand([3, 2], { seed: 2 })];
      same("a kernel of 3 x 2 on 7 x 5", correlate(rowsOf(large), rowsOf(small)), correlate2d(large, small), 1e-5);
    },
  ),
  exercise<Answers["maxPoolBackward"]>(
    "4.2",
    "maxPoolBackward",
    {
      "to all of the largest": (image, dy, size) =>
        poolBackward(image, dy, size, (value, largest) => value === largest),
      "to all of the window": (image, dy, size) => poolBackward(image, dy, size, () => true),
    },
    (maxPoolBackward) => {
      const image = [[1, 5, 2, 2], [3, 4, 2, 0]]; // prettier-ignore
      same("two windows, one with a tie", maxPoolBackward(image, [[10, 20]], 2), [[0, 10, 20, 0], [0, 0, 0, 0]]); // prettier-ignore
      for (const [shape, size] of [[[7, 6], 2], [[9, 9], 3]] as const) {
        const x = rand(shape, { seed: 3 });
        const pool = new MaxPool2d(size);
        const dy = rand(pool.forward(x.reshape([1, 1, ...shape])).shape, { seed: 4 });
        const wanted = (pool.backward(dy) as Tensor).reshape(shape);
        same(`${shape.join(" x ")}, windows of ${size}`, maxPoolBackward(rowsOf(x), rowsOf(dy.slice(0, 0)), size), wanted);
      } // prettier-ignore
    },
  ),
  exercise<Answers["dropout"]>(
    "4.3",
    "dropout",
    {
      "not scaled": (x, _, kept) => x.map((value, i) => (kept[i] ? value : 0)),
      "scaled by p": (x, p, kept) => x.map((value, i) => (kept[i] ? value / p : 0)),
      multiplied: (x, p, kept) => x.map((value, i) => (kept[i] ? value * (1 - p) : 0)),
    },
    (dropout) => {
      same("p = 0.2", dropout([8, 4, -2], 0.2, [true, false, true]), [10, 0, -2.5], 1e-12);
      const kept = Array.from({ length: 10 }, (_, i) => i > 2);
      const y = dropout(Array.from({ length: 10 }, () => 7), 0.3, kept); // prettier-ignore
      same("the mean of ten sevens, p = 0.3", y.reduce((a, b) => a + b) / 10, 7, 1e-12);
    },
  ),
  exercise<Answers["softmax"]>(
    "4.4",
    "softmax",
    {
      "powers that overflow": (logits) => {
        const powers = logits.map((logit) => Math.exp(logit));
        return powers.map((power) => power / powers.reduce((a, b) => a + b, 0));
      },
      "shares without powers": (logits) => logits.map((logit) => logit / logits.reduce((a, b) => a + b, 0)),
    },
    (answer) => {
      same(
        "the logarithms of 1, 2 and 5",
        answer([Math.log(1), Math.log(2), Math.log(5)]),
        [1 / 8, 2 / 8, 5 / 8],
        1e-12,
      );
      same("[1000, 1000, 0]", answer([1000, 1000, 0]), [0.5, 0.5, 0], 1e-12);
      same("[-1000, -1001]", answer([-1000, -1001]), softmax(new Tensor([[1, 0]]), 1).reshape([2]), 1e-6);
    },
  ),
  exercise<Answers["network"]>(
    "4.5",
    "network",
    {
      "pools without padding": () => network(() => new MaxPool2d(2), 32 * 5 * 5, 0.3),
      "another dropout": () => network(() => new MaxPool2d(2, { stride: 2, padding: 1 }), 1568, 0.5),
    },
    (answer) => {
      const summary = answer().summary([1, 28, 28]);
      same("the parameters", summary.totalParameters, 55338);
      same(
        "the output shapes",
        summary.rows.map(({ outputShape }) => outputShape),
        [
          ...[[16, 26, 26], [16, 26, 26], [16, 14, 14], [32, 12, 12], [32, 12, 12], [32, 7, 7]],
          ...[[1568], [32], [32], [32], [10]],
        ], // prettier-ignore
      );
      must(
        [...answer()].some((layer) => layer.describe() === "Dropout(0.3)"),
        "expected a Dropout(0.3)",
      );
      same("the output of two images", answer().predict(zeros([2, 1, 28, 28])).shape, [2, 10]);
    },
  ),
];
