// MaxUnpool2d: a max pooling, what stands between, and the way back to where the largest numbers stood. The maths are in
// ops/maxPool2d.ts and ops/planes.ts.
import { show } from "../../base/check.js";
import { ShapeError } from "../../base/errors.js";
import { positivePair } from "../../base/options.js";
import { LatestShapes, formatShape, sameShape, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { POOL2D_OPTIONS, checkPoolPadding, maxPool2dIn, maxPool2dInputGradIn } from "../../ops/maxPool2d.js";
import { planPool2d, type Pool2dPlan } from "../../ops/maxPool2d.js";
import { maxUnpoolIn, maxUnpoolInputGradIn } from "../../ops/planes.js";
import { Builtin } from "../builtin.js";
import type { LayerConfig } from "../config.js";
import { asLayer, checkUnique, type LayerLike } from "../container/entries.js";
import { step, stepBack } from "../door.js";
import type { Layer, SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { inPlace } from "../place.js";
import { backward, forward, memory, shapeOf, walkShapes } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { learns } from "../walk.js";

/** Options of {@link MaxUnpool2d}; pairs are [vertical, horizontal]. */
export interface MaxUnpool2dOptions {
  /** Step between windows. Default: the kernel size. */
  readonly stride?: PairOption;
  /** At most half the kernel; the padding counts as -Infinity. Default 0. */
  readonly padding?: PairOption;
}

interface Kept {
  readonly plan: Pool2dPlan;
  readonly indices: Int32Array;
}

const SPEC = {
  type: "MaxUnpool2d",
  args: { kernelSize: { check: positivePair } },
  options: { stride: POOL2D_OPTIONS.stride, padding: POOL2D_OPTIONS.padding },
} as const satisfies LayerSpec;

/**
 * Max pooling, `body`, and unpooling: each number that the body gives goes back to the place in the image from which its window's
 * largest came; all other places are 0. As brackets around its inside, the layer says which pooling it undoes, and the output has
 * the input's size whatever the stride left over.
 *
 *     u = maxPool(x), v = body(u), y = 0 everywhere, then y[place of u[i]] = v[i]
 *     dv[i] = dy[place of u[i]], du = the body's gradient, dx = 0 everywhere, then dx[place of u[i]] += du[i]
 *
 * Where windows overlap, several may have one place: the last one's number counts, and the gradient goes to it alone (PyTorch's
 * MaxUnpool2d gives it to all).
 *
 * Input and output [N, C, H, W]; the body takes and gives [N, C, OH, OW]. The names in the state dict begin with "body.".
 *
 * @example
 * // SegNet's encoder and decoder, one level in the other
 * new Sequential(
 *   new Conv2d(3, 64, 3, { padding: 1 }),
 *   new MaxUnpool2d(2, new Sequential(
 *     new Conv2d(64, 128, 3, { padding: 1 }),
 *     new MaxUnpool2d(2, new Conv2d(128, 128, 3, { padding: 1 })),
 *     new Conv2d(128, 64, 3, { padding: 1 }),
 *   )),
 *   new Conv2d(64, 12, 3, { padding: 1 }),
 * );
 *
 * @throws ArgumentError for an unusable size or option, or a body that is no layer
 * @throws ShapeError when the body gives another shape than it takes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 * @see Badrinarayanan, Kendall and Cipolla, "SegNet", IEEE PAMI 39 (2017)
 */
export class MaxUnpool2d extends Builtin<Kept, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** What stands between pooling and unpooling. */
  readonly body: Layer;
  readonly #latest = new LatestShapes<Pool2dPlan>();

  constructor(kernelSize: PairOption, body: LayerLike, options: MaxUnpool2dOptions = {}) {
    super(SPEC, [kernelSize], options);
    checkPoolPadding("MaxUnpool2d", { ...this.settings, ceilMode: false });
    this.body = asLayer("MaxUnpool2d", "body", body);
    checkUnique("MaxUnpool2d", this);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    if (pass.keeps) this[memory].forget();
    const plan = this.#plan(x.shape);
    const { y: pooled, indices } = maxPool2dIn(pass.room, plan, x);
    const inside = inPlace("body", () => step(this.body, pooled, pass));
    checkSame(plan.y, inside.shape);
    pass.keep({ plan, indices });
    return maxUnpoolIn(pass.room, plan.x, indices, inside);
  }

  [backward](dy: Tensor, { plan, indices }: Kept, pass: Pass): Tensor | undefined {
    const { inputGrad: wanted } = pass;
    if (!wanted && !learns(this.body)) return undefined;
    const dInside = maxUnpoolInputGradIn(pass.room, plan.y, indices, dy);
    const dPooled = inPlace("body", () => stepBack(this.body, dInside, pass, wanted));
    return dPooled === undefined ? undefined : maxPool2dInputGradIn(pass.room, plan, indices, dPooled);
  }

  override [shapeOf](shape: Shape): Shape {
    return this[walkShapes](shape, () => undefined, "");
  }

  override [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    const { x, y } = this.#plan(shape);
    checkSame(
      y,
      inPlace("body", () => this.body[walkShapes](y, see, path === "" ? "body" : `${path}.body`)),
    );
    return x;
  }

  /** The container as plain JSON, with that of the layer in it. */
  override config(): LayerConfig {
    const { args, ...rest } = super.config();
    return { ...rest, args: [...args, inPlace("body", () => ({ ...this.body.config() }))] };
  }

  /** The constructor call that builds one like it. */
  override describe(): string {
    const front = `MaxUnpool2d(${show(this.settings.kernelSize)}`;
    return `${front}, ${this.body.describe()}${super.describe().slice(front.length)}`;
  }

  #plan(xShape: Shape): Pool2dPlan {
    return this.#latest.get(xShape, [], (x) => planPool2d("MaxUnpool2d", x, { ...this.settings, ceilMode: false }));
  }
}

function checkSame(pooled: Shape, inside: Shape): void {
  if (sameShape(pooled, inside)) return;
  throw new ShapeError(
    `MaxUnpool2d: expected a body that gives the pooled shape ${formatShape(pooled)}, got ${formatShape(inside)} (its numbers go ` +
      `back to where those of the pooling came from).`,
  );
}
