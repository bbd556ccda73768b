// Hardswish: a swish of straight lines and a parabola. Forward and backward are in elementwise.ts, the function in the backend's kit (activation.ts).
import type { ActivationFunction } from "../../ops/activation.js";
import { kitActivation } from "../../ops/kitActivation.js";
import type { LayerSpec } from "../spec.js";
import { Elementwise } from "./elementwise.js";

const SPEC = { type: "Hardswish", args: {}, onnx: { op: "HardSwish" } } as const satisfies LayerSpec;

/**
 * y = x min(max(x + 3, 0), 6) / 6; dx = 0 where x <= -3, dy where x >= 3, else dy (x / 3 + 1 / 2).
 *
 * Input and output of any one shape.
 *
 * @example
 * new Hardswish().forward(new Tensor([-4, 0, 1, 4])); // [-0, 0, 0.6667, 4]
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
 * @see Howard et al., "Searching for MobileNetV3", ICCV 2019
 */
export class Hardswish extends Elementwise<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  /** @internal */
  protected get activation(): ActivationFunction {
    return kitActivation("hardswish");
  }
}
