// The layers of this package, each once: what the core exports, and what model files, ONNX and the tests' tables read
// (layerTable.ts). A new layer is a file of its own and one line here.
export { ReLU } from "./activation/relu.js";
export { Sigmoid } from "./activation/sigmoid.js";
export { Tanh } from "./activation/tanh.js";
export { Softmax, type SoftmaxOptions } from "./activation/softmax.js";
export { LogSoftmax, type LogSoftmaxOptions } from "./activation/logsoftmax.js";
export { Identity } from "./container/identity.js";
export { Residual } from "./container/residual.js";
export { Sequential, type SequentialEntry } from "./container/sequential.js";
export { Conv2d, type Conv2dLayerOptions } from "./conv/conv2d.js";
export { Dropout } from "./dropout/dropout.js";
export { Dropout2d } from "./dropout/dropout2d.js";
export { Linear, type LinearOptions } from "./linear/linear.js";
export { AvgPool2d } from "./pool/avgpool2d.js";
export { MaxPool2d, type MaxPool2dLayerOptions } from "./pool/maxpool2d.js";
export { Flatten, type FlattenOptions } from "./shape/flatten.js";
