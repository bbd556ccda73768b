// MSE: the mean squared error.
import { readOptions, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import { subtract } from "../ops/arithmetic.js";
import { squaredError, squaredErrorInputGrad } from "../ops/elementLoss.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import { checkReduction, type Reduction } from "./loss.js";

/** Options of {@link MSE}. */
export interface MSEOptions<R extends Reduction = Reduction> {
  /** Default "mean". */
  readonly reduction?: R;
}

const OPTIONS: OptionTable<MSEOptions> = { reduction: { check: checkReduction, default: "mean" } };

/**
 * Squared error of each number, loss = (x - t)^2, for input x and target t of one shape.
 *
 * `forward(x, t)` returns their mean or sum, with reduction "none" a Tensor in that shape. `backward()` returns the gradient of
 * x, 2 (x - t) over how many there are for the mean; with "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new MSE();
 * const value = loss.forward(model.forward(x), targets);
 * model.backward(loss.backward());
 *
 * @throws ShapeError when input and target have different shapes or no numbers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export class MSE<R extends Reduction = "mean"> extends ElementLoss<R> {
  constructor(options: MSEOptions<R> = {}) {
    super("MSE", readOptions("MSE", OPTIONS, options).reduction);
  }

  protected override compare(x: Tensor, t: Tensor): ElementLosses {
    const d = subtract(x, t);
    return { losses: squaredError(d), gradient: (dy) => squaredErrorInputGrad(d, dy) };
  }
}
