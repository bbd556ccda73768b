// One-line descriptions of layers: only what differs from the defaults is said.
import { show } from "../check.js";

/** `, { stride: [2, 2], bias: false }`, or nothing when all options have their defaults. */
export function describeOptions(options: Record<string, unknown>, defaults: Record<string, unknown>): string {
  const said = Object.entries(options).filter(([key, value]) => show(value) !== show(defaults[key]));
  return said.length === 0 ? "" : `, { ${said.map(([key, value]) => `${key}: ${show(value)}`).join(", ")} }`;
}
