// Bad calls of the layers that reshape, resize, pad, normalize and unpool: the class and the whole text of each refusal.
import { describe, it } from "vitest";
import {
  AdaptiveAvgPool2d, AdaptiveMaxPool2d, Conv2d, LocalResponseNorm, MaxUnpool2d, PixelShuffle, PixelUnshuffle, Sequential, Upsample,
  AlphaDropout, ArgumentError, AvgPool1d, CircularPad2d, ConstantPad2d, Conv1d, ConvTranspose2d, DropBlock2d, InstanceNorm2d,
  LayerNorm, MaxPool1d, ReflectionPad2d, Scale, ShapeError, Softmax2d, Unflatten, ZeroPad2d, zeros,
} from "../../src/index.js"; // prettier-ignore
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
      "outputSize, dilation, groups, algorithm, bias).",
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
    "statistics that no memory holds",
    () => new InstanceNorm2d(1e12, { trackRunningStats: true }),
    ArgumentError,
    "InstanceNorm2d: expected a tensor that fits into memory, got [1000000000000], 4000 GB.",
  ],
  [
    "a momentum above 1",
    () => new InstanceNorm2d(3, { momentum: 2 }),
    ArgumentError,
    "InstanceNorm2d: expected momentum to be a finite number from 0 to 1, got 2.",
  ],
];

const SEQUENCES: readonly Row[] = [
  [
    "a sequence without its batch axis",
    () => new Conv1d(3, 4, 3).forward(zeros([3, 10])),
    ShapeError,
    "Conv1d: expected input [N, 3, L], got [3, 10] (the batch axis is required: x.reshape([1, ...x.shape])).",
  ],
  [
    "images",
    () => new MaxPool1d(2).forward(zeros([2, 3, 4, 4])),
    ShapeError,
    "MaxPool1d: expected input [N, C, L], got [2, 3, 4, 4] (three axes: batch, channels, length).",
  ],
  [
    "other channels",
    () => new Conv1d(3, 4, 3).forward(zeros([2, 10, 3])),
    ShapeError,
    "Conv1d: expected input [N, 3, L], got [2, 10, 3] (channels are axis 1).",
  ],
  [
    "a kernel longer than the padded sequence",
    () => new Conv1d(1, 1, 3, { dilation: 2, padding: [1, 0] }).outputShape([1, 1, 3]),
    ShapeError,
    "Conv1d: expected a padded sequence of at least 5 (the kernel's extent), got 4 (add padding, or use a smaller one).",
  ],
  [
    "a window longer than the sequence",
    () => new AvgPool1d(4).outputShape([1, 1, 3]),
    ShapeError,
    "AvgPool1d: expected a padded sequence of at least 4 (the window), got 3 (add padding, or use a smaller one).",
  ],
  [
    "padding of more than half the window",
    () => new MaxPool1d(3, { padding: 2 }),
    ArgumentError,
    "MaxPool1d: expected padding of at most half the kernel 3, got 2.",
  ],
  [
    "the kernel size of images",
    () => new Conv1d(1, 1, [3, 3] as never),
    ArgumentError,
    "Conv1d: expected kernelSize to be a whole number of at least 1, got [3, 3].",
  ],
  [
    "the padding of images",
    () => new Conv1d(1, 1, 3, { padding: [1, 1, 1, 1] as never }),
    ArgumentError,
    'Conv1d: expected padding to be a number, [before, after], "valid" or "same", got [1, 1, 1, 1].',
  ],
  [
    "groups that do not divide the channels",
    () => new Conv1d(4, 3, 3, { groups: 2 }),
    ArgumentError,
    "Conv1d: expected groups to divide 4 input and 3 output channels, got 2.",
  ],
];

