// The optimizers of this package: src/index.ts hands all of them on, and the tests read from here what there is.
export { Adam, type AdamOptions } from "./adam.js";
export { AdamW, type AdamWOptions } from "./adamw.js";
export { SGD, type SGDOptions } from "./sgd.js";
