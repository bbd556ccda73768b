// gradCam: which places of a layer's feature maps speak for the score.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { readOptions, trueOrFalse, type OptionTable } from "../base/options.js";
import { formatShape, type Shape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";
import { PLAIN } from "../backend/memory.js";
import type { LayerLike } from "../nn/container/entries.js";
import type { Layer } from "../nn/layer.js";
import { layerAt } from "../nn/paths.js";
import { spec, typeName } from "../nn/protocol.js";
import { tap } from "../nn/tap.js";
import { planResample, resampleIn } from "../ops/resample2d.js";
import { linearTaps } from "../ops/taps.js";
import { TARGET, checkSubject, inputGradient, looking, type TargetOptions } from "./probe.js";
import { scoreWeights, type ScoreTarget } from "./score.js";

/** Options of {@link gradCam}. */
export interface GradCamOptions extends TargetOptions {
  /**
   * The layer whose outputs [N, C, H, W] are looked at, by path or as an object. Default: the last one in the order of the run whose
   * maps have more than one pixel, apart from layers that only pool, drop or reshape.
   */
  readonly layer?: string | LayerLike;
  /** Whether negative places, which speak against the score, are 0. Default true. */
  readonly relu?: boolean;
  /** Whether the map is stretched to the height and width of x, bilinearly. Default true. */
  readonly upsample?: boolean;
}

const OPTIONS: OptionTable<{
  target: ScoreTarget | undefined;
  layer: string | LayerLike | undefined;
  relu: boolean;
  upsample: boolean;
}> = {
  target: TARGET,
  layer: { check: (_who, _name, value) => value as string | LayerLike | undefined },
  relu: { check: trueOrFalse, default: true },
  upsample: { check: trueOrFalse, default: true },
};

// They have no maps of their own: what they give is that of a layer before them, or inside.
const PASSING =
  /^(Sequential|Graph|Identity|Flatten|Unflatten|(Alpha)?Dropout|Dropout2d|DropBlock2d|(Adaptive)?(Max|Avg)Pool[12]d)$/;

/**
 * max(0, sum over channels c of a[c] * A[c]), A the feature maps of a layer, a[c] the mean over all places of d score / d A[c]: where
 * in the image the score comes from, as coarse as the layer's maps.
 *
 * The model runs in eval mode and nothing of it changes.
 *
 * @param x images [N, C, H, W] (or sequences [N, C, L], whose maps are not stretched)
 * @returns a tensor [N, 1, H, W], without `upsample` [N, 1, h, w] of the layer's own size
 *
 * @throws ArgumentError for a layer that is not found or does not run, ShapeError for one without feature maps
 * @see Selvaraju and others, "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV 2017
 */
export function gradCam(model: Layer, x: Tensor, options: GradCamOptions = {}): Tensor {
  const who = "gradCam";
  checkSubject(who, model, x);
  const { target, layer: given, relu, upsample } = readOptions(who, OPTIONS, options);
  const [path, layer] = given === undefined ? lastMaps(who, model, x) : layerAt(who, model, "layer", given);
  const { maps, gradients } = mapsOf(who, model, x, layer, target);
  if (maps === undefined || gradients === undefined) {
    const what = maps === undefined ? "ran in a forward of the model" : "has a part in the score";
    throw new ArgumentError(
      `${who}: expected a layer that ${what}, got ${show(path)} (${layer[typeName]}), which does not.`,
    );
  }
  if (maps.rank < 3) {
    throw new ShapeError(
      `${who}: expected a layer with outputs [N, C, H, W], got ${formatShape(maps.shape)} from ${show(path)} (${layer[typeName]}); a ` +
        `convolution or what follows it has such.`,
    );
  }
  const map = weighted(maps, gradients);
  if (relu) map.data.forEach((value, i) => (map.data[i] = Math.max(value, 0)));
  return upsample && map.rank === 4 && x.rank === 4 ? stretched(map, x.shape) : map;
}

function mapsOf(
  who: string,
  model: Layer,
  x: Tensor,
  layer: Layer,
  target: ScoreTarget | undefined,
): { readonly maps: Tensor | undefined; readonly gradients: Tensor | undefined } {
  let maps: Tensor | undefined;
  let gradients: Tensor | undefined;
  looking(model, () => {
    const stop = tap(
      model,
      { who, outputs: (_at, [y]) => void (maps = y.clone()), gradients: (_at, [dy]) => void (gradients = dy?.clone()) },
      new Set([layer]),
    );
    try {
      inputGradient(who, model, x, (y) => scoreWeights(who, target, y));
    } finally {
      stop();
    }
  });
  return { maps, gradients };
}

function lastMaps(who: string, model: Layer, x: Tensor): [path: string, layer: Layer] {
  let found: [string, Layer] | undefined;
  looking(model, () => {
    const stop = tap(model, {
      who,
      outputs: ({ path, layer }, [{ shape }]) => {
        const hasMaps = shape.length > 2 && shape.slice(2).some((size) => size > 1);
        if (hasMaps && !(layer[spec] !== null && PASSING.test(layer[typeName]))) found = [path, layer];
      },
    });
    try {
      model.forward(x);
    } finally {
      stop();
    }
  });
  if (found !== undefined) return found;
  throw new ArgumentError(
    `${who}: expected a model with a layer whose outputs are [N, C, H, W], got none (it needs feature maps).`,
  );
}

// [N, C, ...] and its gradients: [N, 1, ...].
function weighted(maps: Tensor, gradients: Tensor): Tensor {
  const [N, C, ...places] = maps.shape;
  const map = maps.like([N, 1, ...places]);
  const size = map.size / N;
  for (let n = 0; n < N; n++) {
    const sums = new Float64Array(size);
    for (let c = 0; c < C; c++) {
      const from = (n * C + c) * size;
      let weight = 0;
      for (let i = 0; i < size; i++) weight += gradients.data[from + i];
      weight /= size;
      for (let i = 0; i < size; i++) sums[i] += weight * maps.data[from + i];
    }
    map.data.set(sums, n * size);
  }
  return map;
}

/** Planes in another size, bilinearly between the middles of pixels. */
export function stretched(map: Tensor, [, , H, W]: Shape): Tensor {
  const [, , h, w] = map.shape;
  const taps = (from: number, to: number): ReturnType<typeof linearTaps> =>
    linearTaps(from, to, (i) => ((i + 0.5) * from) / to - 0.5);
  return resampleIn(
    PLAIN,
    planResample("gradCam", map.shape, [H, W], () => [taps(h, H), taps(w, W)]),
    map,
  );
}
