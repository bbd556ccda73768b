// MobileNetV2 in torchvision's form.
import { above0 } from "../base/options.js";
import { kaimingNormal } from "../init/kaiming.js";
import { normalInit } from "../init/uniform.js";
import { ReLU6 } from "../nn/activation/relu6.js";
import { Add } from "../nn/container/add.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import { Dropout } from "../nn/dropout/dropout.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { convNorm, readClassifier, startWeights, type DropoutClassifierOptions } from "./options.js";

/** Options of {@link mobilenetV2}. */
export interface MobileNetV2Options extends DropoutClassifierOptions {
  /** By how much the channels of every layer are more or fewer; the counts are rounded to multiples of 8. Default 1. */
  readonly widthMult?: number;
}

// Each row: by how much a block expands its channels, the channels it gives, how many blocks, the stride of the first.
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * MobileNetV2, torchvision's `mobilenet_v2`: 3,504,872 parameters. Inverted residuals: a 1x1 convolution widens, one of 3x3 looks at each
 * channel by itself, a 1x1 without an activation narrows, with a way around where the shape stays. Convolutions start from
 * `kaimingNormal({ mode: "fanOut" })`, the linear layer normal with a standard deviation of 0.01, biases at 0.
 *
 * Input [N, 3, H, W], made for 224 x 224 (halved five times); output [N, numClasses], logits; dropout 0.2.
 *
 * @example
 * const model = mobilenetV2({ numClasses: 5, widthMult: 0.5 });
 *
 * @throws ArgumentError for an unusable option
 * @see Sandler, Howard, Zhu, Zhmoginov and Chen, "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018
 */
export function mobilenetV2(options: MobileNetV2Options = {}): Sequential {
  const more = { widthMult: { check: above0, default: 1 } };
  const { numClasses, inChannels, dropout, widthMult } = readClassifier("mobilenetV2", 0.2, options, more);
  let channels = roundedTo8(32 * widthMult);
  const last = roundedTo8(1280 * Math.max(1, widthMult));
  const features = new Sequential(convNormRelu6(inChannels, channels, 3, { stride: 2 }));
  for (const [expand, width, count, stride] of STAGES) {
    const to = roundedTo8(width * widthMult);
    for (let i = 0; i < count; i++) {
      features.add(invertedResidual(channels, to, i === 0 ? stride : 1, expand));
      channels = to;
    }
  }
  features.add(convNormRelu6(channels, last, 1));
  const model = new Sequential(
    ["features", features],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    ["classifier", new Sequential(new Dropout(dropout), new Linear(last, numClasses))],
  );
  return startWeights(model, { conv: kaimingNormal({ mode: "fanOut" }), linear: normalInit(0, 0.01), zeroBias: true });
}

function invertedResidual(from: number, to: number, stride: number, expand: number): Layer {
  const wide = from * expand;
  const conv = new Sequential();
  if (expand !== 1) conv.add(convNormRelu6(from, wide, 1));
  conv.add(convNormRelu6(wide, wide, 3, { stride, groups: wide }));
  for (const layer of convNorm(wide, to, 1)) conv.add(layer);
  if (stride !== 1 || from !== to) return new Sequential(["conv", conv]);
  return new Graph([
    ["conv", conv],
    ["add", new Add(), "x", "conv"],
  ]);
}

function convNormRelu6(...args: Parameters<typeof convNorm>): Sequential {
  return new Sequential(...convNorm(...args), new ReLU6());
}

// To the nearest multiple of 8, but never to less than 9 tenths.
function roundedTo8(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
