// PReLU: negative numbers keep a slope, which is learned. The loops are in the backend's kit (prelu.ts).
import { anyFinite, positive } from "../../base/options.js";
import { ShapeError } from "../../base/errors.js";
import { formatShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { constantInit } from "../../init/constant.js";
import { preluGradsIn, preluIn } from "../../ops/prelu.js";
import { Builtin } from "../builtin.js";
import { Parameter } from "../parameter.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** How many slopes: 1 for all numbers, or one for each channel. Default 1. */
  readonly numParameters?: number;
  /** Each slope's first value. Default 0.25. */
  readonly init?: number;
}

const SPEC = {
  type: "PReLU",
  args: {},
  options: { numParameters: { check: positive, default: 1 }, init: { check: anyFinite, default: 0.25 } },
} as const satisfies LayerSpec;

/**
 * y = x where x > 0, else a x with a learned slope a; dx = dy where x > 0, else a dy; da = sum of x dy over the x that are not
 * above 0. Weight decay pulls the slopes to 0: give them a group of parameters without it.
 *
 * Input and output of any one shape; with several slopes [N, C, ...] with C = numParameters. Weight [numParameters].
 *
 * @example
 * new PReLU({ init: 0.5 }).forward(new Tensor([-4, 3])); // [-2, 3]
 *
 * @throws ArgumentError for an unusable option
 * @throws ShapeError for another number of channels than slopes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 * @see He et al., "Delving deep into rectifiers", ICCV 2015
 */
export class PReLU extends Builtin<Tensor, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** The slopes, [numParameters]. */
  weight: Parameter;

  constructor(options: PReLUOptions = {}) {
    super(SPEC, [], options);
    this.weight = new Parameter([this.settings.numParameters], constantInit(this.settings.init));
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    pass.keep(x);
    return preluIn(pass.room, x, this.weight.value);
  }

  [backward](dy: Tensor, x: Tensor, pass: Pass): Tensor | undefined {
    const wanted = { x: pass.inputGrad, w: this.weight.requiresGrad };
    const { dx, dw } = preluGradsIn(pass.room, x, this.weight.value, dy, wanted);
    if (dw !== undefined) this.weight.accumulate(dw);
    return dx;
  }

  override [shapeOf](shape: Shape): Shape {
    const slopes = this.weight.size;
    if (slopes === 1 || (shape.length >= 2 && shape[1] === slopes)) return shape;
    throw new ShapeError(
      `PReLU: expected input [N, ${slopes}, ...] for ${slopes} slopes, got ${formatShape(shape)} (channels are axis 1).`,
    );
  }
}
