// LogSoftmax along one axis. The maths are in ops/softmax.ts.
import { keep } from "../../backend/memory.js";
import { knownKeys, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { logSoftmax, logSoftmaxInputGrad } from "../../ops/softmax.js";
import { checkAxis, type Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/** Options of {@link LogSoftmax}. */
export interface LogSoftmaxOptions {
  /** The axis of the classes, negative from the end. Default 1, as for [N, C] and [N, C, H, W]. */
  readonly dim?: number;
}

/**
 * y = x - log(sum of exp(x)) along dim. dx = dy - exp(y) * sum of dy.
 * It stays finite where the logarithm of a softmax would be -Infinity.
 *
 * Input and output of any one shape that has the axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  readonly #dim: number;

  constructor(options: LogSoftmaxOptions = {}) {
    super();
    knownKeys("LogSoftmax", options, ["dim"]);
    const dim: unknown = options.dim ?? 1;
    if (typeof dim !== "number" || !Number.isInteger(dim)) {
      throw new ArgumentError(`LogSoftmax: expected dim to be a whole number, got ${show(dim)}.`);
    }
    this.#dim = dim;
  }

  forward(x: Tensor): Tensor {
    this.outputShape(checkTensor("LogSoftmax", "input", x).shape);
    const y = logSoftmax(x, this.#dim);
    if (this.saving) this.save(keep(y));
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved(({ shape }) => checkGradient("LogSoftmax.backward", shape, dy));
    return logSoftmaxInputGrad(y, dy, this.#dim);
  }

  override outputShape(shape: Shape): Shape {
    checkAxis("LogSoftmax", this.#dim, shape.length);
    return shape;
  }

  override config(): LayerConfig {
    return { type: "LogSoftmax", args: [], options: { dim: this.#dim } };
  }

  override describe(): string {
    return describeConfig(this.config(), { dim: 1 });
  }
}
