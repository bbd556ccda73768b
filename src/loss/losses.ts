// The losses of this package: src/index.ts hands all of them on, and the tests read from here what there is.
export { BCEWithLogits, type BCEWithLogitsOptions } from "./bceWithLogits.js";
export { CrossEntropy, type ClassTarget, type CrossEntropyOptions } from "./crossEntropy.js";
export { Dice, type DiceOptions } from "./dice.js";
export { CosineEmbedding, TripletMargin, type CosineEmbeddingOptions, type TripletMarginOptions } from "./embedding.js";
export { Focal, SigmoidFocal, type FocalOptions, type SigmoidFocalOptions } from "./focal.js";
export { HingeEmbedding, MultiMargin, type HingeEmbeddingOptions, type MultiMarginOptions } from "./hinge.js";
export { KLDiv, type KLDivOptions } from "./klDiv.js";
export { L1, type L1Options } from "./l1.js";
export { MSE, type MSEOptions } from "./mse.js";
export { NLL, type NLLOptions } from "./nll.js";
export { Huber, SmoothL1, type HuberOptions, type SmoothL1Options } from "./smoothL1.js";
