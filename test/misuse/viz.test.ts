// Misuse of looking inside: explanations, statistics, top losses and pictures.
import { describe } from "vitest";
import {
  ArgumentError, Conv2d, CrossEntropy, Flatten, Graph, Identity, Linear, ReLU, Sequential, ShapeError, Tanh, Tensor, multiply, ones, zeros,
  type Layer,
} from "../../src/index.js"; // prettier-ignore
import { heatmapImage } from "../../src/entries/viz.js";
import { refuses } from "./calls.js";

const conv = new Conv2d(1, 2, 3);
const model = new Sequential(["conv", conv], ["relu", new ReLU()], ["flat", new Flatten()], ["head", new Linear(8, 3)]);
const x = ones([2, 1, 4, 4]);
const broken = new Sequential({ forward: (y: Tensor) => multiply(y, NaN), backward: (dy: Tensor) => dy });
const steep = new Sequential({ forward: (y: Tensor) => y.clone(), backward: (dy: Tensor) => multiply(dy, Infinity) });
const twoHeads = new Graph([["a", new Tanh(), "x"], ["b", new Tanh(), "x"]], { outputs: ["a", "b"] }); // prettier-ignore
const loss = new CrossEntropy();
const picture = heatmapImage(ones([2, 2]));

const SUBJECT = [
  [[], ArgumentError, "expected a model, got undefined."],
  [[{ predict: 1 }, x], ArgumentError, "expected a model, got an object (Object)."],
  [[model], ArgumentError, "expected x to be a Tensor, got undefined (the argument is missing)."],
  [[model, [[1]]], ArgumentError, "expected x to be a Tensor, got [[1]] (wrap it: new Tensor(data, shape))."],
  [[model, ones([4])], ShapeError, "expected x as a batch [N, ...] of at least one sample, got [4]."],
  [
    [model, zeros([0, 1, 4, 4])],
    ShapeError,
    "expected x as a batch [N, ...] of at least one sample, got [0, 1, 4, 4].",
  ],
] as const;

const TARGETS = [
  [[model, x, { target: 3 }], ArgumentError, "expected target to be a class from 0 to 2, got 3."],
  [[model, x, { target: 0.5 }], ArgumentError, "expected target to be a class from 0 to 2, got 0.5."],
  [[model, x, { target: null }], ArgumentError, "expected target to be a class from 0 to 2, got null."],
  [[model, x, { target: "cat" }], ArgumentError, 'expected target to be a class from 0 to 2, got "cat".'],
  [[model, x, { target: [0, -1] }], ArgumentError, "expected target to be a class from 0 to 2, got -1 at index 1."],
  [[model, x, { target: [0] }], ShapeError, "expected target as one class or 2, one for each sample, got 1."],
  [
    [model, x, { target: ones([2]) }],
    ShapeError,
    "expected target in the shape of the outputs [2, 3], got [2] (classes are a plain list).",
  ],
  [
    [conv, x],
    ArgumentError,
    "expected a target for outputs [2, 2, 2, 2], got none (a class, one for each sample, or a tensor of weights).",
  ],
  [
    [broken, x],
    ArgumentError,
    "expected finite outputs [2, 1, 4, 4], got NaN at index 0 (detectAnomaly finds the layer that makes it).",
  ],
] as const;

