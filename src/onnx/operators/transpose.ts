// Transpose of a table of whole numbers.
import { show } from "../../base/check.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";
import { defineSizes, tableShape } from "./tables.js";

export const transpose: Operator = { reads: { Transpose: readTranspose } };

function readTranspose(node: NodeView, graph: GraphReader): void {
  node.only("perm");
  const sizes = graph.sizes(node, 0);
  const [rows, columns, ...others] = sizes === undefined ? [] : tableShape(node, graph, sizes);
  const perm = node.ints("perm") ?? [1, 0];
  if (sizes === undefined || columns === undefined || others.length > 0 || String(perm) !== "1,0") {
    node.fail(`expected a table of whole numbers with perm [1, 0], got another input or perm ${show(perm)}`);
  }
  const turned = sizes.map((_, i) => sizes[(i % rows) * columns + Math.floor(i / rows)]);
  defineSizes(node, graph, turned, [columns, rows]);
}
