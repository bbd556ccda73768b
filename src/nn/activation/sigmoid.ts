// Sigmoid. The maths are in ops/activation.ts.
import { keep } from "../../backend/memory.js";
import { noArguments } from "../../base/check.js";
import { sigmoid, sigmoidInputGrad } from "../../ops/activation.js";
import type { Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/**
 * y = 1 / (1 + exp(-x)); dx = dy * y * (1 - y). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;

  constructor(...none: readonly never[]) {
    super();
    noArguments("Sigmoid", none);
  }

  forward(x: Tensor): Tensor {
    const y = sigmoid(checkTensor("Sigmoid", "input", x));
    if (this.saving) this.save(keep(y));
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved(({ shape }) => checkGradient("Sigmoid.backward", shape, dy));
    return sigmoidInputGrad(y, dy);
  }

  override outputShape(shape: Shape): Shape {
    return shape;
  }

  override config(): LayerConfig {
    return { type: "Sigmoid", args: [] };
  }

  override describe(): string {
    return describeConfig(this.config(), {});
  }
}
