// Glue of the padding kernels of assembly/pad2d.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { Pad2dGeometry, PadMode } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

const MODES: readonly PadMode[] = ["constant", "reflect", "replicate", "circular"]; // in the order of assembly/pad2d.ts

export function pad2d(g: Pad2dGeometry, x: F, y: F): void {
  const record = { ...g, mode: MODES.indexOf(g.mode), each: perChunk(g.H * g.W), x, y };
  call(assembly.pad2d, record, g.planes, y.length);
}

export function pad2dInputGrad(g: Pad2dGeometry, dy: F, dx: F): void {
  const record = { ...g, mode: MODES.indexOf(g.mode), each: perChunk(g.H * g.W), dy, dx };
  call(assembly.pad2dInputGrad, record, g.planes, dy.length);
}
