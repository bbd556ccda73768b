// The networks of the five lessons.
import { fraction, positive, readOptions, trueOrFalse, type Check, type OptionTable } from "../base/options.js";
import { ArgumentError } from "../base/errors.js";
import { show } from "../base/check.js";
import { checkShape, type Shape } from "../base/shape.js";
import { glorotUniform } from "../init/glorot.js";
import { kaimingNormal } from "../init/kaiming.js";
import { ReLU } from "../nn/activation/relu.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import { Dropout2d } from "../nn/dropout/dropout2d.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { BatchNorm2d } from "../nn/norm/batchnorm2d.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { startWeights } from "./options.js";

/**
 * Lesson 1: two 5x5 convolutions of 64 and 128 channels with ReLU and max pool, and one linear layer; 241,802 parameters, which start as
 * PyTorch's defaults.
 *
 * Input [N, 3, 32, 32], output [N, 10], logits.
 */
export function lesson1(): Sequential {
  return new Sequential(
    ...[new Conv2d(3, 64, 5), new ReLU(), new MaxPool2d(2)],
    ...[new Conv2d(64, 128, 5), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(128 * 5 * 5, 10)],
  );
}

/** Options of {@link lesson2}. */
export interface Lesson2Options {
  /** Dropout before the last layer; the second half of the lesson has 0.5. Default 0: there is no such layer. */
  readonly dropout?: number;
}

/**
 * Lesson 2: ten 3x3 kernels that keep the size, ReLU, max pool, 100 hidden units; 197,210 parameters. Weights start from
 * `glorotUniform()`, biases at 0.
 *
 * Input [N, 1, 28, 28], output [N, 10], logits.
 *
 * @throws ArgumentError for an unusable option
 */
export function lesson2(options: Lesson2Options = {}): Sequential {
  const { dropout } = readOptions<Lesson2Options>("lesson2", { dropout: { check: fraction, default: 0 } }, options);
  const model = new Sequential(
    ...[new Conv2d(1, 10, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(14 * 14 * 10, 100), new ReLU()],
    ...[...(dropout > 0 ? [new Dropout(dropout)] : []), new Linear(100, 10)],
  );
  return startWeights(model, { conv: glorotUniform(), linear: glorotUniform(), zeroBias: true });
}

/** What {@link lesson3} builds its network from. */
export interface Lesson3Options {
  /** [C, H, W] of one image. Default [1, 28, 28]. */
  readonly inputShape?: Shape;
  /** Height and width of every kernel. Default 3. */
  readonly kernelSize?: number;
  /** Output channels of each convolution block. Default [32, 64]. */
  readonly convWidths?: readonly number[];
  /** Outputs of each hidden linear layer. Default [32]. */
  readonly hiddenWidths?: readonly number[];
  /** How many classes. Default 10. */
  readonly numClasses?: number;
  /** Whether batch norm stands behind each convolution. Default false. */
  readonly batchNorm?: boolean;
}

const widths: Check<readonly number[]> = (who, name, value) => {
  if (!Array.isArray(value))
    throw new ArgumentError(`${who}: expected ${name} to be an array of widths, got ${show(value)}.`);
  return value.map((width, i) => positive(who, `${name}[${i}]`, width));
};
const image: Check<Shape> = (who, name, value) => {
  const shape = checkShape(who, value as Shape);
  if (shape.length === 3 && !shape.includes(0)) return shape;
  throw new ArgumentError(`${who}: expected ${name} as [C, H, W], got ${show(value)}.`);
};

/**
 * Lesson 3: a network from lists of widths. For each convolution Conv2d (which keeps the size if the kernel is odd), BatchNorm2d if
 * wanted, ReLU, 2x2 max pool and Dropout2d(0.5); then Flatten, Linear and ReLU for each hidden width, and a last Linear. Layers are named
 * by type and place ("net.conv2d_00"). Weights start from `kaimingNormal()`, biases at 0; as it stands it has 119,530 parameters.
 *
 * Input [N, ...inputShape], output [N, numClasses], logits.
 *
 * @throws ArgumentError for an unusable option
 * @throws ShapeError for an image that is too small for so many pools
 */
export function lesson3(options: Lesson3Options = {}): Sequential {
  const table: OptionTable<Lesson3Options> = {
    inputShape: { check: image, default: [1, 28, 28] },
    kernelSize: { check: positive, default: 3 },
    convWidths: { check: widths, default: [32, 64] },
    hiddenWidths: { check: widths, default: [32] },
    numClasses: { check: positive, default: 10 },
    batchNorm: { check: trueOrFalse, default: false },
  };
  const read = readOptions<Lesson3Options>("lesson3", table, options);
  const { inputShape, kernelSize, convWidths, hiddenWidths, numClasses, batchNorm } = read;
  const net = new Sequential();
  const add = (type: string, layer: Layer): void => {
    net.add(layer, `${type}_${String(net.length).padStart(2, "0")}`);
  };
  let [channels] = inputShape;
  for (const width of convWidths) {
    add("conv2d", new Conv2d(channels, width, kernelSize, { padding: Math.floor(kernelSize / 2) }));
    if (batchNorm) add("batchnorm2d", new BatchNorm2d(width));
    add("relu", new ReLU());
    add("maxpool2d", new MaxPool2d(2));
    add("dropout2d", new Dropout2d(0.5));
    channels = width;
  }
  add("flatten", new Flatten());
  let [, features] = net.outputShape([1, ...inputShape]); // the layers so far know what they make of the image
  for (const width of hiddenWidths) {
    add("linear", new Linear(features, width));
    add("relu", new ReLU());
    features = width;
  }
  add("linear", new Linear(features, numClasses));
  startWeights(net, { conv: kaimingNormal(), linear: kaimingNormal(), zeroBias: true });
  return new Sequential(["net", net]);
}

/**
 * Lesson 4: the network that is stepped through and trained on MNIST; two 3x3 convolutions of 16 and 32 channels, padded max pools, 32
 * hidden units, dropout 0.3; 55,338 parameters, which start as PyTorch's defaults.
 *
 * Input [N, 1, 28, 28], output [N, 10], logits.
 */
export function lesson4(): Sequential {
  return new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
  );
}

/**
 * Lesson 5: its five 5x5 filters and pool, then a 1x1 convolution to the classes and the mean over the whole plane in the place of linear
 * layers, so that images of any size fit; 190 parameters, which start as PyTorch's defaults.
 *
 * Input [N, 1, H, W] of at least 6 x 6, output [N, 10], logits.
 */
export function lesson5(): Sequential {
  return new Sequential(
    ...[new Conv2d(1, 5, 5), new ReLU(), new MaxPool2d(2)],
    ...[new Conv2d(5, 10, 1), new AdaptiveAvgPool2d(1), new Flatten()],
  );
}
