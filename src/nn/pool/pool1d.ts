// What the pools of sequences share: a window along [N, C, L], which is one along images [N, C, 1, L].
import { ArgumentError } from "../../base/errors.js";
import { positive, trueOrFalse, wholeFrom0 } from "../../base/options.js";
import { asImages, checkExtent, checkSequences } from "../../base/sequence.js";
import { poolOutput, type Shape } from "../../base/shape.js";
import type { PoolSettings } from "../../ops/maxPool2d.js";

/** The options that both have, with their checks and defaults. */
export const POOL1D_OPTIONS = {
  stride: { check: positive, default: ({ kernelSize }: { readonly kernelSize?: unknown }) => kernelSize },
  padding: { check: wholeFrom0, default: 0 },
  ceilMode: { check: trueOrFalse, default: false },
} as const;

/** Checked options. */
export interface Pool1dSettings {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation?: number;
  readonly ceilMode: boolean;
}

/** Throws when the padding is larger than half the window. */
export function checkPool1d(who: string, { kernelSize, padding }: Pool1dSettings): void {
  if (padding * 2 <= kernelSize) return;
  throw new ArgumentError(`${who}: expected padding of at most half the kernel ${kernelSize}, got ${padding}.`);
}

/** The shape [N, C, 1, L] and the window [1, K] of a pooling of sequences [N, C, L]. */
export function asPool2d(who: string, shape: Shape, settings: Pool1dSettings): [image: Shape, window: PoolSettings] {
  const { kernelSize, stride, padding, dilation = 1, ceilMode } = settings;
  checkSequences(who, shape);
  // With ceilMode the only window may hang over the end.
  const fits = poolOutput(shape[2], kernelSize, stride, dilation, padding, ceilMode) > 0;
  if (!fits) checkExtent(who, "the window", dilation * (kernelSize - 1) + 1, shape[2] + 2 * padding);
  const window = {
    kernelSize: [1, kernelSize],
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
  } as const;
  return [asImages(shape), { ...window, ceilMode }];
}
