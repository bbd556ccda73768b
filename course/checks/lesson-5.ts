// Lesson 5: what the answers to exercises 5.1 to 5.5 must do.
import { AvgPool2d, Conv2d, Flatten, Linear, Sequential, Tensor, conv2d, rand, type Layer } from "handgrad";
import type * as answers from "../exercises/lesson-5.js";
import { exercise, must, same, type Exercise } from "./exercise.js";

type Answers = typeof answers;

const FILTER = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]; // prettier-ignore
const kinds = (model: Iterable<Layer>): string[] => [...model].map((layer) => layer.describe().split("(")[0]);

function perceptron(weights: readonly number[], bias: number): Linear {
  const layer = new Linear(9, 1);
  layer.weight.value.data.set(weights);
  layer.bias?.value.data.set([bias]);
  return layer;
}

/** The exercises of lesson 5. */
export const exercises: readonly Exercise[] = [
  exercise<Answers["outputSize"]>(
    "5.1",
    "outputSize",
    {
      "dilation forgotten": (input, filter, stride, padding) => Math.floor((input + 2 * padding - filter) / stride) + 1,
      "padding once": (input, filter, stride, padding, dilation) =>
        Math.floor((input + padding - dilation * (filter - 1) - 1) / stride) + 1,
      "rounded up": (input, filter, stride, padding, dilation) =>
        Math.ceil((input + 2 * padding - dilation * (filter - 1) - 1) / stride) + 1,
    },
    (outputSize) => {
      same("28, filter 5", outputSize(28, 5, 1, 0, 1), 24);
      for (const input of [5, 8, 11]) {
        for (const filter of [1, 2, 3]) {
          for (const [stride, padding, dilation] of [[1, 0, 1], [2, 1, 1], [3, 2, 2], [2, 0, 2]]) {
            const layer = new Conv2d(1, 1, filter, { stride, padding, dilation });
            const wanted = layer.outputShape([1, 1, input, input])[2];
            same(`${input}, ${layer.describe()}`, outputSize(input, filter, stride, padding, dilation), wanted);
          } // prettier-ignore
        }
      }
    },
  ),
  exercise<Answers["perceptron"]>(
    "5.2",
    "perceptron",
    {
      "column by column": (filter, bias) => perceptron([0, 1, 2].flatMap((j) => filter.map((row) => row[j])), bias),
      "flipped": (filter, bias) => perceptron(filter.flat().reverse(), bias),
      "no bias": (filter) => perceptron(filter.flat(), 0),
    }, // prettier-ignore
    (answer) => {
      const window = new Tensor([[1, 2, 3, 0, 1, 5, 1, 0, 2]]);
      same("the window of the lesson, bias 0", answer(FILTER, 0).predict(window), [[8]], 1e-5);
      same("the window of the lesson, bias 0.5", answer(FILTER, 0.5).predict(window), [[8.5]], 1e-5);
      const [x, filter] = [rand([1, 1, 3, 3], { seed: 1 }), rand([1, 1, 3, 3], { seed: 2 })];
      const wanted = conv2d(x, filter, new Tensor([-1]));
      const rows = filter.reshape([3, 3]).toArray() as number[][];
      same("drawn numbers, bias -1", answer(rows, -1).predict(x.reshape([1, 9])), wanted.reshape([1, 1]), 1e-5);
    },
  ),
  exercise<Answers["separable"]>(
    "5.3",
    "separable",
    {
      "an ordinary convolution": (from, to) => new Sequential(new Conv2d(from, to, 3, { padding: 1, bias: false })),
      "no groups": (from, to) =>
        new Sequential(
          new Conv2d(from, from, 3, { padding: 1, bias: false }),
          new Conv2d(from, to, 1, { bias: false }),
        ),
      "no padding": (from, to) =>
        new Sequential(
          new Conv2d(from, from, 3, { groups: from, bias: false }),
          new Conv2d(from, to, 1, { bias: false }),
        ),
    },
    (separable) => {
      for (const [from, to] of [[64, 64], [3, 10]]) {
        const { rows, totalParameters } = separable(from, to).summary([from, 12, 9]);
        same(`the parameters from ${from} to ${to}`, totalParameters, 9 * from + from * to);
        same(`the shapes from ${from} to ${to}`, rows.map(({ outputShape }) => outputShape), [[from, 12, 9], [to, 12, 9]]);
      } // prettier-ignore
    },
  ),
  exercise<Answers["withoutLinear"]>(
    "5.4",
    "withoutLinear",
    {
      "with a Linear": (size) => new Sequential(new AvgPool2d(size), new Flatten(), new Linear(3, 10)),
      "not flat": (size) => new Sequential(new Conv2d(3, 10, 1), new AvgPool2d(size)),
      "a filter as large as the image": (size) => new Sequential(new Conv2d(3, 10, size), new Flatten()),
    },
    (withoutLinear) => {
      for (const size of [7, 12]) {
        const model = withoutLinear(size);
        must(!kinds(model).includes("Linear"), `expected no Linear, got ${kinds(model).join(", ")}`);
        same(`the shape for images of ${size}`, model.outputShape([2, 3, size, size]), [2, 10]);
        same(`the parameters for images of ${size}`, model.summary([3, size, size]).totalParameters, 40);
      }
      const x = rand([1, 3, 6, 6], { seed: 3 });
      const moved = new Tensor([...x.data.subarray(0, 108)].map((_, i, all) => all[36 * Math.floor(i / 36) + ((i + 6) % 36)]), [1, 3, 6, 6]); // prettier-ignore
      const model = withoutLinear(6);
      same("an image whose rows have moved around", model.predict(moved), model.predict(x), 1e-5);
    },
  ),
  exercise<Answers["period"]>(
    "5.5",
    "period",
    {
      "distance 0, which always wins": () => 0,
      "the first distance": () => 1,
      "one too few": (signal) => (signal.length > 20 ? 5 : 2),
    },
    (period) => {
      same("[1, 0, 0, 1, 0, 0, 1, 0, 0]", period([1, 0, 0, 1, 0, 0, 1, 0, 0], 5), 3);
      const wave = Array.from({ length: 48 }, (_, i) => [0, 2, 3, 1, -2, -4, 0, 1][i % 8] + 0.1 * (i % 3));
      same("a wave of eight with a small one of three on it", period(wave, 12), 8);
    },
  ),
];
