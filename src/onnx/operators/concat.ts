// Concat of branches, of sizes and of constants, or of an image with its own last and first rows or columns: a circular padding.
import { show } from "../../base/check.js";
import { sizeOf } from "../../base/shape.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { joinAlong } from "./branches.js";
import type { Operator } from "./operator.js";
import { defineSizes, sizesOf, tableShape } from "./tables.js";
import { readWrap } from "./wrap.js";

export const concat: Operator = { reads: { Concat: readConcat } };

function readConcat(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  const values = node.inputs.map((name) => graph.find(name));
  if (values.every((value) => value?.kind === "computed") && values.length > 0) {
    joinAlong(node, graph);
    return;
  }
  if (values.some((value) => value?.kind === "computed" || value?.kind === "slice")) {
    if (!readWrap(node, graph, values)) joinAlong(node, graph);
    return;
  }
  const weights = node.inputs.map((_, place) => graph.weight(node, place)).filter((weight) => weight !== undefined);
  if (weights.length === node.inputs.length && weights.length > 0) {
    concatWeights(node, graph);
    return;
  }
  node.intOf("axis", 0, [0]);
  const sizes = node.inputs.flatMap((_, place) => sizesOf(node, graph, place));
  if (sizes.length > 64) node.fail(`expected at most 64 sizes, got ${sizes.length}`);
  const [, ...row] = tableShape(node, graph, 0);
  defineSizes(node, graph, sizes, row.length === 0 ? undefined : [sizes.length / sizeOf(row), ...row]);
}

// Block by block: the part of each constant behind `axis`, one after the other.
function concatWeights(node: NodeView, graph: GraphReader): void {
  const shapes = node.inputs.map((_, place) => tableShape(node, graph, place));
  const [first] = shapes;
  const axis = node.axis(node.int("axis", 1), first.length);
  const rest = (shape: readonly number[]): string => String(shape.filter((_, i) => i !== axis));
  if (!shapes.every((shape) => shape.length === first.length && rest(shape) === rest(first))) {
    node.fail(`expected constants that differ along axis ${axis} only, got ${show(shapes)}`);
  }
  const total = shapes.reduce((sum, shape) => sum + shape[axis], 0);
  const dims = first.map((size, i) => (i === axis ? total : size));
  graph.compute(node, dims, () => {
    const result = new Float32Array(sizeOf(dims));
    const block = sizeOf(dims.slice(axis));
    let start = 0;
    shapes.forEach((shape, place) => {
      const numbers = graph.floats(node, graph.constant(node, place, "a part"));
      const part = sizeOf(shape.slice(axis));
      for (let i = 0; i < numbers.length / part; i++) {
        result.set(numbers.subarray(i * part, (i + 1) * part), i * block + start);
      }
      start += part;
    });
    return result;
  });
}
