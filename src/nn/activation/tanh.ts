// Tanh. The maths are in ops/activation.ts.
import { keep } from "../../backend/memory.js";
import { noArguments } from "../../base/check.js";
import { tanh, tanhInputGrad } from "../../ops/activation.js";
import type { Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/**
 * y = tanh(x); dx = dy * (1 - y^2). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;

  constructor(...none: readonly never[]) {
    super();
    noArguments("Tanh", none);
  }

  forward(x: Tensor): Tensor {
    const y = tanh(checkTensor("Tanh", "input", x));
    if (this.saving) this.save(keep(y));
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved(({ shape }) => checkGradient("Tanh.backward", shape, dy));
    return tanhInputGrad(y, dy);
  }

  override outputShape(shape: Shape): Shape {
    return shape;
  }

  override config(): LayerConfig {
    return { type: "Tanh", args: [] };
  }

  override describe(): string {
    return describeConfig(this.config(), {});
  }
}
