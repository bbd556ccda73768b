// guidedBackprop: a backward in which every ReLU lets only positive gradients through.
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import { ReLU } from "../nn/activation/relu.js";
import type { Layer } from "../nn/layer.js";
import { tap } from "../nn/tap.js";
import { TARGET, checkSubject, inputGradient, looking, type TargetOptions } from "./probe.js";
import { scoreWeights, type ScoreTarget } from "./score.js";

const OPTIONS: OptionTable<{ target: ScoreTarget | undefined }> = { target: TARGET };

/**
 * The gradient of the score for x where each ReLU gives dx = max(dy, 0) where x > 0, else 0: only what raises the score, by parts
 * that are active. Sharper than {@link saliency}; it shows more of the image's edges than of the class.
 *
 * @param x a batch [N, ...]
 * @returns a tensor in the shape of x, with signs
 *
 * @throws ArgumentError for a model without ReLU layers (those of other kinds have no such rule), or an unusable target
 * @see Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for simplicity", ICLR 2015 workshop
 */
export function guidedBackprop(model: Layer, x: Tensor, options: TargetOptions = {}): Tensor {
  const who = "guidedBackprop";
  checkSubject(who, model, x);
  const { target } = readOptions(who, OPTIONS, options);
  const rectifiers = [...model.layers()].filter((layer) => layer instanceof ReLU);
  let met = 0;
  const gradients = (_at: unknown, _dys: unknown, [dx]: readonly (Tensor | undefined)[]): Tensor | undefined => {
    met++;
    return dx === undefined ? undefined : positivePart(dx);
  };
  const dx = looking(model, () => {
    const stop = tap(model, { who, gradients }, new Set(rectifiers));
    try {
      return inputGradient(who, model, x, (y) => scoreWeights(who, target, y)).dx;
    } finally {
      stop();
    }
  });
  if (met > 0) return dx;
  throw new ArgumentError(`${who}: expected a model with ReLU layers, got none that ran (saliency takes any model).`);
}

function positivePart(dx: Tensor): Tensor {
  const y = dx.like();
  for (let i = 0; i < y.data.length; i++) y.data[i] = Math.max(dx.data[i], 0);
  return y;
}
