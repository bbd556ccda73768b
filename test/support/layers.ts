// The table of layers: rows for every class of the package, options away from their defaults among them. What every layer owes
// is tested from it (test/nn/everyLayer.test.ts): a new layer needs its rows here, and a test fails when it has none.
import {
  Add, AvgPool2d, BatchNorm1d, BatchNorm2d, Concat, Conv2d, Dropout, Dropout2d, Flatten, Graph, GroupNorm, Identity, LeakyReLU,
  Linear, LogSoftmax, MaxPool2d, Multiply, Parallel, ReLU, Residual, Sequential, Sigmoid, Softmax, Subtract, Tanh, type Layer,
  type Shape,
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
  ...rows("Conv2d", IMAGES, [
    () => new Conv2d(4, 5, 3, { padding: 1 }),
    () => new Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 0, 2, 1], dilation: 2, groups: 2, bias: false }),
    () => new Conv2d(4, 2, 3, { padding: "same", paddingMode: "reflect" }),
    () => new Conv2d(4, 4, 3, { padding: [1, 2], paddingMode: "circular", groups: 4 }),
  ]),
  ...rows("Dropout", IMAGES, [() => new Dropout(0.3), () => new Dropout(0)], { fixed: false }),
  ...rows("Dropout2d", IMAGES, [() => new Dropout2d(0.4)], { fixed: false }),
  ...rows("Flatten", IMAGES, [() => new Flatten(), () => new Flatten({ startDim: 2, endDim: 3 })]),
  ...rows(
    "Graph",
    IMAGES,
    [
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
    ],
    { onnx: "written" },
  ),
  ...rows("GroupNorm", IMAGES, [() => new GroupNorm(2, 4), () => new GroupNorm(4, 4, { eps: 0.1, affine: false })], {
    onnx: "written",
  }),
  ...rows("Identity", IMAGES, [() => new Identity()]),
  ...rows("LeakyReLU", IMAGES, [() => new LeakyReLU(), () => new LeakyReLU({ negativeSlope: 0.3 })]),
  ...rows("Linear", [3, 7], [() => new Linear(7, 5), () => new Linear(7, 1, { bias: false })]),
  ...rows("LogSoftmax", [3, 6], [() => new LogSoftmax(), () => new LogSoftmax({ dim: -1 })]),
  ...rows("MaxPool2d", IMAGES, [
    () => new MaxPool2d(2),
    () => new MaxPool2d([3, 2], { stride: 1, padding: 1, dilation: 2, ceilMode: true, returnIndices: true }),
  ]),
  ...rows("Multiply", IMAGES, [() => new Multiply()]),
  ...rows(
    "Parallel",
    IMAGES,
    [
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
    ],
    { onnx: "written" },
  ),
  ...rows("ReLU", IMAGES, [() => new ReLU()]),
  ...rows(
    "Residual",
    IMAGES,
    [
      () => new Residual(new Sequential(new Conv2d(4, 4, 3, { padding: 1 }), new ReLU())),
      () => new Residual(new Conv2d(4, 2, 3, { stride: 2, padding: 1 }), new Conv2d(4, 2, 1, { stride: 2 })),
    ],
    { onnx: "written" },
  ),
  ...rows("Sequential", IMAGES, [
    () => new Sequential(),
    () => new Sequential(new Conv2d(4, 3, 3), ["act", new Sequential(new Tanh(), ["pool", new MaxPool2d(2)])]),
  ]),
  ...rows("Sigmoid", IMAGES, [() => new Sigmoid()]),
  ...rows("Softmax", [3, 5, 4], [() => new Softmax(), () => new Softmax({ dim: -1 })]),
  ...rows("Subtract", IMAGES, [() => new Subtract()]),
  ...rows("Tanh", IMAGES, [() => new Tanh()]),
];

/** A name for a row: what the layer says of itself. */
export function titleOf({ make }: LayerRow): string {
  return make().describe();
}
