// The schedules of this package: src/index.ts hands all of them on, and the tests read from here what there is.
export { ChainedScheduler } from "./chainedScheduler.js";
export { CosineAnnealingLR, type CosineAnnealingLROptions } from "./cosineAnnealingLR.js";
export { CosineAnnealingWarmRestarts, type CosineAnnealingWarmRestartsOptions } from "./cosineAnnealingWarmRestarts.js";
export { CyclicLR, type CyclicLROptions } from "./cyclicLR.js";
export { ExponentialLR } from "./exponentialLR.js";
export { LambdaLR, type RateFactor } from "./lambdaLR.js";
export { LinearLR, type LinearLROptions } from "./linearLR.js";
export { MultiStepLR, type MultiStepLROptions } from "./multiStepLR.js";
export { OneCycleLR, type OneCycleLROptions } from "./oneCycleLR.js";
export { PolynomialLR, type PolynomialLROptions } from "./polynomialLR.js";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./reduceLROnPlateau.js";
export { SequentialLR } from "./sequentialLR.js";
export { StepLR, type StepLROptions } from "./stepLR.js";
