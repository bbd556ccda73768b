// The layers of this package, each once: what the core exports, and the list that model files, ONNX and the tests' tables read. A
// new layer is a file of its own and its lines here.
import { LeakyReLU } from "./activation/leakyrelu.js";
import { LogSoftmax } from "./activation/logsoftmax.js";
import { ReLU } from "./activation/relu.js";
import { Sigmoid } from "./activation/sigmoid.js";
import { Softmax } from "./activation/softmax.js";
import { Tanh } from "./activation/tanh.js";
import { Add } from "./container/add.js";
import { Concat } from "./container/concat.js";
import { Graph } from "./container/graph.js";
import { Identity } from "./container/identity.js";
import { Multiply } from "./container/multiply.js";
import { Parallel } from "./container/parallel.js";
import { Residual } from "./container/residual.js";
import { Sequential } from "./container/sequential.js";
import { Subtract } from "./container/subtract.js";
import { Conv2d } from "./conv/conv2d.js";
import { Dropout } from "./dropout/dropout.js";
import { Dropout2d } from "./dropout/dropout2d.js";
import type { Layer } from "./layer.js";
import { Linear } from "./linear/linear.js";
import { BatchNorm1d } from "./norm/batchnorm1d.js";
import { BatchNorm2d } from "./norm/batchnorm2d.js";
import { GroupNorm } from "./norm/groupnorm.js";
import { AvgPool2d } from "./pool/avgpool2d.js";
import { MaxPool2d } from "./pool/maxpool2d.js";
import { Flatten } from "./shape/flatten.js";
import type { LayerSpec } from "./spec.js";

export { Add, Concat, Graph, Multiply, Parallel, Subtract };
export {
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Dropout2d,
  Flatten,
  GroupNorm,
  Identity,
  LeakyReLU,
  Linear,
  LogSoftmax,
};
export { MaxPool2d, ReLU, Residual, Sequential, Sigmoid, Softmax, Tanh };
export type { LeakyReLUOptions } from "./activation/leakyrelu.js";
export type { LogSoftmaxOptions } from "./activation/logsoftmax.js";
export type { SoftmaxOptions } from "./activation/softmax.js";
export type { ConcatOptions } from "./container/concat.js";
export type { SequentialEntry } from "./container/entries.js";
export type { GraphOptions } from "./container/graph.js";
export type { ParallelOptions } from "./container/parallel.js";
export type { GraphEntry } from "./container/wiring.js";
export type { Conv2dLayerOptions } from "./conv/conv2d.js";
export type { LinearOptions } from "./linear/linear.js";
export type { BatchNormOptions } from "./norm/batchnorm.js";
export type { GroupNormOptions } from "./norm/groupnorm.js";
export type { MaxPool2dLayerOptions } from "./pool/maxpool2d.js";
export type { FlattenOptions } from "./shape/flatten.js";

/** A class of layers; its constructor takes what the class's `config()` says. */
export type LayerClass = new (...args: never[]) => Layer;

/** A class of this package. @internal */
export type OwnLayerClass = LayerClass & { readonly spec: LayerSpec };

/** Every layer class of this package, by the type that its `config()` says. */
export const LAYERS: Readonly<Record<string, LayerClass>> = {
  Add,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Concat,
  Conv2d,
  Dropout,
  Dropout2d,
  Flatten,
  Graph,
  GroupNorm,
  Identity,
  LeakyReLU,
  Linear,
  LogSoftmax,
  MaxPool2d,
  Multiply,
  Parallel,
  ReLU,
  Residual,
  Sequential,
  Sigmoid,
  Softmax,
  Subtract,
  Tanh,
};
