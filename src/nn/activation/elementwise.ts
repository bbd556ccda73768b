// What activations share: y = f(x) number by number, and dx = dy f'(x). The functions are in the backend.
import { ACTIVATIONS, type Activation } from "../../backend/kernels.js";
import type { Tensor } from "../../base/tensor.js";
import { activationIn, activationInPlace, activationInputGradIn } from "../../ops/activation.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Base of the activations. */
export abstract class Elementwise<S extends LayerSpec> extends Builtin<Tensor, S> {
  /** The function with its settings. @internal */
  protected abstract readonly activation: Activation;

  [forward](x: Tensor, pass: Pass): Tensor {
    const f = this.activation;
    if (pass.mayOverwrite(x)) return activationInPlace(f, x);
    const y = activationIn(pass.room, f, x);
    pass.keep(ACTIVATIONS[f.f] === "x" ? x : y);
    return y;
  }

  [backward](dy: Tensor, kept: Tensor, pass: Pass): Tensor {
    return activationInputGradIn(pass.room, this.activation, kept, dy);
  }
}
