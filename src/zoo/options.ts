// What the networks of this entry have in common: their options, and how the weights of a whole network start.
import { fraction, positive, readOptions, type OptionTable, type Settings } from "../base/options.js";
import { zerosInit } from "../init/constant.js";
import type { Initializer } from "../init/initializer.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { BatchNorm2d } from "../nn/norm/batchnorm2d.js";

/** Options of every classifier. */
export interface ClassifierOptions {
  /** How many classes: the outputs, which are logits. Default 1000, ImageNet's. */
  readonly numClasses?: number;
  /** Channels of the images. Default 3. */
  readonly inChannels?: number;
}

/** Options of a classifier with dropout. */
export interface DropoutClassifierOptions extends ClassifierOptions {
  /** The share of numbers that dropout sets to 0 while training. */
  readonly dropout?: number;
}

/** Of classifiers of ImageNet. */
export const CLASSIFIER: OptionTable<ClassifierOptions> = {
  numClasses: { check: positive, default: 1000 },
  inChannels: { check: positive, default: 3 },
};

/** Of classifiers of digits: one channel, ten classes. */
export const DIGITS: OptionTable<ClassifierOptions> = {
  numClasses: { check: positive, default: 10 },
  inChannels: { check: positive, default: 1 },
};

/** The options of a classifier with dropout in full, with `more` of its own. */
export function readClassifier<O extends DropoutClassifierOptions>(
  who: string,
  dropout: number,
  options: O,
  ...[more]: Exclude<keyof O, keyof DropoutClassifierOptions> extends never
    ? []
    : [OptionTable<Omit<O, keyof DropoutClassifierOptions>>]
): Settings<O> {
  const table = { ...CLASSIFIER, dropout: { check: fraction, default: dropout }, ...more };
  return readOptions<O>(who, table as unknown as OptionTable<O>, options);
}

/** From which rules the weights of each kind of layer are drawn; a kind that is left out keeps PyTorch's default. */
export interface StartRules {
  readonly conv?: Initializer;
  readonly linear?: Initializer;
  /** Whether biases of these layers start at 0. */
  readonly zeroBias: boolean;
}

/** Gives the layers of a network their rules; batch norm starts with weight 1 and bias 0 in any case. */
export function startWeights<L extends Layer>(network: L, { conv, linear, zeroBias }: StartRules): L {
  for (const layer of network.layers()) {
    const rule = layer instanceof Conv2d ? conv : layer instanceof Linear ? linear : undefined;
    if (!(layer instanceof Conv2d || layer instanceof Linear) || rule === undefined) continue;
    layer.weight.initialize(rule);
    if (zeroBias) layer.bias?.initialize(zerosInit());
  }
  return network;
}

/** A convolution without bias, because the batch norm behind it has one; the padding keeps the size at stride 1. */
export function convNorm(
  from: number,
  to: number,
  kernel: number,
  { stride = 1, groups = 1 }: { readonly stride?: number; readonly groups?: number } = {},
): [Conv2d, BatchNorm2d] {
  const padding = Math.floor(kernel / 2);
  return [new Conv2d(from, to, kernel, { stride, padding, groups, bias: false }), new BatchNorm2d(to)];
}
