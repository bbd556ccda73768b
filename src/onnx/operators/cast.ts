// Cast between types of floating-point numbers (all are float32 here) or of sizes.
import { DATA_TYPE, typeName } from "../schema.js";
import { handOn } from "./identity.js";
import type { Operator } from "./operator.js";

const SIZE_TYPES: readonly number[] = [DATA_TYPE.int64, DATA_TYPE.int32];
const FLOAT_TYPES: readonly number[] = [DATA_TYPE.float, DATA_TYPE.double, DATA_TYPE.float16, DATA_TYPE.bfloat16];

export const cast: Operator = {
  reads: {
    Cast: (node, graph) => {
      node.only("to", "saturate");
      const to = node.int("to", 0);
      const types = graph.sizes(node, 0) !== undefined ? SIZE_TYPES : FLOAT_TYPES;
      if (!types.includes(to)) node.fail(`expected to as ${types.map(typeName).join(" or ")}, got ${typeName(to)}`);
      handOn(node, graph);
    },
  },
};
