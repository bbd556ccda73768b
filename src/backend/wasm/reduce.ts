// Glue of the reductions of assembly/reduce.ts.
import type { Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

/** Numbers of the operators, as in assembly/reduce.ts. */
const OPERATOR = { sum: 0, max: 1, min: 2 };

export const reduce = {
  sum(g, x, y) {
    call(assembly.reduceRows, g, [perChunk(g.cols), OPERATOR.sum, x, y], g.rows, x.length);
  },

  max(g, x, y) {
    call(assembly.reduceRows, g, [perChunk(g.cols), OPERATOR.max, x, y], g.rows, x.length);
  },

  min(g, x, y) {
    call(assembly.reduceRows, g, [perChunk(g.cols), OPERATOR.min, x, y], g.rows, x.length);
  },

  variance(g, x, y) {
    call(assembly.variance, g, [perChunk(g.cols), x, y], g.rows, x.length);
  },

  norm(g, x, y) {
    call(assembly.norm, g, [perChunk(g.cols), OPERATOR.sum, x, y], g.rows, x.length); // of squares
  },

  channelSum(g, x, y) {
    call(assembly.channelSum, g, [4, x, y], g.size, x.length);
  },
} satisfies Partial<Kernels>;
