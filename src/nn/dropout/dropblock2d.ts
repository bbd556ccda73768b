// DropBlock2d: dropout of squares of an image, because single pixels are told by their neighbors. The mask is in ops/dropBlock2d.ts.
import { ShapeError } from "../../base/errors.js";
import { fraction, positive } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Generator } from "../../numbers/random.js";
import { multiplyIn } from "../../ops/arithmetic.js";
import { checkImages } from "../../ops/conv2d.js";
import { dropBlockMask } from "../../ops/dropBlock2d.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, memory, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const SPEC = {
  type: "DropBlock2d",
  args: { p: { check: fraction }, blockSize: { check: positive } },
} as const satisfies LayerSpec;

/**
 * In train mode squares of blockSize x blockSize pixels become 0, in each channel by themselves, and what is left is scaled up by
 * (all pixels / pixels left); dx = dy * mask. A square begins at each place where it fits with probability
 * p H W / (blockSize^2 (H - blockSize + 1) (W - blockSize + 1)), so that about p of the pixels are dropped (fewer, where squares
 * overlap). In eval mode and in predict y = x.
 *
 * Input and output [N, C, H, W]. For draws see {@link Dropout}.
 *
 * @example
 * new Sequential(new Conv2d(64, 64, 3, { padding: 1 }), new DropBlock2d(0.1, 5));
 *
 * @throws ArgumentError when p is not in [0, 1] or blockSize no whole number of at least 1
 * @throws ShapeError for an image that is smaller than a square
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.drop_block2d.html
 * @see Ghiasi, Lin and Le, "DropBlock: a regularization method for convolutional networks", NeurIPS 2018
 */
export class DropBlock2d extends Builtin<Tensor | null, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** About the share of pixels that become 0. */
  readonly p: number;
  /** Rows and columns of a square. */
  readonly blockSize: number;
  /** Where the draws come from; its state tells how far they are. */
  readonly generator = new Generator("dropout");

  constructor(p: number, blockSize: number) {
    super(SPEC, [p, blockSize]);
    this.p = p;
    this.blockSize = blockSize;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const draws = pass.keeps && this[memory].training;
    const mask = draws ? dropBlockMask(pass.room, x, this.p, this.blockSize, this.generator) : null;
    pass.keep(mask);
    return mask === null ? x : multiplyIn(pass.room, x, mask);
  }

  [backward](dy: Tensor, mask: Tensor | null, pass: Pass): Tensor {
    return mask === null ? dy : multiplyIn(pass.room, dy, mask);
  }

  override [shapeOf](shape: Shape): Shape {
    checkImages("DropBlock2d", shape);
    const { blockSize } = this.settings;
    if (Math.min(shape[2], shape[3]) >= blockSize) return shape;
    throw new ShapeError(
      `DropBlock2d: expected images of at least ${formatShape([blockSize, blockSize])} (blockSize), got ` +
        `${formatShape(shape.slice(2))} (use a smaller square).`,
    );
  }
}
