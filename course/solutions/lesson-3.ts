// Lesson 3: one way to solve each exercise.
import { convolve2d, type Tensor } from "handgrad";
import type { ListOptions } from "../exercises/lesson-3.js";

/** 3.1 A filter sees only the channels of its group. The size of the image does not come in. */
export function convParameters(from: number, to: number, kernel: number, groups: number): number {
  return kernel * kernel * (from / groups) * to + to;
}

/** 3.2 Each layer adds K - 1 steps, and a step is as long as all strides before it together. */
export function receptiveField(layers: readonly { kernel: number; stride: number }[]): number {
  let [field, pixelsApart] = [1, 1];
  for (const { kernel, stride } of layers) {
    field += (kernel - 1) * pixelsApart;
    pixelsApart *= stride;
  }
  return field;
}

/** 3.3 The number counts every layer, also those without parameters. */
export function layerNames(
  convWidths: readonly number[],
  hiddenWidths: readonly number[],
  batchNorm: boolean,
): string[] {
  const block = ["conv2d", ...(batchNorm ? ["batchnorm2d"] : []), "relu", "maxpool2d", "dropout2d"];
  const types = [
    ...convWidths.flatMap(() => block),
    "flatten",
    ...hiddenWidths.flatMap(() => ["linear", "relu"]),
    "linear",
  ];
  return types.map((type, i) => `${type}_${String(i).padStart(2, "0")}`);
}

/** 3.4 Block by block; each pool halves height and width (an odd row is left over). */
export function countFromList(options: ListOptions): number {
  let [channels, height, width] = options.inputShape;
  let total = 0;
  for (const to of options.convWidths) {
    total += convParameters(channels, to, options.kernelSize, 1) + (options.batchNorm ? 2 * to : 0);
    // The padding floor(K / 2) on both sides: an even kernel makes the image larger by one.
    const grown = 2 * Math.floor(options.kernelSize / 2) - options.kernelSize + 1;
    [channels, height, width] = [to, Math.floor((height + grown) / 2), Math.floor((width + grown) / 2)];
  }
  let features = channels * height * width;
  for (const to of [...options.hiddenWidths, options.classes]) {
    total += features * to + to;
    features = to;
  }
  return total;
}

/** 3.5 A full convolution: the kernel, flipped, slides over dy with zeros around. */
export function inputGradient(dy: Tensor, w: Tensor): Tensor {
  return convolve2d(dy, w, { mode: "full" });
}
