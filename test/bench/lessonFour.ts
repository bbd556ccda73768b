// Lesson 4's network and noise of the shape of its digits: what the scripts beside this file train.
import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, rand, type Tensor } from "handgrad";

/** Two convolutions, two linear layers, 55,338 parameters. */
export function lessonFour(): Sequential {
  return new Sequential(
    new Conv2d(1, 16, 3),
    new ReLU(),
    new MaxPool2d(2, { stride: 2, padding: 1 }),
    new Conv2d(16, 32, 3),
    new ReLU(),
    new MaxPool2d(2, { stride: 2, padding: 1 }),
    new Flatten(),
    new Linear(7 * 7 * 32, 32),
    new ReLU(),
    new Dropout(0.3),
    new Linear(32, 10),
  );
}

/** Images [samples, 1, 28, 28] from 0 to 1 and labels from 0 to 9. */
export function digits(samples: number): { readonly x: Tensor; readonly y: Int32Array } {
  return {
    x: rand([samples, 1, 28, 28], { seed: 1 }),
    y: Int32Array.from({ length: samples }, (_, i) => (i * 7) % 10),
  };
}
