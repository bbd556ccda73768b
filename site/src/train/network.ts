// Lesson 4's network, and what can be seen inside it. Runs wherever handgrad does: in the page's worker and in tests.
import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tensor, softmax } from "handgrad";
import type { Look } from "./messages.js";

export const CLASSES = 10;

/** The network of lesson 4: 55,338 parameters. */
export function buildNetwork(): Sequential {
  return new Sequential(
    new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }),
    new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }),
    new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, CLASSES),
  ); // prettier-ignore
}

/** What the network makes of one image: probabilities, feature maps, and the gradient of its choice in the pixels. */
export function lookAt(model: Sequential, image: Float32Array): Look {
  const x = new Tensor(Float32Array.from(image), [1, 1, 28, 28]);
  model.eval();
  let maps = x;
  const kept: Float32Array[] = [];
  for (let n = 0; n < 5; n++) {
    maps = model.get(n).predict(maps);
    if (n === 1 || n === 4) kept.push(maps.data);
  }
  const logits = model.forward(x);
  const best = logits.argmax(1)[0];
  const choice = new Tensor(new Float32Array(CLASSES).fill(0), [1, CLASSES]);
  choice.data[best] = 1;
  const saliency = model.backward(choice) as Tensor;
  for (const parameter of model.parameters()) parameter.zeroGrad();
  model.train();
  return {
    ...{ type: "look", first: kept[0], second: kept[1], saliency: saliency.data },
    probabilities: softmax(logits, 1).data,
  };
}

/** [truth][prediction], 10 x 10, and how many were right. */
export function confusionOf(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
): { confusion: Int32Array; right: number } {
  const confusion = new Int32Array(CLASSES * CLASSES);
  let right = 0;
  for (let n = 0; n < labels.length; n++) {
    confusion[labels[n] * CLASSES + predictions[n]]++;
    if (labels[n] === predictions[n]) right++;
  }
  return { confusion, right };
}
