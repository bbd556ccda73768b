// Hardtanh: cut at two bounds. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import { anyFinite } from "../../base/options.js";
import { ArgumentError } from "../../base/errors.js";
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

/** Options of {@link Hardtanh}. */
export interface HardtanhOptions {
  /** The lower bound. Default -1. */
  readonly minVal?: number;
  /** The upper bound, above the lower one. Default 1. */
  readonly maxVal?: number;
}

const SPEC = {
  type: "Hardtanh",
  args: {},
  options: { minVal: { check: anyFinite, default: -1 }, maxVal: { check: anyFinite, default: 1 } },
} as const satisfies LayerSpec;

/**
 * y = min(max(x, minVal), maxVal); dx = dy where minVal < x < maxVal, else 0. NaN stays NaN.
 *
 * Input and output of any one shape.
 *
 * @example
 * new Hardtanh().forward(new Tensor([-3, 0.5, 3])); // [-1, 0.5, 1]
 *
 * @throws ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export class Hardtanh extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(options: HardtanhOptions = {}) {
    super(SPEC, [], options);
    const { minVal, maxVal } = this.settings;
    if (minVal < maxVal) return;
    throw new ArgumentError(`Hardtanh: expected minVal below maxVal, got ${minVal} and ${maxVal}.`);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("hardtanh", this.settings.minVal, this.settings.maxVal);
  }
}
