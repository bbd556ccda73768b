// What is explained: a score of each sample, made of the model's outputs.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, numbersNow } from "../base/tensor.js";
import type { Labels } from "../metrics/input.js";

/**
 * What is explained of outputs [N, C, ...]: a class for all samples, or one for each; where there are more axes its score is the
 * sum over them. A tensor in the shape of the outputs holds the weights of each of them in the score. Not given: the class with
 * the largest output, for each sample by itself.
 */
export type ScoreTarget = number | Labels | Tensor;

/** Weights of the outputs in the scores: score n is the sum of weights[n] * y[n]. */
export function scoreWeights(who: string, target: ScoreTarget | undefined, y: Tensor): Tensor {
  checkFinite(who, "outputs", y);
  if (Tensor.isTensor(target)) return givenWeights(who, target, y);
  const [N, C] = y.shape;
  if (y.rank < 2 || C === 0) {
    throw new ShapeError(
      `${who}: expected outputs [N, C, ...] of the model, got ${formatShape(y.shape)} (give target as a tensor of weights in ` +
        `their shape).`,
    );
  }
  const classes = target === undefined ? likeliest(who, y) : classesOf(who, target, N, C);
  const weights = y.like();
  const [sample, inner] = [y.size / N, y.size / (N * C)];
  for (let n = 0; n < N; n++)
    weights.data.fill(1, n * sample + classes[n] * inner, n * sample + (classes[n] + 1) * inner);
  return weights;
}

/** The score of each sample. */
export function scoresOf(y: Tensor, weights: Tensor): Float64Array {
  const [values, by] = [numbersNow(y), numbersNow(weights)];
  const scores = new Float64Array(y.shape[0]);
  const sample = y.size / scores.length;
  for (let i = 0; i < values.length; i++) scores[Math.floor(i / sample)] += values[i] * by[i];
  return scores;
}

/** Throws where a number is NaN or infinite: what is made of it would be, too. */
export function checkFinite<T extends Tensor>(who: string, what: string, tensor: T): T {
  const values = numbersNow(tensor);
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return tensor;
  throw new ArgumentError(
    `${who}: expected finite ${what} ${formatShape(tensor.shape)}, got ${values[odd]} at index ${odd} (detectAnomaly finds the ` +
      `layer that makes it).`,
  );
}

function likeliest(who: string, y: Tensor): Int32Array {
  if (y.rank === 2) return y.argmax(1);
  throw new ArgumentError(
    `${who}: expected a target for outputs ${formatShape(y.shape)}, got none (a class, one for each sample, or a tensor of weights).`,
  );
}

function classesOf(who: string, target: unknown, N: number, C: number): Int32Array {
  const isList = Array.isArray(target) || (ArrayBuffer.isView(target) && "length" in target);
  const list = (isList ? target : Array<unknown>(N).fill(target)) as ArrayLike<unknown>;
  if (list.length !== N) {
    throw new ShapeError(`${who}: expected target as one class or ${N}, one for each sample, got ${list.length}.`);
  }
  return Int32Array.from({ length: N }, (_, n) => {
    const value = typeof list[n] === "bigint" ? Number(list[n]) : list[n];
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < C) return value as number;
    const place = isList ? ` at index ${n}` : "";
    throw new ArgumentError(`${who}: expected target to be a class from 0 to ${C - 1}, got ${show(list[n])}${place}.`);
  });
}

function givenWeights(who: string, target: Tensor, y: Tensor): Tensor {
  if (!sameShape(target.shape, y.shape)) {
    throw new ShapeError(
      `${who}: expected target in the shape of the outputs ${formatShape(y.shape)}, got ${formatShape(target.shape)} (classes are a ` +
        `plain list).`,
    );
  }
  const weights = y.like();
  weights.data.set(numbersNow(checkFinite(who, "target", target)));
  return weights;
}
