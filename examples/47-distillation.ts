// 47: knowledge distillation. There are labels for few images. A larger network that is at hand says what it thinks of many others,
// how much each 7 looks like a 1, and a small one learns from its word; beside it the same small network that has the labels.
// Both take as many steps. Small and offline.
//
//   npx tsx examples/47-distillation.ts
//
// Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015.
import {
  Adam,
  Conv2d,
  CrossEntropy,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  accuracy,
  manualSeed,
  multiply,
  softmax,
  type Tensor,
} from "handgrad";
import { DataLoader, makeDigits, randomAffine } from "handgrad/data";
import { evaluate } from "handgrad/train";

const TEMPERATURE = 4; // makes small probabilities visible

const transform = randomAffine({ degrees: 20, translate: [0.12, 0.12], scale: [0.8, 1.1], interpolation: "bilinear" });
const many = makeDigits({ samples: 4000, size: 20, seed: 1 });
const unlabelled = makeDigits({ samples: 4000, size: 20, seed: 4 }); // their labels are not looked at
const few = makeDigits({ samples: 100, size: 20, seed: 2 });
const test = makeDigits({ samples: 1000, size: 20, seed: 3 });

const teacher = network(16);
await train(teacher, many, 6);
console.log(`Teacher, ${count(teacher)} parameters, 4,000 images: ${await percent(teacher)}.`);

const labelled = network(4);
await train(labelled, few, 200);
console.log(`Student, ${count(labelled)} parameters, the labels of 100 images: ${await percent(labelled)}.`);
const student = network(4);
await train(student, unlabelled, 5, teacher);
console.log(`The same student, the teacher's word on 4,000 others: ${await percent(student)}.`);

function network(width: number): Sequential {
  manualSeed(1);
  return new Sequential(
    new Conv2d(1, width, 3), new ReLU(), new MaxPool2d(2),
    new Conv2d(width, 2 * width, 3), new ReLU(), new MaxPool2d(2),
    new Flatten(), new Linear(2 * width * 3 * 3, 10),
  ); // prettier-ignore
}

async function train(model: Sequential, images: typeof many, epochs: number, from?: Sequential): Promise<void> {
  const loader = new DataLoader(images, { batchSize: 32, shuffle: true, seed: 1, transform });
  const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
  const loss = new CrossEntropy();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for await (const [x, labels] of loader) {
      const logits = model.forward(x);
      let gradient: Tensor;
      if (from === undefined) {
        loss.forward(logits, labels);
        gradient = loss.backward();
      } else {
        // T^2 times the cross-entropy of softmax(logits / T) with the teacher's probabilities; its gradient has one T less.
        loss.forward(multiply(logits, 1 / TEMPERATURE), softmax(multiply(from.predict(x), 1 / TEMPERATURE), 1));
        gradient = multiply(loss.backward(), TEMPERATURE);
      }
      optimizer.zeroGrad();
      model.backward(gradient, { inputGrad: false });
      optimizer.step();
    }
  }
}

async function percent(model: Sequential): Promise<string> {
  const data = new DataLoader(test, { batchSize: 250, transform, seed: 2 });
  const results = await evaluate(model, data, { metrics: { accuracy } });
  return `${(100 * (results.accuracy as number)).toFixed(1)} % right`;
}

function count(model: Sequential): string {
  return model.summary([1, 20, 20]).totalParameters.toLocaleString("en");
}
