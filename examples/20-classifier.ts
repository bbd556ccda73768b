// Lesson 2: a classifier of digits with fit, predict and score, 197,210 parameters, SGD; then the same network with Adam and dropout.
// Run with: npx tsx examples/20-classifier.ts
import {
  accuracy,
  Adam,
  Conv2d,
  CrossEntropy,
  Dropout,
  Flatten,
  glorotUniform,
  Linear,
  manualSeed,
  MaxPool2d,
  ReLU,
  Sequential,
  SGD,
  zerosInit,
  type Layer,
  type Optimizer,
} from "handgrad";
import { batches } from "handgrad/data";
import { bar } from "./support/draw.js";
import { readDigits, type Digits } from "./support/mnistData.js";

const digits = await readDigits();
const part = ({ images, labels }: Digits, from: number, to: number): Digits => ({
  images: images.slice([from, to]),
  labels: labels.subarray(from, to),
});
const training = part(digits.train, 0, 2000);
const validation = part(digits.train, 2000, 2500); // to judge by while training, not to learn from
const test = part(digits.test, 0, 1000); // looked at once, at the end

/** 3x3 convolution with 10 kernels, pool, 100 hidden units, 10 classes; Glorot-uniform weights, zero biases. */
function build(...beforeLast: Layer[]): Sequential {
  const model = new Sequential(
    ...[new Conv2d(1, 10, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2)], // [10, 14, 14]
    ...[new Flatten(), new Linear(10 * 14 * 14, 100), new ReLU(), ...beforeLast, new Linear(100, 10)],
  );
  for (const [name, parameter] of model.namedParameters()) {
    parameter.initialize(name.endsWith("weight") ? glorotUniform() : zerosInit());
  }
  return model;
}

/** A model with its training: one entry of `history` for each epoch. */
class Classifier {
  readonly history: { loss: number; validationLoss: number; validationAccuracy: number }[] = [];

  constructor(
    readonly model: Sequential,
    readonly optimizer: Optimizer,
  ) {}

  /** Batches of 128 in a new order each epoch; the last part of a batch is dropped, so that all weigh alike. */
  fit(data: Digits, held: Digits, epochs: number): void {
    const loss = new CrossEntropy();
    const all = batches(data.images, data.labels, { size: 128, shuffle: true, dropLast: true });
    for (let epoch = 0; epoch < epochs; epoch++) {
      const losses: number[] = [];
      for (const [x, labels] of all) {
        losses.push(loss.forward(this.model.forward(x), labels));
        this.optimizer.zeroGrad();
        this.model.backward(loss.backward(), { inputGrad: false });
        this.optimizer.step();
      }
      const logits = this.model.predict(held.images);
      this.history.push({
        loss: losses.reduce((a, b) => a + b) / losses.length,
        validationLoss: new CrossEntropy().forward(logits, held.labels),
        validationAccuracy: accuracy(logits, held.labels),
      });
    }
  }

  /** The class of each image: the place of its largest score. */
  predict(images: Digits["images"]): Int32Array {
    return this.model.predict(images).argmax(1);
  }

  /** The share of right answers. */
  score({ images, labels }: Digits): number {
    return this.predict(images).filter((answer, i) => answer === labels[i]).length / labels.length;
  }
}

function show(classifier: Classifier): void {
  console.log("epoch   loss     validation   accuracy");
  classifier.history.forEach(({ loss, validationLoss, validationAccuracy }, i) => {
    const cells = [String(i + 1).padEnd(8), loss.toFixed(4).padEnd(9), validationLoss.toFixed(4).padEnd(13)];
    console.log(`${cells.join("")}${validationAccuracy.toFixed(3)}  ${bar(validationAccuracy, 40)}`);
  });
  console.log(`On ${test.labels.length} digits that it never saw: ${classifier.score(test).toFixed(3)} right`);
}

console.log("--- SGD at 0.01, 20 epochs\n");
manualSeed(1);
const plain = build();
const first = new Classifier(plain, new SGD(plain.parameters(), { lr: 0.01 }));
first.fit(training, validation, 20);
show(first);

console.log("\n--- Adam, and dropout before the last layer\n");
manualSeed(1);
const dropped = build(new Dropout(0.5));
console.log(`${dropped.summary([1, 28, 28])}\n`);
const second = new Classifier(dropped, new Adam(dropped.parameters(), { lr: 1e-3 }));
second.fit(training, validation, 10);
show(second);
