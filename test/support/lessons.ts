// The networks of lessons 1 to 4, dropout off, as test/fixtures/make_training.py has them in PyTorch, and two with batch norm, as
// make_training_norms.py has them.
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Dropout2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
  Tensor,
} from "../../src/index.js";
import type { NormModel, TrainingModel } from "./fixtures.js";

/** Makes each network anew. */
export const NETWORKS: Readonly<Record<Exclude<TrainingModel, NormModel>, () => Sequential>> = {
  lesson1: () =>
    new Sequential(
      ...[new Conv2d(3, 64, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Conv2d(64, 128, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(128 * 5 * 5, 10)],
    ),
  lesson2: () =>
    new Sequential(
      ...[new Conv2d(1, 10, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(14 * 14 * 10, 100), new ReLU(), new Linear(100, 10)],
    ),
  lesson3: () =>
    new Sequential(
      ...[new Conv2d(1, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0)],
      ...[new Conv2d(32, 64, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0)],
      ...[new Flatten(), new Linear(7 * 7 * 64, 32), new ReLU(), new Linear(32, 10)],
    ),
  lesson4: () =>
    new Sequential(
      ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0), new Linear(32, 10)],
    ),
};

/** Lesson 3's network with batch norm, and a small residual one. */
export const NORM_NETWORKS: Readonly<Record<NormModel, () => Sequential>> = {
  lesson3norm: () =>
    new Sequential(
      ...[...convAndNorm(1, 32, 3), new ReLU(), new MaxPool2d(2), new Dropout2d(0)],
      ...[...convAndNorm(32, 64, 3), new ReLU(), new MaxPool2d(2), new Dropout2d(0)],
      ...[new Flatten(), new Linear(7 * 7 * 64, 32), new ReLU(), new Linear(32, 10)],
    ),
  residual: () =>
    new Sequential(
      ...[...convAndNorm(1, 8, 3), new ReLU()],
      ...[block(8, 8, 1), new ReLU(), block(8, 16, 2), new ReLU(), block(16, 32, 2), new ReLU()],
      ...[new AvgPool2d(7), new Flatten(), new Linear(32, 10)],
    ),
};

function convAndNorm(from: number, to: number, kernel: number, stride: number = 1): [Conv2d, BatchNorm2d] {
  const padding = (kernel - 1) / 2;
  return [new Conv2d(from, to, kernel, { stride, padding, bias: false }), new BatchNorm2d(to)];
}

function block(from: number, to: number, stride: number): Residual {
  const body = new Sequential(...convAndNorm(from, to, 3, stride), new ReLU(), ...convAndNorm(to, to, 3));
  return new Residual(body, stride === 1 && from === to ? null : new Sequential(...convAndNorm(from, to, 1, stride)));
}

/** Shape [C, H, W] of a network's input. */
export const INPUT_SHAPES: Readonly<Record<keyof typeof NETWORKS, readonly [number, number, number]>> = {
  ...{ lesson1: [3, 32, 32], lesson2: [1, 28, 28], lesson3: [1, 28, 28], lesson4: [1, 28, 28] },
};

/** Four images of the levels (i * i + 7 i) mod 256 over 255, as in test/fixtures/make_weights.py. */
export function lessonInput(name: keyof typeof NETWORKS): Tensor {
  const shape = [4, ...INPUT_SHAPES[name]];
  const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * i + 7 * i) % 256) / 255);
  return new Tensor(pixels, shape);
}
