// 11: a network goes to ONNX, for any ONNX Runtime, and comes back. Also with a layer of your own.
// Run with: npx tsx examples/11-onnx.ts [file]
import { writeFileSync } from "node:fs";
import {
  Conv2d,
  Dropout,
  Flatten,
  FormatError,
  Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Tensor,
  manualSeed,
  multiply,
  randn,
} from "handgrad";
import { exportOnnx, importOnnx, type OnnxContext } from "handgrad/onnx";

manualSeed(1);
const features = new Sequential(new Conv2d(1, 8, 3), new ReLU(), new MaxPool2d(2));
const model = new Sequential(
  ["features", features],
  ["flatten", new Flatten()],
  ["dropout", new Dropout(0.3)],
  ["classifier", new Linear(8 * 13 * 13, 10)],
);

// The shape is that of one image; the file takes any number of them. It computes what predict computes.
const bytes = exportOnnx(model, [1, 28, 28], { metadata: { classes: "0,1,2,3,4,5,6,7,8,9" } });
const [, , path] = process.argv;
if (path !== undefined) writeFileSync(path, bytes);
console.log(`${bytes.length} bytes of ONNX${path === undefined ? "" : `, written to ${path}`}`);

// And back. Weights keep their names, so state dicts fit; dropout is gone, as in every export for predictions.
const file = importOnnx(bytes);
console.log(`From ${file.producer}, opset ${file.opset}, images [${file.inputShape.join(", ")}]`);
console.log(file.model.summary(file.inputShape));
const images = randn([4, 1, 28, 28]);
const [before, after] = [model.predict(images), file.model.predict(images)];
console.log(`The same bits: ${before.data.every((value, i) => Object.is(value, after.data[i]))}`);

/** y = factor * x. Exporting it takes a function that says what it is in ONNX. */
class Gain extends Layer<true> {
  constructor(readonly factor: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    this.save(true);
    return multiply(x, this.factor);
  }

  backward(dy: Tensor): Tensor {
    this.saved();
    return multiply(dy, this.factor);
  }
}

const own = new Sequential(new Linear(4, 2), new Gain(0.5));
const layers = {
  Gain: (layer: Gain, onnx: OnnxContext) => {
    return onnx.node("Mul", [onnx.input, onnx.constant("factor", new Tensor([layer.factor]))]);
  },
};
const scaled = exportOnnx(own, [4], { layers });
console.log(`\nWith a layer of your own: ${scaled.length} bytes`);

// Read again, the multiplication is part of the weights before it.
const back = importOnnx(scaled);
console.log(back.model.describe(), back.notes[0]);

// What an import does not know it names, instead of computing something else.
try {
  const cosine = { Gain: (_layer: Gain, onnx: OnnxContext) => onnx.node("Cos", [onnx.input]) };
  importOnnx(exportOnnx(own, [4], { layers: cosine }));
} catch (error) {
  if (!(error instanceof FormatError)) throw error;
  console.log(error.message);
}
