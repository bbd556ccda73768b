// One-line descriptions of layers: only what differs from the defaults is said.
import { show } from "../base/check.js";
import type { LayerConfig } from "./config.js";

/** The type alone: "Conv2d" of "Conv2d(1, 16, [3, 3])". */
export function typeOf(layer: { describe(): string }): string {
  return layer.describe().split("(")[0];
}

/** The constructor call that builds such a layer, options left out where they have their defaults. */
export function describeConfig(config: LayerConfig, defaults: Record<string, unknown>): string {
  const given = Object.entries(config.options ?? {}).filter(([key, value]) => show(value) !== show(defaults[key]));
  const options = given.length === 0 ? [] : [`{ ${given.map(([key, value]) => `${key}: ${show(value)}`).join(", ")} }`];
  return `${config.type}(${[...config.args.map(show), ...options].join(", ")})`;
}
