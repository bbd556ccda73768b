// A constant of the file as the bias of a layer. Helper of operators.
import { formatShape, sameShape, type Shape } from "../../base/shape.js";
import type { Parameter } from "../../nn/parameter.js";
import type { Constant } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";

/** A bias as a parameter, and its numbers. */
export interface Bias {
  readonly parameter: Parameter;
  readonly numbers: () => Float32Array;
}

/** One number for each output. */
export function biasOf(
  node: NodeView,
  graph: GraphReader,
  constant: Constant,
  outputs: number,
  shapes: readonly Shape[],
): Bias {
  const dims = graph.dims(node, constant);
  if (!shapes.some((shape) => sameShape(shape, dims))) {
    node.fail(`expected a bias ${shapes.map(formatShape).join(" or ")}, got ${formatShape(dims)}`);
  }
  const numbers = (): Float32Array => graph.floats(node, constant);
  return { parameter: graph.parameter(node, constant, "as it is", [outputs], numbers), numbers };
}
