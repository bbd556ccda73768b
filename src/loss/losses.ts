// The losses of this package: src/index.ts hands all of them on.
export { CrossEntropy, type ClassTarget, type CrossEntropyOptions } from "./crossEntropy.js";
