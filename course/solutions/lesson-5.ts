// Lesson 5: one way to solve each exercise.
import { AvgPool2d, Conv2d, Flatten, Linear, Sequential, autocorrelate } from "handgrad";

/** 5.1 With dilation the filter spreads over D (K - 1) + 1 numbers. */
export function outputSize(input: number, filter: number, stride: number, padding: number, dilation: number): number {
  const spread = dilation * (filter - 1) + 1;
  return Math.floor((input + 2 * padding - spread) / stride) + 1;
}

/** 5.2 The filter's rows, one behind the other, are the perceptron's weights. */
export function perceptron(filter: readonly (readonly number[])[], bias: number): Linear {
  const layer = new Linear(9, 1);
  layer.weight.value.data.set(filter.flat());
  layer.bias?.value.data.set([bias]);
  return layer;
}

/** 5.3 As many groups as channels: each has a filter of its own. Then every mixture of the channels. */
export function separable(from: number, to: number): Sequential {
  const depthwise = new Conv2d(from, from, 3, { padding: 1, groups: from, bias: false });
  return new Sequential(depthwise, new Conv2d(from, to, 1, { bias: false }));
}

/** 5.4 A 1x1 convolution is a Linear at each pixel; the mean of its planes does not care where something was. */
export function withoutLinear(size: number): Sequential {
  return new Sequential(new Conv2d(3, 10, 1), new AvgPool2d(size), new Flatten());
}

/** 5.5 Distance 0 stands in the middle. */
export function period(signal: readonly number[], longest: number): number {
  const all = autocorrelate(signal);
  const after = all.data.subarray(signal.length); // distances 1, 2, ...
  let best = 0;
  for (let i = 1; i < longest; i++) if (after[i] > after[best]) best = i;
  return best + 1;
}
