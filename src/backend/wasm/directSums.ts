// A switch for tests and comparisons. It is no option of the library, because a layer's bits shall not depend on a switch
// somewhere else.

/** `only: true` keeps convolutions to direct sums where Winograd's algorithm would serve. */
export const directSums: { only: boolean } = { only: false };
