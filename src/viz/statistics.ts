// Statistics of a model at work: its activations, its gradients, and how much a step changes its weights.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, trueOrFalse, type OptionTable } from "../base/options.js";
import type { Shape } from "../base/shape.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import { Loss } from "../loss/loss.js";
import type { Layer } from "../nn/layer.js";
import { typeName } from "../nn/protocol.js";
import { tap, type Tap } from "../nn/tap.js";
import { undisturbed } from "../nn/undisturbed.js";
import { checkModel } from "../train/checks.js";
import { checkLoss, lossOf, type TrainLoss } from "../train/measure.js";
import type { Target } from "../train/source.js";
import { checkSubject } from "./probe.js";

/** Numbers of a tensor, those that are finite. */
export interface NumberStatistics {
  /** Their mean; 0 if there is none. */
  readonly mean: number;
  /** Their standard deviation, with the divisor n. */
  readonly std: number;
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
  /** The share of zeros among all numbers. */
  readonly zeros: number;
  /** How many are NaN or infinite. */
  readonly notFinite: number;
}

/** A layer's numbers. */
export interface LayerStatistics extends NumberStatistics {
  /** Place in the model; "" for the model itself. */
  readonly path: string;
  /** Name of the layer's class. */
  readonly type: string;
  /** Shape of the output, with the batch axis. */
  readonly shape: Shape;
}

/** A parameter and its gradient. */
export interface ParameterStatistics {
  /** Name in the state dict. */
  readonly name: string;
  /** Root of the sum of the squares of its numbers. */
  readonly norm: number;
  /** The same of its gradient. */
  readonly gradNorm: number;
  /** The gradient's numbers. */
  readonly grad: NumberStatistics;
}

/** Gradients of a model for one batch. */
export interface GradientStatistics {
  /** The loss. */
  readonly loss: number;
  /** Of each layer the gradient of its output, in the order of the backward. */
  readonly layers: readonly LayerStatistics[];
  /** Each parameter that learns. */
  readonly parameters: readonly ParameterStatistics[];
}

/** Options of {@link activationStatistics} and {@link gradientStatistics}. */
export interface StatisticsOptions {
  /** Whether the model runs as in training (dropout draws, batch norm takes the batch). Default: for gradients true, else false. */
  readonly training?: boolean;
}

/** How much a step has changed a parameter. */
export interface UpdateRatio {
  /** Name in the state dict. */
  readonly name: string;
  /** Root of the sum of the squares of its numbers before. */
  readonly norm: number;
  /** The same of what the step has added. */
  readonly updateNorm: number;
  /** updateNorm / norm: about 1e-3 in a training that goes well. 0 without a change, Infinity for a parameter that was 0. */
  readonly ratio: number;
}

const OPTIONS = (otherwise: boolean): OptionTable<{ training: boolean }> => {
  return { training: { check: trueOrFalse, default: otherwise } };
};

/**
 * Mean, deviation, extremes and share of zeros of each layer's outputs for x, in the order of the run. Nothing of the model changes.
 *
 * @throws ArgumentError for anything but a model and a batch
 */
export function activationStatistics(model: Layer, x: Tensor, options: StatisticsOptions = {}): LayerStatistics[] {
  const who = "activationStatistics";
  checkSubject(who, model, x);
  const { training } = readOptions(who, OPTIONS(false), options);
  const rows: LayerStatistics[] = [];
  const to: Tap = { who, outputs: ({ path, layer }, ys) => ys.forEach((y) => void rows.push(rowOf(path, layer, y))) };
  undisturbed(model, { training, gradients: false }, () => tapped(model, to, () => model.forward(x)));
  return rows;
}

/**
 * The gradients that a training step on this batch would have: of each layer's output, and of each parameter. Nothing of the model
 * changes, its gradients neither; by default it runs as in training, with the draws that its next step will have.
 *
 * @example
 * const { parameters } = gradientStatistics(model, x, new CrossEntropy(), labels);
 * parameters[0].name; // "0.weight"
 *
 * @throws ArgumentError for anything but a model, a batch and a loss that gives a number
 */
export function gradientStatistics(
  model: Layer,
  x: Tensor,
  loss: TrainLoss,
  targets: Target,
  options: StatisticsOptions = {},
): GradientStatistics {
  const who = "gradientStatistics";
  checkSubject(who, model, x);
  checkLoss(who, "loss", loss);
  const { training } = readOptions(who, OPTIONS(true), options);
  const layers: LayerStatistics[] = [];
  const to: Tap = {
    who,
    gradients: ({ path, layer }, dys) => {
      for (const dy of dys) if (dy !== undefined) layers.push(rowOf(path, layer, dy));
    },
  };
  const putBack = loss instanceof Loss ? loss.snapshot() : undefined; // a backward may be waiting
  try {
    return undisturbed(model, { training, gradients: true }, () => {
      const value = lossOf(who, loss, model.forward(x), targets);
      tapped(model, to, () => model.backward(loss.backward(), { inputGrad: false }));
      const parameters = model
        .namedParameters()
        .filter(([, { requiresGrad }]) => requiresGrad)
        .map(([name, { value: numbers, grad }]): ParameterStatistics => {
          return {
            name,
            norm: normOf(numbersNow(numbers)),
            gradNorm: normOf(numbersNow(grad)),
            grad: statisticsOf(grad),
          };
        });
      return { loss: value, layers, parameters };
    });
  } finally {
    putBack?.();
  }
}

/**
 * Runs a step and tells how much it has changed each parameter, relative to its size.
 *
 * @param step what changes the weights, mostly `() => optimizer.step()`
 *
 * @example
 * const ratios = updateRatios(model, () => optimizer.step());
 * ratios.map(({ name, ratio }) => `${name} ${ratio.toExponential(1)}`);
 */
export function updateRatios(model: Layer, step: () => unknown): UpdateRatio[] {
  const who = "updateRatios";
  checkModel(who, model);
  if (typeof step !== "function") {
    throw new ArgumentError(
      `${who}: expected a function that makes a step, such as () => optimizer.step(), got ${show(step)}.`,
    );
  }
  const before = model
    .namedParameters()
    .map(([name, parameter]) => [name, parameter, parameter.value.clone().data] as const);
  const result = step();
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function") {
    throw new ArgumentError(
      `${who}: expected a step that is done when it returns, got a Promise (await what it needs before).`,
    );
  }
  return before.map(([name, parameter, old]) => {
    const now = numbersNow(parameter.value);
    const [norm, updateNorm] = [normOf(old), normOf(Float64Array.from(old, (value, i) => now[i] - value))];
    return { name, norm, updateNorm, ratio: updateNorm === 0 ? 0 : updateNorm / norm };
  });
}

function tapped(model: Layer, to: Tap, work: () => unknown): void {
  const stop = tap(model, to);
  try {
    work();
  } finally {
    stop();
  }
}

function rowOf(path: string, layer: Layer, tensor: Tensor): LayerStatistics {
  return { path, type: layer[typeName], shape: tensor.shape, ...statisticsOf(tensor) };
}

function statisticsOf(tensor: Tensor): NumberStatistics {
  const values = numbersNow(tensor);
  let [count, sum, zeros, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    if (value === 0) zeros++;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const notFinite = values.length - count;
  if (count === 0) return { mean: 0, std: 0, min: 0, max: 0, zeros: 0, notFinite };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i])) squares += (values[i] - mean) * (values[i] - mean);
  return { mean, std: Math.sqrt(squares / count), min, max, zeros: zeros / values.length, notFinite };
}

function normOf(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  return Math.sqrt(squares);
}
