// Graphs and Parallel against PyTorch: a U-Net, an Inception block, a DenseNet block, squeeze-and-excitation, two inputs and two
// heads; outputs and all gradients, in float32 and float64, on each backend.
import { describe, expect, it } from "vitest";
import {
  AvgPool2d, BatchNorm2d, Concat, Conv2d, Flatten, Graph, Layer, Linear, MaxPool2d, Multiply, Parallel, Sequential, Sigmoid,
  Subtract, Tanh, type Tensor,
} from "../../../src/index.js"; // prettier-ignore
import { onEachBackend, type BackendCase } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";
import { loadFixture, type FixtureCase } from "../../support/fixtures.js";
import { give, tensorOf } from "../helpers.js";

/** Nearest neighbor, twice as large: a layer of a user's own in the middle of a graph. */
class Twice extends Layer {
  forward(x: Tensor): Tensor {
    const [n, c, h, w] = x.shape;
    const y = x.like([n, c, 2 * h, 2 * w]);
    for (let i = 0; i < y.size; i++) {
      const column = i % (2 * w);
      const row = Math.floor(i / (2 * w));
      y.data[i] = x.data[Math.floor(row / 2) * w + Math.floor(column / 2)];
    }
    return y;
  }
  backward(dy: Tensor): Tensor {
    const [n, c, h, w] = dy.shape;
    const dx = dy.like([n, c, h / 2, w / 2]);
    for (let i = 0; i < dy.size; i++) {
      const row = Math.floor(i / w);
      dx.data[Math.floor(row / 2) * (w / 2) + Math.floor((i % w) / 2)] += dy.data[i];
    }
    return dx;
  }
}

const conv = (from: number, to: number): Layer => new Conv2d(from, to, 3, { padding: 1 });

const NETS: Readonly<Record<string, () => Graph | Parallel>> = {
  "U-Net": () =>
    new Graph([
      ["enc1", new Sequential(conv(2, 4), new Tanh())],
      ["enc2", new Sequential(new MaxPool2d(2), conv(4, 6), new Tanh())],
      ["low", new Sequential(new AvgPool2d(2), conv(6, 8), new Tanh())],
      ["up2", new Twice()],
      ["cat2", new Concat(), "up2", "enc2"],
      ["dec2", new Sequential(conv(14, 5), new Tanh())],
      ["up1", new Twice()],
      ["cat1", new Concat(), "up1", "enc1"],
      ["dec1", new Sequential(conv(9, 3), new Tanh())],
      ["head", new Conv2d(3, 1, 1)],
    ]),
  Inception: () =>
    new Parallel([
      ["one", new Conv2d(5, 3, 1)],
      ["three", new Sequential(new Conv2d(5, 2, 1), new Tanh(), conv(2, 4))],
      ["five", new Sequential(new Conv2d(5, 2, 1), new Tanh(), new Conv2d(2, 2, 5, { padding: 2 }))],
      ["pool", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), new Conv2d(5, 3, 1))],
    ]),
  DenseNet: () => {
    const block = (i: number): Layer => new Sequential(new BatchNorm2d(3 + 2 * i), new Tanh(), conv(3 + 2 * i, 2));
    return new Graph([
      ["layers.l0", block(0)],
      ["cat0", new Concat(), "x", "layers.l0"],
      ["layers.l1", block(1)],
      ["cat1", new Concat(), "x", "layers.l0", "layers.l1"],
      ["layers.l2", block(2)],
      ["cat2", new Concat(), "x", "layers.l0", "layers.l1", "layers.l2"],
    ]);
  },
  "squeeze-and-excitation": () =>
    new Graph([
      ["conv", conv(3, 4)],
      [
        "squeeze",
        new Sequential(new AvgPool2d([5, 4]), new Conv2d(4, 2, 1), new Tanh(), new Conv2d(2, 4, 1), new Sigmoid()),
      ],
      ["z", new Multiply(), "conv", "squeeze"],
      ["place", new Sequential(conv(4, 1), new Sigmoid())],
      ["seen", new Multiply(), "place", "z"],
      ["y", new Subtract(), "seen", "conv"],
    ]),
  "two heads": () =>
    new Graph(
      [
        ["eye", new Sequential(new Conv2d(1, 3, 3), new Tanh(), new Flatten()), "picture"],
        ["ear", new Sequential(new Linear(6, 5), new Tanh()), "sound"],
        ["cat", new Concat(), "eye", "ear"],
        ["body", new Sequential(new Linear(41, 7), new Tanh())],
        ["kind", new Linear(7, 4)],
        ["size", new Linear(7, 1), "body"],
      ],
      { inputs: ["picture", "sound"], outputs: ["kind", "size"] },
    ),
};

const { cases } = loadFixture("graphs");

/** The results by the fixture's names. */
function run(context: BackendCase, { name, tensors }: FixtureCase): Record<string, Tensor> {
  const net = NETS[name]();
  const given = (key: string): Tensor => tensorOf(context, tensors[key]) as Tensor;
  for (const layer of net.layers()) {
    if (!(layer instanceof BatchNorm2d)) continue;
    for (const state of [layer.runningMean, layer.runningVar, layer.numBatchesTracked]) {
      state?.substitute(context.make(Array.from(state.value.data), state.value.shape) as Tensor);
    }
  }
  for (const [key, parameter] of net.namedParameters()) give(parameter, given(key));
  const results: Record<string, Tensor> = {};
  if (name === "two heads") {
    const graph = net as Graph;
    const { kind, size } = graph.forward({ picture: given("x"), sound: given("x1") });
    const { picture, sound } = graph.backward({ size: given("dy1"), kind: given("dy") });
    Object.assign(results, { y: kind, y1: size, dx: picture, dx1: sound });
  } else {
    results.y = net.forward(given("x"));
    results.dx = net.backward(given("dy"));
  }
  for (const [key, { grad }] of net.namedParameters()) results[`d ${key}`] = grad;
  return results;
}

describe("A network with branches", () => {
  it("stands in the fixtures for each of the nets", () => {
    expect(cases.map(({ name }) => name)).toEqual(Object.keys(NETS));
  });

  onEachBackend((context) => {
    it.each(cases)("gives PyTorch's outputs and gradients: $name", (fixtureCase) => {
      const results = run(context, fixtureCase);
      const expected = Object.keys(fixtureCase.tensors).filter((key) => /^(y|dx|d )/.test(key) && !/^dy/.test(key));
      expect(Object.keys(results).sort()).toEqual(expected.sort());
      for (const [key, { shape, data }] of Object.entries(results)) {
        const tensor = fixtureCase.tensors[key];
        expect(shape, key).toEqual(tensor.shape);
        // A few hundred roundings of the largest number: some layers of sums of up to 200 terms.
        const largest = Array.from(tensor.data as Float64Array).reduce(
          (most, value) => Math.max(most, Math.abs(value)),
          1,
        );
        expectClose(data, tensor.data, 256 * context.eps * largest, { name: key });
      }
    });
  });
});
