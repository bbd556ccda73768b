// What the names of a graph stand for while it is read. Types, and how their shapes are told in messages.
import { formatShape, type Shape } from "../base/shape.js";
import { hasBatch, lengthOf, type Axes, type Piece } from "./axes.js";
import type { Constant } from "./constants.js";
import type { NodeView } from "./nodeView.js";
import type { Frame, Step } from "./steps.js";

/** A size that a graph computes with: `value`, or `value` times the batch size. */
export interface Size {
  readonly value: number;
  readonly batch: boolean;
}

/** What layers compute. */
export interface Computed {
  readonly kind: "computed";
  /** Its axes in the file. */
  readonly axes: Axes;
  /** The axes of the tensor that the layer hands on. */
  readonly frame: Frame;
  /** The last step; undefined for the input. */
  readonly step: Step | undefined;
  /** The node that made it; undefined for the input. */
  readonly by?: NodeView;
  /** The node that last turned, joined or split its axes. */
  readonly turnedBy?: NodeView;
  /** The padding that the next layer has to take. */
  readonly padding?: Padding;
}

/** Whole numbers that stand in rows. */
interface Sizes {
  readonly kind: "sizes";
  readonly sizes: readonly Size[];
  readonly dims: Shape;
}

/** Rows or columns start to end of an image, which only a circular padding reads. */
export interface ImageSlice {
  readonly kind: "slice";
  readonly of: string;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

export type Value = Constant | Sizes | ImageSlice | Computed | { readonly kind: "unreadable"; readonly why: string };

/** A padding that waits for a layer. */
export interface Padding {
  readonly node: NodeView;
  readonly mode: PaddingMode;
  /** The file's axes at that node. */
  readonly axes: Axes;
  readonly sides: readonly PaddedAxis[];
  /** Of mode "constant". */
  readonly value?: number;
}

/** "lowest" is -Infinity, "constant" another number than 0. */
type PaddingMode = "zeros" | "lowest" | "constant" | "reflect" | "replicate" | "circular";

/** A padded axis: its piece now and before, and how many places were added (cut off, if negative). */
export interface PaddedAxis {
  readonly now: Piece;
  readonly was: Piece;
  readonly before: number;
  readonly behind: number;
}

/** `[N, 1, 28, 28]`. */
export function axesText(axes: Axes): string {
  return formatShape(
    axes.map((axis) => {
      const size = lengthOf(axis);
      return hasBatch(axis) ? (size === 1 ? "N" : `${size}N`) : size;
    }),
  );
}
