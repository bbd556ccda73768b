// Bad calls of the layers that reshape, resize, pad, normalize and unpool: the class and the whole text of each refusal.
import { describe, it } from "vitest";
import { ArgumentError, ConvTranspose2d, InstanceNorm2d, LayerNorm, ShapeError, zeros } from "../../src/index.js";
import { throwsExactly } from "../support/errors.js";

type Row = readonly [mistake: string, act: () => unknown, type: new (...args: never[]) => Error, message: string];

const CONV_TRANSPOSE2D: readonly Row[] = [
  [
    "groups that do not divide the channels",
    () => new ConvTranspose2d(4, 3, 3, { groups: 2 }),
    ArgumentError,
    "ConvTranspose2d: expected groups to divide 4 input and 3 output channels, got 2.",
  ],
  [
    "an output padding as large as stride and dilation",
    () => new ConvTranspose2d(1, 1, 3, { stride: 2, outputPadding: [1, 2] }),
    ArgumentError,
    "ConvTranspose2d: expected outputPadding of at most [1, 1] (less than the stride or the dilation), got [1, 2].",
  ],
  [
    "both an output size and an output padding",
    () => new ConvTranspose2d(1, 1, 3, { stride: 2, outputPadding: 1, outputSize: 8 }),
    ArgumentError,
    "ConvTranspose2d: expected outputSize or outputPadding, got both (the output's size follows from the padding, or the padding " +
      "from it).",
  ],
  [
    "an output size that no output padding gives",
    () => new ConvTranspose2d(1, 1, 3, { stride: 2, outputSize: 9 }).forward(zeros([1, 1, 3, 3])),
    ShapeError,
    "ConvTranspose2d: expected outputSize from [7, 7] to [8, 8] for input [1, 1, 3, 3], got [9, 9].",
  ],
  [
    "the wrong number of channels",
    () => new ConvTranspose2d(3, 1, 3).forward(zeros([1, 1, 3, 3])),
    ShapeError,
    "ConvTranspose2d: expected input [N, 3, H, W], got [1, 1, 3, 3] (channels are axis 1; for NHWC data use nhwcToNchw).",
  ],
  [
    "a padding that cuts everything off",
    () => new ConvTranspose2d(1, 1, 1, { padding: [0, 2] }).outputShape([1, 1, 2, 3]),
    ShapeError,
    "ConvTranspose2d: expected an output of at least one pixel, got [2, -1] for input [1, 1, 2, 3] (use less padding).",
  ],
  [
    "PyTorch's spelling of an option",
    () => new ConvTranspose2d(1, 1, 3, { output_padding: 1 } as never),
    ArgumentError,
    'ConvTranspose2d: unknown option "output_padding", did you mean "outputPadding"? (options: stride, padding, outputPadding, ' +
      "outputSize, dilation, groups, bias).",
  ],
];

const NORMS: readonly Row[] = [
  [
    "a normalized shape of nothing",
    () => new LayerNorm([]),
    ArgumentError,
    "LayerNorm: expected normalizedShape to be a number or a list of sizes, got [].",
  ],
  [
    "a size of 0",
    () => new LayerNorm([3, 0]),
    ArgumentError,
    "LayerNorm: expected normalizedShape[1] to be a whole number of at least 1, got 0.",
  ],
  [
    "a bias where nothing is learned",
    () => new LayerNorm(3, { elementwiseAffine: false, bias: true }),
    ArgumentError,
    "LayerNorm: expected no bias without elementwiseAffine, got bias true (leave one out).",
  ],
  [
    "other last axes",
    () => new LayerNorm([3, 4]).forward(zeros([2, 4, 3])),
    ShapeError,
    "LayerNorm: expected input [N, ..., 3, 4], got [2, 4, 3] (the last axes are normalized, the first one is the batch).",
  ],
  [
    "the batch among the normalized axes",
    () => new LayerNorm([3, 4]).forward(zeros([3, 4])),
    ShapeError,
    "LayerNorm: expected input [N, ..., 3, 4], got [3, 4] (the last axes are normalized, the first one is the batch).",
  ],
  [
    "a single pixel",
    () => new InstanceNorm2d(3).forward(zeros([2, 3, 1, 1])),
    ShapeError,
    "InstanceNorm2d: expected more than one pixel, got input [2, 3, 1, 1] (a variance of one number is none).",
  ],
  [
    "another number of channels",
    () => new InstanceNorm2d(3).outputShape([2, 4, 5, 5]),
    ShapeError,
    "InstanceNorm2d: expected input [N, 3, H, W], got [2, 4, 5, 5] (channels are axis 1; for NHWC data use nhwcToNchw).",
  ],
  [
    "a momentum above 1",
    () => new InstanceNorm2d(3, { momentum: 2 }),
    ArgumentError,
    "InstanceNorm2d: expected momentum to be a finite number from 0 to 1, got 2.",
  ],
];

describe.each([
  ["A transposed convolution", CONV_TRANSPOSE2D],
  ["A normalization", NORMS],
])("%s", (_, rows) => {
  it.each(rows)("refuses %s", (_mistake, act, type, message) => {
    throwsExactly(act, type, message);
  });
});
