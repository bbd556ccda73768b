// ConstantOfShape: one whole number many times.
import { show } from "../../base/check.js";
import { sizeOf } from "../../base/shape.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { intsOf } from "../numbers.js";
import type { Operator } from "./operator.js";
import { defineSizes } from "./tables.js";

const MOST = 64;

export const constantOfShape: Operator = { reads: { ConstantOfShape: readConstantOfShape } };

function readConstantOfShape(node: NodeView, graph: GraphReader): void {
  node.only("value");
  const dims = graph.wholes(node, 0, "the shape");
  const count = sizeOf(dims);
  if (!dims.every((size) => size >= 0) || !(count <= MOST))
    node.fail(`expected at most ${MOST} numbers, got ${show(dims)}`);
  const tensor = node.tensor("value");
  const values = tensor === undefined ? undefined : intsOf(`${node.who}: ${node.label}`, tensor);
  if (values?.length !== 1) node.fail("expected a value that is one whole number (INT64 or INT32), got another one");
  const size = { value: values[0], batch: false };
  defineSizes(
    node,
    graph,
    Array.from({ length: count }, () => size),
    dims,
  );
}
