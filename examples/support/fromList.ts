// Lesson 3: a network that is built from a few lists of widths. Every layer is named by its type and its place.
import {
  BatchNorm2d,
  Conv2d,
  Dropout2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  kaimingNormal,
  zerosInit,
  type Layer,
} from "handgrad";

/** What {@link buildFromList} builds. */
export interface NetworkOptions {
  /** [C, H, W] of one image. */
  readonly inputShape: readonly number[];
  /** Height and width of every kernel. */
  readonly kernelSize: number;
  /** Output channels of each convolution block. */
  readonly convWidths: readonly number[];
  /** Outputs of each hidden linear layer. */
  readonly hiddenWidths: readonly number[];
  readonly classes: number;
  /** Batch normalization behind the convolution of each block. Default false. */
  readonly batchNorm?: boolean;
}

/**
 * A block for each convolution width (Conv2d, BatchNorm2d if wanted, ReLU, 2x2 max pool, Dropout2d), Flatten, Linear and ReLU for each hidden
 * width, and a last Linear. Kaiming-normal weights, zero biases; batch norm starts with weight 1 and bias 0. The layers are in a Sequential called "net":
 * net.conv2d_00, net.relu_01, net.maxpool2d_02, ...
 */
export function buildFromList(options: NetworkOptions): Sequential {
  const { inputShape, kernelSize, convWidths, hiddenWidths, classes, batchNorm = false } = options;
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
  add("linear", new Linear(features, classes));

  for (const [name, parameter] of net.namedParameters()) {
    if (name.startsWith("batchnorm2d")) continue;
    parameter.initialize(name.endsWith(".weight") ? kaimingNormal() : zerosInit());
  }
  return new Sequential(["net", net]);
}
