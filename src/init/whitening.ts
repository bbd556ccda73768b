// Filters that whiten patches of images: what they see becomes uncorrelated numbers of variance 1.
import { finite, knownKeys } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { checkTensor, type Tensor } from "../base/tensor.js";
import { eigenSymmetric } from "./eigenSymmetric.js";
import type { Initializer } from "./initializer.js";

/** Options of {@link whiteningInit}. */
export interface WhiteningOptions {
  /** Added to the variances, against division by 0; at least 0. Default 5e-4. */
  readonly eps?: number;
}

/**
 * Filters [O, C, KH, KW] for the first convolution, from images [N, C, H, W]: with the D = C KH KW eigenvectors v of the second
 * moments of all patches, largest eigenvalue e first, filter k is v[k] / sqrt(e[k] + eps), and filter D + k its negative. O is at
 * most 2 D; each eigenvector's largest number is positive. Such filters mostly stay frozen. The images should have a mean of
 * about 0 (it is not subtracted). PyTorch has none; this is that of the CIFAR-10 speedruns.
 *
 * @param images some thousand training images, normalized as in training
 *
 * @example
 * const conv = new Conv2d(3, 24, 2, { bias: false });
 * conv.weight.initialize(whiteningInit(images));
 * conv.freeze();
 *
 * @throws ShapeError when the images do not fit the filters, or there are more than 2 D of these
 * @see Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024
 */
export function whiteningInit(images: Tensor, options: WhiteningOptions = {}): Initializer {
  const who = "whiteningInit";
  checkTensor(who, "images", images);
  knownKeys(who, options, ["eps"]);
  const { eps = 5e-4 } = options;
  finite(who, "eps", eps, 0);
  return (tensor) => {
    const { shape, data } = tensor;
    const [outputs, channels, KH, KW] = shape;
    const [n, C, H, W] = images.shape;
    const fits = shape.length === 4 && images.rank === 4 && n > 0 && C === channels && H >= KH && W >= KW;
    const size = channels * KH * KW;
    if (!fits || outputs > 2 * size) {
      const rule = "at most 2 C KH KW of them";
      throw new ShapeError(
        `${who}: expected filters [O, C, KH, KW], ${rule}, for images [N, C, H, W], got ${formatShape(shape)} for ` +
          `${formatShape(images.shape)}.`,
      );
    }
    const { values, vectors } = eigenSymmetric(secondMoments(images, KH, KW), size);
    for (let o = 0; o < outputs; o++) {
      const k = o % size;
      const scale = (o < size ? 1 : -1) / Math.sqrt(Math.max(values[k], 0) + eps);
      for (let i = 0; i < size; i++) data[o * size + i] = scale * vectors[k * size + i];
    }
  };
}

// [D, D]: the mean over all patches of the products of their numbers, in the order [C, KH, KW].
function secondMoments(images: Tensor, KH: number, KW: number): Float64Array {
  const [N, C, H, W] = images.shape;
  const size = C * KH * KW;
  const [rows, cols] = [H - KH + 1, W - KW + 1];
  const offsets = Array.from({ length: size }, (_, i) => {
    const [c, kh, kw] = [Math.floor(i / (KH * KW)), Math.floor(i / KW) % KH, i % KW];
    return c * H * W + kh * W + kw;
  });
  const moments = new Float64Array(size * size);
  const { data } = images;
  const patch = new Float64Array(size);
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < rows; h++) {
      for (let w = 0; w < cols; w++) {
        const start = n * C * H * W + h * W + w;
        for (let i = 0; i < size; i++) patch[i] = data[start + offsets[i]];
        for (let i = 0; i < size; i++) for (let j = i; j < size; j++) moments[i * size + j] += patch[i] * patch[j];
      }
    }
  }
  const count = N * rows * cols;
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) moments[j * size + i] = moments[i * size + j] /= count;
  }
  return moments;
}
