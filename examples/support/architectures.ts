// Three famous networks, written down layer by layer: LeNet, AlexNet, VGG16. And ResNet-18's parameters, by arithmetic.
//
// A model's weights are drawn when they are first read. So building and counting the largest of these takes no memory.
import { AvgPool2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tanh, type Layer } from "handgrad";

/** [C, H, W] that each network was made for. */
export const INPUT_SHAPES = { leNet: [1, 28, 28], alexNet: [3, 224, 224], vgg16: [3, 224, 224] } as const;

/**
 * LeNet-5 in the form in which it is taught today: 61,706 parameters.
 * LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export function leNet(classes: number = 10): Sequential {
  return new Sequential(
    // The padding makes 32 x 32 of 28 x 28, the paper's size, so that a stroke's end may be in the middle of a window.
    ...[new Conv2d(1, 6, 5, { padding: 2 }), new Tanh(), new AvgPool2d(2)], // 6 x 14 x 14
    ...[new Conv2d(6, 16, 5), new Tanh(), new AvgPool2d(2)], // 16 x 5 x 5
    new Flatten(),
    ...[new Linear(16 * 5 * 5, 120), new Tanh(), new Linear(120, 84), new Tanh(), new Linear(84, classes)],
  );
}

/**
 * AlexNet on one GPU, as torchvision has it: 61,100,840 parameters. (The original was split over two GPUs and differs.)
 * Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014.
 */
export function alexNet(classes: number = 1000): Sequential {
  const pool = (): Layer => new MaxPool2d(3, { stride: 2 }); // windows overlap by one row
  const features = new Sequential(
    ...[new Conv2d(3, 64, 11, { stride: 4, padding: 2 }), new ReLU(), pool()], // 64 x 27 x 27
    ...[new Conv2d(64, 192, 5, { padding: 2 }), new ReLU(), pool()], // 192 x 13 x 13
    ...[new Conv2d(192, 384, 3, { padding: 1 }), new ReLU()],
    ...[new Conv2d(384, 256, 3, { padding: 1 }), new ReLU()],
    ...[new Conv2d(256, 256, 3, { padding: 1 }), new ReLU(), pool()], // 256 x 6 x 6
  );
  const classifier = new Sequential(
    ...[new Dropout(0.5), new Linear(256 * 6 * 6, 4096), new ReLU()],
    ...[new Dropout(0.5), new Linear(4096, 4096), new ReLU()],
    new Linear(4096, classes),
  );
  return new Sequential(["features", features], ["flatten", new Flatten()], ["classifier", classifier]);
}

/**
 * VGG16: 138,357,544 parameters. Nothing but 3 x 3 convolutions that keep the size, and 2 x 2 pools that halve it.
 * Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014.
 */
export function vgg16(classes: number = 1000): Sequential {
  const features = new Sequential();
  let channels = 3;
  for (const block of [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ]) {
    for (const width of block) {
      features.add(new Conv2d(channels, width, 3, { padding: 1 })).add(new ReLU());
      channels = width;
    }
    features.add(new MaxPool2d(2)); // 112, 56, 28, 14, 7
  }
  const classifier = new Sequential(
    ...[new Linear(512 * 7 * 7, 4096), new ReLU(), new Dropout(0.5)],
    ...[new Linear(4096, 4096), new ReLU(), new Dropout(0.5)],
    new Linear(4096, classes),
  );
  return new Sequential(["features", features], ["flatten", new Flatten()], ["classifier", classifier]);
}

/**
 * How many parameters ResNet-18 has: 11,689,512. It cannot be built here yet (no BatchNorm2d and no shortcuts), but it
 * can be counted on paper. He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015.
 */
export function resNet18Parameters(classes: number = 1000): number {
  // A convolution without bias, for the batch norm after it has one: a weight and a bias for each channel.
  const convAndNorm = (from: number, to: number, kernel: number): number => from * to * kernel * kernel + 2 * to;
  let total = convAndNorm(3, 64, 7);
  let channels = 64;
  for (const width of [64, 128, 256, 512]) {
    total += convAndNorm(channels, width, 3) + convAndNorm(width, width, 3); // first block: may change the width
    if (channels !== width) total += convAndNorm(channels, width, 1); // then its shortcut must change it, too
    total += 2 * convAndNorm(width, width, 3); // second block
    channels = width;
  }
  return total + channels * classes + classes; // the last linear layer
}
