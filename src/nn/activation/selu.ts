// SELU: an ELU, scaled so that layers of it keep mean and variance. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import { SELU_ALPHA, SELU_SCALE } from "../../ops/selu.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "SELU", args: {} } as const satisfies LayerSpec;

/**
 * y = scale x where x > 0, else scale alpha (e^x - 1), with alpha = 1.6732632423543772 and scale = 1.0507009873554805;
 * dx = scale dy where x > 0, else scale alpha e^x dy.
 *
 * Numbers of mean 0 and variance 1 stay so through linear layers whose weights have mean 0 and variance 1 / inFeatures.
 *
 * Input and output of any one shape.
 *
 * @example
 * new SELU().forward(new Tensor([1, -100])); // [1.0507, -1.7581]
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SELU.html
 * @see Klambauer et al., "Self-normalizing neural networks", NIPS 2017
 */
export class SELU extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("elu", SELU_ALPHA, SELU_SCALE);
  }
}
