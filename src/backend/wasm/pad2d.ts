// Glue of the padding kernels of assembly/pad2d.ts.
import type { Kernels, PadMode } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

const MODES: readonly PadMode[] = ["constant", "reflect", "replicate", "circular"]; // in the order of assembly/pad2d.ts

export const pad2d = {
  pad2d(g, x, y) {
    const mode = MODES.indexOf(g.mode);
    call(assembly.pad2d, g, [perChunk(g.H * g.W), mode, x, y, g.value], g.planes, y.length);
  },

  pad2dInputGrad(g, dy, dx) {
    const mode = MODES.indexOf(g.mode);
    call(assembly.pad2dInputGrad, g, [perChunk(g.H * g.W), mode, dy, dx], g.planes, dy.length);
  },
} satisfies Partial<Kernels>;
