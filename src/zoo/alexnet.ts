// AlexNet in torchvision's form.
import { ReLU } from "../nn/activation/relu.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import { Linear } from "../nn/linear/linear.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { readClassifier, type DropoutClassifierOptions } from "./options.js";

/**
 * AlexNet on one GPU, torchvision's `alexnet`: 61,100,840 parameters, dropout 0.5. (The network of 2012 was split over two GPUs and
 * had response normalization.) Weights start as PyTorch's defaults.
 *
 * Input [N, 3, H, W] of at least 63 x 63, made for 224 x 224; output [N, numClasses], logits.
 *
 * @example
 * const model = alexnet({ numClasses: 10 });
 *
 * @throws ArgumentError for an unusable option
 * @see Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014
 */
export function alexnet(options: DropoutClassifierOptions = {}): Sequential {
  const { numClasses, inChannels, dropout } = readClassifier("alexnet", 0.5, options);
  const pool = (): MaxPool2d => new MaxPool2d(3, { stride: 2 }); // windows overlap by one row
  const features = new Sequential(
    ...[new Conv2d(inChannels, 64, 11, { stride: 4, padding: 2 }), new ReLU(), pool()],
    ...[new Conv2d(64, 192, 5, { padding: 2 }), new ReLU(), pool()],
    ...[new Conv2d(192, 384, 3, { padding: 1 }), new ReLU()],
    ...[new Conv2d(384, 256, 3, { padding: 1 }), new ReLU()],
    ...[new Conv2d(256, 256, 3, { padding: 1 }), new ReLU(), pool()],
  );
  const classifier = new Sequential(
    ...[new Dropout(dropout), new Linear(256 * 6 * 6, 4096), new ReLU()],
    ...[new Dropout(dropout), new Linear(4096, 4096), new ReLU()],
    new Linear(4096, numClasses),
  );
  return new Sequential(
    ["features", features],
    ["avgpool", new AdaptiveAvgPool2d(6)],
    ["flatten", new Flatten()],
    ["classifier", classifier],
  );
}
