// Glue of the poolings of assembly/pool2d/pool2d.ts; a chunk is some image planes.
import type { Kernels, Pool2dGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call } from "./runtime/jobs.js";

export const pool2d = {
  maxPool2d(g, x, y, indices) {
    call(assembly.maxPool2d, g, [planesOfChunk(g), x, y, indices], g.planes, x.length);
  },

  maxPool2dInputGrad(g, indices, dy, dx) {
    call(assembly.maxPool2dInputGrad, g, [planesOfChunk(g), indices, dy, dx], g.planes, dx.length);
  },

  avgPool2d(g, x, y) {
    call(assembly.avgPool2d, g, [planesOfChunk(g), x, y], g.planes, x.length);
  },

  avgPool2dInputGrad(g, dy, dx) {
    call(assembly.avgPool2dInputGrad, g, [planesOfChunk(g), dy, dx], g.planes, dx.length);
  },
} satisfies Partial<Kernels>;

function planesOfChunk({ H, W }: Pool2dGeometry): number {
  return Math.max(1, Math.floor(8192 / (H * W)));
}
