// Lesson 1: one way to solve each exercise.
import { Conv2d, MaxPool2d, Sequential, correlate1d } from "handgrad";

/** 1.1 A weighted sum of the channels at each pixel is a convolution of 1x1. */
export function toGray(): Conv2d {
  const layer = new Conv2d(3, 1, 1, { bias: false });
  layer.weight.value.data.set([0.299, 0.587, 0.114]);
  return layer;
}

/** 1.2 Right minus left, the middle row twice: the Sobel filter. Each row sums to 0. */
export function uprightEdges(): number[][] {
  return [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ];
}

/** 1.3 Five filters of 3 * 3 * 3 weights and a bias each: 5 * 28 = 140. The padding keeps the size, the pool halves it. */
export function fiveFilters(): Sequential {
  return new Sequential(new Conv2d(3, 5, 3, { padding: 1 }), new MaxPool2d(2));
}

/** 1.4 Weight k met x[k], x[k + 1], ...: the deltas slide over the input. So `correlate1d(x, d)` does it, too. */
export function weightGradient(x: readonly number[], d: readonly number[], taps: number): number[] {
  return [...correlate1d(x, d).data].slice(0, taps);
}

/** 1.5 Against the gradient, a little. */
export function step(w: readonly number[], gradient: readonly number[], lr: number): number[] {
  return w.map((value, i) => value - lr * gradient[i]);
}
