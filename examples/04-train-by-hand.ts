// The plain training loop on 2,000 MNIST digits, every step written out. Then one weight's gradient, by hand.
// Run with: npx tsx examples/04-train-by-hand.ts
import { accuracy, Conv2d, CrossEntropy, Flatten, Linear, manualSeed, MaxPool2d, ReLU, Sequential } from "handgrad";
import { batches } from "handgrad/data";
import { readDigits } from "./support/mnistData.js";

manualSeed(1); // fixes the initial weights and the order of the digits: each run prints the same numbers

const digits = await readDigits();
const images = digits.train.images.slice([0, 2000]); // [2000, 1, 28, 28], from 0 to 1
const labels = digits.train.labels.subarray(0, 2000);
const testImages = digits.test.images.slice([0, 1000]); // not trained on, so not learned by heart
const testLabels = digits.test.labels.subarray(0, 1000);

// The convolution has a name of its own, because we look into it later.
const conv = new Conv2d(1, 8, 3); // [N, 1, 28, 28] -> [N, 8, 26, 26]: eight 3x3 kernels, eight feature maps
const rest = new Sequential(
  new ReLU(), // negative numbers become 0
  new MaxPool2d(2), // -> [N, 8, 13, 13]: the largest of each 2x2 window
  new Flatten(), // -> [N, 1352]
  new Linear(8 * 13 * 13, 10), // -> [N, 10]: a score for each digit
);
const model = new Sequential(conv, ...rest);
const loss = new CrossEntropy(); // small where the right digit has the largest score by far
const learningRate = 0.05;

console.log("epoch   training loss   test accuracy");
for (let epoch = 1; epoch <= 5; epoch++) {
  let sum = 0;
  for (const [x, y] of batches(images, labels, { size: 20, shuffle: true })) {
    // Forward: images to scores. Each layer keeps what its backward will need.
    const scores = model.forward(x);

    // Loss: one number that says how wrong the scores are, averaged over the batch.
    sum += loss.forward(scores, y) * y.length;

    // Gradients are added up (so that two batches can make one step), so the old ones must go first.
    for (const parameter of model.parameters()) parameter.grad.data.fill(0);

    // Backward: from the loss to the scores, then through the layers in reverse. Each layer turns the gradient of its
    // output into that of its input, and adds to the gradients of its weights on the way.
    model.backward(loss.backward());

    // Step: each weight goes a little against its gradient, w = w - lr * dL/dw. `new SGD(...).step()` does the same.
    for (const parameter of model.parameters()) {
      const { value, grad } = parameter;
      for (let i = 0; i < value.size; i++) value.data[i] -= learningRate * grad.data[i];
    }
  }
  const right = accuracy(model.predict(testImages), testLabels);
  console.log(`${epoch}       ${(sum / labels.length).toFixed(4).padEnd(16)}${right.toFixed(3)}`);
}

// Now one weight of the first kernel: the one on the right of the middle row, w[0, 0, 1, 2]. For output pixel (i, j) of
// image n it was multiplied with input pixel (i + 1, j + 2). So it has a share in each output, and by the chain rule
//
//     dL/dw = sum over n, i, j of x[n, 0, i + 1, j + 2] * delta[n, 0, i, j]
//
// where delta is the gradient of the loss for the convolution's output. This is a correlation of x with delta.
const x = images.slice([0, 50]);
const y = labels.subarray(0, 50);
loss.forward(rest.forward(conv.forward(x)), y);
const delta = rest.backward(loss.backward()); // [50, 8, 26, 26]
conv.weight.zeroGrad();
conv.backward(delta);

let byHand = 0;
const terms: string[] = [];
const [N, , OH, OW] = delta.shape;
for (let n = 0; n < N; n++) {
  for (let i = 0; i < OH; i++) {
    for (let j = 0; j < OW; j++) {
      const input = x.at(n, 0, i + 1, j + 2);
      const d = delta.at(n, 0, i, j);
      byHand += input * d;
      if (terms.length < 3 && input * d !== 0) terms.push(`${input.toFixed(3)} * ${d.toExponential(2)}`);
    }
  }
}
const byBackward = conv.weight.grad.at(0, 0, 1, 2);

// A third way, without any formula: move the weight a little to both sides and see what the loss does.
const place = 1 * 3 + 2; // of w[0, 0, 1, 2] in the data, which has three weights in a row
const lossAt = (change: number): number => {
  const { data } = conv.weight.value;
  const before = data[place];
  data[place] = before + change;
  const value = new CrossEntropy().forward(model.predict(x), y);
  data[place] = before;
  return value;
};
const h = 0.01;
const byMoving = (lossAt(h) - lossAt(-h)) / (2 * h);

console.log("\nThe gradient of one weight of the first kernel:");
console.log(`  by hand       ${byHand.toFixed(6)}   = ${terms.join(" + ")} + ...`);
console.log(`  by backward   ${byBackward.toFixed(6)}`);
console.log(`  by moving it  ${byMoving.toFixed(6)}   (nearly: the loss is not quite a straight line)`);
const same = Math.abs(byHand - byBackward) < 1e-5;
console.log(same ? "By hand and by backward are the same." : "By hand and by backward differ: this is a bug.");
if (!same) process.exitCode = 1;
