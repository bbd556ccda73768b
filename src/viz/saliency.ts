// saliency and inputXGradient: what a small change of each input number does to the score.
import { readOptions, trueOrFalse, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { multiply } from "../ops/arithmetic.js";
import { TARGET, checkSubject, gradientOf, type TargetOptions } from "./probe.js";
import type { ScoreTarget } from "./score.js";

/** Options of {@link saliency}. */
export interface SaliencyOptions extends TargetOptions {
  /** Sizes without signs. Default true. */
  readonly absolute?: boolean;
}

const SALIENCY: OptionTable<{ target: ScoreTarget | undefined; absolute: boolean }> = {
  target: TARGET,
  absolute: { check: trueOrFalse, default: true },
};
const TARGET_ALONE: OptionTable<{ target: ScoreTarget | undefined }> = { target: TARGET };

/**
 * |d score / d x|: how much the score of the target changes when a number of the input does, in the shape of x. For a color image
 * `max(map, { dim: 1 })` makes one plane of it.
 *
 * The model runs in eval mode. Nothing of it changes: no gradient, mode or statistics, and a backward that waits may still run.
 *
 * @param x a batch [N, ...]
 * @returns a tensor in the shape of x
 *
 * @throws ArgumentError for an unusable target, and where outputs or gradients are not finite
 * @see Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014
 */
export function saliency(model: Layer, x: Tensor, options: SaliencyOptions = {}): Tensor {
  const who = "saliency";
  checkSubject(who, model, x);
  const { target, absolute } = readOptions(who, SALIENCY, options);
  const dx = gradientOf(who, model, x, target);
  return absolute ? absoluteOf(dx) : dx;
}

/**
 * x * d score / d x: for a linear model what each number adds to the score.
 *
 * @param x a batch [N, ...]
 * @returns a tensor in the shape of x
 *
 * @throws ArgumentError for an unusable target, and where outputs or gradients are not finite
 * @see Shrikumar, Greenside and Kundaje, "Not just a black box", 2016
 */
export function inputXGradient(model: Layer, x: Tensor, options: TargetOptions = {}): Tensor {
  const who = "inputXGradient";
  checkSubject(who, model, x);
  const { target } = readOptions(who, TARGET_ALONE, options);
  return multiply(x, gradientOf(who, model, x, target));
}

/** The sizes of numbers, in the same tensor. */
export function absoluteOf(x: Tensor): Tensor {
  const { data } = x;
  for (let i = 0; i < data.length; i++) data[i] = Math.abs(data[i]);
  return x;
}
