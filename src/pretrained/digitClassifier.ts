// A trained classifier of handwritten digits, ready when it is made. Its weights are a text in digitWeights.ts.
import { ReLU } from "../nn/activation/relu.js";
import { Sequential } from "../nn/container/sequential.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import { Linear } from "../nn/linear/linear.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { DIGIT_WEIGHTS } from "./digitWeights.js";
import { unpackWeights } from "./packedWeights.js";

/**
 * A network that tells the digits 0 to 9, already trained: three 3x3 convolutions of 16, 32 and 48 channels, each with ReLU and
 * a 2x2 max pooling, and one linear layer; 23,002 parameters. It takes images [N, 1, 28, 28] from 0 (paper) to 1 (ink), as MNIST
 * has them and as {@link drawingToDigit} makes them, and gives logits [N, 10].
 *
 * It was trained on MNIST's 60,000 training digits, varied in place, slant, proportions and strokes so that drawings work
 * (docs/digits.md tells how well). Its weights are stored in 8 bits and are float32 here: it can be trained on, its last layer
 * replaced, saved or exported as any other. Each call makes a new one.
 *
 * @example
 * const digits = digitClassifier();
 * const drawing = { data: new Uint8Array(64 * 64).fill(255).fill(0, 1000, 1010), width: 64, height: 64 };
 * const x = drawingToDigit(drawing); // in a page: context.getImageData(0, 0, canvas.width, canvas.height)
 * if (x !== null) digits.predict(x).argmax(1)[0]; // the digit
 */
export function digitClassifier(): Sequential {
  const model = new Sequential(
    new Conv2d(1, 16, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), // [16, 14, 14]
    new Conv2d(16, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), // [32, 7, 7]
    new Conv2d(32, 48, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), // [48, 3, 3]
    new Flatten(), new Linear(48 * 3 * 3, 10),
  ); // prettier-ignore
  unpackWeights(model, DIGIT_WEIGHTS);
  return model;
}
