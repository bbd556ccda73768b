// The same for the kit, with what only its layers use of the first module: transposed convolutions, columns of statistics.
export { conv2dInputGrad, conv2dInputGradPrepare } from "../../conv2d/conv2d";
export { activation } from "../../kit/activation";
export { runKernel } from "../../kit/index";
export { normalize } from "../../kit/norm";
export { adaptiveMaxPool2d, maxUnpool2d, pixelShuffle, pixelUnshuffle } from "../../kit/planes";
export { prelu } from "../../kit/prelu";
export { resample2d } from "../../kit/resample2d";
export { transpose } from "../../matmul";
