// PixelShuffle: channels become pixels. The maths are in ops/planes.ts.
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

const SPEC = { type: "PixelShuffle", args: { upscaleFactor: { check: positive } } } as const satisfies LayerSpec;

/**
 * y[n, c, h f + i, w f + j] = x[n, (c f + i) f + j, h, w]: f * f channels become squares of f x f pixels, which is how a convolution
 * makes images larger ("sub-pixel convolution"). dx puts the pixels of dy back into channels ({@link PixelUnshuffle}).
 *
 * Input [N, C f f, H, W], output [N, C, H f, W f].
 *
 * @example
 * new Sequential(new Conv2d(16, 3 * 4, 3, { padding: 1 }), new PixelShuffle(2)); // twice as large
 *
 * @throws ShapeError for a number of channels that f * f does not divide
 * @throws ArgumentError for a factor that is no whole number of at least 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 * @see Shi et al., "Real-time single image and video super-resolution", CVPR 2016
 */
export class PixelShuffle extends Builtin<null, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(upscaleFactor: number) {
    super(SPEC, [upscaleFactor]);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    pass.keep(null);
    return pixelShuffleIn(pass.room, this.settings.upscaleFactor, x);
  }

  [backward](dy: Tensor, _kept: null, pass: Pass): Tensor {
    return pixelUnshuffleIn(pass.room, this.settings.upscaleFactor, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    const { upscaleFactor: f } = this.settings;
    checkImages("PixelShuffle", shape);
    const [N, C, H, W] = shape;
    if (C % (f * f) === 0) return Object.freeze([N, C / (f * f), H * f, W * f]);
    throw new ShapeError(
      `PixelShuffle: expected channels that ${f * f} divides (${f} * ${f}), got input ${formatShape(shape)}.`,
    );
  }
}
