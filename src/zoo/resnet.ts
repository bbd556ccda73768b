// ResNets: torchvision's for ImageNet, and those of the paper for CIFAR.
import { oneOf } from "../base/check.js";
import { positive, readOptions, trueOrFalse, type Check } from "../base/options.js";
import { zerosInit } from "../init/constant.js";
import { kaimingNormal } from "../init/kaiming.js";
import { ReLU } from "../nn/activation/relu.js";
import { Add } from "../nn/container/add.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import type { GraphEntry } from "../nn/container/wiring.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Linear } from "../nn/linear/linear.js";
import { BatchNorm2d } from "../nn/norm/batchnorm2d.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { CLASSIFIER, convNorm, startWeights, type ClassifierOptions } from "./options.js";

/** Options of the ResNets. */
export interface CifarResNetOptions extends ClassifierOptions {
  /** Whether the last batch norm of each block starts with weight 0, so that the block starts as the identity. Default false. */
  readonly zeroInitResidual?: boolean;
}

/** Options of the ResNets for ImageNet. */
export interface ResNetOptions extends CifarResNetOptions {
  /**
   * How it begins. "imagenet" (default): a 7x7 convolution of stride 2 and a 3x3 max pool of stride 2. "cifar", for images of about
   * 32 x 32: a 3x3 convolution of stride 1 and no pool.
   */
  readonly stem?: "imagenet" | "cifar";
}

const ZERO_INIT = { check: trueOrFalse, default: false };
const oneStem: Check<"imagenet" | "cifar"> = (who, name, value) => oneOf(who, name, value, ["imagenet", "cifar"]);

// A block of `width` channels, as a list of nodes, and how many channels it gives.
interface Block {
  readonly make: (from: number, width: number, stride: number) => Graph;
  readonly expansion: number;
}

/**
 * ResNet-18, torchvision's `resnet18`: 11,689,512 parameters. Four stages of blocks with a way around each; convolutions start from
 * `kaimingNormal({ mode: "fanOut" })`, the linear layer as PyTorch's default.
 *
 * Input [N, 3, H, W], made for 224 x 224 (with `stem: "cifar"` for 32 x 32); output [N, numClasses], logits.
 *
 * @example
 * const model = resnet18({ numClasses: 10, stem: "cifar" });
 *
 * @throws ArgumentError for an unusable option
 * @see He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016
 */
export function resnet18(options: ResNetOptions = {}): Sequential {
  return resnet("resnet18", BASIC, [2, 2, 2, 2], options);
}

/** ResNet-34, torchvision's `resnet34`: 21,797,672 parameters. Everything else is as for {@link resnet18}. */
export function resnet34(options: ResNetOptions = {}): Sequential {
  return resnet("resnet34", BASIC, [3, 4, 6, 3], options);
}

/**
 * ResNet-50, torchvision's `resnet50`: 25,557,032 parameters. Its blocks are bottlenecks, three convolutions of which the one in the
 * middle has the stride. Everything else is as for {@link resnet18}.
 */
export function resnet50(options: ResNetOptions = {}): Sequential {
  return resnet("resnet50", BOTTLENECK, [3, 4, 6, 3], options);
}

/**
 * ResNet-20 for CIFAR: 272,474 parameters. Three stages of 16, 32 and 64 channels behind a 3x3 convolution. Where a stage begins, a 1x1
 * convolution is the way around (the paper's form B, names as torchvision's); weights start as for {@link resnet18}.
 *
 * Input [N, 3, H, W], made for 32 x 32; output [N, numClasses], logits; 10 classes unless told otherwise.
 *
 * @throws ArgumentError for an unusable option
 * @see He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2
 */
export function resnet20(options: CifarResNetOptions = {}): Sequential {
  return cifarResnet("resnet20", 3, options);
}

/** ResNet-32 for CIFAR: 466,906 parameters. Everything else is as for {@link resnet20}. */
export function resnet32(options: CifarResNetOptions = {}): Sequential {
  return cifarResnet("resnet32", 5, options);
}

/** ResNet-44 for CIFAR: 661,338 parameters. Everything else is as for {@link resnet20}. */
export function resnet44(options: CifarResNetOptions = {}): Sequential {
  return cifarResnet("resnet44", 7, options);
}

/** ResNet-56 for CIFAR: 855,770 parameters. Everything else is as for {@link resnet20}. */
export function resnet56(options: CifarResNetOptions = {}): Sequential {
  return cifarResnet("resnet56", 9, options);
}

