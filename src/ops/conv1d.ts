// The convolution of sequences, which is one of images of one row: its plan. The maths are in conv2d.ts.
import { asImages, checkExtent, checkSequences, type ConvPadding1d } from "../base/sequence.js";
import type { ConvPadding, Shape } from "../base/shape.js";
import { planConv2d, type Conv2dPlan, type Conv2dSettings, type PaddingMode } from "./conv2d.js";

/** The settings of a convolution of sequences. */
interface Conv1dSettings {
  readonly stride: number;
  readonly padding: ConvPadding1d;
  readonly paddingMode: PaddingMode;
  readonly dilation: number;
  readonly groups: number;
  readonly algorithm: Conv2dSettings["algorithm"];
}

/** Plans a convolution of such sequences by w [O, C / groups, K] as one of images of one row, with every check that needs no data. */
export function planConv1d(who: string, xShape: Shape, [O, C, K]: Shape, settings: Conv1dSettings): Conv2dPlan {
  const { stride, padding, paddingMode, dilation, groups, algorithm } = settings;
  checkSequences(who, xShape, C * groups);
  const L = xShape[2];
  const ends = typeof padding === "number" ? [padding, padding] : typeof padding === "string" ? [0, 0] : padding;
  if (padding !== "same") checkExtent(who, "the kernel's extent", dilation * (K - 1) + 1, L + ends[0] + ends[1]);
  return planConv2d(who, asImages(xShape), [O, C, 1, K], {
    ...{ stride: [1, stride], dilation: [1, dilation], groups, paddingMode, algorithm },
    padding: rowPadding(padding),
  });
}

function rowPadding(padding: ConvPadding1d): ConvPadding {
  if (typeof padding === "string") return padding;
  return typeof padding === "number" ? [0, padding] : [0, 0, ...padding];
}
