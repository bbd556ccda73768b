// What losses share: the losses of a batch become one number or stay a tensor, forward keeps what backward uses up. The maths
// of a loss are not here.
import { oneOf } from "../base/check.js";
import { ArgumentError, StateError } from "../base/errors.js";
import { checkUpstream } from "../base/shape.js";
import { Tensor, checkFormats, checkTensor } from "../base/tensor.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { watcher } from "../nn/watcher.js";

/** How the losses of a batch become one: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

/** What `forward` of a loss returns: a number, with reduction "none" a Tensor. */
export type LossValue<R extends string> = R extends "none" ? Tensor : number;

/** The words for {@link Reduction}, as an option's check. */
export function checkReduction(who: string, name: string, value: unknown): Reduction {
  return oneOf<Reduction>(who, name, value, ["mean", "sum", "none"]);
}

interface Saved<G> {
  readonly losses: Tensor;
  /** They were divided by this. */
  readonly divisor: number;
  readonly gradient: (dlosses: Tensor) => G;
}

/** Base of the losses. `G` is what `backward` returns: a tensor, or one for each input of a loss that takes several. */
export abstract class Loss<R extends string = string, G extends Tensor | readonly Tensor[] = Tensor> {
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  /** Name of the class, for messages. */
  protected readonly who: string;
  /** How the losses of a batch become one. */
  protected readonly reduction: Reduction;
  #saved: Saved<G> | undefined;
  #divisor = 1;

  constructor(who: string, reduction: Reduction) {
    this.who = who;
    this.reduction = reduction;
  }

  /**
   * Gradient of the loss for what `forward` was given first, in its shape (losses of several inputs: a list of theirs); uses up
   * what forward saved.
   *
   * @param dy upstream gradient in the shape of the losses, with reduction "none" only
   * @throws StateError without a forward before it
   */
  backward(dy?: Tensor): G {
    const { who, reduction } = this;
    if ((dy === undefined) === (reduction === "none")) {
      throw new ArgumentError(
        reduction === "none"
          ? `${who}.backward: expected dy, the gradient of each loss, with reduction "none", got undefined.`
          : `${who}.backward: expected no dy with reduction "${reduction}", got one.`,
      );
    }
    if (this.#saved === undefined) {
      throw new StateError(`${who}.backward: expected a forward before each backward, got none.`);
    }
    const { losses, divisor, gradient } = this.#saved;
    if (dy !== undefined) {
      checkUpstream(`${who}.backward`, losses.shape, checkTensor(who, "dy", dy).shape);
      checkFormats(`${who}.backward`, losses, dy);
    }
    this.#saved = undefined;
    const dx = gradient(dy ?? filled(losses, 1 / divisor));
    const watch = watcher();
    for (const each of Tensor.isTensor(dx) ? [dx] : dx) watch?.loss(`${who}.backward`, "gradients", each);
    return dx;
  }

  /**
   * The end of a `forward`: the losses as they were asked for. `divisor` is that of the mean; `gradient` gives what `backward`
   * returns, for the gradient of each loss. It holds copies of what the caller may write into.
   */
  protected reduce(losses: Tensor, divisor: number, gradient: (dlosses: Tensor) => G): LossValue<R> {
    const by = this.reduction === "mean" ? divisor : 1;
    this.#divisor = by;
    this.#saved = { losses, divisor: by, gradient };
    return (this.reduction === "none" ? losses : this.total(losses) / by) as LossValue<R>;
  }

  /** The sum of all losses, by default in float64 in row-major order, so that it depends neither on backend nor threads. */
  protected total({ data }: Tensor): number {
    let result = 0;
    for (let i = 0; i < data.length; i++) result += data[i];
    return result;
  }

  /**
   * For JSON.stringify, which is refused: it would lose the options.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError(`${this.who}: expected its options in JSON, got the loss (write what it was made with).`);
  }

  /** @internal What the latest loss was divided by: how much it counts in the mean of several. */
  get divisor(): number {
    return this.#divisor;
  }

  /** @internal Whether the losses of several batches add up. */
  get sums(): boolean {
    return this.reduction === "sum";
  }

  /** @internal Remembers what forward saved and returns the way back. */
  snapshot(): () => void {
    const saved = this.#saved;
    return () => {
      this.#saved = saved;
    };
  }
}

// With reduction "mean" or "sum" nobody else has the losses.
function filled(losses: Tensor, value: number): Tensor {
  losses.data.fill(value);
  return losses;
}