// y = relu(norm(conv3x3(relu(norm(conv3x3(x))))) + shortcut(x)).
const BASIC: Block = {
  expansion: 1,
  make(from, width, stride) {
    const [conv1, bn1] = convNorm(from, width, 3, { stride });
    const [conv2, bn2] = convNorm(width, width, 3);
    const body: GraphEntry[] = [
      ...([["conv1", conv1], ["bn1", bn1], ["relu1", new ReLU()]] as const),
      ...([["conv2", conv2], ["bn2", bn2]] as const),
    ]; // prettier-ignore
    return withShortcut(body, "bn2", from, width, stride);
  },
};

// The same with a 1x1 convolution before and behind one of 3x3, which has a quarter of the channels.
const BOTTLENECK: Block = {
  expansion: 4,
  make(from, width, stride) {
    const [conv1, bn1] = convNorm(from, width, 1);
    const [conv2, bn2] = convNorm(width, width, 3, { stride });
    const [conv3, bn3] = convNorm(width, 4 * width, 1);
    const body: GraphEntry[] = [
      ...([["conv1", conv1], ["bn1", bn1], ["relu1", new ReLU()]] as const),
      ...([["conv2", conv2], ["bn2", bn2], ["relu2", new ReLU()]] as const),
      ...([["conv3", conv3], ["bn3", bn3]] as const),
    ]; // prettier-ignore
    return withShortcut(body, "bn3", from, 4 * width, stride);
  },
};

// Where the shape changes, a 1x1 convolution on the way around changes it, too.
function withShortcut(body: GraphEntry[], last: string, from: number, to: number, stride: number): Graph {
  const changes = stride !== 1 || from !== to;
  if (changes) body.push(["downsample", new Sequential(...convNorm(from, to, 1, { stride })), "x"]);
  return new Graph([...body, ["add", new Add(), last, changes ? "downsample" : "x"], ["relu", new ReLU()]]);
}

function resnet(who: string, block: Block, counts: readonly number[], options: ResNetOptions): Sequential {
  const table = { ...{ ...CLASSIFIER, zeroInitResidual: ZERO_INIT }, stem: { check: oneStem, default: "imagenet" } };
  const { stem, inChannels, ...rest } = readOptions<ResNetOptions>(who, table, options);
  const small = stem === "cifar";
  const conv1 = small
    ? new Conv2d(inChannels, 64, 3, { padding: 1, bias: false })
    : new Conv2d(inChannels, 64, 7, { stride: 2, padding: 3, bias: false });
  const model = new Sequential(["conv1", conv1], ["bn1", new BatchNorm2d(64)], ["relu", new ReLU()]);
  if (!small) model.add(new MaxPool2d(3, { stride: 2, padding: 1 }), "maxpool");
  return finish(model, block, counts, 64, rest);
}

function cifarResnet(who: string, count: number, options: CifarResNetOptions): Sequential {
  const table = { ...CLASSIFIER, numClasses: { check: positive, default: 10 }, zeroInitResidual: ZERO_INIT };
  const { inChannels, ...rest } = readOptions<CifarResNetOptions>(who, table, options);
  const [conv1, bn1] = convNorm(inChannels, 16, 3);
  const model = new Sequential(["conv1", conv1], ["bn1", bn1], ["relu", new ReLU()]);
  return finish(model, BASIC, [count, count, count], 16, rest);
}

// The stages behind the stem, each of twice the channels and, but for the first, half the size; then the head.
function finish(
  model: Sequential,
  { make, expansion }: Block,
  counts: readonly number[],
  first: number,
  { numClasses, zeroInitResidual }: { readonly numClasses: number; readonly zeroInitResidual: boolean },
): Sequential {
  let [channels, width] = [first, first];
  counts.forEach((count, stage) => {
    const blocks: Graph[] = [];
    for (let i = 0; i < count; i++) {
      const block = make(channels, width, stage > 0 && i === 0 ? 2 : 1);
      if (zeroInitResidual) lastNorm(block).weight?.initialize(zerosInit());
      blocks.push(block);
      channels = expansion * width;
    }
    model.add(new Sequential(...blocks), `layer${stage + 1}`);
    width *= 2;
  });
  model.add(new AdaptiveAvgPool2d(1), "avgpool").add(new Flatten(), "flatten");
  model.add(new Linear(channels, numClasses), "fc");
  return startWeights(model, { conv: kaimingNormal({ mode: "fanOut" }), zeroBias: true });
}

// Of the block's body, which is what the sum reads first.
function lastNorm(block: Graph): BatchNorm2d {
  const norms = [...block].filter((layer) => layer instanceof BatchNorm2d);
  return norms[norms.length - 1];
}
