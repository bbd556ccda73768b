// VGG-11, 13, 16 and 19 in torchvision's form, with and without batch norm.
import { kaimingNormal } from "../init/kaiming.js";
import { normalInit } from "../init/uniform.js";
import { ReLU } from "../nn/activation/relu.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import { Linear } from "../nn/linear/linear.js";
import { BatchNorm2d } from "../nn/norm/batchnorm2d.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { readClassifier, startWeights, type DropoutClassifierOptions } from "./options.js";

// How many convolutions each of the five blocks has, and their widths.
const BLOCKS = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;
const WIDTHS = [64, 128, 256, 512, 512] as const;

/**
 * VGG-11, torchvision's `vgg11`: 132,863,336 parameters. Nothing but 3 x 3 convolutions that keep the size and 2 x 2 pools that halve
 * it, then three linear layers with dropout 0.5 between them. Convolutions start from `kaimingNormal({ mode: "fanOut" })`, linear
 * layers normal with a standard deviation of 0.01, biases at 0.
 *
 * Input [N, 3, H, W] of at least 32 x 32, made for 224 x 224; output [N, numClasses], logits.
 *
 * @throws ArgumentError for an unusable option
 * @see Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014
 */
export function vgg11(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg11", 11, false, options);
}

/** {@link vgg11} with batch norm behind each convolution, torchvision's `vgg11_bn`: 132,868,840 parameters. */
export function vgg11Bn(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg11Bn", 11, true, options);
}

/** VGG-13, torchvision's `vgg13`: 133,047,848 parameters. Everything else is as for {@link vgg11}. */
export function vgg13(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg13", 13, false, options);
}

/** {@link vgg13} with batch norm behind each convolution, torchvision's `vgg13_bn`: 133,053,736 parameters. */
export function vgg13Bn(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg13Bn", 13, true, options);
}

/** VGG-16, torchvision's `vgg16`: 138,357,544 parameters. Everything else is as for {@link vgg11}. */
export function vgg16(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg16", 16, false, options);
}

/** {@link vgg16} with batch norm behind each convolution, torchvision's `vgg16_bn`: 138,365,992 parameters. */
export function vgg16Bn(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg16Bn", 16, true, options);
}

/** VGG-19, torchvision's `vgg19`: 143,667,240 parameters. Everything else is as for {@link vgg11}. */
export function vgg19(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg19", 19, false, options);
}

/** {@link vgg19} with batch norm behind each convolution, torchvision's `vgg19_bn`: 143,678,248 parameters. */
export function vgg19Bn(options: DropoutClassifierOptions = {}): Sequential {
  return vgg("vgg19Bn", 19, true, options);
}

function vgg(who: string, depth: keyof typeof BLOCKS, norm: boolean, options: DropoutClassifierOptions): Sequential {
  const { numClasses, inChannels, dropout } = readClassifier(who, 0.5, options);
  const features = new Sequential();
  let channels = inChannels;
  BLOCKS[depth].forEach((count, block) => {
    for (let i = 0; i < count; i++) {
      features.add(new Conv2d(channels, WIDTHS[block], 3, { padding: 1 }));
      if (norm) features.add(new BatchNorm2d(WIDTHS[block]));
      features.add(new ReLU());
      channels = WIDTHS[block];
    }
    features.add(new MaxPool2d(2));
  });
  const classifier = new Sequential(
    ...[new Linear(512 * 7 * 7, 4096), new ReLU(), new Dropout(dropout)],
    ...[new Linear(4096, 4096), new ReLU(), new Dropout(dropout)],
    new Linear(4096, numClasses),
  );
  const model = new Sequential(
    ["features", features],
    ["avgpool", new AdaptiveAvgPool2d(7)],
    ["flatten", new Flatten()],
    ["classifier", classifier],
  );
  return startWeights(model, { conv: kaimingNormal({ mode: "fanOut" }), linear: normalInit(0, 0.01), zeroBias: true });
}
