// From a layer to its export. What counts as this package's own stands here alone.
import type { Layer } from "../nn/layer.js";
import { spec } from "../nn/protocol.js";
import { WRITES } from "./operators/list.js";
import type { LayerExport } from "./operators/operator.js";

/**
 * How a layer is exported, if it is one of this package's. A class made elsewhere may compute something else than the one it
 * extends, so it does not count; but one that only builds a container's layers does.
 */
export function exportOf(layer: Layer): LayerExport | undefined {
  const known = WRITES.find(({ type }) => type === layer[spec]?.type);
  return known?.container === undefined && known?.many === undefined && !Object.hasOwn(layer.constructor, "spec")
    ? undefined
    : known;
}
