// ReLU: negative numbers become 0. The maths are in ops/activation.ts.
import { inWorkspace, keep } from "../../backend/memory.js";
import { noArguments } from "../../base/check.js";
import { relu, reluInPlace, reluInputGrad } from "../../ops/activation.js";
import type { Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/**
 * y = max(x, 0); dx = dy where x > 0, else 0 (so the derivative at 0 is 0). ReLU(NaN) is NaN.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends Layer<Tensor> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  /** @internal See runOrder.ts. */
  get rectifies(): boolean {
    return true;
  }

  constructor(...none: readonly never[]) {
    super();
    noArguments("ReLU", none);
  }

  forward(x: Tensor): Tensor {
    checkTensor("ReLU", "input", x);
    if (!this.saving && inWorkspace()) return reluInPlace(x); // a model that predicts keeps no layer's input
    const y = relu(x);
    if (this.saving) this.save(keep(y));
    return y;
  }

  backward(dy: Tensor): Tensor {
    const y = this.saved(({ shape }) => checkGradient("ReLU.backward", shape, dy));
    return reluInputGrad(y, dy);
  }

  override outputShape(shape: Shape): Shape {
    return shape;
  }

  override config(): LayerConfig {
    return { type: "ReLU", args: [] };
  }

  override describe(): string {
    return describeConfig(this.config(), {});
  }
}
