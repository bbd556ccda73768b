// What the padding layers share: rows and columns added on the four sides, or cut off. The maths are in ops/pad2d.ts.
import type { PadMode } from "../../backend/kernels.js";
import { show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Check } from "../../base/options.js";
import { LatestShapes, type Pair, type Shape, type Sides } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { pad2d, pad2dInputGrad } from "../../ops/pad2d.js";
import { padSteps, paddedShape, withSides, type PadSteps } from "../../ops/padImages.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf, typeName } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** One number for all sides, [vertical, horizontal] or [top, bottom, left, right]; a negative one cuts off. */
export type Padding2d = number | Pair | readonly [top: number, bottom: number, left: number, right: number];

type FourSides = readonly [top: number, bottom: number, left: number, right: number];

const fourSides: Check<FourSides> = (who, name, value) => {
  if (typeof value === "number") {
    const side = whole(who, name, value, -Infinity);
    return [side, side, side, side];
  }
  if (!Array.isArray(value) || (value.length !== 2 && value.length !== 4)) {
    throw new ArgumentError(
      `${who}: expected ${name} to be a number, [vertical, horizontal] or [top, bottom, left, right], got ${show(value)}.`,
    );
  }
  const all = value.map((side: unknown, i) => whole(who, `${name}[${i}]`, side, -Infinity));
  return Object.freeze(all.length === 4 ? all : [all[0], all[0], all[1], all[1]]) as unknown as FourSides;
};

/** The argument of all padding layers. */
export const FOUR_SIDES = { check: fourSides } as const;

/** The arguments of most of them. */
export const PADDING = { padding: FOUR_SIDES } as const;

type PadSpec = LayerSpec & { readonly args: typeof PADDING };

/** Base of the padding layers. */
export abstract class PadLayer<S extends PadSpec> extends Builtin<Shape, S> {
  /** What the sides are filled with. @internal */
  protected abstract readonly mode: PadMode;
  /** The number of mode "constant". @internal */
  protected readonly filler: number = 0;
  /** Whether what is cut off is no longer there for the other sides. @internal */
  protected readonly cutsFirst: boolean = false;
  readonly #latest = new LatestShapes<Shape>();

  [forward](x: Tensor, pass: Pass): Tensor {
    this[shapeOf](x.shape);
    pass.keep(x.shape);
    const { cut, added } = this.#steps();
    const image = cut === null ? x : pad2d(pass.room, x, cut, "constant");
    return pad2d(pass.room, image, added, this.mode, this.filler);
  }

  [backward](dy: Tensor, shape: Shape, pass: Pass): Tensor {
    const { cut, added } = this.#steps();
    if (cut === null) return pad2dInputGrad(pass.room, dy, shape, added, this.mode);
    const dImage = pad2dInputGrad(pass.room, dy, withSides(shape, cut), added, this.mode);
    return pad2dInputGrad(pass.room, dImage, shape, cut, "constant");
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#latest.get(shape, [], (x) => paddedShape(this[typeName], x, this.#steps(), this.mode));
  }

  #steps(): PadSteps {
    return padSteps(this.sides, this.cutsFirst);
  }

  /** @internal */
  protected get sides(): Sides {
    const [top, bottom, left, right] = (this.settings as { readonly padding: FourSides }).padding;
    return { top, bottom, left, right };
  }
}
