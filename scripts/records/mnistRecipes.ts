// The three records of MNIST. Their options were chosen by training digits held out (`--held-out`), never by the test digits.
import { Adam, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, type Layer } from "handgrad";
import { normalize, randomAffine } from "handgrad/data";
import type { Recipe } from "./mnistRun.js";

// Mean and standard deviation of the training digits' pixels.
const standardized = normalize(0.1307, 0.3081);

/** Convolution, pooling if there is any, batch norm, ReLU: a pooling first leaves the other two a quarter of the work. */
function block(from: number, to: number, padding: "same" | "valid", ...pooling: MaxPool2d[]): Layer[] {
  return [new Conv2d(from, to, 3, { padding, bias: false }), ...pooling, new BatchNorm2d(to), new ReLU()];
}

/** One epoch: the convolutions of tuomaso/train_mnist_fast with batch norm, 215,250 parameters, Adam in one cycle. */
export const mnistEpoch: Recipe = {
  target: "0.990 after one epoch, within 10 s on two cores",
  wanted: 0.99,
  build: () =>
    new Sequential(
      new Conv2d(1, 24, 5, { bias: false }), new MaxPool2d(2), new BatchNorm2d(24), new ReLU(), // [24, 12, 12]
      new Conv2d(24, 32, 3, { bias: false }), new MaxPool2d(2), new BatchNorm2d(32), new ReLU(), // [32, 5, 5]
      new Flatten(), new Linear(32 * 5 * 5, 256), new ReLU(), new Linear(256, 10),
    ), // prettier-ignore
  optimizer: (parameters) => new Adam(parameters, { betas: [0.7, 0.9] }),
  batchSize: 128,
  epochs: 1,
  augment: [],
  prepare: [standardized],
  cycle: { maxLr: 0.006, pctStart: 0.2, divFactor: 10 },
  labelSmoothing: 0.05,
  average: 0,
};

/** At most 20,000 parameters: 16,010. */
export const mnistSmall: Recipe = {
  target: "0.994 with at most 20,000 parameters",
  wanted: 0.994,
  build: () =>
    new Sequential(
      ...block(1, 16, "same", new MaxPool2d(2)), // [16, 14, 14]
      ...block(16, 24, "same", new MaxPool2d(2)), // [24, 7, 7]
      ...block(24, 40, "same", new MaxPool2d(2)), // [40, 3, 3]
      new Flatten(), new Linear(40 * 3 * 3, 10),
    ), // prettier-ignore
  optimizer: (parameters) => new Adam(parameters),
  batchSize: 128,
  epochs: 12,
  augment: [
    randomAffine({ degrees: 10, translate: [0.08, 0.08], scale: [0.9, 1.1], shear: 5, interpolation: "bilinear" }),
  ],
  prepare: [standardized],
  cycle: { maxLr: 0.01, pctStart: 0.25, divFactor: 25 },
  labelSmoothing: 0.05,
  average: 0,
};

/** Any network in 15 minutes. */
export const mnistBest: Recipe = {
  target: "0.9965 with any network, within 15 minutes on two cores",
  wanted: 0.9965,
  build: () =>
    new Sequential(
      ...block(1, 32, "valid"), ...block(32, 32, "valid", new MaxPool2d(2)), // [32, 12, 12]
      ...block(32, 64, "same"), ...block(64, 64, "same", new MaxPool2d(2)), // [64, 6, 6]
      ...block(64, 128, "same", new MaxPool2d(2)), // [128, 3, 3]
      new Flatten(), new Dropout(0.3), new Linear(128 * 3 * 3, 10),
    ), // prettier-ignore
  optimizer: (parameters) => new Adam(parameters),
  batchSize: 128,
  epochs: 15,
  augment: [
    randomAffine({ degrees: 12, translate: [0.1, 0.1], scale: [0.88, 1.12], shear: 8, interpolation: "bilinear" }),
  ],
  prepare: [standardized],
  cycle: { maxLr: 0.004, pctStart: 0.25, divFactor: 25 },
  labelSmoothing: 0.05,
  average: 0.999,
};
