// Sigmoid. The maths are in ops/activation.ts.
import { sigmoid, sigmoidInputGrad } from "../ops/activation.js";
import type { Shape } from "../shape.js";
import { checkTensor, type Tensor } from "../tensor.js";
import { Layer, checkGradient } from "./layer.js";

/**
 * y = 1 / (1 + exp(-x)); dx = dy * y * (1 - y). Flat at both tails, where the gradient vanishes.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Layer<Tensor> {
  forward(x: Tensor): Tensor {
    const y = sigmoid(checkTensor("Sigmoid", "input", x));
    this.save(this.saving ? y.clone() : y);
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved();
    checkGradient("Sigmoid.backward", y.shape, dy);
    return sigmoidInputGrad(y, dy);
  }

  override outputShape(shape: Shape): Shape {
    return shape;
  }
}
