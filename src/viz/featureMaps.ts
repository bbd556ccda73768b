// featureMaps: what layers of a model make of an input.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type Check, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import type { LayerLike } from "../nn/container/entries.js";
import type { Layer } from "../nn/layer.js";
import { layerAt } from "../nn/paths.js";
import { tap } from "../nn/tap.js";
import { checkSubject, looking } from "./probe.js";

/** Options of {@link featureMaps}. */
export interface FeatureMapsOptions {
  /** The layers, by path or as objects. Default: all inside the model. */
  readonly layers?: readonly (string | LayerLike)[];
}

/** A list of layers, or none. */
export const layersCheck: Check<readonly (string | LayerLike)[] | undefined> = (who, name, value) => {
  if (Array.isArray(value) && value.length > 0) return value as readonly (string | LayerLike)[];
  throw new ArgumentError(`${who}: expected ${name} as a list, such as ["features.3"], got ${show(value)}.`);
};

const OPTIONS: OptionTable<{ layers: readonly (string | LayerLike)[] | undefined }> = {
  layers: { check: layersCheck },
};

/**
 * The outputs of layers for x, by path in the order of the run: of a convolution its feature maps [N, C, H, W]. In eval mode, and
 * nothing of the model changes.
 *
 * @example
 * const { "0": maps } = featureMaps(model, x, { layers: ["0"] });
 *
 * @throws ArgumentError for a layer that is not in the model, or that did not run
 */
export function featureMaps(model: Layer, x: Tensor, options: FeatureMapsOptions = {}): Record<string, Tensor> {
  const who = "featureMaps";
  checkSubject(who, model, x);
  const { layers } = readOptions(who, OPTIONS, options);
  const chosen = layers?.map((each, i) => layerAt(who, model, `layers[${i}]`, each));
  const maps: Record<string, Tensor> = {};
  const outputs = ({ path }: { readonly path: string }, [y]: readonly Tensor[]): void => {
    if (path !== "" || chosen !== undefined) maps[path] = y.clone();
  };
  looking(model, () => {
    const stop = tap(model, { who, outputs }, chosen === undefined ? null : new Set(chosen.map(([, layer]) => layer)));
    try {
      model.forward(x);
    } finally {
      stop();
    }
  });
  const missing = chosen?.find(([path]) => maps[path] === undefined);
  if (missing === undefined) return maps;
  throw new ArgumentError(
    `${who}: expected layers that run in a forward of the model, got ${show(missing[0])}, which does not.`,
  );
}
