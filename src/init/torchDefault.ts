// What PyTorch's Conv2d and Linear start from: uniform within 1 / sqrt(fanIn), weight and bias alike.
import { checkShape, sizeOf, type Shape } from "../base/shape.js";
import { uniformInit } from "./uniform.js";
import type { Initializer } from "./initializer.js";

/** Uniform within 1 / sqrt(fanIn) of the given weight shape [O, I, ...]; for the weight and for its bias. */
export function torchDefault(weightShape: Shape): Initializer {
  checkShape("torchDefault", weightShape);
  const bound = 1 / Math.sqrt(sizeOf(weightShape.slice(1)));
  return uniformInit(-bound, bound);
}
