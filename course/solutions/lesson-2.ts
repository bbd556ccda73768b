// Lesson 2: one way to solve each exercise.
import {
  Tensor,
  conv2d,
  correlate1d,
  nchwToNhwc,
  nhwcToNchw,
  type CrossEntropy,
  type Optimizer,
  type Sequential,
} from "handgrad";
import type { Batches } from "handgrad/data";

/** 2.1 A convolution flips the kernel; flipped twice it is as before. */
export function convolve(x: readonly number[], w: readonly number[]): number[] {
  return [...correlate1d(x, [...w].reverse()).data];
}

/** 2.2 K - 1 zeros in all; of an odd number lists have the larger half before, images the larger half after. */
export function sameZeros(kernel: number): { list: [number, number]; image: [number, number] } {
  const zeros = kernel - 1;
  const half = Math.floor(zeros / 2);
  return { list: [zeros - half, half], image: [half, zeros - half] };
}

/** 2.3 Channels to the front, weights to [O, C, KH, KW], and channels to the back again. */
export function mapsOfNhwc(images: Tensor, weights: Tensor): Tensor {
  return nchwToNhwc(conv2d(nhwcToNchw(images), weights.permute([3, 2, 0, 1]), null));
}

/** 2.4 Both slopes follow from the value: why backward keeps y and forgets x. */
export const slopes = { sigmoid: (y: number): number => y * (1 - y), tanh: (y: number): number => 1 - y * y };

/** 2.5 Forward, loss, gradients to zero, backward, step. */
export function trainEpoch(model: Sequential, loss: CrossEntropy, optimizer: Optimizer, data: Batches): number {
  const losses: number[] = [];
  for (const [x, labels] of data) {
    losses.push(loss.forward(model.forward(x), labels));
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
