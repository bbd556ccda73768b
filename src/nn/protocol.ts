// How this package's layers and containers speak to each other. The names are symbols, so that no field or method of a user's
// layer can meet them and nothing outside can call them.

/** forward(x, pass) -> y: the maths of a layer, on tensors that are the pass's own. */
export const forward: unique symbol = Symbol("forward");

/** backward(dy, kept, pass) -> dx: from what forward kept; `pass.inputGrad` tells whether dx is wanted. */
export const backward: unique symbol = Symbol("backward");

/** outputShape(shape) -> shape, both checked, the batch axis first. */
export const shapeOf: unique symbol = Symbol("shapeOf");

/** walkShapes(shape, see, path) -> shape: the same for every layer inside, each shown to `see` in the order of the data. */
export const walkShapes: unique symbol = Symbol("walkShapes");

/** "rectifies" or "picksLargest": what allows two layers to trade places, see runOrder.ts. */
export const trait: unique symbol = Symbol("trait");

/** blame(say): lets the layer say it whose output is that of this one. */
export const blame: unique symbol = Symbol("blame");

/** What a layer kept in its latest forward, with the pass and the output's shape; see layer.ts. */
export const memory: unique symbol = Symbol("memory");

/** The name of a layer's class in messages, summaries and files. */
export const typeName: unique symbol = Symbol("typeName");

/** run(x, pass) -> y and runBack(dy, pass, wanted) -> dx: one layer in a pass. Called by door.ts alone. */
export const run: unique symbol = Symbol("run");
export const runBack: unique symbol = Symbol("runBack");

/** The same of a layer of this package, without asking whether a subclass or somebody else has replaced its functions. */
export const inside: unique symbol = Symbol("inside");
export const insideBack: unique symbol = Symbol("insideBack");

/** Where the functions stand by which a layer of this package is run from outside. */
export const home: unique symbol = Symbol("home");

/** setAside() -> restore: puts modes and what was kept away, for a check that shall leave no trace. */
export const setAside: unique symbol = Symbol("setAside");

/** The spec of a layer of this package, also of a subclass that changes nothing of how it runs; null for any other. */
export const spec: unique symbol = Symbol("spec");

/** Whether a layer reads the whole batch in a prediction, so that it must not be cut. */
export const readsBatch: unique symbol = Symbol("readsBatch");

/** What a layer that takes or gives several tensors calls them, how many there may be, and how a Graph connects its nodes. */
export const ports: unique symbol = Symbol("ports");
export const wiring: unique symbol = Symbol("wiring");

/**
 * The same three of a layer that takes or gives several tensors, as lists: runMany(xs, pass, names) -> ys,
 * runManyBack(dys, pass, wanted) -> dxs, walkMany(shapes, see, path, names) -> shapes; see container/many.ts.
 */
export const runMany: unique symbol = Symbol("runMany");
export const runManyBack: unique symbol = Symbol("runManyBack");
export const walkMany: unique symbol = Symbol("walkMany");
