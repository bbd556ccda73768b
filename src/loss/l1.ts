// L1: the mean absolute error.
import { readOptions, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import { subtract } from "../ops/arithmetic.js";
import { absoluteError, absoluteErrorInputGrad } from "../ops/elementLoss.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import { checkReduction, type Reduction } from "./loss.js";

/** Options of {@link L1}. */
export interface L1Options<R extends Reduction = Reduction> {
  /** Default "mean". */
  readonly reduction?: R;
}

const OPTIONS: OptionTable<L1Options> = { reduction: { check: checkReduction, default: "mean" } };

/**
 * Absolute error of each number, loss = |x - t|, for input x and target t of one shape.
 *
 * `forward(x, t)` returns their mean or sum, with reduction "none" a Tensor in that shape. `backward()` returns the gradient of
 * x, sign(x - t) over how many there are for the mean, 0 where x = t; with "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new L1();
 * const value = loss.forward(model.forward(x), targets);
 *
 * @throws ShapeError when input and target have different shapes or no numbers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export class L1<R extends Reduction = "mean"> extends ElementLoss<R> {
  constructor(options: L1Options<R> = {}) {
    super("L1", readOptions("L1", OPTIONS, options).reduction);
  }

  protected override compare(x: Tensor, t: Tensor): ElementLosses {
    const d = subtract(x, t);
    return { losses: absoluteError(d), gradient: (dy) => absoluteErrorInputGrad(d, dy) };
  }
}
