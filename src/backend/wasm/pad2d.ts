// Glue of the padding kernels of assembly/pad2d.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { Pad2dGeometry, PadMode } from "../kernels.js";
import { call } from "./runtime/call.js";

const MODES: readonly PadMode[] = ["constant", "reflect", "replicate", "circular"]; // in the order of assembly/pad2d.ts

export function pad2d(g: Pad2dGeometry, x: F, y: F): void {
  call("pad2d", [...numbersOf(g), g.value], [x], y);
}

export function pad2dInputGrad(g: Pad2dGeometry, dy: F, dx: F): void {
  call("pad2dInputGrad", numbersOf(g), [dy], dx);
}

function numbersOf(g: Pad2dGeometry): number[] {
  return [g.planes, g.H, g.W, g.PT, g.PB, g.PL, g.PR, MODES.indexOf(g.mode)];
}
