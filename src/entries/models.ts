// The entry handgrad/models: known networks by name, whose state dicts are torchvision's where torchvision has them, and one that
// comes trained.
export { alexnet } from "../zoo/alexnet.js";
export { autoencoder, type AutoencoderOptions } from "../zoo/autoencoder.js";
export { densenet121, type DenseNetOptions } from "../zoo/densenet.js";
export { lenet5 } from "../zoo/lenet.js";
export { lesson1, lesson2, lesson3, lesson4, lesson5 } from "../zoo/lessons.js";
export type { Lesson2Options, Lesson3Options } from "../zoo/lessons.js";
export { mobilenetV2, type MobileNetV2Options } from "../zoo/mobilenetv2.js";
export type { ClassifierOptions, DropoutClassifierOptions } from "../zoo/options.js";
export { resnet18, resnet20, resnet32, resnet34, resnet44, resnet50, resnet56 } from "../zoo/resnet.js";
export type { CifarResNetOptions, ResNetOptions } from "../zoo/resnet.js";
export { shufflenetV2, type ShuffleNetV2Options } from "../zoo/shufflenetv2.js";
export { squeezenet1_0, squeezenet1_1 } from "../zoo/squeezenet.js";
export { unet, type UNetOptions } from "../zoo/unet.js";
export { vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from "../zoo/vgg.js";

// A trained classifier of digits, and the way from a drawing to what it takes
export { digitClassifier } from "../pretrained/digitClassifier.js";
export { drawingSteps, drawingToDigit, type DrawingSteps } from "../pretrained/drawingToDigit.js";
export type { Box, InkPlane } from "../pretrained/inkPlane.js";
export type { Drawing, DrawingOptions, DrawingPixels } from "../pretrained/readInk.js";
