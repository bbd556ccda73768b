// Identity: what goes in comes out.
import type { Tensor } from "../../base/tensor.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "Identity", args: {}, isView: true } as const satisfies LayerSpec;

/**
 * y = x and dx = dy: a place that another layer may take, or that one is taken from.
 *
 * Input and output of any one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity extends Builtin<null, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(...none: readonly never[]) {
    super(SPEC, none);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    pass.keep(null);
    return x;
  }

  [backward](dy: Tensor): Tensor {
    return dy;
  }
}
