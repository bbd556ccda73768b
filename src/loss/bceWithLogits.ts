// BCEWithLogits: the loss of yes-or-no classifiers, one logit for each question. It is the cross-entropy of two classes.
import { finite } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { broadcastShapes, formatShape, sameShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { multiply, subtract } from "../ops/arithmetic.js";
import { binaryCrossEntropy, binaryCrossEntropyInputGrad } from "../ops/elementLoss.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import { checkReduction, type Reduction } from "./loss.js";

/** Options of {@link BCEWithLogits}. */
export interface BCEWithLogitsOptions<R extends Reduction = Reduction> {
  /** A factor of each loss, at least 0; a shape that broadcasts to the input's. The mean does not divide by it. Default 1. */
  readonly weight?: Tensor | readonly number[] | number;
  /** A factor of the losses for "yes", at least 0; a shape that broadcasts to the input's. Default 1. */
  readonly posWeight?: Tensor | readonly number[] | number;
  /** Default "mean". */
  readonly reduction?: R;
}

interface Kept {
  readonly weight: Tensor | number;
  readonly posWeight: Tensor | number;
  readonly reduction: Reduction;
}

const OPTIONS: OptionTable<Kept> = {
  weight: { check: readFactor, default: 1 },
  posWeight: { check: readFactor, default: 1 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Binary cross-entropy of logits x (not of probabilities: it contains the sigmoid) against targets t from 0 to 1, in one shape:
 *
 *     s = 1 / (1 + exp(-x))
 *     loss = -weight * (posWeight * t * log(s) + (1 - t) * log(1 - s))
 *
 * computed so that nothing overflows. `forward(x, t)` returns the mean or sum, with reduction "none" a Tensor in that shape.
 * `backward()` returns the gradient of x, weight * ((1 - t) s - posWeight t (1 - s)) over how many there are for the mean; with
 * "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new BCEWithLogits({ posWeight: [3, 1, 1] }); // logits [N, 3]: the first "yes" is rare
 * const value = loss.forward(model.forward(x), answers);
 *
 * @throws ShapeError when input, target and factors do not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogits<R extends Reduction = "mean"> extends ElementLoss<R> {
  readonly #weight: Tensor | number;
  readonly #posWeight: Tensor | number;

  constructor(options: BCEWithLogitsOptions<R> = {}) {
    const { weight, posWeight, reduction } = readOptions("BCEWithLogits", OPTIONS, options);
    super("BCEWithLogits", reduction);
    this.#weight = weight;
    this.#posWeight = posWeight;
  }

  protected override compare(input: Tensor, t: Tensor): ElementLosses {
    const [weight, posWeight] = [fit("weight", this.#weight, input), fit("posWeight", this.#posWeight, input)];
    const x = input.clone();
    const yes = multiply(multiply(t, posWeight), weight);
    const no = multiply(subtract(1, t), weight);
    const gradient = (dy: Tensor): Tensor => binaryCrossEntropyInputGrad(x, yes, no, dy);
    return { losses: binaryCrossEntropy(x, yes, no), gradient };
  }
}

function readFactor(who: string, name: string, value: unknown): Tensor | number {
  if (typeof value === "number") return finite(who, name, value, 0);
  const tensor = Tensor.isTensor(value) ? value.clone() : new Tensor(value as number[]);
  tensor.data.forEach((factor, i) => finite(who, `${name}[${i}]`, factor, 0));
  return tensor;
}

// A factor in the input's number format, if its shape broadcasts to the input's.
function fit(name: string, factor: Tensor | number, { shape, dtype }: Tensor): Tensor | number {
  if (typeof factor === "number") return factor;
  if (!sameShape(broadcastShapes("BCEWithLogits", factor.shape, shape), shape)) {
    throw new ShapeError(
      `BCEWithLogits: expected ${name} to broadcast to the input's shape ${formatShape(shape)}, got ` +
        `${formatShape(factor.shape)}.`,
    );
  }
  return dtype === "float64" ? (factor.toFloat64() as unknown as Tensor) : factor;
}
