// PixelUnshuffle: pixels become channels. The maths are in ops/planes.ts.
import { ShapeError } from "../../base/errors.js";
import { positive } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { checkImages } from "../../ops/conv2d.js";
import { pixelShuffleIn, pixelUnshuffleIn } from "../../ops/planes.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "PixelUnshuffle", args: { downscaleFactor: { check: positive } } } as const satisfies LayerSpec;

/**
 * y[n, (c f + i) f + j, h, w] = x[n, c, h f + i, w f + j]: each square of f x f pixels becomes f * f channels, smaller images without
 * loss. The inverse of {@link PixelShuffle}, which its gradient is.
 *
 * Input [N, C, H, W] with H and W multiples of f, output [N, C f f, H / f, W / f].
 *
 * @throws ShapeError for an image that the factor does not divide
 * @throws ArgumentError for a factor that is no whole number of at least 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 * @see Shi et al., "Real-time single image and video super-resolution", CVPR 2016
 */
export class PixelUnshuffle extends Builtin<null, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(downscaleFactor: number) {
    super(SPEC, [downscaleFactor]);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    pass.keep(null);
    return pixelUnshuffleIn(pass.room, this.settings.downscaleFactor, x);
  }

  [backward](dy: Tensor, _kept: null, pass: Pass): Tensor {
    return pixelShuffleIn(pass.room, this.settings.downscaleFactor, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    const { downscaleFactor: f } = this.settings;
    checkImages("PixelUnshuffle", shape);
    const [N, C, H, W] = shape;
    if (H % f === 0 && W % f === 0) return Object.freeze([N, C * f * f, H / f, W / f]);
    throw new ShapeError(
      `PixelUnshuffle: expected images whose height and width ${f} divides, got input ${formatShape(shape)}.`,
    );
  }
}
