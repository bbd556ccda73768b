// AlphaDropout: dropout for networks of SELU, which keeps mean and variance. The mask is in ops/dropout.ts.
import { fraction } from "../../base/options.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { multiplyIn } from "../../ops/arithmetic.js";
import { plusIn } from "../../ops/scale.js";
import type { Pass } from "../pass.js";
import type { LayerSpec } from "../spec.js";
import { Masked } from "./masked.js";

const SPEC = { type: "AlphaDropout", args: { p: { check: fraction } } } as const satisfies LayerSpec;

/** scale * alpha of SELU: what a dropped number is set to is its negative. */
const ALPHA = 1.7580993408473766;

/**
 * In train mode each number is -alpha with probability p (alpha = 1.7581, the lower end of SELU), and then all are put to mean 0 and
 * variance 1, if x had them: y = a * x' + b with a = 1 / sqrt((1 - p) (1 + p alpha^2)) and b = a p alpha; dx = a * dy where x
 * was kept, else 0. In eval mode and in predict y = x. p = 1 gives zeros and a zero gradient.
 *
 * Input and output of any one shape. For draws see {@link Dropout}.
 *
 * @throws ArgumentError when p is not in [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 * @see Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017
 */
export class AlphaDropout extends Masked<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(p: number = 0.5) {
    super(SPEC, p);
  }

  protected maskShape(shape: Shape): Shape {
    return shape;
  }

  protected override get kept(): number {
    return this.p === 1 ? 0 : 1 / Math.sqrt((1 - this.p) * (1 + this.p * ALPHA * ALPHA));
  }

  // (x + alpha) mask - a alpha (1 - p): a x + a alpha p where it is kept, -a alpha (1 - p) where not.
  protected override apply(x: Tensor, mask: Tensor, pass: Pass): Tensor {
    if (this.p === 1) return multiplyIn(pass.room, x, mask);
    const raised = multiplyIn(pass.room, plusIn(pass.room, x, ALPHA), mask);
    return plusIn(pass.room, raised, -this.kept * ALPHA * (1 - this.p));
  }
}
