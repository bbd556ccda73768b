// GroupNorm: normalization of each sample, channels in groups. The passes are in normalized.ts.
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { atLeast0, positive, trueOrFalse } from "../../base/options.js";
import { formatShape, sizeOf, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import type { Pass } from "../pass.js";
import { forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { Normalized } from "./normalized.js";

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance, against division by 0; at least 0. Default 1e-5. */
  readonly eps?: number;
  /** Whether there are a learned weight and bias. Default true. */
  readonly affine?: boolean;
}

const SPEC = {
  type: "GroupNorm",
  args: { numGroups: { check: positive }, numChannels: { check: positive } },
  options: { eps: { check: atLeast0, default: 1e-5 }, affine: { check: trueOrFalse, default: true } },
} as const satisfies LayerSpec;

/**
 * Normalization of each sample by itself: y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and (biased) variance
 * over each group of numChannels / numGroups neighboring channels and all pixels; weight and bias for each channel.
 *
 *     dx = (w dy - mean(w dy) - x^ mean(w dy x^)) / sqrt(variance + eps),  x^ = (x - mean) / sqrt(variance + eps)
 *
 * Input and output [N, C, ...]. Train and eval mode compute the same, whatever the batch.
 *
 * @example
 * new Sequential(new Conv2d(3, 16, 3), new GroupNorm(4, 16), new ReLU());
 *
 * @throws ArgumentError for an unusable size or option, or groups that do not divide the channels
 * @throws ShapeError for another number of channels
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 * @see Wu and He, "Group normalization", ECCV 2018
 */
export class GroupNorm extends Normalized<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    super(SPEC, [numGroups, numChannels], options);
    if (numChannels % numGroups !== 0) {
      throw new ArgumentError(`GroupNorm: expected numGroups to divide the ${numChannels} channels, got ${numGroups}.`);
    }
    const { affine } = this.settings;
    this.learnAffine([numChannels], affine, affine);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const [N, C, ...pixels] = this[shapeOf](x.shape);
    const { numGroups: groups, eps } = this.settings;
    return this.normalize(x, { N, C, P: sizeOf(pixels), groups, eps, given: false }, null, pass).y;
  }

  override [shapeOf](shape: Shape): Shape {
    const { numChannels } = this.settings;
    if (shape.length >= 2 && shape[1] === numChannels && !shape.includes(0)) return shape;
    throw new ShapeError(
      `GroupNorm: expected input [N, ${numChannels}, ...], got ${formatShape(shape)} (channels are axis 1).`,
    );
  }
}
