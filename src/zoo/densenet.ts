// DenseNet-121 in torchvision's form.
import { fraction, readOptions } from "../base/options.js";
import { zerosInit } from "../init/constant.js";
import { kaimingNormal } from "../init/kaiming.js";
import { ReLU } from "../nn/activation/relu.js";
import { Concat } from "../nn/container/concat.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import type { GraphEntry } from "../nn/container/wiring.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import { Linear } from "../nn/linear/linear.js";
import { BatchNorm2d } from "../nn/norm/batchnorm2d.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { AvgPool2d } from "../nn/pool/avgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { CLASSIFIER, startWeights, type ClassifierOptions } from "./options.js";

/** Options of {@link densenet121}. */
export interface DenseNetOptions extends ClassifierOptions {
  /** The share of numbers that dropout sets to 0 behind each dense layer. Default 0: no dropout. */
  readonly dropRate?: number;
}

const GROWTH = 32; // channels that each layer adds
const BLOCKS = [6, 12, 24, 16] as const; // layers of each block
const FIRST = 64;

/**
 * DenseNet-121, torchvision's `densenet121`: 7,978,856 parameters. In a dense block each layer reads the outputs of all layers before it,
 * and adds 32 channels; transitions between blocks halve channels and size. Convolutions start from `kaimingNormal()`, the bias of the
 * linear layer at 0.
 *
 * Input [N, 3, H, W] of at least 29 x 29, made for 224 x 224; output [N, numClasses], logits.
 *
 * @throws ArgumentError for an unusable option
 * @see Huang, Liu, van der Maaten and Weinberger, "Densely connected convolutional networks", CVPR 2017
 */
export function densenet121(options: DenseNetOptions = {}): Sequential {
  const table = { ...CLASSIFIER, dropRate: { check: fraction, default: 0 } };
  const { numClasses, inChannels, dropRate } = readOptions<DenseNetOptions>("densenet121", table, options);
  const features = new Sequential(
    ["conv0", new Conv2d(inChannels, FIRST, 7, { stride: 2, padding: 3, bias: false })],
    ["norm0", new BatchNorm2d(FIRST)],
    ["relu0", new ReLU()],
    ["pool0", new MaxPool2d(3, { stride: 2, padding: 1 })],
  );
  let channels = FIRST;
  BLOCKS.forEach((count, i) => {
    features.add(denseBlock(channels, count, dropRate), `denseblock${i + 1}`);
    channels += count * GROWTH;
    if (i === BLOCKS.length - 1) return;
    features.add(transition(channels, channels / 2), `transition${i + 1}`);
    channels /= 2;
  });
  features.add(new BatchNorm2d(channels), "norm5");
  const classifier = new Linear(channels, numClasses);
  classifier.bias?.initialize(zerosInit());
  const model = new Sequential(
    ["features", features],
    ["relu", new ReLU()],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    ["classifier", classifier],
  );
  return startWeights(model, { conv: kaimingNormal(), zeroBias: true });
}

// Behind each layer its channels are joined to all before it, which is what the next one reads.
function denseBlock(from: number, count: number, dropRate: number): Graph {
  const nodes: GraphEntry[] = [];
  let all = "x";
  for (let i = 1; i <= count; i++) {
    const [layer, joined] = [`denselayer${i}`, `concat${i}`];
    nodes.push([layer, denseLayer(from + (i - 1) * GROWTH, dropRate), all]);
    nodes.push([joined, new Concat(), all, layer]);
    all = joined;
  }
  return new Graph(nodes);
}

function denseLayer(from: number, dropRate: number): Sequential {
  const layer = new Sequential(
    ["norm1", new BatchNorm2d(from)],
    ["relu1", new ReLU()],
    ["conv1", new Conv2d(from, 4 * GROWTH, 1, { bias: false })],
    ["norm2", new BatchNorm2d(4 * GROWTH)],
    ["relu2", new ReLU()],
    ["conv2", new Conv2d(4 * GROWTH, GROWTH, 3, { padding: 1, bias: false })],
  );
  return dropRate > 0 ? layer.add(new Dropout(dropRate), "dropout") : layer;
}

function transition(from: number, to: number): Sequential {
  return new Sequential(
    ["norm", new BatchNorm2d(from)],
    ["relu", new ReLU()],
    ["conv", new Conv2d(from, to, 1, { bias: false })],
    ["pool", new AvgPool2d(2)],
  );
}
