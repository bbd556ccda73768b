// Glue of the cross-entropy kernels of assembly/crossEntropy.ts.
import type { Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

export const crossEntropy = {
  crossEntropy(g, logits, t, losses) {
    call(assembly.crossEntropy, g, [perChunk(g.size * g.inner), logits, t, losses], g.outer, logits.length);
  },

  crossEntropyInputGrad(g, logits, t, dlosses, dlogits) {
    const each = perChunk(g.size * g.inner);
    call(assembly.crossEntropyInputGrad, g, [each, logits, t, dlosses, dlogits], g.outer, logits.length);
  },
} satisfies Partial<Kernels>;