describe("Explanations", () => {
  for (const name of ["saliency", "inputXGradient", "smoothGrad", "integratedGradients", "guidedBackprop", "gradCam"]) {
    refuses(name, `${name}: `, [...SUBJECT, ...(name === "gradCam" ? TARGETS.slice(0, 7) : TARGETS)]);
  }
  refuses("saliency", "", [
    [
      [model, x, { targets: 1 }],
      ArgumentError,
      'saliency: unknown option "targets", did you mean "target"? (options: target, absolute).',
    ],
    [
      [steep, x, { target: 0 }],
      ArgumentError,
      "saliency: expected finite gradients [2, 1, 4, 4], got Infinity at index 0 (detectAnomaly finds the layer that makes it).",
    ],
    [
      [twoHeads, ones([1, 2])],
      ArgumentError,
      "Graph: expected one output where a tensor goes in and one comes out, got 2: a, b (give it records: forward({ x }); in a " +
        "Graph its node may have several).",
    ],
    [
      [model, ones([1, 2, 4, 4])],
      ShapeError,
      "conv Conv2d: expected input [N, 1, H, W], got [1, 2, 4, 4] (channels are axis 1; for NHWC data use nhwcToNchw).",
    ],
  ]);
  refuses("smoothGrad", "smoothGrad: ", [
    [[model, x, { samples: 0 }], ArgumentError, "expected samples to be a whole number of at least 1, got 0."],
    [[model, x, { noise: -1 }], ArgumentError, "expected noise to be a finite number of at least 0, got -1."],
  ]);
  refuses("integratedGradients", "integratedGradients: ", [
    [[model, x, { steps: 0 }], ArgumentError, "expected steps to be a whole number of at least 1, got 0."],
    [[model, x, { baseline: NaN }], ArgumentError, "expected baseline to be a finite number or a Tensor, got NaN."],
    [
      [model, x, { baseline: ones([1, 4, 4]) }],
      ShapeError,
      "expected baseline in the shape [2, 1, 4, 4] or [1, 1, 4, 4], got [1, 4, 4].",
    ],
  ]);
  refuses("guidedBackprop", "guidedBackprop: ", [
    [
      [new Sequential(new Flatten(), new Linear(16, 2), new Tanh()), x],
      ArgumentError,
      "expected a model with ReLU layers, got none that ran (saliency takes any model).",
    ],
  ]);
  refuses("gradCam", "gradCam: ", [
    [
      [model, x, { layer: "convs" }],
      ArgumentError,
      'expected layer to be the path of a layer of the model (conv, relu, flat, head), got "convs", did you mean "conv"?',
    ],
    [[model, x, { layer: new ReLU() }], ArgumentError, "expected layer to be a layer of the model, got another ReLU."],
    [
      [model, x, { layer: 0 }],
      ArgumentError,
      'expected layer to be the path of a layer, such as "features.3", or the layer itself, got 0.',
    ],
    [
      [model, x, { layer: "head" }],
      ShapeError,
      'expected a layer with outputs [N, C, H, W], got [2, 3] from "head" (Linear); a convolution or what follows it has such.',
    ],
    [
      [new Sequential(new Linear(2, 2)), ones([1, 2])],
      ArgumentError,
      "expected a model with a layer whose outputs are [N, C, H, W], got none (it needs feature maps).",
    ],
    [[model, x, { relu: 1 }], ArgumentError, "expected relu to be true or false, got 1."],
  ]);
  refuses("occlusion", "occlusion: ", [
    ...SUBJECT,
    ...TARGETS.map(([args, type, text]) => {
      const [subject, input, options] = args as readonly [Layer, Tensor, object?];
      return [[subject, input, { ...options, window: 2 }], type, text] as const;
    }),
    [[model, x, {}], ArgumentError, "expected a window, such as { window: 7 }, got none."],
    [[model, x, { window: 0 }], ArgumentError, "expected window to be a whole number of at least 1, got 0."],
    [
      [model, x, { window: 5 }],
      ShapeError,
      "expected a window of at most 4 x 4 and a stride of at most the window, got window [5, 5] and stride [3, 3].",
    ],
    [
      [model, x, { window: 2, stride: [1, 3] }],
      ShapeError,
      "expected a window of at most 4 x 4 and a stride of at most the window, got window [2, 2] and stride [1, 3].",
    ],
    [
      [new Sequential(new Linear(2, 2)), ones([1, 2]), { window: 1 }],
      ShapeError,
      "expected images [N, C, H, W], got [1, 2].",
    ],
  ]);
});

