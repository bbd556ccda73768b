// Linear: a fully connected layer. The maths are in ops/linear.ts.
import { keep } from "../../backend/memory.js";
import { flag, knownKeys, whole } from "../../base/check.js";
import { torchDefault } from "../../init/torchDefault.js";
import { linear, linearBiasGrad, linearInputGrad, linearOutputShape, linearWeightGrad } from "../../ops/linear.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient, wantsInputGrad, type BackwardOptions } from "../layer.js";
import { Parameter } from "../parameter.js";

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether a learned number is added to each output. Default true. */
  readonly bias?: boolean;
}

/**
 * Fully connected layer: y = x w^T + b, that is y[n, o] = b[o] + sum over i of x[n, i] * w[o, i].
 *
 * Input [N, inFeatures], output [N, outFeatures]. Weight [outFeatures, inFeatures] and bias [outFeatures] start uniform
 * within 1 / sqrt(inFeatures).
 *
 * @example
 * new Linear(1568, 32).forward(x).shape; // [8, 32] for x [8, 1568]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  /** [outFeatures, inFeatures]. */
  weight: Parameter;
  /** [outFeatures], or null with `bias: false`. */
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    knownKeys("Linear", options, ["bias"]);
    whole("Linear", "inFeatures", inFeatures, 1);
    whole("Linear", "outFeatures", outFeatures, 1);
    const shape = [outFeatures, inFeatures];
    this.weight = new Parameter(shape, torchDefault(shape));
    this.bias = flag("Linear", "bias", options.bias ?? true) ? new Parameter([outFeatures], torchDefault(shape)) : null;
  }

  forward(x: Tensor): Tensor {
    const y = linear(x, this.weight.value, this.bias?.value ?? null, "Linear");
    if (this.saving) this.save(keep(x));
    return y;
  }

  backward(dy: Tensor, options: BackwardOptions & { readonly inputGrad: false }): void;
  backward(dy: Tensor, options?: BackwardOptions): Tensor;
  backward(dy: Tensor, options?: BackwardOptions): Tensor | undefined {
    const inputGrad = wantsInputGrad("Linear.backward", options);
    const x = this.saved(({ shape }) => checkGradient("Linear.backward", [shape[0], this.weight.shape[0]], dy));
    this.weight.accumulate(linearWeightGrad(x, dy, "Linear"));
    this.bias?.accumulate(linearBiasGrad(dy));
    return inputGrad ? linearInputGrad(dy, this.weight.value, "Linear") : undefined;
  }

  override outputShape(shape: Shape): Shape {
    return linearOutputShape("Linear", shape, this.weight.shape);
  }

  override config(): LayerConfig {
    const [outFeatures, inFeatures] = this.weight.shape;
    return { type: "Linear", args: [inFeatures, outFeatures], options: { bias: this.bias !== null } };
  }

  override describe(): string {
    return describeConfig(this.config(), { bias: true });
  }
}
