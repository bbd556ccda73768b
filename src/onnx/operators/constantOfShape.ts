// ConstantOfShape: one number many times.
import { show } from "../../base/check.js";
import { sizeOf } from "../../base/shape.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { floatsOf, intsOf } from "../numbers.js";
import type { Operator } from "./operator.js";
import { defineSizes } from "./tables.js";

const MOST = 64;

export const constantOfShape: Operator = { reads: { ConstantOfShape: readConstantOfShape } };

function readConstantOfShape(node: NodeView, graph: GraphReader): void {
  node.only("value");
  const dims = graph.wholes(node, 0, "the shape");
  const count = sizeOf(dims);
  if (!dims.every((size) => size >= 0)) node.fail(`expected sizes of at least 0, got ${show(dims)}`);
  const tensor = node.tensor("value");
  const who = `${node.who}: ${node.label}`;
  const whole = tensor === undefined ? undefined : intsOf(who, tensor);
  if (whole === undefined) {
    const [value, ...others] = tensor === undefined ? [0] : floatsOf(who, tensor);
    if (value === undefined || others.length > 0) node.fail("expected a value that is one number, got another one");
    graph.compute(node, dims, () => new Float32Array(count).fill(value));
    return;
  }
  if (!(count <= MOST)) node.fail(`expected at most ${MOST} whole numbers, got ${show(dims)}`);
  if (whole.length !== 1) node.fail("expected a value that is one number, got another one");
  const size = { value: whole[0], batch: false };
  defineSizes(
    node,
    graph,
    Array.from({ length: count }, () => size),
    dims,
  );
}
