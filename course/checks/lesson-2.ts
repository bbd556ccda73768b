// Lesson 2: what the answers to exercises 2.1 to 2.5 must do.
import {
  Conv2d, CrossEntropy, Flatten, Linear, SGD, Sequential, Tensor, conv2d, convolve1d, correlate1d, correlate2d, manualSeed,
  nhwcToNchw, rand, randn, sigmoid, sigmoidDerivative, tanh, tanhDerivative,
} from "handgrad"; // prettier-ignore
import { batches } from "handgrad/data";
import type * as answers from "../exercises/lesson-2.js";
import { exercise, same, type Exercise } from "./exercise.js";

type Answers = typeof answers;

// The image and the weights of the lesson, channels last.
const IMAGE = new Tensor([[
  [[1, 0, 1], [1, 1, 1], [1, 1, 1], [0, 0, 1], [0, 1, 0]],
  [[0, 0, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 0, 0]],
  [[0, 0, 0], [0, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
  [[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 1], [0, 1, 0]],
  [[0, 1, 0], [1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]],
]]); // prettier-ignore
const WEIGHTS = new Tensor([
  [[[1, 1], [0, 1], [-1, -1]], [[0, 0], [-1, 0], [0, 0]], [[1, 1], [0, 1], [0, 0]]],
  [[[0, 0], [-1, 0], [0, 0]], [[1, 1], [1, 1], [1, 1]], [[0, 0], [-1, 0], [0, 0]]],
  [[[1, 1], [1, 1], [0, 0]], [[0, 0], [-1, 0], [0, 0]], [[1, 1], [0, 1], [-1, -1]]],
]); // prettier-ignore
const MAPS = [[3, -1, 3], [-2, 0, 2], [1, 3, 4]].map((row, i) =>
  row.map((value, j) => [value, [[7, 5, 7], [2, 6, 7], [5, 7, 8]][i][j]]),
); // prettier-ignore

type TrainEpoch = Answers["trainEpoch"];

/** The loop of the lesson, with one of its lines left out or another in its place. */
function epochWithout(line: "zeroGrad" | "step" | "mean" | "all"): TrainEpoch {
  return (model, loss, optimizer, data) => {
    const losses: number[] = [];
    for (const [x, labels] of data) {
      losses.push(loss.forward(model.forward(x), labels));
      if (line !== "zeroGrad") optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      if (line !== "step") optimizer.step();
      if (line === "all") break;
    }
    return losses.reduce((a, b) => a + b, 0) / (line === "mean" ? 1 : losses.length);
  };
}

/** The exercises of lesson 2. */
export const exercises: readonly Exercise[] = [
  exercise<Answers["convolve"]>(
    "2.1",
    "convolve",
    {
      "not flipped": (x, w) => [...correlate1d(x, w).data],
      "the signal flipped": (x, w) => [...correlate1d([...x].reverse(), w).data],
    },
    (convolve) => {
      const [x, w] = [[2, 8, 3, 7, 1, 2, 0, 4, 5], [2, 1, 5, 3]]; // prettier-ignore
      same("x and w of the lesson", convolve(x, w), [63, 48, 49, 28, 21, 20]);
      same("w of the lesson, as it was before", w, [2, 1, 5, 3]);
      const [long, short] = [rand([12], { seed: 1 }), rand([5], { seed: 2 })];
      same("drawn numbers", convolve([...long.data], [...short.data]), [...convolve1d(long, short).data], 1e-5);
    },
  ),
  exercise<Answers["sameZeros"]>(
    "2.2",
    "sameZeros",
    {
      "one rule for both": (kernel) => {
        const zeros = kernel - 1;
        const [less, more] = [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
        return { list: [less, more], image: [less, more] };
      },
      "the rules exchanged": (kernel) => {
        const zeros = kernel - 1;
        const [less, more] = [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
        return { list: [less, more], image: [more, less] };
      },
      "a zero too many": (kernel) => {
        const half = Math.floor(kernel / 2);
        return { list: [half, half], image: [half, half] };
      },
    },
    (sameZeros) => {
      for (let kernel = 1; kernel <= 7; kernel++) {
        const signal = Array.from({ length: 9 }, (_, i) => i + 1);
        const ones = Array.from({ length: kernel }, () => 1);
        const [list] = correlate1d(signal, ones, { mode: "same", trace: true });
        const [image] = correlate2d([signal], [ones], { mode: "same", trace: true });
        const before = [-list.start, -image.left];
        const { list: ofList, image: ofImage } = sameZeros(kernel);
        same(`kernel ${kernel}, lists`, ofList, [before[0], kernel - 1 - before[0]]);
        same(`kernel ${kernel}, images`, ofImage, [before[1], kernel - 1 - before[1]]);
      }
    },
  ),
  exercise<Answers["mapsOfNhwc"]>(
    "2.3",
    "mapsOfNhwc",
    {
      "channels in front in the result": (images, weights) =>
        conv2d(nhwcToNchw(images), weights.permute([3, 2, 0, 1]), null),
      "the weights lying on their side": (images, weights) =>
        conv2d(nhwcToNchw(images), weights.permute([3, 2, 1, 0]), null).permute([0, 2, 3, 1]),
      "reshaped, not permuted": (images, weights) =>
        conv2d(images.reshape([1, 3, 5, 5]), weights.reshape([2, 3, 3, 3]), null).permute([0, 2, 3, 1]),
    },
    (mapsOfNhwc) => {
      const maps = mapsOfNhwc(IMAGE, WEIGHTS);
      same("the shape of the maps", maps.shape, [1, 3, 3, 2]);
      same("the maps of the lesson", maps, [MAPS]);
      const drawn = mapsOfNhwc(rand([2, 6, 7, 3], { seed: 3 }), rand([2, 3, 3, 4], { seed: 4 }));
      same("two images of 6 x 7, four filters of 2 x 3", drawn.shape, [2, 5, 5, 4]);
    },
  ),
  exercise<Answers["slopes"]>(
    "2.4",
    "slopes",
    {
      "from x, not from y": {
        sigmoid: (y) => sigmoidDerivative(new Tensor([y])).item(),
        tanh: (y) => tanhDerivative(new Tensor([y])).item(),
      },
      "the same for both": { sigmoid: (y) => y * (1 - y), tanh: (y) => y * (1 - y) },
    },
    (slopes) => {
      same(
        "the slopes at 0, where sigmoid is 0.5 and tanh is 0",
        [slopes.sigmoid(0.5), slopes.tanh(0)],
        [0.25, 1],
        1e-12,
      );
      const x = new Tensor([-4, -1.5, -0.2, 0.7, 3]);
      same("sigmoid", [...sigmoid(x).data].map(slopes.sigmoid), [...sigmoidDerivative(x).data], 1e-6);
      same("tanh", [...tanh(x).data].map(slopes.tanh), [...tanhDerivative(x).data], 1e-6);
    },
  ),
  exercise<TrainEpoch>(
    "2.5",
    "trainEpoch",
    {
      "gradients that pile up": epochWithout("zeroGrad"),
      "no step": epochWithout("step"),
      "the sum of the losses": epochWithout("mean"),
      "one batch only": epochWithout("all"),
    },
    (trainEpoch) => {
      const wanted = epochs(epochWithout(undefined as never));
      const got = epochs(trainEpoch);
      same("the mean loss of three epochs", got.losses, wanted.losses, 1e-6);
      same("the weights after three epochs", got.weights, wanted.weights, 1e-6);
    },
  ),
];

/** Three epochs on 20 small images in batches of 8, the last four of them dropped; the same numbers each time. */
function epochs(trainEpoch: TrainEpoch): { losses: number[]; weights: number[] } {
  manualSeed(5);
  const model = new Sequential(new Conv2d(1, 2, 2), new Flatten(), new Linear(18, 3));
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 3);
  const data = batches(randn([20, 1, 4, 4], { seed: 6 }), labels, { size: 8, shuffle: true, dropLast: true });
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const losses = [0, 1, 2].map(() => trainEpoch(model, new CrossEntropy(), optimizer, data));
  return { losses, weights: model.parameters().flatMap(({ value }) => [...value.data]) };
}
