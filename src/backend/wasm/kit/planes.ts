// Glue of the kernels of assembly/kit/planes.ts; a chunk is some image planes.
import type { KitKernels } from "../../kernels.js";
import { instance } from "../runtime/instance.js";
import { call, job, perChunk } from "../runtime/jobs.js";
import * as assembly from "./assembly.generated.js";

export const adaptivePool = {
  adaptiveMaxPool2d(g, x, y, indices) {
    call(assembly.adaptiveMaxPool2d, g, [perChunk(g.H * g.W), x, y, indices], g.planes, x.length);
  },
} satisfies Partial<KitKernels>;

export const unpool = {
  maxUnpool2d(g, indices, x, y) {
    call(assembly.maxUnpool2d, g, [perChunk(g.OH * g.OW), indices, x, y], g.planes, y.length);
  },

  maxUnpool2dInputGrad(g, indices, dy, dx) {
    instance().scratch.reset();
    const each = perChunk(g.OH * g.OW);
    const chunks = Math.ceil(g.planes / each);
    job(assembly.maxUnpool2dInputGrad, g, [each, indices, dy, dx], chunks, dy.length, g.OH * g.OW);
  },
} satisfies Partial<KitKernels>;

export const shuffle = {
  pixelShuffle(g, x, y) {
    call(assembly.pixelShuffle, g, [perChunk(g.H * g.W * g.factor * g.factor), x, y], g.planes, y.length);
  },

  pixelUnshuffle(g, y, x) {
    call(assembly.pixelUnshuffle, g, [perChunk(g.H * g.W * g.factor * g.factor), y, x], g.planes, y.length);
  },
} satisfies Partial<KitKernels>;