const SHAPES: readonly Row[] = [
  [
    "three sides of padding",
    () => new ZeroPad2d([1, 2, 3] as never),
    ArgumentError,
    "ZeroPad2d: expected padding to be a number, [vertical, horizontal] or [top, bottom, left, right], got [1, 2, 3].",
  ],
  [
    "a padding that cuts all off",
    () => new ZeroPad2d(-2).outputShape([1, 1, 4, 5]),
    ShapeError,
    "ZeroPad2d: expected an output of at least one pixel, got [0, 1] for input [1, 1, 4, 5] (cut less off).",
  ],
  [
    "a mirror beyond the image",
    () => new ReflectionPad2d(4).outputShape([1, 1, 4, 5]),
    ShapeError,
    'ReflectionPad2d: expected an image of at least [5, 5] for padding mode "reflect", got [4, 5] (use less padding, or mode ' +
      '"replicate").',
  ],
  [
    "more of the other side than there is",
    () => new CircularPad2d([0, 0, 4, -2]).outputShape([1, 1, 4, 5]),
    ShapeError,
    'CircularPad2d: expected an image of at least [1, 4] for padding mode "circular", got [4, 3] (use less padding, or mode ' +
      '"replicate").',
  ],
  [
    "no number to pad with",
    () => new ConstantPad2d(1, undefined as never),
    ArgumentError,
    "ConstantPad2d: expected value to be a finite number, got undefined.",
  ],
  [
    "sizes that do not make the axis",
    () => new Unflatten(1, [2, 5]).outputShape([3, 12]),
    ShapeError,
    "Unflatten: expected an axis 1 that [2, 5] makes, got 12 of input [3, 12].",
  ],
  [
    "two sizes that remain",
    () => new Unflatten(1, [-1, -1]),
    ArgumentError,
    "Unflatten: expected at most one -1 (what remains) in unflattenedSize, got [-1, -1].",
  ],
  [
    "an axis that is not there",
    () => new Unflatten(2, [1, 3]).outputShape([2, 3]),
    ArgumentError,
    "Unflatten: expected dim from -2 to 1 for rank 2, got 2.",
  ],
];

const NUMBERS: readonly Row[] = [
  [
    "no factor",
    () => new (Scale as unknown as new () => unknown)(),
    ArgumentError,
    "Scale: expected factor to be a finite number, got undefined.",
  ],
  [
    "fixed factors of channels",
    () => new Scale(1, { channels: 3, learned: false }),
    ArgumentError,
    "Scale: expected factors of channels to be learned, got learned false (leave one out).",
  ],
  [
    "another number of channels",
    () => new Scale(1, { channels: 3 }).forward(zeros([3, 2])),
    ShapeError,
    "Scale: expected input [N, 3, ...], got [3, 2] (channels are axis 1).",
  ],
  [
    "classes without pixels",
    () => new Softmax2d().forward(zeros([2, 10])),
    ShapeError,
    "Softmax2d: expected input [N, C, H, W], got [2, 10] (four axes: batch, channels, height, width).",
  ],
  [
    "a probability above 1",
    () => new AlphaDropout(1.5),
    ArgumentError,
    "AlphaDropout: expected p to be a finite number from 0 to 1, got 1.5.",
  ],
  [
    "squares larger than the image",
    () => new DropBlock2d(0.1, 5).forward(zeros([1, 1, 4, 7])),
    ShapeError,
    "DropBlock2d: expected images of at least [5, 5] (blockSize), got [4, 7] (use a smaller square).",
  ],
];

