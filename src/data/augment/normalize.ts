// Levels: (x - mean) / std of each channel, grayscale, and mean and deviation of a data set to normalize by.
import { show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { Tensor } from "../../base/tensor.js";
import { channelList, imageSizes } from "./images.js";
import type { Transform } from "./transform.js";

/**
 * (x - mean) / std, for each channel its own, each step rounded to float32 as in torchvision. One number stands for all channels.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Normalize.html
 *
 * @example
 * const transform = normalize([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]); // CIFAR-10
 *
 * @throws ArgumentError for a deviation of 0, or numbers that do not fit the channels
 */
export function normalize(mean: number | readonly number[], std: number | readonly number[]): Transform {
  const name = "normalize";
  const means = channelList(name, "mean", mean);
  const stds = channelList(name, "std", std);
  const zero = stds.findIndex((value) => Math.fround(value) === 0);
  if (zero >= 0) throw new ArgumentError(`${name}: expected std other than 0, got ${stds[zero]} at channel ${zero}.`);
  return {
    name,
    options: { mean: means, std: stds },
    apply(images) {
      const [n, c, h, w] = images.shape;
      for (const [what, list] of [["mean", means] as const, ["std", stds] as const]) {
        if (list.length === 1 || list.length === c) continue;
        throw new ArgumentError(`${name}: expected ${what} of 1 or ${c} channels, got ${show(list)}.`);
      }
      const { data } = images;
      for (let i = 0, at = 0; i < n; i++) {
        for (let channel = 0; channel < c; channel++) {
          const m = Math.fround(means[means.length === 1 ? 0 : channel]);
          const s = Math.fround(stds[stds.length === 1 ? 0 : channel]);
          for (const end = at + h * w; at < end; at++) data[at] = Math.fround(data[at] - m) / s;
        }
      }
      return images;
    },
  };
}

/**
 * Images of three channels as gray ones: 0.2989 R + 0.587 G + 0.114 B, as torchvision has it; images of one channel stay. With
 * `channels: 3` the gray stands in all three.
 */
export function grayscale(options: { readonly channels?: 1 | 3 } = {}): Transform {
  const name = "grayscale";
  const { channels = 1 } = options;
  if (channels !== 1 && channels !== 3) {
    throw new ArgumentError(`${name}: expected channels to be 1 or 3, got ${show(channels)}.`);
  }
  return {
    name,
    options: { channels },
    apply(images) {
      const [n, c, h, w] = images.shape;
      if (c !== 1 && c !== 3) throw new ArgumentError(`${name}: expected images of 1 or 3 channels, got ${c}.`);
      const y = new Float32Array(n * channels * h * w);
      const pixels = h * w;
      for (let i = 0; i < n; i++) {
        const to = i * channels * pixels;
        grayOf(images.data, i * c * pixels, c, pixels, y, to);
        if (channels === 3) {
          y.copyWithin(to + pixels, to, to + pixels);
          y.copyWithin(to + 2 * pixels, to, to + pixels);
        }
      }
      return Tensor.adopt(y, [n, channels, h, w]);
    },
  };
}

/** @internal The gray of one image of 1 or 3 channels. */
export function grayOf(x: Float32Array, from: number, c: number, pixels: number, y: Float32Array, to: number): void {
  for (let i = 0; i < pixels; i++) {
    const at = from + i;
    y[to + i] = c === 1 ? x[at] : 0.2989 * x[at] + 0.587 * x[at + pixels] + 0.114 * x[at + 2 * pixels];
  }
}

/** What {@link channelStatistics} gives. */
export interface ChannelStatistics {
  /** Mean of each channel. */
  readonly mean: number[];
  /** Standard deviation of each channel. */
  readonly std: number[];
}

/**
 * Mean and standard deviation of each channel of images [N, C, H, W], for {@link normalize}. Sums run in float64; the deviation
 * is that of all pixels (divided by their number).
 *
 * @example
 * const statistics = channelStatistics(ones([2, 3, 4, 4]));
 * statistics.mean; // [1, 1, 1]
 */
export function channelStatistics(images: Tensor): ChannelStatistics {
  const [n, c, h, w] = imageSizes("channelStatistics", images);
  const { data } = images;
  const [mean, std] = [new Array<number>(c).fill(0), new Array<number>(c).fill(0)];
  const pixels = h * w;
  const overPlanes = (channel: number, term: (x: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const from = (i * c + channel) * pixels;
      for (let at = from; at < from + pixels; at++) sum += term(data[at]);
    }
    return sum / (n * pixels);
  };
  for (let channel = 0; channel < c; channel++) {
    const m = overPlanes(channel, (x) => x);
    mean[channel] = m;
    std[channel] = Math.sqrt(overPlanes(channel, (x) => (x - m) * (x - m)));
  }
  return { mean, std };
}
