// Famous networks, written down layer by layer: LeNet, AlexNet, VGG16, ResNet-18; and a small ResNet for digits.
//
// A model's weights are drawn when they are first read. So building and counting the largest of these takes no memory.
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
  Tanh,
} from "handgrad";
import type { Layer } from "handgrad";

/** [C, H, W] that each network was made for. */
export const INPUT_SHAPES = {
  leNet: [1, 28, 28],
  alexNet: [3, 224, 224],
  vgg16: [3, 224, 224],
  resNet18: [3, 224, 224],
} as const;

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
 * ResNet-18: a stem, eight residual blocks of two convolutions in four widths, a mean over the plane, one linear layer.
 * 11,689,512 parameters with 1,000 classes. He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015.
 */
export function resNet18(classes: number = 1000): Sequential {
  return new Sequential(
    ["stem", new Sequential(...convAndNorm(3, 64, 7, 2), new ReLU(), new MaxPool2d(3, { stride: 2, padding: 1 }))],
    ["layer1", new Sequential(...residualBlock(64, 64, 1), ...residualBlock(64, 64, 1))],
    ["layer2", new Sequential(...residualBlock(64, 128, 2), ...residualBlock(128, 128, 1))],
    ["layer3", new Sequential(...residualBlock(128, 256, 2), ...residualBlock(256, 256, 1))],
    ["layer4", new Sequential(...residualBlock(256, 512, 2), ...residualBlock(512, 512, 1))],
    ["avgpool", new AvgPool2d(7)],
    ["flatten", new Flatten()],
    ["fc", new Linear(512, classes)],
  );
}

/** The same idea for images of 28x28 pixels in one channel: three blocks of 8, 16 and 32 channels. */
export function smallResNet(classes: number = 10): Sequential {
  return new Sequential(
    ["stem", new Sequential(...convAndNorm(1, 8, 3, 1), new ReLU())],
    ["blocks", new Sequential(...residualBlock(8, 8, 1), ...residualBlock(8, 16, 2), ...residualBlock(16, 32, 2))],
    ...[new AvgPool2d(7), new Flatten(), new Linear(32, classes)],
  );
}

/** Two 3x3 convolutions beside a shortcut, and the ReLU behind their sum. Where the shape changes, the shortcut changes it, too. */
function residualBlock(from: number, to: number, stride: number): [Residual, ReLU] {
  const body = new Sequential(...convAndNorm(from, to, 3, stride), new ReLU(), ...convAndNorm(to, to, 3, 1));
  const changes = stride !== 1 || from !== to;
  const shortcut = changes ? new Sequential(...convAndNorm(from, to, 1, stride)) : null;
  return [new Residual(body, shortcut), new ReLU()];
}

/** A convolution without bias, for the batch norm after it has one. */
function convAndNorm(from: number, to: number, kernel: number, stride: number): [Conv2d, BatchNorm2d] {
  const padding = Math.floor(kernel / 2);
  return [new Conv2d(from, to, kernel, { stride, padding, bias: false }), new BatchNorm2d(to)];
}
