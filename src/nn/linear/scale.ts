// Scale: every number times a factor, fixed or learned. The maths are in ops/scale.ts.
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { anyFinite, positive, trueOrFalse, type Check } from "../../base/options.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { constantInit } from "../../init/constant.js";
import { scaleIn, scaleWeightGradIn, timesIn } from "../../ops/scale.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link Scale}. */
export interface ScaleOptions {
  /** One learned factor for each of so many channels (axis 1), instead of one for all. */
  readonly channels?: number;
  /** Whether the factor is learned, beginning with the given one. Default: true with `channels`, else false. */
  readonly learned?: boolean;
}

const SPEC = {
  type: "Scale",
  args: { factor: { check: anyFinite } },
  options: {
    channels: { check: positive as Check<number | undefined> },
    learned: { check: trueOrFalse, default: ({ channels }: { readonly channels?: unknown }) => channels !== undefined },
  },
} as const satisfies LayerSpec;

/**
 * y = factor * x and dx = factor * dy; a learned factor is a Parameter with dfactor = sum of dy * x over what it multiplies.
 *
 * Input and output of any one shape, with `channels` [N, channels, ...]. Networks that train without a norm behind their last
 * layer scale their logits down by it; one for each channel is a "layer scale".
 *
 * @example
 * new Sequential(new Flatten(), new Linear(512, 10, { bias: false }), new Scale(1 / 9));
 * new Scale(1e-6, { channels: 64 }); // learned
 *
 * @throws ArgumentError for an unusable factor or option
 * @throws ShapeError for another number of channels
 * @see Touvron et al., "Going deeper with image transformers", ICCV 2021 (layer scale)
 */
export class Scale extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** The learned factor, [1] or [channels]; null where it is fixed. */
  weight: Parameter | null;

  constructor(factor: number, options: ScaleOptions = {}) {
    super(SPEC, [factor], options);
    const { channels, learned } = this.settings;
    if (channels !== undefined && !learned) {
      throw new ArgumentError(`Scale: expected factors of channels to be learned, got learned false (leave one out).`);
    }
    this.weight = learned ? new Parameter([channels ?? 1], constantInit(factor)) : null;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    const { weight } = this;
    pass.keep(x);
    return weight === null ? timesIn(pass.room, x, this.settings.factor) : scaleIn(pass.room, x, weight.value);
  }

  [backward](dy: Tensor, x: Tensor, pass: Pass): Tensor | undefined {
    const { weight } = this;
    if (weight?.requiresGrad) weight.accumulate(scaleWeightGradIn(pass.room, x, dy, weight.value));
    if (!pass.inputGrad) return undefined;
    return weight === null ? timesIn(pass.room, dy, this.settings.factor) : scaleIn(pass.room, dy, weight.value);
  }

  override [shapeOf](shape: Shape): Shape {
    const { channels } = this.settings;
    if (channels === undefined || (shape.length >= 2 && shape[1] === channels)) return shape;
    throw new ShapeError(
      `Scale: expected input [N, ${channels}, ...], got ${formatShape(shape)} (channels are axis 1).`,
    );
  }
}
