// Dropout: in train mode each number is 0 with probability p and else scaled by 1 / (1 - p). The mask is in ops/dropout.ts.
import { fraction } from "../../base/options.js";
import type { Shape } from "../../base/shape.js";
import type { LayerSpec } from "../spec.js";
import { Masked } from "./masked.js";

const SPEC = { type: "Dropout", args: { p: { check: fraction } } } as const satisfies LayerSpec;

/**
 * y = x * mask with mask = 0 (probability p) or 1 / (1 - p), drawn anew for each forward; dx = dy * mask. In eval mode and in
 * predict y = x. p = 1 gives zeros and a zero gradient.
 *
 * Input and output of any one shape. The draws depend on the seed, on how many dropout layers were made before this one, and on
 * how often this one ran.
 *
 * @throws ArgumentError when p is not in [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @see Srivastava et al., JMLR 15 (2014)
 */
export class Dropout extends Masked<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(p: number = 0.5) {
    super(SPEC, p);
  }

  protected maskShape(shape: Shape): Shape {
    return shape;
  }
}
