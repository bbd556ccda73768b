// LocalResponseNorm: neighboring channels inhibit each other. The maths are in ops/localResponseNorm.ts.
import { ShapeError } from "../../base/errors.js";
import { anyFinite, positive } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { responseNormIn, responseNormInputGradIn, type Response } from "../../ops/localResponseNorm.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link LocalResponseNorm}. */
export interface LocalResponseNormOptions {
  /** Default 0.0001. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

interface Kept extends Response {
  readonly x: Tensor;
}

const SPEC = {
  type: "LocalResponseNorm",
  args: { size: { check: positive } },
  options: {
    alpha: { check: anyFinite, default: 1e-4 },
    beta: { check: anyFinite, default: 0.75 },
    k: { check: anyFinite, default: 1 },
  },
} as const satisfies LayerSpec;

/**
 * y[c] = x[c] / s[c]^beta with s[c] = k + alpha / size * the sum of x[c']^2 over the `size` channels around c (for an even size one
 * more before it than behind it), pixel by pixel; channels that are not there count as 0.
 *
 *     dx[c] = dy[c] / s[c]^beta - 2 alpha beta / size * x[c] * sum of dy[c'] x[c'] / s[c']^(beta + 1) over the c' whose sum holds c
 *
 * Input and output [N, C, ...]. AlexNet has it with size 5, alpha 1e-4, beta 0.75 and k 2. Where s is not positive the result is
 * NaN, as PyTorch's.
 *
 * @throws ArgumentError for an unusable size or option
 * @throws ShapeError for an input without channels and pixels
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 * @see Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", NeurIPS 2012
 */
export class LocalResponseNorm extends Builtin<Kept, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super(SPEC, [size], options);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const response = responseNormIn(pass.room, this.settings, x);
    pass.keep({ x, ...response });
    return response.y;
  }

  [backward](dy: Tensor, { x, ...response }: Kept, pass: Pass): Tensor {
    return responseNormInputGradIn(pass.room, this.settings, x, response, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    if (shape.length >= 3 && !shape.includes(0)) return shape;
    throw new ShapeError(
      `LocalResponseNorm: expected input [N, C, ...] with at least one pixel, got ${formatShape(shape)} (channels are axis 1).`,
    );
  }
}
