// SmoothL1 and Huber: squared for small errors, absolute for large ones.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { atLeast0, readOptions, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import { subtract } from "../ops/arithmetic.js";
import { absoluteError, absoluteErrorInputGrad, huberError, huberErrorInputGrad } from "../ops/elementLoss.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import { checkReduction, type Reduction } from "./loss.js";

/** Options of {@link SmoothL1}. */
export interface SmoothL1Options<R extends Reduction = Reduction> {
  /** Up to this error the loss is squared, at least 0; with 0 it is {@link L1}. Default 1. */
  readonly beta?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

/** Options of {@link Huber}. */
export interface HuberOptions<R extends Reduction = Reduction> {
  /** Up to this error the loss is squared, above 0. Default 1. */
  readonly delta?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

const SMOOTH_L1: OptionTable<SmoothL1Options> = {
  beta: { check: atLeast0, default: 1 },
  reduction: { check: checkReduction, default: "mean" },
};

const HUBER: OptionTable<HuberOptions> = {
  delta: { check: checkDelta, default: 1 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Absolute error of each number, rounded off below beta, for d = x - t:
 *
 *     loss = d^2 / (2 beta)    where |d| < beta
 *     loss = |d| - beta / 2    elsewhere
 *
 * `forward(x, t)` of one shape returns their mean or sum, with reduction "none" a Tensor in that shape. `backward()` returns the
 * gradient of x, d / beta clamped to [-1, 1]; with "none" it takes the upstream gradient. It is {@link Huber} over beta.
 *
 * @example
 * const loss = new SmoothL1({ beta: 0.1 });
 * const value = loss.forward(model.forward(x), targets);
 *
 * @throws ShapeError when input and target have different shapes or no numbers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export class SmoothL1<R extends Reduction = "mean"> extends ElementLoss<R> {
  readonly #beta: number;

  constructor(options: SmoothL1Options<R> = {}) {
    const { beta, reduction } = readOptions("SmoothL1", SMOOTH_L1, options);
    super("SmoothL1", reduction);
    this.#beta = beta;
  }

  protected override compare(x: Tensor, t: Tensor): ElementLosses {
    const d = subtract(x, t);
    const beta = this.#beta;
    if (beta === 0) return { losses: absoluteError(d), gradient: (dy) => absoluteErrorInputGrad(d, dy) };
    return { losses: huberError(d, beta, 1 / beta), gradient: (dy) => huberErrorInputGrad(d, beta, 1 / beta, dy) };
  }
}

/**
 * Squared error of each number, in a straight line from delta on, for d = x - t:
 *
 *     loss = d^2 / 2                      where |d| < delta
 *     loss = delta * (|d| - delta / 2)    elsewhere
 *
 * `forward(x, t)` of one shape returns their mean or sum, with reduction "none" a Tensor in that shape. `backward()` returns the
 * gradient of x, d clamped to [-delta, delta]; with "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new Huber({ delta: 2 });
 * const value = loss.forward(model.forward(x), targets);
 *
 * @throws ShapeError when input and target have different shapes or no numbers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export class Huber<R extends Reduction = "mean"> extends ElementLoss<R> {
  readonly #delta: number;

  constructor(options: HuberOptions<R> = {}) {
    const { delta, reduction } = readOptions("Huber", HUBER, options);
    super("Huber", reduction);
    this.#delta = delta;
  }

  protected override compare(x: Tensor, t: Tensor): ElementLosses {
    const d = subtract(x, t);
    const delta = this.#delta;
    return { losses: huberError(d, delta, 1), gradient: (dy) => huberErrorInputGrad(d, delta, 1, dy) };
  }
}

function checkDelta(who: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a finite number above 0, got ${show(value)}.`);
}
