// ELU: below 0 an exponential that goes to -alpha. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import { anyFinite } from "../../base/options.js";
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

/** Options of {@link ELU}. */
export interface ELUOptions {
  /** Where negative numbers go to, times -1. Default 1. */
  readonly alpha?: number;
}

const SPEC = {
  type: "ELU",
  args: {},
  options: { alpha: { check: anyFinite, default: 1 } },
  onnx: { op: "Elu", attributes: { alpha: { name: "alpha", otherwise: 1 } } },
} as const satisfies LayerSpec;

/**
 * y = x where x > 0, else alpha (e^x - 1); dx = dy where x > 0, else alpha e^x dy (at 0 too).
 *
 * Input and output of any one shape.
 *
 * @example
 * new ELU({ alpha: 2 }).forward(new Tensor([-100, 3])); // [-2, 3]
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
 * @see Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units", ICLR 2016
 */
export class ELU extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: ELUOptions = {}) {
    super(SPEC, [], options);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("elu", this.settings.alpha, 1);
  }
}
