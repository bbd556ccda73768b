// Lesson 3: what the answers to exercises 3.1 to 3.5 must do.
import { Conv2d, Sequential, Tensor, convolve2d, correlate2d, conv2dInputGrad, rand } from "handgrad";
import { lesson3 } from "handgrad/models";
import type * as answers from "../exercises/lesson-3.js";
import { exercise, same, type Exercise } from "./exercise.js";

type Answers = typeof answers;
type Options = answers.ListOptions;

const LESSON: Options = {
  ...{
    inputShape: [1, 28, 28],
    kernelSize: 3,
    convWidths: [32, 64],
    hiddenWidths: [32],
    classes: 10,
    batchNorm: false,
  },
};

/** The exercises of lesson 3. */
export const exercises: readonly Exercise[] = [
  exercise<Answers["convParameters"]>(
    "3.1",
    "convParameters",
    {
      "no biases": (from, to, kernel, groups) => (kernel * kernel * from * to) / groups,
      "groups forgotten": (from, to, kernel) => kernel * kernel * from * to + to,
      "a bias for each input": (from, to, kernel, groups) => (kernel * kernel * from * to) / groups + from,
    },
    (convParameters) => {
      same("3x3 from 128 to 64: 73,728 weights and 64 biases", convParameters(128, 64, 3, 1), 73728 + 64);
      for (const [from, to, kernel, groups] of [[3, 64, 11, 1], [64, 64, 3, 64], [12, 18, 5, 3]]) {
        const layer = new Conv2d(from, to, kernel, { groups });
        const { totalParameters } = layer.summary([from, 16, 16]);
        same(layer.describe(), convParameters(from, to, kernel, groups), totalParameters);
      } // prettier-ignore
    },
  ),
  exercise<Answers["receptiveField"]>(
    "3.2",
    "receptiveField",
    {
      "the kernels added up": (layers) => layers.reduce((sum, { kernel }) => sum + kernel, 0),
      "strides forgotten": (layers) => layers.reduce((field, { kernel }) => field + kernel - 1, 1),
      "the layer's own stride counted before it": (layers) => {
        let [field, apart] = [1, 1];
        for (const { kernel, stride } of layers) field += (kernel - 1) * (apart *= stride);
        return field;
      },
    },
    (receptiveField) => {
      const [conv, pool] = [{ kernel: 3, stride: 1 }, { kernel: 2, stride: 2 }]; // prettier-ignore
      same("nothing at all", receptiveField([]), 1);
      same("two 3x3 convolutions", receptiveField([conv, conv]), 5);
      same("3x3, pool, 3x3, pool (lesson 4 without its paddings)", receptiveField([conv, pool, conv, pool]), 10);
      const layers = [{ kernel: 5, stride: 2 }, pool, conv, { kernel: 3, stride: 3 }];
      same("5x5 by 2, pool, 3x3, 3x3 by 3", receptiveField(layers), seen(layers));
    },
  ),
  exercise<Answers["layerNames"]>(
    "3.3",
    "layerNames",
    {
      "numbered by kind": () => ["conv2d_00", "relu_00", "maxpool2d_00", "dropout2d_00", "conv2d_01"],
      "only layers that learn are counted": (convWidths, hiddenWidths) =>
        [...convWidths.map(() => "conv2d"), ...hiddenWidths.map(() => "linear"), "linear"].map(
          (type, i) => `${type}_0${i}`,
        ),
    },
    (layerNames) => {
      for (const [convWidths, hiddenWidths, batchNorm] of [
        [LESSON.convWidths, LESSON.hiddenWidths, false],
        [[8], [20, 10], true],
        [[4, 8, 16], [], false],
      ] as const) {
        const net = lesson3({ convWidths, hiddenWidths, batchNorm }).get("net");
        const wanted = net.namedChildren().map(([name]) => name);
        same(`[${convWidths}], [${hiddenWidths}]`, layerNames(convWidths, hiddenWidths, batchNorm), wanted);
      }
    },
  ),
  exercise<Answers["countFromList"]>(
    "3.4",
    "countFromList",
    {
      "pools forgotten": (options) => count(options, (side) => side),
      "batch norm forgotten": (options) => count({ ...options, batchNorm: false }, (side) => Math.floor(side / 2)),
      "sizes rounded up": (options) => count(options, (side) => Math.ceil(side / 2)),
    },
    (countFromList) => {
      same("the network of the lesson", countFromList(LESSON), 119530);
      same("with batch norm", countFromList({ ...LESSON, batchNorm: true }), 119530 + 2 * 32 + 2 * 64);
      const other: Options = {
        ...LESSON,
        inputShape: [3, 30, 22],
        kernelSize: 5,
        convWidths: [8, 16, 24],
        hiddenWidths: [],
      };
      const { classes: numClasses, ...lists } = other;
      const built = lesson3({ ...lists, numClasses }).summary(other.inputShape).totalParameters;
      same("3 x 30 x 22, kernel 5, three blocks, no hidden layer", countFromList(other), built);
    },
  ),
  exercise<Answers["inputGradient"]>(
    "3.5",
    "inputGradient",
    {
      "not flipped": (dy, w) => correlate2d(dy, w, { mode: "full" }),
      "not padded": (dy, w) => convolve2d(dy, w),
      "the size kept": (dy, w) => convolve2d(dy, w, { mode: "same" }),
    },
    (inputGradient) => {
      const [dy, w] = [new Tensor([[1, 2], [3, 4]]), new Tensor([[1, 0], [1, 1]])]; // prettier-ignore
      same("dy [[1, 2], [3, 4]], w [[1, 0], [1, 1]]", inputGradient(dy, w), [[1, 2, 0], [4, 7, 2], [3, 7, 4]]); // prettier-ignore
      const [large, small] = [rand([6, 5], { seed: 1 }), rand([2, 3], { seed: 2 })];
      const wanted = conv2dInputGrad(large.reshape([1, 1, 6, 5]), small.reshape([1, 1, 2, 3]), [1, 1, 7, 7]);
      same("dy of 6 x 5, w of 2 x 3", inputGradient(large, small), wanted.reshape([7, 7]), 1e-5);
    },
  ),
];

/** How many pixels of a row change one output, tried out: a gradient of ones through filters of ones. */
function seen(layers: readonly { kernel: number; stride: number }[]): number {
  const model = new Sequential(
    ...layers.map(({ kernel, stride }) => {
      const conv = new Conv2d(1, 1, [1, kernel], { stride: [1, stride], bias: false });
      conv.weight.value.data.fill(1);
      return conv;
    }),
  );
  const y = model.forward(rand([1, 1, 1, 200], { seed: 3 }));
  const dy = y.like();
  dy.data[0] = 1;
  return (model.backward(dy) as Tensor).data.filter((value) => value !== 0).length;
}

/** The parameters by a rule for what a pool leaves of a side; odd kernels. */
function count(options: Options, pooled: (side: number) => number): number {
  let [channels, height, width] = options.inputShape;
  let total = 0;
  for (const to of options.convWidths) {
    total += options.kernelSize * options.kernelSize * channels * to + to + (options.batchNorm ? 2 * to : 0);
    [channels, height, width] = [to, pooled(height), pooled(width)];
  }
  let features = channels * height * width;
  for (const to of [...options.hiddenWidths, options.classes]) [total, features] = [total + features * to + to, to];
  return total;
}
