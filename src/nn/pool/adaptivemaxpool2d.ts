// AdaptiveMaxPool2d: the largest numbers of windows that make an output of a given size. The maths are in ops/maxPool2d.ts where the
// sizes divide, else in ops/planes.ts.
import { trueOrFalse } from "../../base/options.js";
import { LatestShapes, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { maxPool2dIn, maxPool2dValuesIn, planPool2d, type Pool2dPlan } from "../../ops/maxPool2d.js";
import { adaptiveMaxPoolIn, maxOfPlanesInputGradIn } from "../../ops/planes.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, setAside, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { ADAPTIVE, adaptiveOutput, plainWindow, type AdaptiveSize } from "./adaptive.js";

/** Options of {@link AdaptiveMaxPool2d}. */
export interface AdaptiveMaxPool2dOptions {
  /** Whether `indices` is kept after a forward or predict, for the caller to read. Default false. */
  readonly returnIndices?: boolean;
}

interface Kept {
  readonly shape: Shape;
  readonly indices: Int32Array;
}

interface Plan {
  readonly y: Shape;
  /** The plain pool that does the same, where the sizes divide. */
  readonly pool: Pool2dPlan | undefined;
}

const SPEC = {
  type: "AdaptiveMaxPool2d",
  args: ADAPTIVE,
  options: { returnIndices: { check: trueOrFalse, default: false } },
  trait: ({ returnIndices }) => (returnIndices === true ? null : "picksLargest"),
} as const satisfies LayerSpec;

/**
 * Max pooling to an output of a given size: y[n, c, i, j] = the largest of rows floor(i H / OH) to ceil((i + 1) H / OH) - 1 and
 * columns alike. Where the sizes divide these are windows side by side, else neighbors overlap. The gradient of a window goes back
 * to where it was found; of equal numbers the first in row-major order wins, a NaN wins over all.
 *
 * Input [N, C, H, W], output [N, C, OH, OW].
 *
 * @example
 * new AdaptiveMaxPool2d([7, null]).outputShape([8, 64, 28, 20]); // [8, 64, 7, 20]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class AdaptiveMaxPool2d extends Builtin<Kept, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<Plan>();
  #indices: Int32Array | null = null;

  constructor(outputSize: AdaptiveSize, options: AdaptiveMaxPool2dOptions = {}) {
    super(SPEC, [outputSize], options);
  }

  /** With `returnIndices`: the flat place h * W + w of each maximum of the latest forward or predict; else null. */
  get indices(): Int32Array | null {
    return this.#indices;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const { y: shape, pool } = this.#plan(x.shape);
    const { returnIndices } = this.settings;
    if (!pass.keeps && !returnIndices && pool !== undefined) return maxPool2dValuesIn(pass.room, pool, x);
    const { y, indices } =
      pool === undefined ? adaptiveMaxPoolIn(pass.room, shape, x) : maxPool2dIn(pass.room, pool, x);
    pass.keep({ shape: x.shape, indices });
    if (returnIndices) this.#indices = indices.slice();
    return y;
  }

  [backward](dy: Tensor, { shape, indices }: Kept, pass: Pass): Tensor {
    return maxOfPlanesInputGradIn(pass.room, shape, indices, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  override [setAside](): () => void {
    const [restore, indices] = [super[setAside](), this.#indices];
    return () => {
      restore();
      this.#indices = indices;
    };
  }

  #plan(xShape: Shape): Plan {
    return this.#latest.get(xShape, [], (x) => {
      const output = adaptiveOutput("AdaptiveMaxPool2d", x, this.settings.outputSize);
      const window = plainWindow(x, output);
      const pool = window === undefined ? undefined : planPool2d("AdaptiveMaxPool2d", x, window);
      return { y: Object.freeze([x[0], x[1], ...output]), pool };
    });
  }
}
