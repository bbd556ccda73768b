// Residual: a body and a way around it, added up.
import { ShapeError } from "../../base/errors.js";
import { formatShape, sameShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { addIn } from "../../ops/arithmetic.js";
import { Builtin } from "../builtin.js";
import type { LayerConfig } from "../config.js";
import { step, stepBack } from "../door.js";
import type { Layer, SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { inPlace } from "../place.js";
import { backward, forward, memory, shapeOf, walkShapes } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { learns } from "../walk.js";
import { asLayer, checkUnique, type LayerLike } from "./entries.js";

const SPEC = { type: "Residual", args: {} } as const satisfies LayerSpec;

/**
 * y = body(x) + shortcut(x), without a shortcut y = body(x) + x; dx is the sum of both ways' gradients.
 *
 * Input and output of whatever shapes body and shortcut take and give; both outputs must have one shape, not stretched. A
 * shortcut is wanted where the body changes the shape: a 1x1 convolution with the body's stride. The names in the state dict
 * begin with "body." and "shortcut.".
 *
 * @example
 * const block = new Residual(
 *   new Sequential(new Conv2d(16, 32, 3, { stride: 2, padding: 1 }), new ReLU(), new Conv2d(32, 32, 3, { padding: 1 })),
 *   new Conv2d(16, 32, 1, { stride: 2 }),
 * );
 *
 * @throws ArgumentError when body or shortcut is no layer
 * @throws ShapeError when their outputs differ in shape
 * @see He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016
 */
export class Residual extends Builtin<null, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  /** The way with the work. */
  readonly body: Layer;
  /** The way around it; null: x itself. */
  readonly shortcut: Layer | null;

  constructor(body: LayerLike, shortcut: LayerLike | null = null) {
    super(SPEC, []);
    this.body = asLayer("Residual", "body", body);
    this.shortcut = shortcut === null ? null : asLayer("Residual", "shortcut", shortcut);
    checkUnique("Residual", this);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    if (pass.keeps) this[memory].forget();
    pass.hold(x); // both ways read it
    const main = inPlace("body", () => step(this.body, x, pass));
    const { shortcut } = this;
    pass.hold(main);
    const side = shortcut === null ? x : inPlace("shortcut", () => step(shortcut, x, pass));
    pass.release(main);
    pass.release(x);
    checkSame(main.shape, side.shape);
    pass.keep(null);
    return addIn(pass.room, main, side);
  }

  [backward](dy: Tensor, _kept: null, pass: Pass): Tensor | undefined {
    const { inputGrad: wanted } = pass;
    const { body, shortcut } = this;
    const back = (name: string, way: Layer): Tensor | undefined =>
      wanted || learns(way) ? inPlace(name, () => stepBack(way, dy, pass, wanted)) : undefined;
    const main = back("body", body);
    const side = shortcut === null ? dy : back("shortcut", shortcut);
    return main === undefined || side === undefined ? undefined : addIn(pass.room, main, side);
  }

  override [shapeOf](shape: Shape): Shape {
    return this[walkShapes](shape, () => undefined, "");
  }

  override [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    const along = (name: string, way: Layer): Shape =>
      inPlace(name, () => way[walkShapes](shape, see, path === "" ? name : `${path}.${name}`));
    const main = along("body", this.body);
    checkSame(main, this.shortcut === null ? shape : along("shortcut", this.shortcut));
    return main;
  }

  /** The container as plain JSON, with those of the layers in it. */
  override config(): LayerConfig {
    const { body, shortcut } = this;
    const ways: [string, Layer][] = [
      ["body", body],
      ...(shortcut === null ? [] : [["shortcut", shortcut] as [string, Layer]]),
    ];
    return { ...super.config(), args: ways.map(([name, way]) => inPlace(name, () => ({ ...way.config() }))) };
  }

  /** Body and shortcut. */
  override describe(): string {
    const { body, shortcut } = this;
    return `Residual(${body.describe()}${shortcut === null ? "" : `, ${shortcut.describe()}`})`;
  }
}

function checkSame(main: Shape, side: Shape): void {
  if (sameShape(main, side)) return;
  throw new ShapeError(
    `Residual: expected body and shortcut to give one shape, got ${formatShape(main)} and ${formatShape(side)} (a shortcut such ` +
      `as new Conv2d(inChannels, outChannels, 1, { stride }) brings the input to the body's shape).`,
  );
}
