// ChannelShuffle: channels of several groups, mixed. The maths are in ops/channelShuffle.ts.
import { ShapeError } from "../../base/errors.js";
import { positive } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { channelShuffleIn } from "../../ops/channelShuffle.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const SPEC = { type: "ChannelShuffle", args: { groups: { check: positive } } } as const satisfies LayerSpec;

/**
 * y[n, c G + g] = x[n, g C / G + c]: the first channels of all G groups, then the second ones, and so on, so that the next convolution
 * with groups sees channels of each. dx deals them back: the same with C / G groups.
 *
 * Input [N, C, H, W], or [N, C, L]; output of the same shape.
 *
 * @example
 * new Sequential(new Conv2d(8, 8, 1, { groups: 2 }), new ChannelShuffle(2), new Conv2d(8, 8, 1, { groups: 2 }));
 *
 * @throws ArgumentError for a number of groups that is no whole number of at least 1
 * @throws ShapeError for a number of channels that the groups do not divide
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 * @see Zhang, Zhou, Lin and Sun, "ShuffleNet: an extremely efficient convolutional neural network for mobile devices", CVPR 2018
 */
export class ChannelShuffle extends Builtin<null, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(groups: number) {
    super(SPEC, [groups]);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    pass.keep(null);
    return channelShuffleIn(pass.room, this.settings.groups, x);
  }

  [backward](dy: Tensor, _kept: null, pass: Pass): Tensor {
    return channelShuffleIn(pass.room, dy.shape[1] / this.settings.groups, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    const { groups } = this.settings;
    if (shape.length < 3) {
      throw new ShapeError(`ChannelShuffle: expected input [N, C, H, W] or [N, C, L], got ${formatShape(shape)}.`);
    }
    if (shape[1] % groups === 0) return shape;
    throw new ShapeError(
      `ChannelShuffle: expected channels that ${groups} groups divide, got input ${formatShape(shape)}.`,
    );
  }
}
