// Muon: momentum whose direction is made orthogonal, for weights that are matrices: those of Linear, and filters with one row for
// each output channel. Put together from the matrix product and elementwise kernels.
import type { Kept, Kernels } from "../backend/kernels.js";
import { keptNow } from "../backend/memory.js";
import { flag, oneOf, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { atLeast0, fraction, type Settings } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import type { ParametersOrGroups } from "./groups.js";
import { addScaled, moveTowards, norm, scale } from "./inPlace.js";
import { RuleOptimizer, type Rule, type Update } from "./ruleOptimizer.js";
import { Scratch } from "./scratch.js";

/** Options of {@link Muon}; each is also a live property of the optimizer. */
export interface MuonOptions {
  /** Learning rate, at least 0: about the largest singular value of a step. Default 1e-3. */
  readonly lr?: number;
  /** Decay of the weights, at least 0: each step first shrinks them by lr * weightDecay of themselves. Default 0.1. */
  readonly weightDecay?: number;
  /** Share of the mean of gradients that is kept, from 0 to 1. Default 0.95. */
  readonly momentum?: number;
  /** Nesterov's form of momentum. Default true. */
  readonly nesterov?: boolean;
  /** The a, b and c of a Newton-Schulz step. Default [3.4445, -4.775, 2.0315]. */
  readonly nsCoefficients?: readonly [number, number, number];
  /** Added to the norm, against division by 0; at least 0. Default 1e-7. */
  readonly eps?: number;
  /** How many Newton-Schulz steps, at least 1. Default 5. */
  readonly nsSteps?: number;
  /**
   * The factor of the learning rate for a matrix of R rows and C columns: sqrt(max(1, R / C)) for "original", 0.2 sqrt(max(R, C))
   * for "matchRmsAdamw", which gives steps as large as AdamW's. Default "original".
   */
  readonly adjustLrFn?: "original" | "matchRmsAdamw";
  /** Whether each step first scales the weight to the norm sqrt(R): filters before batch norm need no decay then. Default false. */
  readonly normalize?: boolean;
}

const RULE: Rule<MuonOptions> = {
  type: "Muon",
  options: {
    lr: { check: atLeast0, default: 1e-3 },
    weightDecay: { check: atLeast0, default: 0.1 },
    momentum: { check: fraction, default: 0.95 },
    nesterov: { check: flag, default: true },
    nsCoefficients: { check: checkCoefficients, default: [3.4445, -4.775, 2.0315] },
    eps: { check: atLeast0, default: 1e-7 },
    nsSteps: { check: (who, name, value) => whole(who, name, value, 1), default: 5 },
    adjustLrFn: {
      check: (who, name, value) => oneOf(who, name, value, ["original", "matchRmsAdamw"]),
      default: "original",
    },
    normalize: { check: flag, default: false },
  },
  state: { momentumBuffer: "tensor" },
};

/**
 * Muon, for a weight of R rows (its first axis) and C columns (all others):
 *
 *     m = momentum * m + (1 - momentum) * dw
 *     u = nesterov ? (1 - momentum) * dw + momentum * m : m
 *     X = u / (|u| + eps), then nsSteps times X = a X + (b A + c A A) X with A = X X^T
 *     w = (1 - lr * weightDecay) * w - lr * factor * X
 *
 * The steps take all singular values of X to about 1. For tall matrices the products are those of X^T, which gives the same. With
 * `normalize`, w is first scaled to the norm sqrt(R). Biases and other vectors are for another optimizer: `fit` takes both, in a
 * loop of your own each has its `step`.
 *
 * @example
 * const filters = model.parameters().filter(({ shape }) => shape.length === 4);
 * const others = model.parameters().filter(({ shape }) => shape.length !== 4);
 * const optimizers = [new Muon(filters, { lr: 0.02 }), new SGD(others, { lr: 0.05, momentum: 0.85, nesterov: true })];
 *
 * @throws ArgumentError for an unusable option, and for a parameter of fewer than two axes
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
 * @see Jordan and others, "Muon: an optimizer for hidden layers in neural networks", 2024
 */
export class Muon extends RuleOptimizer<MuonOptions> {
  readonly #scratch = new Scratch();

  constructor(parameters: ParametersOrGroups<MuonOptions>, options: MuonOptions = {}) {
    super(RULE, parameters, options);
    const vector = this.parameters.findIndex(({ shape }) => shape.length < 2);
    if (vector < 0) return;
    throw new ArgumentError(
      `Muon: expected weights of at least two axes, got parameter ${vector} of shape ` +
        `${formatShape(this.parameters[vector].shape)} (give biases to another optimizer).`,
    );
  }

  protected override update({ kernels, w, dw, memory, shape }: Update, settings: Settings<MuonOptions>): void {
    const { lr, weightDecay, momentum, nesterov, adjustLrFn, normalize } = settings;
    const [rows, cols] = [shape[0], w.length / shape[0]];
    const mean = memory.array("momentumBuffer");
    moveTowards(kernels, mean, dw, 1 - momentum);
    const u = this.#scratch.room("u", w);
    keptNow(u).set(keptNow(nesterov ? dw : mean));
    if (nesterov) moveTowards(kernels, u, mean, momentum);
    const x = this.#orthogonalize(kernels, u, rows, cols, settings);
    if (normalize) {
      const length = norm(kernels, w);
      if (length > 0) scale(kernels, w, Math.sqrt(rows) / length);
    }
    if (weightDecay !== 0) scale(kernels, w, 1 - lr * weightDecay);
    const factor =
      adjustLrFn === "original" ? Math.sqrt(Math.max(1, rows / cols)) : 0.2 * Math.sqrt(Math.max(rows, cols));
    addScaled(kernels, w, x, -lr * factor);
  }

  // Overwrites x; the result lies there or in scratch.
  #orthogonalize(
    kernels: Kernels,
    x: Kept,
    rows: number,
    cols: number,
    { nsCoefficients: [a, b, c], nsSteps, eps }: Settings<MuonOptions>,
  ): Kept {
    const wide = rows <= cols;
    const size = Math.min(rows, cols);
    const square = { M: size, N: size, K: size, transA: false, transB: false };
    const gram = { M: size, N: size, K: Math.max(rows, cols), transA: !wide, transB: wide }; // X X^T or X^T X
    const product = { M: rows, N: cols, K: size, transA: false, transB: false };
    const [A, B] = ["A", "B"].map((name) => this.#scratch.room(name, x, size * size));
    let [from, to] = [x, this.#scratch.room("v", x)];
    scale(kernels, from, 1 / (norm(kernels, from) + eps));
    for (let step = 0; step < nsSteps; step++) {
      kernels.matmul(gram, from, from, null, A);
      kernels.matmul(square, A, A, null, B);
      scale(kernels, B, c);
      addScaled(kernels, B, A, b);
      if (wide) kernels.matmul(product, B, from, null, to);
      else kernels.matmul(product, from, B, null, to);
      addScaled(kernels, to, from, a);
      [from, to] = [to, from];
    }
    return from;
  }
}

function checkCoefficients(who: string, name: string, value: unknown): readonly [number, number, number] {
  if (Array.isArray(value) && value.length === 3 && value.every((each) => Number.isFinite(each))) {
    const [a, b, c] = value as number[];
    return Object.freeze([a, b, c] as const);
  }
  throw new ArgumentError(`${who}: expected ${name} to be three finite numbers a, b and c, got ${show(value)}.`);
}
