// Tanh. The maths are in ops/activation.ts.
import { tanh, tanhInputGrad } from "../ops/activation.js";
import type { Shape } from "../shape.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { Layer, checkGradient } from "./layer.js";

/**
 * y = tanh(x); dx = dy * (1 - y^2). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Layer<Tensor> {
  forward(x: Tensor): Tensor {
    const y = tanh(checkTensor("Tanh", "input", x));
    this.save(this.saving ? y.clone() : y);
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved();
    checkGradient("Tanh.backward", y.shape, dy);
    return tanhInputGrad(y, dy);
  }

  override outputShape(shape: Shape): Shape {
    return shape;
  }
}
