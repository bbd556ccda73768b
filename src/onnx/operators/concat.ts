// Concat of sizes, or of an image with its own last and first rows or columns: a circular padding.
import type { Operator } from "./operator.js";
import { defineSizes, sizesOf } from "./tables.js";
import { readWrap } from "./wrap.js";

export const concat: Operator = {
  reads: {
    Concat: (node, graph) => {
      node.only("axis");
      const values = node.inputs.map((name) => graph.find(name));
      if (values.some((value) => value?.kind === "computed" || value?.kind === "slice")) {
        readWrap(node, graph, values);
        return;
      }
      node.intOf("axis", 0, [0]);
      const sizes = node.inputs.flatMap((_, place) => sizesOf(node, graph, place));
      if (sizes.length > 64) node.fail(`expected at most 64 sizes, got ${sizes.length}`);
      defineSizes(node, graph, sizes);
    },
  },
};
