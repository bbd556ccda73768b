// Lessons 1 and 3: how many numbers a network learns, and where they are. LeNet, AlexNet, VGG16, and one from a list.
// Run with: npx tsx examples/06-count-parameters.ts
import { Conv2d, Linear, type Layer, type Sequential } from "handgrad";
import { alexnet, lenet5, lesson3, resnet18, vgg16 } from "handgrad/models";

const count = (n: number): string => n.toLocaleString("en-US");

function title(text: string): void {
  console.log(`\n--- ${text}\n`);
}

/** How a layer's count comes about: a weight for each input of each output, and a bias for each output. */
function formula(layer: Layer): string {
  if (layer instanceof Conv2d) {
    const [out, from, height, width] = layer.weight.shape;
    return `${height} * ${width} * ${from} * ${out} + ${out}`;
  }
  if (layer instanceof Linear) {
    const [out, from] = layer.weight.shape;
    return `${from} * ${out} + ${out}`;
  }
  return "";
}

/** The rows of a model's summary that have parameters, each with its formula. */
function showCounts(model: Sequential, inputShape: readonly number[]): void {
  const { rows, totalParameters } = model.summary(inputShape);
  let linear = 0;
  for (const { path, outputShape, parameters } of rows) {
    if (parameters === 0) continue;
    const layer = layerAt(model, path);
    if (layer instanceof Linear) linear += parameters;
    const shape = `[${outputShape.join(", ")}]`;
    console.log(
      `${path.padEnd(15)}${shape.padEnd(17)}${formula(layer).padStart(26)} = ${count(parameters).padStart(11)}`,
    );
  }
  const share = Math.round((100 * linear) / totalParameters);
  console.log(`total ${count(totalParameters).padStart(66)}   (${share} % of them in the linear layers)`);
}

/** The layer at a path such as "features.0". */
function layerAt(model: Layer, path: string): Layer {
  let layer = model;
  for (const name of path.split(".")) layer = (layer as Sequential).get(name);
  return layer;
}

title("One convolution: 3x3, from 128 to 64 channels");
const conv = new Conv2d(128, 64, 3);
console.log(`3 * 3 * 128 * 64 = ${count(conv.weight.size)} weights, and ${count(conv.bias?.size ?? 0)} biases.`);
console.log("The size of the image does not matter: the same kernel is used everywhere.");

title("LeNet, all of its summary");
console.log(lenet5().summary([1, 28, 28]));

title("AlexNet");
showCounts(alexnet(), [3, 224, 224]);

title("VGG16");
const before = process.memoryUsage().arrayBuffers;
showCounts(vgg16(), [3, 224, 224]);
const allocated = (process.memoryUsage().arrayBuffers - before) / 1024 / 1024;
console.log(
  `Its weights are 528 MB. Counting them took ${Math.max(0, allocated).toFixed(0)} MB: they are drawn when first read.`,
);

title("ResNet-18");
console.log(
  `${count(resnet18().summary([3, 224, 224]).totalParameters)}: deeper than VGG16 and a twelfth of it, as one small linear layer is enough.`,
);

title("A network from a list: convolutions [32, 64], hidden layers [32]");
const listed = lesson3({
  inputShape: [1, 28, 28],
  kernelSize: 3,
  convWidths: [32, 64],
  hiddenWidths: [32],
  numClasses: 10,
});
for (const [name, { shape, size }] of listed.namedParameters()) {
  console.log(`${name.padEnd(22)}${`[${shape.join(", ")}]`.padEnd(17)}${count(size).padStart(8)}`);
}
console.log(`total ${count(listed.summary([1, 28, 28]).totalParameters).padStart(41)}`);
