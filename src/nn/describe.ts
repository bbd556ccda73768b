// One-line descriptions of layers: only what differs from the defaults is said.
import { show } from "../check.js";

/** The type alone: "Conv2d" of "Conv2d(1, 16, [3, 3])". */
export function typeOf(layer: { describe(): string }): string {
  return layer.describe().split("(")[0];
}

/** `, { stride: [2, 2], bias: false }`, or nothing when all options have their defaults. */
export function describeOptions(options: Record<string, unknown>, defaults: Record<string, unknown>): string {
  const said = Object.entries(options).filter(([key, value]) => show(value) !== show(defaults[key]));
  return said.length === 0 ? "" : `, { ${said.map(([key, value]) => `${key}: ${show(value)}`).join(", ")} }`;
}
