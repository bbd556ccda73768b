// Softmax along one axis. The maths are in ops/softmax.ts.
import { keep } from "../../backend/memory.js";
import { knownKeys, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { softmax, softmaxInputGrad } from "../../ops/softmax.js";
import { checkAxis, type Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/** Options of {@link Softmax}. */
export interface SoftmaxOptions {
  /** The axis of the classes, negative from the end. Default 1, as for [N, C] and [N, C, H, W]. */
  readonly dim?: number;
}

/**
 * y = exp(x) / sum of exp(x) along dim: positive numbers that sum to 1. dx = y * (dy - sum of dy * y).
 * As a last layer before CrossEntropy leave it out: CrossEntropy wants logits.
 *
 * Input and output of any one shape that has the axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export class Softmax extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  /** @internal What a summary says of a model that ends with it. */
  static readonly noteOfLast: string = "returns probabilities; CrossEntropy wants logits";
  readonly #dim: number;

  constructor(options: SoftmaxOptions = {}) {
    super();
    knownKeys("Softmax", options, ["dim"]);
    const dim: unknown = options.dim ?? 1;
    if (typeof dim !== "number" || !Number.isInteger(dim)) {
      throw new ArgumentError(`Softmax: expected dim to be a whole number, got ${show(dim)}.`);
    }
    this.#dim = dim;
  }

  forward(x: Tensor): Tensor {
    this.outputShape(checkTensor("Softmax", "input", x).shape);
    const y = softmax(x, this.#dim);
    if (this.saving) this.save(keep(y));
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved(({ shape }) => checkGradient("Softmax.backward", shape, dy));
    return softmaxInputGrad(y, dy, this.#dim);
  }

  override outputShape(shape: Shape): Shape {
    checkAxis("Softmax", this.#dim, shape.length);
    return shape;
  }

  override config(): LayerConfig {
    return { type: "Softmax", args: [], options: { dim: this.#dim } };
  }

  override describe(): string {
    return describeConfig(this.config(), { dim: 1 });
  }
}