const SIZES: readonly Row[] = [
  [
    "an upsampling to nowhere",
    () => new Upsample({}),
    ArgumentError,
    "Upsample: expected size or scaleFactor, one of them, got none.",
  ],
  [
    "two answers to one question",
    () => new Upsample({ size: 4, scaleFactor: 2 }),
    ArgumentError,
    "Upsample: expected size or scaleFactor, one of them, got both.",
  ],
  [
    "corners of nearest pixels",
    () => new Upsample({ scaleFactor: 2, alignCorners: true }),
    ArgumentError,
    'Upsample: expected alignCorners only with mode "bilinear" or "bicubic", got it with "nearest".',
  ],
  [
    "a mode of sequences",
    () => new Upsample({ scaleFactor: 2, mode: "linear" as never }),
    ArgumentError,
    'Upsample: expected mode to be one of "nearest", "nearest-exact", "bilinear", "bicubic", got "linear", did you mean "bilinear"?',
  ],
  [
    "a factor of 0",
    () => new Upsample({ scaleFactor: [2, 0] }),
    ArgumentError,
    "Upsample: expected scaleFactor of more than 0, got [2, 0].",
  ],
  [
    "a factor that leaves nothing",
    () => new Upsample({ scaleFactor: 0.2 }).outputShape([1, 1, 4, 9]),
    ShapeError,
    "Upsample: expected an output of at least one pixel, got none for input [1, 1, 4, 9].",
  ],
  [
    "an output that no memory holds",
    () => new Upsample({ size: 1e6 }).outputShape([1, 1, 2, 2]),
    ArgumentError,
    "Upsample: expected a tensor that fits into memory, got [1, 1, 1000000, 1000000], 4000 GB.",
  ],
  [
    "the same of means",
    () => new AdaptiveAvgPool2d([1, 5e9]).outputShape([1, 1, 2, 2]),
    ArgumentError,
    "AdaptiveAvgPool2d: expected a tensor that fits into memory, got [1, 1, 1, 5000000000], 20 GB.",
  ],
  [
    "channels that make no squares",
    () => new PixelShuffle(2).outputShape([1, 6, 2, 2]),
    ShapeError,
    "PixelShuffle: expected channels that 4 divides (2 * 2), got input [1, 6, 2, 2].",
  ],
  [
    "images that are no squares",
    () => new PixelUnshuffle(3).outputShape([1, 1, 6, 4]),
    ShapeError,
    "PixelUnshuffle: expected images whose height and width 3 divides, got input [1, 1, 6, 4].",
  ],
  [
    "an output of no rows",
    () => new AdaptiveAvgPool2d([0, 1]),
    ArgumentError,
    "AdaptiveAvgPool2d: expected outputSize[0] to be a whole number of at least 1, got 0.",
  ],
  [
    "no output size",
    () => new AdaptiveMaxPool2d(null as never),
    ArgumentError,
    "AdaptiveMaxPool2d: expected outputSize to be a number or [rows, columns], got null.",
  ],
  [
    "a body that changes the shape",
    () => new Sequential(new MaxUnpool2d(2, new Conv2d(1, 2, 1))).forward(zeros([1, 1, 4, 4])),
    ShapeError,
    "0 MaxUnpool2d: expected a body that gives the pooled shape [1, 1, 2, 2], got [1, 2, 2, 2] (its numbers go back to where those " +
      "of the pooling came from).",
  ],
  [
    "no body",
    () => new MaxUnpool2d(2, undefined as never),
    ArgumentError,
    "MaxUnpool2d: expected body to be a layer, or an object with forward and backward, got undefined (is its import right?).",
  ],
  [
    "an error inside of a body",
    () => new MaxUnpool2d(2, new Conv2d(3, 3, 1)).outputShape([1, 1, 4, 4]),
    ShapeError,
    "body Conv2d: expected input [N, 3, H, W], got [1, 1, 2, 2] (channels are axis 1; for NHWC data use nhwcToNchw).",
  ],
  [
    "channels without pixels",
    () => new LocalResponseNorm(3).forward(zeros([2, 5])),
    ShapeError,
    "LocalResponseNorm: expected input [N, C, ...] with at least one pixel, got [2, 5] (channels are axis 1).",
  ],
];

describe.each([
  ["A layer that changes sizes", SIZES],
  ["A layer of sequences", SEQUENCES],
  ["A padding or view", SHAPES],
  ["A factor, softmax or mask", NUMBERS],
  ["A transposed convolution", CONV_TRANSPOSE2D],
  ["A normalization", NORMS],
])("%s", (_, rows) => {
  it.each(rows)("refuses %s", (_mistake, act, type, message) => {
    throwsExactly(act, type, message);
  });
});
