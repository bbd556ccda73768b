// Squeeze and Unsqueeze of sizes: between a number and a list of one.
import { show } from "../../base/check.js";
import type { Operator, ReadNode } from "./operator.js";
import { defineSizes, sizesOf } from "./tables.js";

const readSqueeze: ReadNode = (node, graph) => {
  node.only("axes");
  const axes = node.ints("axes") ?? (node.input(1) === "" ? [0] : graph.wholes(node, 1, "the axes"));
  if (axes.length !== 1 || (axes[0] !== 0 && axes[0] !== -1)) node.fail(`expected axes [0], got ${show(axes)}`);
  const sizes = sizesOf(node, graph, 0);
  if (sizes.length !== 1) node.fail(`expected one size, got ${sizes.length}`);
  defineSizes(node, graph, sizes);
};

export const squeeze: Operator = { reads: { Squeeze: readSqueeze, Unsqueeze: readSqueeze } };
