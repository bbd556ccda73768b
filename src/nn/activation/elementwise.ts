// What activations share: y = f(x) number by number, and dx = dy f'(x). The functions are in the backend.
import type { Tensor } from "../../base/tensor.js";
import {
  activationIn,
  activationInPlace,
  activationInputGradIn,
  type ActivationFunction,
} from "../../ops/activation.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Base of the activations. */
export abstract class Elementwise<S extends LayerSpec> extends Builtin<Tensor, S> {
  #function: ActivationFunction | undefined;

  /** The function with its settings, which is asked for once. @internal */
  protected abstract readonly activation: ActivationFunction;

  [forward](x: Tensor, pass: Pass): Tensor {
    const f = (this.#function ??= this.activation);
    if (pass.mayOverwrite(x)) return activationInPlace(f, x);
    const y = activationIn(pass.room, f, x);
    pass.keep(f.keeps === "x" ? x : y);
    return y;
  }

  [backward](dy: Tensor, kept: Tensor, pass: Pass): Tensor {
    return activationInputGradIn(pass.room, this.#function ?? this.activation, kept, dy);
  }
}