describe("Layers at work", () => {
  refuses("featureMaps", "featureMaps: ", [
    ...SUBJECT,
    [[model, x, { layers: "conv" }], ArgumentError, 'expected layers as a list, such as ["features.3"], got "conv".'],
    [[model, x, { layers: [] }], ArgumentError, 'expected layers as a list, such as ["features.3"], got [].'],
    [
      [model, x, { layers: ["cnv"] }],
      ArgumentError,
      'expected layers[0] to be the path of a layer of the model (conv, relu, flat, head), got "cnv", did you mean "conv"?',
    ],
  ]);
  refuses("maximizeActivation", "maximizeActivation: ", [
    [[null, {}], ArgumentError, "expected a model, got null."],
    [[model, {}], ArgumentError, "expected shape or start, one of them, got none ({ shape: [1, 28, 28] })."],
    [
      [model, { shape: [1, 4, 4], start: x }],
      ArgumentError,
      "expected shape or start, one of them, got both ({ shape: [1, 28, 28] }).",
    ],
    [[model, { start: x }], ShapeError, "expected start as one sample [1, ...], got [2, 1, 4, 4]."],
    [
      [model, { shape: [1, 4, 4], channel: 3 }],
      ShapeError,
      "expected a layer whose outputs [N, C, ...] have a channel 3, got [1, 3].",
    ],
    [
      [model, { shape: [1, 4, 4], range: [1, 0] }],
      ArgumentError,
      "expected range as [low, high], low below high, got [1, 0].",
    ],
    [[model, { shape: [1, 4, 4], lr: 0 }], ArgumentError, "expected lr to be a finite number above 0, got 0."],
    [
      [new Sequential(new Linear(2, 2).freeze(), { forward: (y: Tensor) => multiply(y, 0), backward: (dy: Tensor) => multiply(dy, 0) }), { shape: [2] }],
      ArgumentError,
      "expected a channel that the input changes, got gradients of 0 in every step for channel 0 (a unit that is dead there: try " +
        "another seed or start; deadUnits finds those that always are).",
    ], // prettier-ignore
  ]);
  refuses("activationStatistics", "activationStatistics: ", [
    ...SUBJECT,
    [[model, x, { training: "yes" }], ArgumentError, 'expected training to be true or false, got "yes".'],
  ]);
  refuses("gradientStatistics", "gradientStatistics: ", [
    ...SUBJECT,
    [
      [model, x, CrossEntropy, [0, 1]],
      ArgumentError,
      "expected loss to have forward and backward, such as new CrossEntropy(), got the class CrossEntropy (make one: new CrossEntropy()).",
    ],
    [
      [model, x, new CrossEntropy({ reduction: "none" }), [0, 1]],
      ArgumentError,
      'expected the loss of a batch to be a number, got an object (Tensor) (with reduction "mean" or "sum").',
    ],
  ]);
  refuses("updateRatios", "updateRatios: ", [
    [[1], ArgumentError, "expected a model, got 1."],
    [[model], ArgumentError, "expected a function that makes a step, such as () => optimizer.step(), got undefined."],
    [
      [model, () => Promise.resolve()],
      ArgumentError,
      "expected a step that is done when it returns, got a Promise (await what it needs before).",
    ],
  ]);
  refuses("deadUnits", "deadUnits: ", [
    [[1, x], ArgumentError, "expected a model, got 1."],
    [[model, 5], ArgumentError, "expected data to give batches, got 5 (batches(images, labels, { size: 64 }))."],
    [[model, []], ArgumentError, "expected data to give at least one batch, got none (is the data set empty?)."],
    [[new Identity(), x], ArgumentError, "expected a model with ReLU layers, got none that ran."],
  ]);
});

describe("What a model is wrong about", () => {
  refuses("topLosses", "topLosses: ", [
    [[1, [], loss], ArgumentError, "expected a model, got 1."],
    [
      [model, x, loss],
      ArgumentError,
      "expected data to give batches, got an object (Tensor) (cut them into batches: batches(images, labels, { size: 64 })).",
    ],
    [[model, [[x, [0, 1]]]], ArgumentError, "expected loss to have forward and backward, such as new CrossEntropy(), got undefined."],
    [[model, [], loss], ArgumentError, "expected data to give at least one batch, got none (is the data set empty?)."],
    [[model, [[x, [0, 1]]], loss, { k: 0 }], ArgumentError, "expected k to be a whole number of at least 1, got 0."],
    [[model, [[x, [0, 1, 2]]], loss], ShapeError, "expected targets for 2 samples, got 3."],
    [[model, [[x, ones([1, 3])]], loss], ShapeError, "expected targets for 2 samples, got [1, 3]."],
    [
      [model, [[x, [0, 1]], [x, [0, 1]]], { forward: () => NaN, backward: () => x }],
      ArgumentError,
      "expected a loss that is a number, got NaN for sample 0.",
    ],
  ]); // prettier-ignore
  refuses("mostConfused", "mostConfused: ", [
    [[], ArgumentError, "expected a confusion matrix as a list of rows, got undefined."],
    [[[]], ArgumentError, "expected a confusion matrix as a list of rows, got []."],
    [[[[1, 2]]], ShapeError, "expected a square matrix, 1 numbers in row 0, got 2 numbers."],
    [[[[1, 2], 3]], ShapeError, "expected a square matrix, 2 numbers in row 1, got 3."],
    [[[[1, -2], [3, 4]]], ArgumentError, "expected counts of at least 0, got -2 in row 0, column 1."],
    [[[[1, NaN], [3, 4]]], ArgumentError, "expected counts of at least 0, got NaN in row 0, column 1."],
    [[[[1, 2], [3, 4]], { classes: ["a"] }], ShapeError, "expected 2 names of classes, got 1."],
    [[[[1, 2], [3, 4]], { min: 0 }], ArgumentError, "expected min to be a finite number above 0, got 0."],
  ]); // prettier-ignore
  refuses("suspectedLabels", "suspectedLabels: ", [
    [
      [ones([2, 2]), [0, 1]],
      ArgumentError,
      "expected probabilities that sum to 1 in each row, got row 0 with the sum 2 (for logits give { logits: true }, or take softmax " +
        "or sigmoid first).",
    ],
    [[ones([2, 2]), [0, 2], { logits: true }], ArgumentError, "expected labels from 0 to 1, got 2 at index 1."],
    [[ones([2, 2]), [0], { logits: true }], ShapeError, "expected as many labels as predictions, 2, got 1."],
    [
      [ones([2]), [0, 1]],
      ShapeError,
      "expected probabilities [N, C] of at least two classes, got one number a sample.",
    ],
  ]);
});

