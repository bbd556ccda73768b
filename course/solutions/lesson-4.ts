// Lesson 4: one way to solve each exercise.
import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "handgrad";
import type { Matrix } from "../exercises/lesson-4.js";

/** 4.1 Two loops over the places of the kernel, two over its numbers. */
export function correlate(image: Matrix, kernel: Matrix): number[][] {
  const [KH, KW] = [kernel.length, kernel[0].length];
  const y: number[][] = [];
  for (let i = 0; i + KH <= image.length; i++) {
    y.push([]);
    for (let j = 0; j + KW <= image[0].length; j++) {
      let sum = 0;
      for (let k = 0; k < KH; k++) for (let l = 0; l < KW; l++) sum += kernel[k][l] * image[i + k][j + l];
      y[i].push(sum);
    }
  }
  return y;
}

/** 4.2 Of equals the first, row by row. What no window looks at gets 0. */
export function maxPoolBackward(image: Matrix, dy: Matrix, size: number): number[][] {
  const dx = image.map((row) => row.map(() => 0));
  dy.forEach((row, i) =>
    row.forEach((gradient, j) => {
      let [top, left] = [i * size, j * size];
      for (let h = i * size; h < (i + 1) * size; h++) {
        for (let w = j * size; w < (j + 1) * size; w++) if (image[h][w] > image[top][left]) [top, left] = [h, w];
      }
      dx[top][left] += gradient;
    }),
  );
  return dx;
}

/** 4.3 A share of 1 - p is kept, so each of them counts 1 / (1 - p) times. */
export function dropout(x: readonly number[], p: number, kept: readonly boolean[]): number[] {
  return x.map((value, i) => (kept[i] ? value / (1 - p) : 0));
}

/** 4.4 Only differences count: with the largest taken away, every exponent is 0 or less. */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** 4.5 The pools have a padding of 1: 26 becomes 14, and 12 becomes 7. */
export function network(): Sequential {
  const pool = (): MaxPool2d => new MaxPool2d(2, { stride: 2, padding: 1 });
  return new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), pool()],
    ...[new Conv2d(16, 32, 3), new ReLU(), pool()],
    ...[new Flatten(), new Linear(32 * 7 * 7, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
  );
}
