// What the padding layers share: rows and columns added on the four sides, or cut off. The maths are in ops/pad2d.ts.
import type { PadMode } from "../../backend/kernels.js";
import { show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import type { Check } from "../../base/options.js";
import { LatestShapes, checkSize, formatShape, type Pair, type Shape, type Sides } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { checkImages } from "../../ops/conv2d.js";
import { checkPadding2d, pad2d, pad2dInputGrad } from "../../ops/pad2d.js";
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
export const PADDING = { padding: { check: fourSides } } as const;

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
    return this.#latest.get(shape, [], (x) => {
      checkImages(this[typeName], x);
      const { cut, added } = this.#steps();
      const image = cut === null ? x : withSides(x, cut);
      checkOutput(this[typeName], x, image);
      checkPadding2d(this[typeName], [image[2], image[3]], added, this.mode);
      const y = withSides(image, added);
      checkOutput(this[typeName], x, y);
      checkSize(this[typeName], y);
      return y;
    });
  }

  #steps(): { readonly cut: Sides | null; readonly added: Sides } {
    const all = this.sides;
    const isCut = Object.values(all).some((side: number) => side < 0);
    return this.cutsFirst && isCut
      ? { cut: each(all, Math.min), added: each(all, Math.max) }
      : { cut: null, added: all };
  }

  /** @internal */
  protected get sides(): Sides {
    const [top, bottom, left, right] = (this.settings as { readonly padding: FourSides }).padding;
    return { top, bottom, left, right };
  }
}

function each({ top, bottom, left, right }: Sides, of: (side: number, zero: number) => number): Sides {
  return { top: of(top, 0), bottom: of(bottom, 0), left: of(left, 0), right: of(right, 0) };
}

function withSides([N, C, H, W]: Shape, { top, bottom, left, right }: Sides): Shape {
  return Object.freeze([N, C, top + H + bottom, left + W + right]);
}

function checkOutput(who: string, x: Shape, y: Shape): void {
  if (y[2] >= 1 && y[3] >= 1) return;
  throw new ShapeError(
    `${who}: expected an output of at least one pixel, got ${formatShape([y[2], y[3]])} for input ${formatShape(x)} (cut less off).`,
  );
}
