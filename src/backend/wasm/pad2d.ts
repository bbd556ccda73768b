// Glue of the padding kernels: places arrays in kernel memory, calls assembly/pad2d.ts, fetches the result.
// It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../tensor.js";
import type { Pad2dGeometry, PadMode } from "../kernels.js";
import { instance } from "./instance.js";

const MODES: readonly PadMode[] = ["constant", "reflect", "replicate", "circular"]; // in the order of assembly/pad2d.ts

export function pad2d(g: Pad2dGeometry, x: F, y: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const xAt = scratch.place(x);
  const yAt = scratch.output(y);
  exports.pad2d(g.planes, g.H, g.W, g.PT, g.PB, g.PL, g.PR, MODES.indexOf(g.mode), g.value, xAt, yAt);
  scratch.fetch(yAt, y);
}

export function pad2dInputGrad(g: Pad2dGeometry, dy: F, dx: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const dyAt = scratch.place(dy);
  const dxAt = scratch.output(dx);
  exports.pad2dInputGrad(g.planes, g.H, g.W, g.PT, g.PB, g.PL, g.PR, MODES.indexOf(g.mode), dyAt, dxAt);
  scratch.fetch(dxAt, dx);
}
