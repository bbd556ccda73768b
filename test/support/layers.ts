// The table of layers: rows for every class of the package, options away from their defaults among them. What every layer owes
// is tested from it (test/nn/everyLayer.test.ts): a new layer needs its rows here, and a test fails when it has none.
import {
  AdaptiveAvgPool2d, AdaptiveMaxPool2d, Add, AlphaDropout, AvgPool1d, AvgPool2d, BatchNorm1d, BatchNorm2d, ChannelShuffle, CircularPad2d, Concat, ConstantPad2d, Conv1d, Conv2d, ConvTranspose2d, DropBlock2d, Dropout, Dropout2d, ELU, Flatten, GELU, Graph, GroupNorm, Hardsigmoid, Hardswish, Hardtanh, Identity, InstanceNorm2d, LayerNorm, LeakyReLU, Linear, LocalResponseNorm, LogSoftmax, MaxPool1d, MaxPool2d, MaxUnpool2d, Mish, Multiply, PReLU, Parallel, PixelShuffle, PixelUnshuffle, ReLU, ReLU6, ReflectionPad2d, ReplicationPad2d, Residual, SELU, Scale, Sequential, SiLU, Sigmoid, Slice, Softmax, Softmax2d, Softplus, Subtract, Tanh, Unflatten, Upsample, ZeroPad2d, type Layer, type Shape,
} from "../../src/index.js"; // prettier-ignore

/** One layer, or one set of its options. */
export interface LayerRow {
  /** The class, as its `config()` says it. */
  readonly type: string;
  make(): Layer;
  /** Of an input, batch axis first. */
  readonly input: Shape;
  /** Also in train mode its outputs are what predict gives: it draws nothing and reads no batch. Default true. */
  readonly fixed?: boolean;
  /** How far it goes to ONNX: it comes back from there, or is written only. Default "both". */
  readonly onnx?: "both" | "written";
}

const IMAGES = [3, 4, 6, 7];

/** Rows of one class. */
function rows(type: string, input: Shape, makes: readonly (() => Layer)[], more: Partial<LayerRow> = {}): LayerRow[] {
  return makes.map((make) => ({ type, make, input, ...more }));
}