describe("Pictures", () => {
  refuses("heatmapImage", "heatmapImage: ", [
    [[ones([4])], ShapeError, "expected map as one plane [H, W], [1, H, W] or [1, 1, H, W], got [4]."],
    [
      [ones([2, 1, 4, 4])],
      ShapeError,
      "expected map as one plane [H, W], [1, H, W] or [1, 1, H, W], got [2, 1, 4, 4] (several: give them one by one, map.slice(i), and " +
        "of channels sum or mean).",
    ],
    [[new Tensor([[1, NaN]])], ArgumentError, "expected finite numbers in map, got NaN at index 1."],
    [
      [ones([2, 2]), { colors: "viridas" }],
      ArgumentError,
      'expected colors to be one of "viridis", "redBlue", "gray", got "viridas", did you mean "viridis"?',
    ],
    [[ones([2, 2]), { range: [1, 1] }], ArgumentError, "expected range as [low, high], low below high, got [1, 1]."],
    [[ones([2, 2]), { scale: 0.5 }], ArgumentError, "expected scale to be a whole number of at least 1, got 0.5."],
  ]);
  refuses("tensorImage", "tensorImage: ", [
    [[picture], ArgumentError, "expected image to be a Tensor, got an object (Object) (fromRgba(data, width, height) makes one of an image)."],
    [[ones([2, 4, 4])], ShapeError, "expected image as [1, H, W] (gray) or [3, H, W] (red, green, blue), got [2, 4, 4]."],
    [[new Tensor([[Infinity]])], ArgumentError, "expected finite numbers in image, got Infinity at index 0."],
  ]); // prettier-ignore
  refuses("overlayImage", "overlayImage: ", [
    [
      [picture, ones([2, 3])],
      ShapeError,
      "expected a map of 2 x 2 as the image, got 2 x 3 (gradCam gives the input's size unless { upsample: false }).",
    ],
    [[picture, ones([2, 2]), { opacity: 2 }], ArgumentError, "expected opacity to be a finite number from 0 to 1, got 2."],
  ]); // prettier-ignore
  refuses("gridImage", "gridImage: ", [
    [[[]], ArgumentError, "expected a list of at least one picture, got []."],
    [[[3]], ArgumentError, "expected a picture { width, height, data }, got 3."],
    [
      [[{ ...picture, width: 3 }]],
      ShapeError,
      "expected 24 bytes for 3 x 2 pixels of R, G, B, A, got 16 (check width and height).",
    ],
  ]);
  refuses("filtersImage", "filtersImage: ", [
    [[3], ArgumentError, "expected a layer with filters, such as a Conv2d, got 3."],
    [[new ReLU()], ArgumentError, "expected a layer with filters, such as a Conv2d, got a ReLU."],
    [
      [new Linear(2, 3)],
      ArgumentError,
      "expected a layer with filters, such as a Conv2d, got a Linear with weights [3, 2].",
    ],
    [
      [model],
      ArgumentError,
      "expected a layer with filters, such as a Conv2d, got a Sequential (give one of the layers inside: model.get(0)).",
    ],
  ]);
  refuses("featureMapsImage", "featureMapsImage: ", [
    [[ones([2, 3, 4, 4])], ShapeError, "expected maps [C, H, W] or [1, C, H, W], got [2, 3, 4, 4] (of one sample: maps.slice(0))."],
    [[ones([1, 1, 1]), { range: "none" }], ArgumentError, 'expected range to be one of "each", "all", got "none".'],
  ]); // prettier-ignore
  refuses("encodePng", "encodePng: ", [
    [[3], ArgumentError, "expected a picture { width, height, data }, got 3."],
    [
      [picture, { encoder: "png" }],
      ArgumentError,
      'expected encoder to be a function, such as encode of fast-png, got "png".',
    ],
  ]);
});
