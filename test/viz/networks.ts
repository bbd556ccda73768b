// The networks of test/fixtures/make_viz.py, with the numbers that PyTorch drew for them.
import {
  AdaptiveAvgPool2d, Add, AvgPool2d, BatchNorm2d, Concat, Conv2d, Flatten, Graph, Layer, Linear, MaxPool2d, ReLU, Residual, Sequential,
  Tanh, Tensor, add,
} from "../../src/index.js"; // prettier-ignore
import type { FixtureCase } from "../support/fixtures.js";

function plain(): Layer {
  return new Sequential(
    new Conv2d(2, 4, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2),
    new Conv2d(4, 6, 3), new ReLU(), new Flatten(), new Linear(6 * 2 * 3, 5),
  ); // prettier-ignore
}

function residual(): Layer {
  const body = new Sequential(
    new Conv2d(4, 6, 3, { stride: 2, padding: 1 }), new BatchNorm2d(6), new ReLU(), new Conv2d(6, 6, 3, { padding: 1 }), new BatchNorm2d(6),
  ); // prettier-ignore
  return new Sequential(
    new Conv2d(3, 4, 3, { padding: 1 }), new BatchNorm2d(4), new ReLU(), new Residual(body, new Conv2d(4, 6, 1, { stride: 2 })), new ReLU(),
    new AdaptiveAvgPool2d(1), new Flatten(), new Linear(6, 4),
  ); // prettier-ignore
}

/** The same as the second half of `residual`, as blocks of a user's own, which run their parts by themselves. */
class Block extends Layer {
  constructor(
    readonly body: Layer,
    readonly shortcut: Layer,
  ) {
    super();
  }
  forward(x: Tensor): Tensor {
    return add(this.body.forward(x), this.shortcut.forward(x));
  }
  backward(dy: Tensor): Tensor {
    return add(this.body.backward(dy), this.shortcut.backward(dy));
  }
}

/** A model of a user's own around a list of layers. */
export class Own extends Layer {
  readonly layers_: Sequential;
  constructor(layers: Sequential) {
    super();
    this.layers_ = layers;
  }
  forward(x: Tensor): Tensor {
    return this.layers_.forward(x);
  }
  backward(dy: Tensor): Tensor {
    return this.layers_.backward(dy);
  }
}

/** `residual` with the user's own block. */
export function ownResidual(of: Sequential): Sequential {
  const layers = [...of];
  const { body, shortcut } = layers[3] as Residual;
  layers[3] = new Block(body, shortcut!);
  return new Sequential(...layers);
}

function graph(): Layer {
  return new Graph([
    ["stem", new Sequential(new Conv2d(1, 4, 3, { padding: 1 }), new BatchNorm2d(4), new ReLU())],
    ["left", new Sequential(new Conv2d(4, 4, 3, { padding: 1 }), new ReLU())],
    ["right", new Sequential(new Conv2d(4, 4, 1), new Tanh()), "stem"],
    ["sum", new Add(), "left", "right"],
    ["all", new Concat(), "sum", "stem"],
    ["mix", new Sequential(new Conv2d(8, 5, 3, { padding: 1 }), new ReLU())],
    ["head", new Sequential(new AvgPool2d([6, 7]), new Flatten(), new Linear(5, 3))],
  ]);
}

function pixels(): Layer {
  return new Sequential(
    new Conv2d(1, 3, 3, { padding: 1 }), new ReLU(), new Conv2d(3, 4, 3, { padding: 1 }), new Tanh(), new Conv2d(4, 3, 1),
  ); // prettier-ignore
}

const BUILD: Readonly<Record<string, () => Layer>> = { plain, residual, graph, pixels };

/** The network of a case, in train mode as every new one. */
export function networkOf({ name, tensors }: FixtureCase): Layer {
  const model = BUILD[name.split(" ")[0]]();
  const entries = Object.entries(tensors).filter(([key]) => key.startsWith("model."));
  model.loadStateDict(
    Object.fromEntries(entries.map(([key, { data, shape }]) => [key.slice("model.".length), new Tensor(data, shape)])),
  );
  return model;
}

/** A tensor of a case, in float32. */
export function tensorOf({ tensors }: FixtureCase, name: string): Tensor {
  const { data, shape } = tensors[name];
  return new Tensor(Float32Array.from(data), shape);
}
