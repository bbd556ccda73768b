// The layers of this package, each once: what the core exports, and the list that model files, ONNX and the tests' tables read. A
// new layer is a file of its own and its lines here.
import { ELU } from "./activation/elu.js";
import { GELU } from "./activation/gelu.js";
import { Hardsigmoid } from "./activation/hardsigmoid.js";
import { Hardswish } from "./activation/hardswish.js";
import { Hardtanh } from "./activation/hardtanh.js";
import { LeakyReLU } from "./activation/leakyrelu.js";
import { LogSoftmax } from "./activation/logsoftmax.js";
import { Mish } from "./activation/mish.js";
import { PReLU } from "./activation/prelu.js";
import { ReLU } from "./activation/relu.js";
import { ReLU6 } from "./activation/relu6.js";
import { SELU } from "./activation/selu.js";
import { Sigmoid } from "./activation/sigmoid.js";
import { SiLU } from "./activation/silu.js";
import { Softmax } from "./activation/softmax.js";
import { Softmax2d } from "./activation/softmax2d.js";
import { Softplus } from "./activation/softplus.js";
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
import { Conv1d } from "./conv/conv1d.js";
import { Conv2d } from "./conv/conv2d.js";
import { ConvTranspose2d } from "./conv/convtranspose2d.js";
import { AlphaDropout } from "./dropout/alphadropout.js";
import { DropBlock2d } from "./dropout/dropblock2d.js";
import { Dropout } from "./dropout/dropout.js";
import { Dropout2d } from "./dropout/dropout2d.js";
import type { Layer } from "./layer.js";
import { Linear } from "./linear/linear.js";
import { Scale } from "./linear/scale.js";
import { BatchNorm1d } from "./norm/batchnorm1d.js";
import { BatchNorm2d } from "./norm/batchnorm2d.js";
import { GroupNorm } from "./norm/groupnorm.js";
import { InstanceNorm2d } from "./norm/instancenorm2d.js";
import { LayerNorm } from "./norm/layernorm.js";
import { LocalResponseNorm } from "./norm/localresponsenorm.js";
import { CircularPad2d } from "./pad/circularpad2d.js";
import { ConstantPad2d } from "./pad/constantpad2d.js";
import { ReflectionPad2d } from "./pad/reflectionpad2d.js";
import { ReplicationPad2d } from "./pad/replicationpad2d.js";
import { ZeroPad2d } from "./pad/zeropad2d.js";
import { AdaptiveAvgPool2d } from "./pool/adaptiveavgpool2d.js";
import { AdaptiveMaxPool2d } from "./pool/adaptivemaxpool2d.js";
import { AvgPool1d } from "./pool/avgpool1d.js";
import { AvgPool2d } from "./pool/avgpool2d.js";
import { MaxPool1d } from "./pool/maxpool1d.js";
import { MaxPool2d } from "./pool/maxpool2d.js";
import { MaxUnpool2d } from "./pool/maxunpool2d.js";
import { PixelShuffle } from "./resize/pixelshuffle.js";
import { PixelUnshuffle } from "./resize/pixelunshuffle.js";
import { Upsample } from "./resize/upsample.js";
import { ChannelShuffle } from "./shape/channelshuffle.js";
import { Flatten } from "./shape/flatten.js";
import { Slice } from "./shape/slice.js";
import { Unflatten } from "./shape/unflatten.js";
import type { LayerSpec } from "./spec.js";

