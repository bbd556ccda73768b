// A small U-Net: images to images of the same size.
import { positive, readOptions, type OptionTable } from "../base/options.js";
import { kaimingNormal } from "../init/kaiming.js";
import { ReLU } from "../nn/activation/relu.js";
import { Concat } from "../nn/container/concat.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import type { GraphEntry } from "../nn/container/wiring.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { ConvTranspose2d } from "../nn/conv/convtranspose2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { convNorm, startWeights } from "./options.js";

/** Options of {@link unet}. */
export interface UNetOptions {
  /** Channels of the images. Default 1. */
  readonly inChannels?: number;
  /** Planes of the output: classes of a pixel, or channels of an image. Default 2. */
  readonly numClasses?: number;
  /** Channels of the first level; each level below has twice as many. Default 16. */
  readonly width?: number;
  /** How many times the image is halved. Default 3. */
  readonly depth?: number;
}

/**
 * A small U-Net: down through levels of two 3x3 convolutions with batch norm and ReLU, up again by transposed convolutions, and on each
 * level what was there on the way down stands beside what comes up. 482,466 parameters as it stands. Convolutions but the last start from
 * `kaimingNormal()`.
 *
 * Input [N, inChannels, H, W], output [N, numClasses, H, W], logits; 2^depth divides H and W.
 *
 * @example
 * const model = unet({ inChannels: 3, numClasses: 4 });
 * const loss = new CrossEntropy(); // a label for each pixel: N x H x W of them
 *
 * @throws ArgumentError for an unusable option
 * @see Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation", MICCAI 2015
 */
export function unet(options: UNetOptions = {}): Graph {
  const table: OptionTable<UNetOptions> = {
    inChannels: { check: positive, default: 1 },
    numClasses: { check: positive, default: 2 },
    width: { check: positive, default: 16 },
    depth: { check: positive, default: 3 },
  };
  const { inChannels, numClasses, width, depth } = readOptions<UNetOptions>("unet", table, options);
  const nodes: GraphEntry[] = [];
  let [channels, wide] = [inChannels, width];
  for (let level = 1; level <= depth; level++) {
    nodes.push([`down${level}`, doubleConv(channels, wide)], [`pool${level}`, new MaxPool2d(2)]);
    [channels, wide] = [wide, 2 * wide];
  }
  nodes.push(["bottom", doubleConv(channels, wide)]);
  for (let level = depth; level >= 1; level--) {
    nodes.push([`up${level}`, new ConvTranspose2d(wide, channels, 2, { stride: 2 })]);
    nodes.push([`concat${level}`, new Concat(), `down${level}`, `up${level}`]);
    nodes.push([`merge${level}`, doubleConv(wide, channels)]);
    [channels, wide] = [channels / 2, channels];
  }
  const network = startWeights(new Graph([...nodes, ["head", new Conv2d(wide, numClasses, 1)]]), {
    conv: kaimingNormal(),
    zeroBias: false,
  });
  return network;
}

function doubleConv(from: number, to: number): Sequential {
  return new Sequential(...convNorm(from, to, 3), new ReLU(), ...convNorm(to, to, 3), new ReLU());
}
