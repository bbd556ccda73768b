// The layers of this package, each once: what the core exports, and the list that model files, ONNX and the tests' tables read. A
// new layer is a file of its own and its lines here.
import { ELU } from "./activation/elu.js";
import { GELU } from "./activation/gelu.js";
import { Hardsigmoid } from "./activation/hardsigmoid.js";
import { Hardswish } from "./activation/hardswish.js";
import { Hardtanh } from "./activation/hardtanh.js";
import { Mish } from "./activation/mish.js";
import { PReLU } from "./activation/prelu.js";
import { ReLU6 } from "./activation/relu6.js";
import { SELU } from "./activation/selu.js";
import { SiLU } from "./activation/silu.js";
import { Softplus } from "./activation/softplus.js";
import { LeakyReLU } from "./activation/leakyrelu.js";
import { LogSoftmax } from "./activation/logsoftmax.js";
import { ReLU } from "./activation/relu.js";
import { Sigmoid } from "./activation/sigmoid.js";
import { Softmax } from "./activation/softmax.js";
import { Tanh } from "./activation/tanh.js";
import { Identity } from "./container/identity.js";
import { Residual } from "./container/residual.js";
import { Sequential } from "./container/sequential.js";
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
export { ELU, GELU, Hardsigmoid, Hardswish, Hardtanh, Mish, PReLU, ReLU6, SELU, SiLU, Softplus };
export type { ELUOptions } from "./activation/elu.js";
export type { GELUOptions } from "./activation/gelu.js";
export type { HardtanhOptions } from "./activation/hardtanh.js";
export type { PReLUOptions } from "./activation/prelu.js";
export type { SoftplusOptions } from "./activation/softplus.js";
export type { LeakyReLUOptions } from "./activation/leakyrelu.js";
export type { LogSoftmaxOptions } from "./activation/logsoftmax.js";
export type { SoftmaxOptions } from "./activation/softmax.js";
export type { SequentialEntry } from "./container/sequential.js";
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
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Dropout2d,
  ELU,
  Flatten,
  GELU,
  GroupNorm,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  Identity,
  LeakyReLU,
  Linear,
  LogSoftmax,
  MaxPool2d,
  Mish,
  PReLU,
  ReLU,
  ReLU6,
  Residual,
  SELU,
  Sequential,
  SiLU,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
};
