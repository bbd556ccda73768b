// A loss that compares two tensors number by number. The maths are in ops/elementLoss.ts.
import { kernelsFor } from "../backend/select.js";
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { Loss, type LossValue } from "./loss.js";

/** The losses of all numbers, what their mean is divided by, and the gradient of the input for a gradient of each loss. */
export interface ElementLosses {
  readonly losses: Tensor;
  /** How many numbers there are, if absent. */
  readonly divisor?: number;
  /** Holds nothing that the caller may write into. */
  readonly gradient: (dlosses: Tensor) => Tensor;
}

/** Base of the losses of two tensors of one shape. */
export abstract class ElementLoss<R extends string> extends Loss<R> {
  /** The loss; keeps what backward needs. Input and target have the same shape, of any rank. */
  forward(input: Tensor, target: Tensor): LossValue<R> {
    const { who } = this;
    checkTensor(who, "the input", input);
    if (!Tensor.isTensor(target)) {
      throw new ArgumentError(
        `${who}: expected a Tensor as target, got ${show(target)} (wrap it: new Tensor(data, shape)).`,
      );
    }
    if (!sameShape(input.shape, target.shape)) {
      throw new ShapeError(
        `${who}: expected a target of the input's shape ${formatShape(input.shape)}, got ${formatShape(target.shape)}.`,
      );
    }
    if (input.size === 0)
      throw new ShapeError(`${who}: expected at least one number, got ${formatShape(input.shape)}.`);
    if (input.dtype !== target.dtype) {
      throw new ArgumentError(
        `${who}: expected input and target in one number format, got ${input.dtype} and ${target.dtype}.`,
      );
    }
    const watch = watcher();
    watch?.loss(who, "inputs", input);
    watch?.loss(who, "targets", target);
    const { losses, divisor = input.size, gradient } = this.compare(input, target);
    watch?.loss(who, "losses", losses);
    return this.reduce(losses, divisor, gradient);
  }

  /** The losses of the numbers of two checked tensors. */
  protected abstract compare(input: Tensor, target: Tensor): ElementLosses;

  // Rows by the kernel, in float64 each and rounded once, then the rows one after the other.
  protected override total(losses: Tensor): number {
    const rows = losses.rank > 1 ? losses.shape[0] : 1;
    const sums = losses.like([rows]);
    kernelsFor(this.who, losses).sum({ rows, cols: losses.size / rows }, losses.data, sums.data);
    return super.total(sums);
  }
}
