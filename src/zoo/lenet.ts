// LeNet-5, as it is taught today.
import { readOptions } from "../base/options.js";
import { Tanh } from "../nn/activation/tanh.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Linear } from "../nn/linear/linear.js";
import { AvgPool2d } from "../nn/pool/avgpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { DIGITS, type ClassifierOptions } from "./options.js";

/**
 * LeNet-5 for images of 28 x 28, in the form that is taught today: 61,706 parameters. (The network of 1998 connected only some
 * channels with each other, had pools that learned, and distances to drawn digits for outputs.) Weights start as PyTorch's defaults.
 *
 * Input [N, 1, 28, 28]; output [N, numClasses], logits; one channel and 10 classes unless told otherwise.
 *
 * @throws ArgumentError for an unusable option
 * @see LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998
 */
export function lenet5(options: ClassifierOptions = {}): Sequential {
  const { numClasses, inChannels } = readOptions<ClassifierOptions>("lenet5", DIGITS, options);
  return new Sequential(
    // The padding makes 32 x 32 of 28 x 28, the paper's size, so that a stroke's end may be in the middle of a window.
    ...([
      ["conv1", new Conv2d(inChannels, 6, 5, { padding: 2 })],
      ["tanh1", new Tanh()],
      ["pool1", new AvgPool2d(2)],
    ] as const),
    ...([
      ["conv2", new Conv2d(6, 16, 5)],
      ["tanh2", new Tanh()],
      ["pool2", new AvgPool2d(2)],
    ] as const),
    ["flatten", new Flatten()],
    ...([
      ["fc1", new Linear(16 * 5 * 5, 120)],
      ["tanh3", new Tanh()],
    ] as const),
    ...([
      ["fc2", new Linear(120, 84)],
      ["tanh4", new Tanh()],
    ] as const),
    ["fc3", new Linear(84, numClasses)],
  );
}
