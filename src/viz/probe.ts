// One look at a model: its outputs and the gradient of a score for its input, in eval mode and without a trace.
import { ShapeError } from "../base/errors.js";
import type { Option } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { checkTensor, type Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { undisturbed } from "../nn/undisturbed.js";
import { checkModel } from "../train/checks.js";
import { checkFinite, scoreWeights, type ScoreTarget } from "./score.js";

/** Options that all explanations have. */
export interface TargetOptions {
  /** What is explained. Default: for each sample the class with the largest output. */
  readonly target?: ScoreTarget;
}

/** The check is made when the outputs are known. */
export const TARGET: Option<ScoreTarget | undefined> = {
  check: (_who, _name, value) => value as ScoreTarget | undefined,
};

/** Throws unless these are a model and samples for it. */
export function checkSubject(who: string, model: unknown, x: unknown): void {
  checkModel(who, model);
  const { shape } = checkTensor(who, "x", x);
  if (shape.length >= 2 && !shape.includes(0)) return;
  throw new ShapeError(`${who}: expected x as a batch [N, ...] of at least one sample, got ${formatShape(shape)}.`);
}

/** Runs `work`, in which the model is asked, in eval mode; parameters get no gradients, and then all is as before. */
export function looking<T>(model: Layer, work: () => T): T {
  return undisturbed(model, { training: false, gradients: false }, work);
}

/** Outputs, weights of the scores, and the gradients of the scores for x. To be called in `looking`. */
export function inputGradient(
  who: string,
  model: Layer,
  x: Tensor,
  weightsOf: (y: Tensor) => Tensor,
): { readonly y: Tensor; readonly weights: Tensor; readonly dx: Tensor } {
  const y = checkTensor(who, "what the model returns", model.forward(x));
  const weights = weightsOf(y);
  return { y, weights, dx: checkFinite(who, "gradients", model.backward(weights)) };
}

/** The gradient of the target's scores for x. */
export function gradientOf(who: string, model: Layer, x: Tensor, target: ScoreTarget | undefined): Tensor {
  return looking(model, () => inputGradient(who, model, x, (y) => scoreWeights(who, target, y)).dx);
}
