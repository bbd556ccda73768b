// Everything that a prediction is made of: the kernels of both modules that run forward, in one module with one thread, for
// handgrad/predict. Their places in the table are those of the other two, so that the glue is the same.
export { activation } from "../activation";
export { conv2d, conv2dInputGrad, conv2dInputGradPrepare, conv2dPrepare, conv2dSizes } from "../conv2d/conv2d";
export { broadcast, map, multiply, multiplyRows } from "../elementwise";
export { runAlone } from "../jobs";
export { activation as kitActivation } from "../kit/activation";
export { normalize } from "../kit/norm";
export { adaptiveMaxPool2d, maxUnpool2d, pixelShuffle, pixelUnshuffle } from "../kit/planes";
export { prelu } from "../kit/prelu";
export { resample2d } from "../kit/resample2d";
export { matmulDot, transpose } from "../matmul";
export { sameBits } from "../move";
export { pad2d } from "../pad2d";
export { avgPool2d, maxPool2d } from "../pool2d/pool2d";
export { softmax } from "../softmax";
