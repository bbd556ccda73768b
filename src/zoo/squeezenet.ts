// SqueezeNet 1.0 and 1.1 in torchvision's form.
import { kaimingUniform } from "../init/kaiming.js";
import { normalInit } from "../init/uniform.js";
import { ReLU } from "../nn/activation/relu.js";
import { Concat } from "../nn/container/concat.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import { AdaptiveAvgPool2d } from "../nn/pool/adaptiveavgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { readClassifier, startWeights, type DropoutClassifierOptions } from "./options.js";

/**
 * SqueezeNet 1.0, torchvision's `squeezenet1_0`: 1,248,424 parameters. Fire modules: a 1x1 convolution squeezes the channels, a 1x1 and a
 * 3x3 one beside each other expand them. No linear layer: the last convolution gives a plane for each class, whose mean is the logit.
 * Convolutions start from `kaimingUniform()`, the last one normal with a standard deviation of 0.01, biases at 0.
 *
 * Input [N, 3, H, W] of at least 21 x 21, made for 224 x 224; output [N, numClasses], logits (at least 0, behind a ReLU).
 *
 * @throws ArgumentError for an unusable option
 * @see Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and < 0.5MB model size", 2016
 */
export function squeezenet1_0(options: DropoutClassifierOptions = {}): Sequential {
  return squeezenet("squeezenet1_0", options, (inChannels) => [
    ...[new Conv2d(inChannels, 96, 7, { stride: 2 }), new ReLU(), pool()],
    ...[fire(96, 16, 64), fire(128, 16, 64), fire(128, 32, 128), pool()],
    ...[fire(256, 32, 128), fire(256, 48, 192), fire(384, 48, 192), fire(384, 64, 256), pool()],
    fire(512, 64, 256),
  ]);
}

/**
 * SqueezeNet 1.1, torchvision's `squeezenet1_1`: 1,235,496 parameters, and less than half the work of {@link squeezenet1_0}, because it
 * begins with a smaller convolution and pools earlier. Input of at least 17 x 17; everything else is as there.
 */
export function squeezenet1_1(options: DropoutClassifierOptions = {}): Sequential {
  return squeezenet("squeezenet1_1", options, (inChannels) => [
    ...[new Conv2d(inChannels, 64, 3, { stride: 2 }), new ReLU(), pool()],
    ...[fire(64, 16, 64), fire(128, 16, 64), pool()],
    ...[fire(128, 32, 128), fire(256, 32, 128), pool()],
    ...[fire(256, 48, 192), fire(384, 48, 192), fire(384, 64, 256), fire(512, 64, 256)],
  ]);
}

function squeezenet(
  who: string,
  options: DropoutClassifierOptions,
  features: (inChannels: number) => ConstructorParameters<typeof Sequential>,
): Sequential {
  const { numClasses, inChannels, dropout } = readClassifier(who, 0.5, options);
  const last = new Conv2d(512, numClasses, 1);
  const model = new Sequential(
    ["features", new Sequential(...features(inChannels))],
    ["classifier", new Sequential(new Dropout(dropout), last, new ReLU(), new AdaptiveAvgPool2d(1))],
    ["flatten", new Flatten()],
  );
  startWeights(model, { conv: kaimingUniform(), zeroBias: true });
  last.weight.initialize(normalInit(0, 0.01));
  return model;
}

function pool(): MaxPool2d {
  return new MaxPool2d(3, { stride: 2, ceilMode: true });
}

function fire(from: number, squeezed: number, expanded: number): Graph {
  return new Graph([
    ["squeeze", new Conv2d(from, squeezed, 1)],
    ["squeeze_activation", new ReLU()],
    ["expand1x1", new Conv2d(squeezed, expanded, 1)],
    ["expand1x1_activation", new ReLU()],
    ["expand3x3", new Conv2d(squeezed, expanded, 3, { padding: 1 }), "squeeze_activation"],
    ["expand3x3_activation", new ReLU()],
    ["concat", new Concat(), "expand1x1_activation", "expand3x3_activation"],
  ]);
}
