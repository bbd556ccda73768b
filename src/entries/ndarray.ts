// The entry handgrad/ndarray: the bridge between tensors and the ndarray views of the scijs world.
export { fromNdarray, toNdarray } from "../scijs/ndarray.js";
export type { FormatOf, GenericStore, NdArrayLike } from "../scijs/ndarray.js";
