// LeakyReLU: negative numbers keep a small slope. Forward and backward are in elementwise.ts, the function in the backend's
// activation.ts.
import { anyFinite } from "../../base/options.js";
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

/** Options of {@link LeakyReLU}. */
export interface LeakyReLUOptions {
  /** Slope for negative numbers. Default 0.01. */
  readonly negativeSlope?: number;
}

const SPEC = {
  type: "LeakyReLU",
  args: {},
  options: { negativeSlope: { check: anyFinite, default: 0.01 } },
  onnx: { op: "LeakyRelu", attributes: { negativeSlope: { name: "alpha", otherwise: 0.01 } } },
} as const satisfies LayerSpec;

/**
 * y = x where x > 0, else negativeSlope * x; dx = dy where x > 0, else negativeSlope * dy (at 0 too).
 *
 * Input and output of any one shape.
 *
 * @example
 * new LeakyReLU({ negativeSlope: 0.2 }).forward(new Tensor([-10, 3])); // [-2, 3]
 *
 * @throws ArgumentError for an unusable slope
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 */
export class LeakyReLU extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: LeakyReLUOptions = {}) {
    super(SPEC, [], options);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("leakyRelu", this.settings.negativeSlope);
  }
}
