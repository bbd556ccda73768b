// What a loader and its workers say to each other.
import type { TransformConfig } from "../augment/revive.js";
import type { DrawKey } from "../augment/sampleRandom.js";
import type { Shape } from "../../base/shape.js";
import type { FloatArray } from "../../base/tensor.js";

/** What a worker is to work on. */
export interface Setup {
  /** Numbers in memory, or a module that exports a data set. */
  readonly source:
    | { readonly kind: "numbers"; readonly data: FloatArray | Uint8Array; readonly shape: Shape }
    | { readonly kind: "module"; readonly address: string };
  /** The chosen samples, if the data set is a part of another one. */
  readonly indices: Int32Array | null;
  readonly transforms: readonly TransformConfig[];
}

/** A batch to make. */
export interface Order {
  readonly id: number;
  readonly rows: Int32Array;
  readonly key: DrawKey | null;
}

/** What a worker has to say. */
export type Answer =
  | { readonly ready: true }
  | { readonly failed: string }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } }
  | {
      readonly id: number;
      readonly x: FloatArray;
      readonly shape: Shape;
      /** Labels, or a tensor of targets; of numbers in memory they stay in the caller's thread. */
      readonly y: Int32Array | { readonly data: FloatArray; readonly shape: Shape } | null;
    };
