// The networks of the examples as ONNX files, made by the built package, as the examples are.
import {
  Conv2d,
  Dropout,
  Flatten,
  Layer,
  Linear,
  MaxPool2d,
  Parameter,
  ReLU,
  Sequential,
  Tensor,
  constantInit,
} from "handgrad";
import { exportOnnx, type OnnxContext } from "handgrad/onnx";
import { alexnet, lenet5, lesson3, vgg16 } from "handgrad/models";

export interface ExampleNetwork {
  readonly model: Layer;
  readonly inputShape: readonly number[];
  readonly bytes: () => Uint8Array;
}

/** As in examples/05-your-own-layer.ts, for predictions only. */
class PReLU extends Layer<Tensor> {
  readonly slope = new Parameter([1], constantInit(0.25));

  forward(x: Tensor): Tensor {
    const [a] = this.slope.value.data;
    const y = x.like();
    for (let i = 0; i < x.size; i++) y.data[i] = x.data[i] > 0 ? x.data[i] : a * x.data[i];
    return y;
  }

  backward(dy: Tensor): Tensor {
    return dy;
  }
}

const layers = {
  PReLU: (layer: PReLU, onnx: OnnxContext) => onnx.node("PRelu", [onnx.input, onnx.parameter(layer.slope)]),
};

function network(model: Layer, inputShape: readonly number[]): ExampleNetwork {
  return { model, inputShape, bytes: () => exportOnnx(model, inputShape, { layers }) };
}

/** By the number of the example. The last two have 61 and 138 million parameters. */
export const EXAMPLE_NETWORKS: Readonly<Record<string, () => ExampleNetwork>> = {
  "04 by hand": () =>
    network(
      new Sequential(new Conv2d(1, 8, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(8 * 13 * 13, 10)),
      [1, 28, 28],
    ),
  "05 own layer": () =>
    network(new Sequential(new Linear(2, 16), new PReLU(), new Linear(16, 16), new PReLU(), new Linear(16, 2)), [2]),
  "06 LeNet": () => network(lenet5(), [1, 28, 28]),
  "06 list": () => network(lesson3(), [1, 28, 28]),
  "07 MNIST": () =>
    network(
      new Sequential(
        ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
        ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }), new Flatten()],
        ...[new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
      ),
      [1, 28, 28],
    ),
  "06 AlexNet": () => network(alexnet(), [3, 224, 224]),
  "06 VGG16": () => network(vgg16(), [3, 224, 224]),
};
