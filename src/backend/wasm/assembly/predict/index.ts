// What most predictions are made of: the kernels of the first module that run forward, for one thread; handgrad/predict has them
// in place of that module. Each stands in the table where it stands there, so that the glue is the same.
export { activation } from "../activation";
export { conv2d, conv2dPrepare, conv2dSizes } from "../conv2d/conv2d";
export { broadcast, map, multiply, multiplyRows } from "../elementwise";
export { runAlone } from "../jobs";
export { matmulDot } from "../matmul";
export { sameBits } from "../move";
export { pad2d } from "../pad2d";
export { avgPool2d, maxPool2d } from "../pool2d/pool2d";
export { softmax } from "../softmax";
