// Gather of sizes.
import type { Operator } from "./operator.js";
import { defineSizes, sizesOf } from "./tables.js";

export const gather: Operator = {
  reads: {
    Gather: (node, graph) => {
      node.only("axis");
      node.intOf("axis", 0, [0]);
      const sizes = sizesOf(node, graph, 0);
      const picked = graph.wholes(node, 1, "the places").map((place) => {
        const size = sizes[place < 0 ? place + sizes.length : place];
        return size ?? node.fail(`expected a place from ${-sizes.length} to ${sizes.length - 1}, got ${place}`);
      });
      defineSizes(node, graph, picked);
    },
  },
};