export const LAYER_ROWS: readonly LayerRow[] = [
  ...rows("Add", IMAGES, [() => new Add()]),
  ...rows("AdaptiveAvgPool2d", IMAGES, [() => new AdaptiveAvgPool2d(1), () => new AdaptiveAvgPool2d([3, null])]),
  ...rows("AdaptiveAvgPool2d", IMAGES, [() => new AdaptiveAvgPool2d([4, 9])], { onnx: "written" }),
  ...rows("AdaptiveMaxPool2d", IMAGES, [
    () => new AdaptiveMaxPool2d(1, { returnIndices: true }),
    () => new AdaptiveMaxPool2d([2, 7]),
  ]),
  ...rows("AdaptiveMaxPool2d", IMAGES, [() => new AdaptiveMaxPool2d([4, 5])], { onnx: "written" }),
  ...rows("AlphaDropout", IMAGES, [() => new AlphaDropout(0.3), () => new AlphaDropout(1)], { fixed: false }),
  ...rows(
    "AvgPool1d",
    [3, 4, 9],
    [
      () => new AvgPool1d(2),
      () => new AvgPool1d(4, { stride: 3, padding: 1, ceilMode: true, countIncludePad: false }),
      () => new AvgPool1d(4, { stride: 3, padding: 1, ceilMode: true }),
    ],
  ),
  ...rows("AvgPool2d", IMAGES, [
    () => new AvgPool2d(2),
    () => new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    () => new AvgPool2d([2, 3], { stride: [1, 2], divisorOverride: 5 }),
  ]),
  ...rows(
    "BatchNorm1d",
    [3, 4],
    [() => new BatchNorm1d(4), () => new BatchNorm1d(4, { eps: 0.01, momentum: null, weight: false })],
    { fixed: false },
  ),
  ...rows("BatchNorm1d", [3, 4, 5], [() => new BatchNorm1d(4, { affine: false, bias: true, momentum: 0.7 })], {
    fixed: false,
  }),
  ...rows("BatchNorm2d", IMAGES, [() => new BatchNorm2d(4), () => new BatchNorm2d(4, { eps: 1e-3, affine: false })], {
    fixed: false,
  }),
  ...rows("Concat", IMAGES, [() => new Concat(), () => new Concat({ dim: -1 })]),
  ...rows("ChannelShuffle", [3, 12, 2, 3], [() => new ChannelShuffle(1), () => new ChannelShuffle(3)]),
  ...rows("ChannelShuffle", [3, 6, 5], [() => new ChannelShuffle(2)]),
  ...rows("CircularPad2d", IMAGES, [() => new CircularPad2d([1, 2, 0, 3])]),
  ...rows("CircularPad2d", IMAGES, [() => new CircularPad2d([1, -2])], { onnx: "written" }),
  ...rows("ConstantPad2d", IMAGES, [() => new ConstantPad2d(1, 0.5), () => new ConstantPad2d([1, -2, 3, -1], -2.5)]),
  ...rows(
    "Conv1d",
    [3, 4, 9],
    [
      () => new Conv1d(4, 5, 3),
      () => new Conv1d(4, 6, 3, { stride: 2, padding: [1, 3], dilation: 2, groups: 2, bias: false }),
      () => new Conv1d(4, 2, 4, { padding: "same", paddingMode: "reflect" }),
      () => new Conv1d(4, 2, 2, { padding: 2, paddingMode: "circular" }),
    ],
  ),
  ...rows("Conv2d", IMAGES, [
    () => new Conv2d(4, 5, 3, { padding: 1 }),
    () => new Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 0, 2, 1], dilation: 2, groups: 2, bias: false }),
    () => new Conv2d(4, 2, 3, { padding: "same", paddingMode: "reflect" }),
    () => new Conv2d(4, 8, 3, { padding: 1, algorithm: "direct" }),
    () => new Conv2d(4, 4, 3, { padding: [1, 2], paddingMode: "circular", groups: 4 }),
  ]),
  ...rows("ConvTranspose2d", IMAGES, [
    () => new ConvTranspose2d(4, 3, 3),
    () =>
      new ConvTranspose2d(4, 6, [3, 2], {
        stride: [2, 1],
        padding: [1, 0],
        outputPadding: [1, 1],
        dilation: 2,
        groups: 2,
      }),
    () => new ConvTranspose2d(4, 2, 4, { stride: 2, padding: 1, bias: false }),
    () => new ConvTranspose2d(4, 2, 3, { stride: 3, padding: [2, 1], outputSize: [15, 20] }),
  ]),
  ...rows("DropBlock2d", IMAGES, [() => new DropBlock2d(0.3, 2), () => new DropBlock2d(0.5, 3)], { fixed: false }),
  ...rows("Dropout", IMAGES, [() => new Dropout(0.3), () => new Dropout(0)], { fixed: false }),
  ...rows("Dropout2d", IMAGES, [() => new Dropout2d(0.4)], { fixed: false }),
  ...rows("ELU", IMAGES, [() => new ELU(), () => new ELU({ alpha: 0.3 })]),
  ...rows("GELU", IMAGES, [() => new GELU()]),
  ...rows("GELU", IMAGES, [() => new GELU({ approximate: "tanh" })], { onnx: "written" }),
  ...rows("Hardsigmoid", IMAGES, [() => new Hardsigmoid()]),
  ...rows("Hardswish", IMAGES, [() => new Hardswish()]),
  ...rows("Hardtanh", IMAGES, [() => new Hardtanh(), () => new Hardtanh({ minVal: -0.25, maxVal: 1.5 })]),
  ...rows("Mish", IMAGES, [() => new Mish()]),
  ...rows("PReLU", IMAGES, [() => new PReLU(), () => new PReLU({ numParameters: 4, init: -0.5 })]),
  ...rows("ReLU6", IMAGES, [() => new ReLU6()]),
  ...rows("SELU", IMAGES, [() => new SELU()]),
  ...rows("SiLU", IMAGES, [() => new SiLU()]),
  ...rows("Softplus", IMAGES, [() => new Softplus()]),
  ...rows("Softplus", IMAGES, [() => new Softplus({ beta: 2, threshold: 18 })], { onnx: "written" }),
  ...rows("Flatten", IMAGES, [() => new Flatten(), () => new Flatten({ startDim: 2, endDim: 3 })]),
  ...rows("Graph", IMAGES, [
    () =>
      new Graph([
        ["a", new Conv2d(4, 3, 3, { padding: 1 })],
        ["b", new Sequential(new ReLU(), new Conv2d(3, 3, 1))],
        ["wide", new Concat(), "b", "a", "b"],
        ["gate", new Sequential(new Conv2d(3, 1, 3, { padding: 1 }), new Sigmoid()), "a"],
        ["seen", new Multiply(), "wide", "gate"],
        ["twice", new Add(), "seen", "seen", "gate"],
        ["left", new Subtract(), "twice", "wide"],
      ]),
    () => {
      const inner = new Graph(
        [
          ["sum", new Add(), "p", "q"],
          ["act", new Tanh(), "q"],
        ],
        { inputs: ["p", "q"], outputs: ["act", "sum"] },
      );
      return new Graph(
        [
          ["first.0", new Conv2d(4, 2, 3), "image"],
          ["first.1", new LeakyReLU()],
          ["both", inner, "first.0", "first.1"],
          ["all", new Concat({ dim: 2 }), "both.sum", "first.0", "both.act"],
        ],
        { inputs: "image", outputs: "all" },
      );
    },
  ]),
  ...rows("GroupNorm", IMAGES, [() => new GroupNorm(2, 4), () => new GroupNorm(4, 4, { eps: 0.1, affine: false })], {
    onnx: "written",
  }),
  ...rows("Identity", IMAGES, [() => new Identity()]),
  ...rows("InstanceNorm2d", IMAGES, [
    () => new InstanceNorm2d(4),
    () => new InstanceNorm2d(4, { eps: 0.01, affine: true }),
  ]),
  ...rows(
    "InstanceNorm2d",
    IMAGES,
    [() => new InstanceNorm2d(4, { eps: 0.1, momentum: 0.3, affine: true, trackRunningStats: true })],
    { fixed: false, onnx: "written" },
  ),
  ...rows("LayerNorm", [3, 7], [() => new LayerNorm(7)]),
  ...rows("LayerNorm", IMAGES, [
    () => new LayerNorm([6, 7], { eps: 0.1, bias: false }),
    () => new LayerNorm([4, 6, 7], { elementwiseAffine: false }),
  ]),
  ...rows("LeakyReLU", IMAGES, [() => new LeakyReLU(), () => new LeakyReLU({ negativeSlope: 0.3 })]),
  ...rows("Linear", [3, 7], [() => new Linear(7, 5), () => new Linear(7, 1, { bias: false })]),
  ...rows("LocalResponseNorm", IMAGES, [() => new LocalResponseNorm(3, { alpha: 0.8, beta: 0.6, k: 1.5 })]),
  ...rows("LocalResponseNorm", IMAGES, [() => new LocalResponseNorm(4, { alpha: 2 })], { onnx: "written" }),
  ...rows("LogSoftmax", [3, 6], [() => new LogSoftmax(), () => new LogSoftmax({ dim: -1 })]),
  ...rows(
    "MaxPool1d",
    [3, 4, 9],
    [
      () => new MaxPool1d(2),
      () => new MaxPool1d(4, { stride: 3, padding: 2, dilation: 3, ceilMode: true, returnIndices: true }),
    ],
  ),
  ...rows("MaxPool2d", IMAGES, [
    () => new MaxPool2d(2),
    () => new MaxPool2d([3, 2], { stride: 1, padding: 1, dilation: 2, ceilMode: true, returnIndices: true }),
  ]),
  ...rows(
    "MaxUnpool2d",
    IMAGES,
    [
      () => new MaxUnpool2d(2, new Conv2d(4, 4, 3, { padding: 1 })),
      () =>
        new MaxUnpool2d([3, 2], new Sequential(new Tanh(), new MaxUnpool2d(1, new Scale(2))), {
          stride: [2, 1],
          padding: 1,
        }),
    ],
    { onnx: "written" },
  ),
  ...rows("Multiply", IMAGES, [() => new Multiply()]),
  ...rows("Parallel", IMAGES, [
    () =>
      new Parallel([
        ["1x1", new Conv2d(4, 2, 1)],
        new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 })),
        new Identity(),
      ]),
    () =>
      new Parallel([new Conv2d(4, 2, 3, { padding: 1 }), ["act", new Sequential(new Conv2d(4, 2, 1), new Tanh())]], {
        mode: "add",
      }),
  ]),
  ...rows("PixelShuffle", [3, 12, 2, 3], [() => new PixelShuffle(2), () => new PixelShuffle(1)]),
  ...rows("PixelShuffle", [3, 9, 2, 5], [() => new PixelShuffle(3)]),
  ...rows("PixelUnshuffle", [3, 1, 6, 4], [() => new PixelUnshuffle(2)]),
  ...rows("PixelUnshuffle", [3, 2, 3, 9], [() => new PixelUnshuffle(3)], { onnx: "written" }),
  ...rows("ReflectionPad2d", IMAGES, [() => new ReflectionPad2d(3)]),
  ...rows("ReflectionPad2d", IMAGES, [() => new ReflectionPad2d([2, -1, 0, 4])], { onnx: "written" }),
  ...rows("ReplicationPad2d", IMAGES, [() => new ReplicationPad2d([1, 9, 2, 0])]),
  ...rows("ReplicationPad2d", IMAGES, [() => new ReplicationPad2d([-2, 5])], { onnx: "written" }),
  ...rows("ReLU", IMAGES, [() => new ReLU()]),
  ...rows("Residual", IMAGES, [
    () => new Residual(new Sequential(new Conv2d(4, 4, 3, { padding: 1 }), new ReLU())),
    () => new Residual(new Conv2d(4, 2, 3, { stride: 2, padding: 1 }), new Conv2d(4, 2, 1, { stride: 2 })),
  ]),
  ...rows("Scale", IMAGES, [
    () => new Scale(-0.3),
    () => new Scale(2, { learned: true }),
    () => new Scale(0.1, { channels: 4 }),
  ]),
  ...rows("Sequential", IMAGES, [
    () => new Sequential(),
    () => new Sequential(new Conv2d(4, 3, 3), ["act", new Sequential(new Tanh(), ["pool", new MaxPool2d(2)])]),
  ]),
  ...rows("Sigmoid", IMAGES, [() => new Sigmoid()]),
  ...rows("Slice", IMAGES, [
    () => new Slice(1, 3),
    () => new Slice(-3, null),
    () => new Slice(2, -1, { dim: 2 }),
    () => new Slice(0, null, { dim: -1 }),
  ]),
  ...rows("Slice", [3, 9], [() => new Slice(4, -2)]),
  ...rows("Softmax", [3, 5, 4], [() => new Softmax(), () => new Softmax({ dim: -1 })]),
  ...rows("Subtract", IMAGES, [() => new Subtract()]),
  ...rows("Softmax2d", IMAGES, [() => new Softmax2d()]),
  ...rows("Tanh", IMAGES, [() => new Tanh()]),
  ...rows(
    "Unflatten",
    IMAGES,
    [() => new Unflatten(1, [2, 2]), () => new Unflatten(-2, [3, -1]), () => new Unflatten(0, [-1, 1])],
    { onnx: "written" },
  ),
  ...rows("Upsample", IMAGES, [
    () => new Upsample({ scaleFactor: 2 }),
    () => new Upsample({ size: [9, 5] }),
    () => new Upsample({ scaleFactor: [1.5, 0.7], mode: "bilinear" }),
    () => new Upsample({ size: [11, 4], mode: "bilinear", alignCorners: true }),
    () => new Upsample({ scaleFactor: 2, mode: "bicubic" }),
    () => new Upsample({ size: [5, 13], mode: "bicubic", alignCorners: true }),
    () => new Upsample({ size: [5, 9], mode: "nearest-exact" }),
  ]),
  ...rows("ZeroPad2d", IMAGES, [() => new ZeroPad2d([1, 2]), () => new ZeroPad2d([-1, 0, 3, -2])]),
];

/** A name for a row: what the layer says of itself. */
export function titleOf({ make }: LayerRow): string {
  return make().describe();
}
