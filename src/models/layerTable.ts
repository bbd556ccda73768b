// From the type that a model file names to the class: the one place of the library that finds code by a string. It holds
// this package's layers; a user's own come with the call.
import { AvgPool2d } from "../nn/pool/avgpool2d.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import { Dropout2d } from "../nn/dropout/dropout2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { LogSoftmax } from "../nn/activation/logsoftmax.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { ReLU } from "../nn/activation/relu.js";
import { Sequential } from "../nn/container/sequential.js";
import { Sigmoid } from "../nn/activation/sigmoid.js";
import { Softmax } from "../nn/activation/softmax.js";
import { Tanh } from "../nn/activation/tanh.js";

/** A class of layers; its constructor takes what the class's `config()` says. */
export type LayerClass = new (...args: never[]) => Layer;

// The names are written out, because a minifier changes those of the classes.
const CLASSES: Readonly<Record<string, LayerClass>> = {
  ...{ AvgPool2d, Conv2d, Dropout, Dropout2d, Flatten, Linear, LogSoftmax },
  ...{ MaxPool2d, ReLU, Sequential, Sigmoid, Softmax, Tanh },
};

/** This package's layers by type. A Map, so that "constructor" or "__proto__" are not found. */
export function ownLayers(): ReadonlyMap<string, LayerClass> {
  return new Map(Object.entries(CLASSES));
}
