// Mixtures of the images of a batch, with targets that say how much of which: mixup and CutMix. They come after all that is done
// to single images, and give probabilities as targets, which CrossEntropy takes.
import { finite, show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { readOptions, type Check } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { exp, log } from "../../numbers/math.js";
import type { SampleBatch } from "../sets/dataset.js";
import { imageSizes } from "./images.js";
import type { SampleRandom } from "./sampleRandom.js";

/**
 * A transform of a whole batch: gets it with the batch's own random stream (of seed, epoch and number of the batch), and returns
 * another one. It runs in the caller's thread.
 */
export interface BatchTransform<Y = Int32Array, Z = Y> {
  (batch: SampleBatch<Y>, random: SampleRandom): SampleBatch<Z>;
  /** @internal One of this package as plain data, for another thread. */
  readonly config?: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
}

/** Options of {@link mixUp} and {@link cutMix}. */
export interface MixOptions {
  /** How many classes there are. Needed for labels; targets that are probabilities [N, C] say it themselves. */
  readonly numClasses?: number;
  /** The share of the first image is drawn from Beta(alpha, alpha). Default 1: all shares equally likely. */
  readonly alpha?: number;
}

const above0: Check<number> = (who, name, value) => {
  const number = finite(who, name, value, 0);
  if (number > 0) return number;
  throw new ArgumentError(`${who}: expected ${name} above 0, got ${show(value)}.`);
};
const OPTIONS = {
  numClasses: { check: ((who, name, value) => whole(who, name, value, 1)) as Check<number> },
  alpha: { check: above0, default: 1 },
};

/**
 * Each image with the one before it in the batch, laid over each other: x = share x_i + (1 - share) x_(i-1), and the targets alike;
 * one share a batch. Shuffle the batches.
 *
 * Zhang, Cisse, Dauphin & Lopez-Paz, "mixup: beyond empirical risk minimization" (2018).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.MixUp.html
 *
 * @example
 * const batchTransform = mixUp({ numClasses: 10, alpha: 0.2 });
 */
export function mixUp(options: MixOptions = {}): BatchTransform<Int32Array | Tensor, Tensor> {
  const who = "mixUp";
  const settings = readOptions(who, OPTIONS, options) as unknown as MixOptions & { readonly alpha: number };
  return described(who, settings, ([x, y], random) => {
    const targets = oneHot(who, y, x.shape[0], settings.numClasses);
    const share = beta(random, settings.alpha);
    return [blend(x, share), blend(targets, share)];
  });
}

/**
 * A rectangle of each image is taken from the one before it in the batch; the targets are mixed by the areas. One rectangle a
 * batch, whose area is 1 - share, cut at the edges.
 *
 * Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features" (2019).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.CutMix.html
 *
 * @example
 * const batchTransform = cutMix({ numClasses: 10 });
 */
export function cutMix(options: MixOptions = {}): BatchTransform<Int32Array | Tensor, Tensor> {
  const who = "cutMix";
  const settings = readOptions(who, OPTIONS, options) as unknown as MixOptions & { readonly alpha: number };
  return described(who, settings, ([x, y], random) => {
    const [n, c, h, w] = imageSizes(who, x);
    const targets = oneHot(who, y, n, settings.numClasses);
    const share = beta(random, settings.alpha);
    const [centerX, centerY] = [random.integer(w), random.integer(h)];
    const half = 0.5 * Math.sqrt(1 - share);
    const [halfW, halfH] = [Math.trunc(half * w), Math.trunc(half * h)];
    const [left, right] = [Math.max(centerX - halfW, 0), Math.min(centerX + halfW, w)];
    const [top, bottom] = [Math.max(centerY - halfH, 0), Math.min(centerY + halfH, h)];
    const mixed = x.clone();
    for (let i = 0; i < n; i++) {
      const other = (i + n - 1) % n;
      for (let channel = 0; channel < c; channel++) {
        for (let row = top; row < bottom; row++) {
          const [to, from] = [i, other].map((image) => ((image * c + channel) * h + row) * w);
          mixed.data.set(x.data.subarray(from + left, from + right), to + left);
        }
      }
    }
    return [mixed, blend(targets, 1 - ((right - left) * (bottom - top)) / (w * h))];
  });
}

type Mix = (batch: SampleBatch<Int32Array | Tensor>, random: SampleRandom) => SampleBatch<Tensor>;

function described(name: string, options: MixOptions, mix: Mix): BatchTransform<Int32Array | Tensor, Tensor> {
  return Object.assign(mix, { config: { name, options: { ...options } } });
}

// Row i with row i - 1; the first with the last.
function blend(x: Tensor, share: number): Tensor {
  const n = x.shape[0];
  const size = x.size / n;
  const y = x.like();
  for (let i = 0; i < n; i++) {
    const other = ((i + n - 1) % n) * size;
    for (let j = 0; j < size; j++)
      y.data[i * size + j] = share * x.data[i * size + j] + (1 - share) * x.data[other + j];
  }
  return y;
}

function oneHot(who: string, y: Int32Array | Tensor, n: number, numClasses: number | undefined): Tensor {
  if (Tensor.isTensor(y)) {
    if (y.rank === 2 && y.shape[0] === n) return y;
    throw new ShapeError(`${who}: expected targets [${n}, C], got ${formatShape(y.shape)}.`);
  }
  if (numClasses === undefined) {
    throw new ArgumentError(`${who}: expected numClasses for labels, got none (as in ${who}({ numClasses: 10 })).`);
  }
  if (y.length !== n) throw new ShapeError(`${who}: expected ${n} labels, got ${y.length}.`);
  const targets = new Float32Array(n * numClasses);
  y.forEach((label, i) => {
    if (label < 0 || label >= numClasses) {
      throw new ArgumentError(`${who}: expected labels from 0 to ${numClasses - 1}, got ${label} at index ${i}.`);
    }
    targets[i * numClasses + label] = 1;
  });
  return Tensor.adopt(targets, [n, numClasses]);
}

// a / (a + b) for a, b from Gamma(alpha). Both may be 0 for tiny alpha; a coin decides then, which is the limit.
function beta(random: SampleRandom, alpha: number): number {
  if (alpha === 1) return random.uniform();
  const [a, b] = [gamma(random, alpha), gamma(random, alpha)];
  return a + b > 0 ? a / (a + b) : random.chance(0.5) ? 1 : 0;
}

// Marsaglia & Tsang, "A simple method for generating gamma variables" (2000); for alpha < 1 from that of alpha + 1.
function gamma(random: SampleRandom, alpha: number): number {
  if (alpha < 1) {
    const u = (random.uint32() + 0.5) / 4294967296;
    return gamma(random, alpha + 1) * exp(log(u) / alpha);
  }
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    const u = (random.uint32() + 0.5) / 4294967296;
    if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
  }
}
