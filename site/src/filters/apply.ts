// Image filters by handgrad's convolution: one kernel on each channel, as it is (correlation) or turned (convolution), and a
// picture compared with itself.
import { Tensor, autocorrelate, conv2d, mean } from "handgrad";

export interface FilterOptions {
  /** Zeros around the picture keep its size. */
  readonly padded: boolean;
  readonly stride: number;
}

export const KERNELS = {
  identity: [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
  sharpen: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
  blur: [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
  edges: [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
  vertical: [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
  horizontal: [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
  emboss: [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
  motion: [[1 / 3, 0, 0], [0, 1 / 3, 0], [0, 0, 1 / 3]],
} as const; // prettier-ignore

export type KernelName = keyof typeof KERNELS;

/** The kernel turned by 180 degrees. */
export function turn(kernel: readonly (readonly number[])[]): number[][] {
  return [...kernel].reverse().map((row) => [...row].reverse());
}

/** Whether turning changes nothing: then convolution and correlation are the same. */
export function isSymmetric(kernel: readonly (readonly number[])[]): boolean {
  const turned = turn(kernel);
  return kernel.every((row, k) => row.every((value, l) => value === turned[k][l]));
}

/** Correlates every channel of x [1, C, H, W] with the kernel. */
export function correlate(x: Tensor, kernel: readonly (readonly number[])[], { padded, stride }: FilterOptions): Tensor {
  const C = x.shape[1];
  const [KH, KW] = [kernel.length, kernel[0].length];
  const flat = kernel.flat();
  const w = new Tensor(Float32Array.from({ length: C * flat.length }, (_, n) => flat[n % flat.length]), [C, 1, KH, KW]);
  const padding = padded ? [Math.floor(KH / 2), Math.floor(KW / 2)] as const : 0;
  return conv2d(x, w, null, { groups: C, padding, stride });
} // prettier-ignore

/** Gray from R, G, B by the weights of ITU-R BT.601. */
export function toGray(x: Tensor): Tensor {
  if (x.shape[1] === 1) return x;
  return conv2d(x, new Tensor(Float32Array.of(0.299, 0.587, 0.114), [1, 3, 1, 1]));
}

/** The picture, its mean taken away, compared with itself at every distance up to half its size; 1 in the middle. */
export function selfSimilarity(gray: Tensor, side: number): Tensor {
  const small = shrink(gray, side);
  const middle = (mean(small) as Tensor).data[0] ?? 0;
  const centered = new Tensor(small.data.map((value) => value - middle), small.shape);
  const y = autocorrelate(centered, { mode: "same" });
  const most = y.data.reduce((largest, value) => Math.max(largest, value), 1e-12);
  return new Tensor(y.data.map((value) => value / most), y.shape);
} // prettier-ignore

// [side, side] means of blocks; the picture's sides are cut to a multiple.
function shrink(gray: Tensor, side: number): Tensor {
  const [, , H, W] = gray.shape;
  const [h, w] = [Math.max(1, Math.floor(H / side)), Math.max(1, Math.floor(W / side))];
  const kernel = new Tensor(new Float32Array(h * w).fill(1 / (h * w)), [1, 1, h, w]);
  const y = conv2d(gray, kernel, null, { stride: [h, w] });
  return y.reshape([y.shape[2], y.shape[3]]);
}

/** RGBA of a tensor [1, C, H, W] with values 0 to 1; what lies outside is cut off. `signed`: 0 is middle gray. */
export function toPixels(y: Tensor, signed: boolean): ImageData {
  const [, C, H, W] = y.shape;
  const image = new ImageData(W, H);
  for (let n = 0; n < H * W; n++) {
    for (let c = 0; c < 3; c++) {
      const value = y.data[(C === 1 ? 0 : c) * H * W + n];
      image.data[4 * n + c] = 255 * (signed ? 0.5 + value / 2 : value);
    }
    image.data[4 * n + 3] = 255;
  }
  return image;
}
