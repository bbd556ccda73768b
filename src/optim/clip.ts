// Clipping of gradients, between `backward` and `step`: all together by their norm, or each number by itself.
import { kept } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { finite, flag, show } from "../base/check.js";
import { ArgumentError, StateError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import { Parameter } from "../nn/parameter.js";
import { pow } from "../numbers/math.js";

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** Which norm: p, above 0, or Infinity for the largest absolute value. 2 and Infinity are fast. Default 2. */
  readonly normType?: number;
  /** Whether a norm that is infinite or NaN is an error. Default true; with false such gradients become NaN or 0. */
  readonly errorIfNonfinite?: boolean;
}

const OPTIONS: OptionTable<ClipGradNormOptions> = {
  normType: { check: checkNormType, default: 2 },
  errorIfNonfinite: { check: flag, default: true },
};

/**
 * Scales all gradients by one factor so that their norm, taken over all parameters together, is at most `maxNorm`:
 *
 *     norm = (sum of |dw|^p)^(1 / p),  dw = dw * min(1, maxNorm / (norm + 1e-6))
 *
 * Call it between `backward` and `step`. Parameters without a gradient and frozen ones do not count.
 *
 * @param parameters such as model.parameters()
 * @returns the norm before
 *
 * @example
 * model.backward(loss.backward());
 * clipGradNorm(model.parameters(), 1);
 * optimizer.step();
 *
 * @throws StateError when the norm is infinite or NaN, ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @see Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013
 */
export function clipGradNorm(
  parameters: Iterable<Parameter> | Parameter,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): number {
  const who = "clipGradNorm";
  const gradients = gradientsOf(who, parameters);
  finite(who, "maxNorm", maxNorm, 0);
  const { normType, errorIfNonfinite } = readOptions(who, OPTIONS, options);
  const norm = combine(gradients.map((grad) => normOf(who, grad, normType)), normType); // prettier-ignore
  if (errorIfNonfinite && !Number.isFinite(norm)) {
    throw new StateError(
      `${who}: expected gradients with a finite norm, got ${norm} (detectAnomaly finds where it comes from; ` +
        `{ errorIfNonfinite: false } goes on).`,
    );
  }
  const factor = maxNorm / (norm + 1e-6);
  if (!(factor >= 1)) gradients.forEach((grad) => scale(who, grad, factor));
  return norm;
}

/**
 * Takes each number of each gradient into [-clipValue, clipValue]; NaN stays NaN. Call it between `backward` and `step`.
 *
 * @param parameters such as model.parameters()
 *
 * @example
 * clipGradValue(model.parameters(), 0.5);
 *
 * @throws ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue(parameters: Iterable<Parameter> | Parameter, clipValue: number): void {
  const who = "clipGradValue";
  const gradients = gradientsOf(who, parameters);
  finite(who, "clipValue", clipValue, 0);
  for (const grad of gradients) {
    kernelsFor(who, grad).clamp({ min: -clipValue, max: clipValue }, kept(grad), kept(grad));
  }
}

function gradientsOf(who: string, parameters: unknown): Tensor[] {
  const iterable = parameters !== null && typeof parameters === "object" && Symbol.iterator in parameters;
  const list: readonly unknown[] = iterable ? [...(parameters as Iterable<unknown>)] : [parameters];
  return list.flatMap((parameter) => {
    if (!Parameter.isParameter(parameter)) {
      throw new ArgumentError(`${who}: expected parameters such as model.parameters(), got ${show(parameter)}.`);
    }
    return parameter.hasGrad && parameter.requiresGrad ? [parameter.grad] : [];
  });
}

function normOf(who: string, grad: Tensor, p: number): number {
  const { size } = grad;
  const result = grad.like([1]);
  const kernels = kernelsFor(who, grad);
  const rows = { rows: 1, cols: size };
  if (p === 2) {
    kernels.norm(rows, kept(grad), result.data);
    return result.data[0];
  }
  if (p === Infinity) {
    kernels.max(rows, kept(grad), result.data);
    const largest = Math.abs(result.data[0]);
    kernels.min(rows, kept(grad), result.data);
    return Math.max(largest, Math.abs(result.data[0]));
  }
  const data = numbersNow(grad);
  let sum = 0;
  for (let i = 0; i < size; i++) sum += pow(Math.abs(data[i]), p);
  return pow(sum, 1 / p);
}

function combine(norms: readonly number[], p: number): number {
  if (p === Infinity) return norms.reduce((largest, norm) => Math.max(largest, norm), 0);
  const sum = norms.reduce((total, norm) => total + (p === 2 ? norm * norm : pow(norm, p)), 0);
  return p === 2 ? Math.sqrt(sum) : pow(sum, 1 / p);
}

function scale(who: string, grad: Tensor, factor: number): void {
  const factors = grad.like([1]);
  factors.data[0] = factor;
  const g = { shape: [grad.size], stridesA: [1], stridesB: [0] };
  kernelsFor(who, grad).multiply(g, kept(grad), factors.data, kept(grad));
}

function checkNormType(who: string, name: string, value: unknown): number {
  if (typeof value === "number" && value > 0) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a number above 0 or Infinity, got ${show(value)}.`);
}
