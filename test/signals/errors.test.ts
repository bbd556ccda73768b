import { describe, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { autocorrelate } from "../../src/signals/autocorrelate.js";
import { convolve1d } from "../../src/signals/convolve1d.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate1d } from "../../src/signals/correlate1d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { maxPool2dTrace } from "../../src/signals/trace.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

type Case = [string, () => unknown, new (...args: never[]) => Error, string];

describe.each([
  ["correlate1d", correlate1d],
  ["convolve1d", convolve1d],
] as const)("%s refuses", (who, correlation) => {
  const cases: Case[] = [
    [
      "a kernel longer than the signal in mode valid",
      () => correlation([1, 2], [1, 2, 3]),
      ShapeError,
      'expected x of at least [3] (the extent of w) in mode "valid", got [2] (use mode "full" or "same", or ' +
        "swap x and w).",
    ],
    [
      "a dilated kernel longer than the signal",
      () => correlation([1, 2, 3, 4], [1, 2, 3], { dilation: 2 }),
      ShapeError,
      'expected x of at least [5] (the extent of w) in mode "valid", got [4] (use mode "full" or "same", or ' +
        "swap x and w).",
    ],
    [
      "an image",
      () => correlation([[1, 2]] as never, [1]),
      ShapeError,
      "expected x of shape [L], got [1, 2] (for images there are correlate2d and convolve2d).",
    ],
    [
      "an empty kernel",
      () => correlation([1, 2], []),
      ShapeError,
      "expected w of shape [L], got [0] (for images there are correlate2d and convolve2d).",
    ],
    [
      "an unknown mode",
      () => correlation([1, 2], [1], { mode: "half" as never }),
      ArgumentError,
      'expected mode to be one of "valid", "full", "same", got "half".',
    ],
    [
      "a pair as stride",
      () => correlation([1, 2], [1], { stride: [1, 1] as never }),
      ArgumentError,
      "expected stride to be a whole number of at least 1, got [1, 1].",
    ],
    [
      "a dilation of 0",
      () => correlation([1, 2], [1], { dilation: 0 }),
      ArgumentError,
      "expected dilation to be a whole number of at least 1, got 0.",
    ],
    [
      "a mode in place of the options",
      () => correlation([1, 2], [1], "full" as never),
      ArgumentError,
      'expected an options object such as { mode: ... }, got "full".',
    ],
    [
      "an unknown option",
      () => correlation([1, 2], [1], { padding: 1 } as never),
      ArgumentError,
      'unknown option "padding" (options: mode, stride, dilation, trace).',
    ],
    [
      "a trace that is no boolean",
      () => correlation([1, 2], [1], { trace: 1 as never }),
      ArgumentError,
      "expected trace to be true or false, got 1.",
    ],
    [
      "float32 beside float64",
      () => correlation(new Tensor([1, 2]) as never, Tensor.float64([1]) as never),
      ArgumentError,
      "expected operands of one number format, got float32 and float64 (convert one with toFloat64() or toFloat32()).",
    ],
  ];
  it.each(cases)("%s", (_, act, type, message) => throwsExactly(act, type, `${who}: ${message}`));
});

describe.each([
  ["correlate2d", correlate2d],
  ["convolve2d", convolve2d],
] as const)("%s refuses", (who, correlation) => {
  const image = new Tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const cases: Case[] = [
    [
      "a kernel higher than the image in mode valid",
      () => correlation(image, [[1], [1], [1]]),
      ShapeError,
      'expected x of at least [3, 1] (the extent of w) in mode "valid", got [2, 3] (use mode "full" or "same", or ' +
        "swap x and w).",
    ],
    [
      "a signal of one axis",
      () => correlation([1, 2] as never, [[1]]),
      ShapeError,
      "expected x of shape [H, W], got [2] (take one channel of one image with slice, or use conv2d).",
    ],
    [
      "a batch of images",
      () => correlation(image.reshape([1, 1, 2, 3]), [[1]]),
      ShapeError,
      "expected x of shape [H, W], got [1, 1, 2, 3] (take one channel of one image with slice, or use conv2d).",
    ],
    [
      "a kernel without rows",
      () => correlation(image, new Tensor([], [0, 2])),
      ShapeError,
      "expected w of shape [H, W], got [0, 2] (take one channel of one image with slice, or use conv2d).",
    ],
    [
      "a stride of three",
      () => correlation(image, [[1]], { stride: [1, 1, 1] as never }),
      ArgumentError,
      "expected stride to be a number or [vertical, horizontal], got [1, 1, 1].",
    ],
    [
      "a fraction as dilation",
      () => correlation(image, [[1]], { dilation: [1, 0.5] }),
      ArgumentError,
      "expected dilation[1] to be a whole number of at least 1, got 0.5.",
    ],
  ];
  it.each(cases)("%s", (_, act, type, message) => throwsExactly(act, type, `${who}: ${message}`));
});

describe("autocorrelate refuses", () => {
  const cases: Case[] = [
    [
      "three axes",
      () => autocorrelate(new Tensor([[[1]]])),
      ShapeError,
      "expected x of shape [L] or [H, W], got [1, 1, 1].",
    ],
    ["nothing", () => autocorrelate([]), ShapeError, "expected x of shape [L] or [H, W], got [0]."],
    [
      "a kernel",
      () => autocorrelate([1, 2], [1, 2] as never),
      ArgumentError,
      "expected an options object such as { mode: ... }, got [1, 2].",
    ],
    [
      "an unknown mode",
      () => autocorrelate([1, 2], { mode: "half" as never }),
      ArgumentError,
      'expected mode to be one of "valid", "full", "same", got "half".',
    ],
  ];
  it.each(cases)("%s", (_, act, type, message) => throwsExactly(act, type, `autocorrelate: ${message}`));
});

describe("maxPool2dTrace refuses", () => {
  const cases: Case[] = [
    [
      "a missing kernel size",
      () => maxPool2dTrace([[1, 2]], { stride: 1 } as never),
      ArgumentError,
      "expected kernelSize to be a number or [vertical, horizontal], got undefined.",
    ],
    [
      "an unknown option",
      () => maxPool2dTrace([[1, 2]], { kernel: 1 } as never),
      ArgumentError,
      'unknown option "kernel", did you mean "kernelSize"? (options: kernelSize, stride, padding, dilation, ceilMode).',
    ],
    [
      "a signal of one axis",
      () => maxPool2dTrace([1, 2] as never, { kernelSize: 1 }),
      ShapeError,
      "expected image of shape [H, W], got [2] (take one channel of one image with slice, or use conv2d).",
    ],
  ];
  it.each(cases)("%s", (_, act, type, message) => throwsExactly(act, type, `maxPool2dTrace: ${message}`));
});