export { Add, Concat, Graph, Multiply, Parallel, Subtract };
export {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AlphaDropout,
  AvgPool1d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  ChannelShuffle,
  CircularPad2d,
  ConstantPad2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  DropBlock2d,
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
  InstanceNorm2d,
  LayerNorm,
  LeakyReLU,
  Linear,
  LocalResponseNorm,
  LogSoftmax,
  MaxPool1d,
  MaxPool2d,
  MaxUnpool2d,
  Mish,
  PReLU,
  PixelShuffle,
  PixelUnshuffle,
  ReLU,
  ReLU6,
  ReflectionPad2d,
  ReplicationPad2d,
  Residual,
  SELU,
  Scale,
  Sequential,
  SiLU,
  Sigmoid,
  Slice,
  Softmax,
  Softmax2d,
  Softplus,
  Tanh,
  Unflatten,
  Upsample,
  ZeroPad2d,
};
export type { ELUOptions } from "./activation/elu.js";
export type { GELUOptions } from "./activation/gelu.js";
export type { HardtanhOptions } from "./activation/hardtanh.js";
export type { LeakyReLUOptions } from "./activation/leakyrelu.js";
export type { LogSoftmaxOptions } from "./activation/logsoftmax.js";
export type { PReLUOptions } from "./activation/prelu.js";
export type { SoftmaxOptions } from "./activation/softmax.js";
export type { ConcatOptions } from "./container/concat.js";
export type { SequentialEntry } from "./container/entries.js";
export type { GraphOptions } from "./container/graph.js";
export type { ParallelOptions } from "./container/parallel.js";
export type { GraphEntry } from "./container/wiring.js";
export type { SoftplusOptions } from "./activation/softplus.js";
export type { Conv1dOptions } from "./conv/conv1d.js";
export type { Conv2dLayerOptions } from "./conv/conv2d.js";
export type { ConvTranspose2dLayerOptions } from "./conv/convtranspose2d.js";
export type { LinearOptions } from "./linear/linear.js";
export type { ScaleOptions } from "./linear/scale.js";
export type { BatchNormOptions } from "./norm/batchnorm.js";
export type { GroupNormOptions } from "./norm/groupnorm.js";
export type { InstanceNorm2dOptions } from "./norm/instancenorm2d.js";
export type { LayerNormOptions } from "./norm/layernorm.js";
export type { LocalResponseNormOptions } from "./norm/localresponsenorm.js";
export type { Padding2d } from "./pad/padlayer.js";
export type { AdaptiveSize } from "./pool/adaptive.js";
export type { AdaptiveMaxPool2dOptions } from "./pool/adaptivemaxpool2d.js";
export type { AvgPool1dOptions } from "./pool/avgpool1d.js";
export type { MaxPool1dOptions } from "./pool/maxpool1d.js";
export type { MaxPool2dLayerOptions } from "./pool/maxpool2d.js";
export type { MaxUnpool2dOptions } from "./pool/maxunpool2d.js";
export type { UpsampleMode, UpsampleOptions } from "./resize/upsample.js";
export type { FlattenOptions } from "./shape/flatten.js";
export type { SliceOptions } from "./shape/slice.js";

/** A class of layers; its constructor takes what the class's `config()` says. */
export type LayerClass = new (...args: never[]) => Layer;

/** A class of this package. @internal */
export type OwnLayerClass = LayerClass & { readonly spec: LayerSpec };

/** Every layer class of this package, by the type that its `config()` says. */
export const LAYERS: Readonly<Record<string, LayerClass>> = {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  Add,
  AlphaDropout,
  AvgPool1d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  ChannelShuffle,
  CircularPad2d,
  Concat,
  ConstantPad2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  DropBlock2d,
  Dropout,
  Dropout2d,
  ELU,
  Flatten,
  GELU,
  Graph,
  GroupNorm,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  Identity,
  InstanceNorm2d,
  LayerNorm,
  LeakyReLU,
  Linear,
  LocalResponseNorm,
  LogSoftmax,
  MaxPool1d,
  MaxPool2d,
  MaxUnpool2d,
  Mish,
  Multiply,
  PReLU,
  Parallel,
  PixelShuffle,
  PixelUnshuffle,
  ReLU,
  ReLU6,
  ReflectionPad2d,
  ReplicationPad2d,
  Residual,
  SELU,
  Scale,
  Sequential,
  SiLU,
  Sigmoid,
  Slice,
  Softmax,
  Softmax2d,
  Softplus,
  Subtract,
  Tanh,
  Unflatten,
  Upsample,
  ZeroPad2d,
};
