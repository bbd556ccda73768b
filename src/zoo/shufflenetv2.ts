// ShuffleNetV2 in torchvision's form.
import { readOptions, type Check } from "../base/options.js";
import { ArgumentError } from "../base/errors.js";
import { show } from "../base/check.js";
import { ReLU } from "../nn/activation/relu.js";
import { Concat } from "../nn/container/concat.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { ChannelShuffle } from "../nn/shape/channelshuffle.js";
import { Flatten } from "../nn/shape/flatten.js";
import { Slice } from "../nn/shape/slice.js";
import { CLASSIFIER, convNorm, type ClassifierOptions } from "./options.js";

/** Options of {@link shufflenetV2}. */
export interface ShuffleNetV2Options extends ClassifierOptions {
  /** Which of the four networks: torchvision's x0_5, x1_0 (default), x1_5 or x2_0. */
  readonly widthMult?: 0.5 | 1 | 1.5 | 2;
}

// Channels of the three stages, and of the last convolution.
const WIDTHS = new Map<unknown, readonly [number, number, number, number]>([
  [0.5, [48, 96, 192, 1024]],
  [1, [116, 232, 464, 1024]],
  [1.5, [176, 352, 704, 1024]],
  [2, [244, 488, 976, 2048]],
]);
const COUNTS = [4, 8, 4] as const; // blocks of each stage
const FIRST = 24;

const oneWidth: Check<0.5 | 1 | 1.5 | 2> = (who, name, value) => {
  if (WIDTHS.has(value)) return value as 1;
  throw new ArgumentError(`${who}: expected ${name} to be 0.5, 1, 1.5 or 2, got ${show(value)}.`);
};

/**
 * ShuffleNetV2, torchvision's `shufflenet_v2_x1_0`: 2,278,604 parameters (x0_5: 1,366,792; x1_5: 3,503,624; x2_0: 7,393,996). Each block
 * leaves half of its channels as they are, works on the other half, and shuffles both. Weights start as PyTorch's defaults.
 *
 * Input [N, 3, H, W], made for 224 x 224; output [N, numClasses], logits.
 *
 * @throws ArgumentError for an unusable option
 * @see Ma, Zhang, Zheng and Sun, "ShuffleNet V2: practical guidelines for efficient CNN architecture design", ECCV 2018
 */
export function shufflenetV2(options: ShuffleNetV2Options = {}): Sequential {
  const table = { ...CLASSIFIER, widthMult: { check: oneWidth, default: 1 } };
  const { numClasses, inChannels, widthMult } = readOptions<ShuffleNetV2Options>("shufflenetV2", table, options);
  const [stage2, stage3, stage4, last] = WIDTHS.get(widthMult) ?? [0, 0, 0, 0];
  const model = new Sequential(
    ["conv1", new Sequential(...convNorm(inChannels, FIRST, 3, { stride: 2 }), new ReLU())],
    ["maxpool", new MaxPool2d(3, { stride: 2, padding: 1 })],
  );
  let channels = FIRST;
  [stage2, stage3, stage4].forEach((width, i) => {
    const blocks: Layer[] = [halving(channels, width)];
    while (blocks.length < COUNTS[i]) blocks.push(keeping(width));
    model.add(new Sequential(...blocks), `stage${i + 2}`);
    channels = width;
  });
  model.add(new Sequential(...convNorm(channels, last, 1), new ReLU()), "conv5");
  return model
    .add(new AdaptiveAvgPool2d(1), "avgpool")
    .add(new Flatten(), "flatten")
    .add(new Linear(last, numClasses), "fc");
}

// Half the size: both ways begin with all channels.
function halving(from: number, to: number): Graph {
  const half = to / 2;
  const side = new Sequential(
    ...convNorm(from, from, 3, { stride: 2, groups: from }),
    ...[...convNorm(from, half, 1), new ReLU()],
  );
  return new Graph([
    ["branch1", side, "x"],
    ["branch2", deepBranch(from, half, 2), "x"],
    ["concat", new Concat(), "branch1", "branch2"],
    ["shuffle", new ChannelShuffle(2)],
  ]);
}

// The same size: the first half of the channels goes around.
function keeping(channels: number): Graph {
  const half = channels / 2;
  return new Graph([
    ["first", new Slice(0, half), "x"],
    ["second", new Slice(half, null), "x"],
    ["branch2", deepBranch(half, half, 1), "second"],
    ["concat", new Concat(), "first", "branch2"],
    ["shuffle", new ChannelShuffle(2)],
  ]);
}

function deepBranch(from: number, to: number, stride: number): Sequential {
  return new Sequential(
    ...[...convNorm(from, to, 1), new ReLU()],
    ...convNorm(to, to, 3, { stride, groups: to }),
    ...[...convNorm(to, to, 1), new ReLU()],
  );
}
