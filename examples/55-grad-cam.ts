// 55: looking inside. A network learns figures; pictures show which pixels speak for its answers, its filters and feature maps, and
// the images that it is most wrong about. Small and offline; the package fast-png writes the files.
//
//   npx tsx examples/55-grad-cam.ts [folder]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AdaptiveAvgPool2d, Adam, BatchNorm2d, Conv2d, CrossEntropy, Flatten, Linear, MaxPool2d, OneCycleLR, ReLU, Sequential, accuracy, manualSeed } from "handgrad"; // prettier-ignore
import { batches, makeShapes } from "handgrad/data";
import { confusionMatrix } from "handgrad/metrics";
import { activationStatistics, deadUnits, encodePng, featureMaps, featureMapsImage, filtersImage, gradCam, gradientStatistics, gridImage, guidedBackprop, heatmapImage, integratedGradients, mostConfused, occlusion, overlayImage, saliency, smoothGrad, tensorImage, topLosses, updateRatios, type Picture } from "handgrad/viz"; // prettier-ignore

const folder = process.argv[2] ?? "out/grad-cam";
mkdirSync(folder, { recursive: true });
const save = async (name: string, picture: Picture): Promise<void> => {
  writeFileSync(join(folder, name), await encodePng(picture));
};

const shapes = makeShapes({ samples: 1000, size: 32, seed: 2 });
const classes = shapes.classes ?? [];
const [images, labels] = shapes.all();
const [testImages, testLabels] = [images.slice([800, 1000]), labels.subarray(800)];

manualSeed(1);
const model = new Sequential(
  ["conv1", new Conv2d(1, 12, 5, { padding: 2 })], ["norm1", new BatchNorm2d(12)], ["relu1", new ReLU()], ["pool1", new MaxPool2d(2)],
  ["conv2", new Conv2d(12, 24, 3, { padding: 1 })], ["norm2", new BatchNorm2d(24)], ["relu2", new ReLU()], ["pool2", new MaxPool2d(2)],
  ["conv3", new Conv2d(24, 32, 3, { padding: 1 })], ["norm3", new BatchNorm2d(32)], ["relu3", new ReLU()],
  ["pool3", new AdaptiveAvgPool2d(1)], ["flat", new Flatten()], ["head", new Linear(32, 4)],
); // prettier-ignore
const loss = new CrossEntropy();
const optimizer = new Adam(model.parameters());
const schedule = new OneCycleLR(optimizer, 0.01, { totalSteps: 10 * 25 });
for (const epoch of Array(10).keys()) {
  let ratios = "";
  for (const [x, y] of batches(images.slice([0, 800]), labels.subarray(0, 800), {
    size: 32,
    shuffle: true,
    seed: epoch,
  })) {
    loss.forward(model.forward(x), y);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    const first = updateRatios(model, () => optimizer.step())[0]; // of conv1.weight
    ratios = first.ratio.toExponential(1);
    schedule.step();
  }
  const share = accuracy(model.predict(testImages), testLabels);
  console.log(`epoch ${epoch + 1}  accuracy ${share.toFixed(3)}  last step changed conv1 by ${ratios} of its size`);
}

// Why: one image of each class, seen by six methods.
const rows = classes.map((_, c) => [...testLabels.keys()].find((n) => testLabels[n] === c) ?? 0);
const x = testImages.take(rows);
const methods = {
  saliency: saliency(model, x),
  "SmoothGrad": smoothGrad(model, x, { seed: 1 }),
  "integrated gradients": integratedGradients(model, x, { baseline: 0.5 }).attributions,
  "guided backprop": guidedBackprop(model, x),
  occlusion: occlusion(model, x, { window: 8, baseline: 0.5 }),
}; // prettier-ignore
const cam = gradCam(model, x);
const scale = 3;
const pictures = rows.flatMap((_, i) => [
  tensorImage(x.slice(i), { scale }),
  ...Object.values(methods).map((map) => heatmapImage(map.slice(i), { scale })),
  overlayImage(x.slice(i), cam.slice(i), { scale }),
]);
await save("explanations.png", gridImage(pictures, { columns: 7, gap: 4 }));
console.log(`explanations.png: image, ${Object.keys(methods).join(", ")}, Grad-CAM`);

// What the layers do.
await save("filters.png", filtersImage(model.get("conv1"), { columns: 12, scale: 8, gap: 6 }));
const { relu1, relu3 } = featureMaps(model, x.slice([3, 4]), { layers: ["relu1", "relu3"] });
await save("maps.png", gridImage([featureMapsImage(relu1, { columns: 12 }), featureMapsImage(relu3, { columns: 16, scale: 4 })], { columns: 1, gap: 6 })); // prettier-ignore
for (const { path, mean, std, zeros } of activationStatistics(model, testImages)) {
  if (/conv|relu/.test(path)) console.log(`${path.padEnd(6)} mean ${mean.toFixed(3)}  std ${std.toFixed(3)}  zeros ${(100 * zeros).toFixed(0)} %`); // prettier-ignore
}
for (const { path, units, dead } of await deadUnits(model, testImages)) console.log(`${path}: ${dead.length} of ${units} units are dead`); // prettier-ignore
const { parameters } = gradientStatistics(model, testImages, loss, testLabels);
console.log(`gradient of ${parameters[0].name}: norm ${parameters[0].gradNorm.toExponential(1)}`);

// What it is wrong about.
const worst = await topLosses(model, batches(testImages, testLabels, { size: 100 }), loss, { k: 8 });
await save("worst.png", gridImage(worst.map(({ x }) => tensorImage(x, { scale })), { columns: 8, gap: 4 })); // prettier-ignore
for (const { index, loss, prediction, target } of worst.slice(0, 3)) {
  console.log(`image ${800 + index}: a ${classes[target ?? 0]}, taken for a ${classes[prediction ?? 0]}, loss ${loss.toFixed(2)}`); // prettier-ignore
}
const [most] = mostConfused(confusionMatrix(model.predict(testImages), testLabels), { classes });
if (most !== undefined) console.log(`most confused: a ${most.names[0]} for a ${most.names[1]}, ${most.count} times`);
console.log(`Wrote four pictures to ${folder}`);
