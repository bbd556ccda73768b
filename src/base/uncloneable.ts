// What makes structuredClone and postMessage refuse an object whose content they cannot see, where they would make an empty
// shell of it without a word: an own property that they cannot copy, whose text stands in their error.

/** The value of that property. */
export const UNCLONEABLE = Symbol("an object of handgrad (send data and shape of tensors, or the bytes of saveModel)");
