// Graph, Parallel and the joins: known answers by hand, what they share with every layer where it is special to them (records of
// tensors, names, memory, frozen parts, files), and the texts of their errors. Gradients against PyTorch: graphFixtures.test.ts;
// drawn graphs: graphProperties.test.ts.
import { describe, expect, it, vi } from "vitest";
import { loadModel, saveModel } from "../../../src/entries/io.js";
import { kernelsFor } from "../../../src/backend/select.js";
import {
  Adam, Add, AnomalyError, ArgumentError, Concat, Conv2d, Dropout, Flatten, Graph, Identity, Layer, Linear, Multiply, Parallel, ReLU, Residual,
  Sequential, ShapeError, StateError, Subtract, Tensor, detectAnomaly, manualSeed, multiply, ones, randn, zeros,
} from "../../../src/index.js"; // prettier-ignore
import { onEachBackend } from "../../support/backends.js";
import { throwsExactly } from "../../support/errors.js";

/** y = factor x, without a parameter. */
class Times extends Layer {
  constructor(readonly factor: number) {
    super();
  }
  forward(x: Tensor): Tensor {
    return multiply(x, this.factor);
  }
  backward(dy: Tensor): Tensor {
    return multiply(dy, this.factor);
  }
}

function fails(make: () => unknown, text: string, type: new (...args: never[]) => Error = ArgumentError): void {
  throwsExactly(make, type, text);
}

describe("A Graph", () => {
  onEachBackend((context) => {
    const make = (data: number[][]): Tensor => context.make(data) as Tensor;

    it("adds up the gradients of a tensor that is read several times", () => {
      // y = (2x + 3x) * 2x = 10 x^2, so dy/dx = 20 x
      const net = new Graph([
        ["two", new Times(2)],
        ["three", new Times(3), "x"],
        ["five", new Add(), "two", "three"],
        ["y", new Multiply(), "five", "two"],
      ]);
      expect(net.forward(make([[1, -2]])).toArray()).toEqual([[10, 40]]);
      expect(net.backward(make([[1, 10]])).toArray()).toEqual([[20, -400]]);
      expect(net.predict(make([[3, 0]])).toArray()).toEqual([[90, 0]]);
    });

    it("joins along an axis, and takes differences", () => {
      const net = new Graph([
        ["cat", new Concat(), "x", "x"],
        ["swapped", new Concat({ dim: -1 }), "x", "x"],
        ["y", new Subtract(), "cat", "swapped"],
      ]);
      expect(net.forward(make([[1, 2]])).toArray()).toEqual([[0, 0, 0, 0]]);
      expect(net.backward(make([[1, 2, 3, 4]])).toArray()).toEqual([[0, 0]]);
      const wide = new Graph([
        ["ten", new Times(10)],
        ["cat", new Concat({ dim: 2 }), "x", "ten", "x"],
      ]);
      const x = context.make([[[1, 2], [3, 4]]]) as Tensor; // prettier-ignore
      expect(wide.forward(x).toArray()).toEqual([[[1, 2, 10, 20, 1, 2], [3, 4, 30, 40, 3, 4]]]); // prettier-ignore
      const dy = context.make([[[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]]) as Tensor; // prettier-ignore
      expect(wide.backward(dy).toArray()).toEqual([[[36, 48], [108, 120]]]); // prettier-ignore
    });

    it("stretches axes of 1, and sums their gradients, in whatever place they are", () => {
      const net = new Graph([["y", new Multiply(), "a", "b"]], { inputs: ["a", "b"] });
      const sums = new Graph([["y", new Add(), "a", "b"]], { inputs: ["a", "b"] });
      const a = context.make(Array.from({ length: 24 }, (_, i) => i), [2, 3, 2, 2]) as Tensor; // prettier-ignore
      for (const shape of [
        [2, 3, 1, 1],
        [2, 1, 2, 2],
        [2, 1, 1, 2],
        [2, 1, 2, 1],
        [2, 3, 2, 1],
      ]) {
        // prettier-ignore
        const b = context.make(Array.from({ length: shape.reduce((x, y) => x * y) }, (_, i) => i + 1), shape) as Tensor;
        const dy = context.make(
          Array.from({ length: 24 }, (_, i) => (i % 5) - 2),
          [2, 3, 2, 2],
        ) as Tensor;
        const at = (i: number): number => {
          const place = [Math.floor(i / 12), Math.floor(i / 4) % 3, Math.floor(i / 2) % 2, i % 2];
          return place.reduce((flat, axis, k) => (shape[k] === 1 ? flat : flat * shape[k] + axis), 0);
        };
        const expected = {
          y: [] as number[],
          a: [] as number[],
          b: Array<number>(b.size).fill(0),
          sum: Array<number>(b.size).fill(0),
        };
        for (let i = 0; i < 24; i++) {
          expected.y.push(a.data[i] * b.data[at(i)]);
          expected.a.push(dy.data[i] * b.data[at(i)]);
          expected.b[at(i)] += dy.data[i] * a.data[i];
          expected.sum[at(i)] += dy.data[i];
        }
        expect([...net.forward({ a, b }).y.data]).toEqual(expected.y);
        const gradients = net.backward({ y: dy });
        expect([...gradients.a.data]).toEqual(expected.a);
        expect([...gradients.b.data]).toEqual(expected.b);
        expect(gradients.b.shape).toEqual(shape);
        sums.forward({ a: b, b: a });
        const sum = sums.backward({ y: dy });
        expect([[...sum.a.data], [...sum.b.data]]).toEqual([expected.sum, [...dy.data]]);
      }
    });

    it("overwrites no tensor that is read again, in a prediction too", () => {
      const net = (): Graph =>
        new Graph(
          [
            ["relu", new ReLU(), "x"],
            ["same", new Identity(), "x"],
            ["again", new ReLU(), "same"],
            ["late", new Concat(), "x", "relu", "again", "same"],
          ],
          { outputs: ["late", "same"] },
        );
      const x = make([[-1, 2]]);
      const { late, same } = net().predict({ x });
      expect([late.toArray(), same.toArray()]).toEqual([[[-1, 2, 0, 2, 0, 2, -1, 2]], [[-1, 2]]]);
      const inside = new Residual(
        new Graph([
          ["relu", new ReLU(), "x"],
          ["more", new Add(), "x", "relu"],
        ]),
      );
      expect(inside.predict(x).toArray()).toEqual([[-2, 6]]);
      const branches = new Parallel([
        new ReLU(),
        new Identity(),
        new Sequential(new Identity(), new ReLU()),
        new ReLU(),
      ]);
      expect(branches.predict(x).toArray()).toEqual([[0, 2, -1, 2, 0, 2, 0, 2]]);
      expect(x.toArray()).toEqual([[-1, 2]]);
    });
  });

  const heads = (): Graph<"x" | "bias", "wide" | "small"> => {
    manualSeed(3);
    return new Graph(
      [
        ["body", new Linear(4, 3), "x"],
        ["wide", new Add(), "body", "bias"],
        ["small", new Linear(3, 1), "body"],
      ],
      { inputs: ["x", "bias"], outputs: ["wide", "small"] },
    );
  };
  const x = randn([5, 4], { seed: 1 });
  const bias = randn([5, 3], { seed: 2 });

  it("takes and gives records of tensors by name", () => {
    const net = heads();
    const { wide, small } = net.forward({ bias, x });
    expect([wide.shape, small.shape]).toEqual([[5, 3], [5, 1]]); // prettier-ignore
    const gradients = net.backward({ small: ones([5, 1]), wide: ones([5, 3]) });
    expect(Object.keys(gradients)).toEqual(["x", "bias"]);
    expect(gradients.bias.toArray()).toEqual(ones([5, 3]).toArray());
    expect(net.predict({ x, bias })).toEqual({ wide, small });
    expect(net.outputShape({ x: [7, 4], bias: [7, 3] })).toEqual({ wide: [7, 3], small: [7, 1] });
    expect([net.inputs, net.outputs]).toEqual([["x", "bias"], ["wide", "small"]]); // prettier-ignore
    const { rows, inputBytes } = net.summary({ x: [4], bias: [3] });
    expect(rows.map(({ name, path, outputShape, parameters }) => [name, path, outputShape, parameters])).toEqual([
      ["Linear-1", "body", [3], 15],
      ["Add-2", "wide", [3], 0],
      ["Linear-3", "small", [1], 4],
    ]);
    expect(inputBytes).toBe(28);
    const alone = new Graph([["y", new Linear(4, 2)]]);
    const y = alone.forward({ x });
    expect(alone.predict(x)).toEqual(y.y);
    expect(Object.keys(alone.backward({ y: ones([5, 2]) }))).toEqual(["x"]);
  });

  it("gives the same bits in parts of a large batch", () => {
    const net = heads();
    const many = randn([100, 4], { seed: 8 });
    const more = randn([100, 3], { seed: 9 });
    const whole = net.predict({ x: many, bias: more });
    for (const first of [0, 64, 99]) {
      const one = net.predict({ x: many.slice([first, first + 1]), bias: more.slice([first, first + 1]) });
      expect(one.wide.toArray()).toEqual(whole.wide.slice([first, first + 1]).toArray());
      expect(one.small.toArray()).toEqual(whole.small.slice([first, first + 1]).toArray());
    }
    // So wide that it is cut: what each part gives stands in its rows.
    const images = new Graph(
      [["a", new Conv2d(1, 8, 3, { padding: 1 })], ["b", new ReLU()], ["sum", new Add(), "a", "b"]],
      { outputs: ["a", "sum"] },
    ); // prettier-ignore
    const big = randn([80, 1, 96, 96], { seed: 4 });
    const all = images.predict({ x: big });
    const last = images.predict({ x: big.slice([79, 80]) });
    expect(all.sum.slice([79, 80]).toArray()).toEqual(last.sum.toArray());
    expect(all.a.slice([79, 80]).toArray()).toEqual(last.a.toArray());
  });

  it("is not disturbed by predictions between forward and backward, and uses nothing up in a refused backward", () => {
    const dy = { wide: randn([5, 3], { seed: 5 }), small: randn([5, 1], { seed: 6 }) };
    const run = (disturb: boolean): unknown => {
      const net = heads();
      net.forward({ x, bias });
      if (disturb) {
        net.predict({ x: multiply(x, 3), bias });
        net.predict({ x: ones([2, 4]), bias: ones([2, 3]) });
        net.outputShape({ x: [1, 4], bias: [1, 3] });
        net.summary({ x: [4], bias: [3] });
        fails(
          () => net.backward({ ...dy, small: ones([5, 2]) }),
          "small Linear.backward: expected dy of the output's shape [5, 1], got [5, 2].",
          ShapeError,
        );
        fails(
          () => net.backward({ wide: dy.wide } as never),
          "Graph.backward: expected one gradient for each of wide, small, got wide (zeros for an output that does not count).",
        );
        expect(() => net.backward({ ...dy, small: 1 } as never)).toThrow("expected small to be a Tensor, got 1");
      }
      const gradients = net.backward(dy);
      return [gradients, net.parameters().map(({ grad }) => grad.toArray())];
    };
    expect(run(true)).toEqual(run(false));
    const net = heads();
    fails(() => net.backward(dy), "Graph.backward: expected a forward before it, got none (call forward first; predict saves nothing).", StateError); // prettier-ignore
    net.forward({ x, bias });
    expect(net.backward(dy, { inputGrad: false })).toBeUndefined();
    fails(() => net.backward(dy), "Graph.backward: expected one backward for each forward, got a second one (call forward again first).", StateError); // prettier-ignore
  });

  it("with several inputs or outputs stands in another Graph, and says so where it cannot stand", () => {
    const outer = new Graph([
      ["bias", new Linear(4, 3), "x"],
      ["net", heads(), "x", "bias"],
      ["sum", new Add(), "net.small", "net.wide"],
    ]);
    expect(outer.forward(x).shape).toEqual([5, 3]);
    expect(outer.backward(ones([5, 3])).shape).toEqual([5, 4]);
    expect(Object.keys(outer.stateDict())).toEqual([
      ...["bias.weight", "bias.bias", "net.body.weight", "net.body.bias", "net.small.weight", "net.small.bias"],
    ]);
    const text =
      "Graph: expected one input where a tensor goes in and one comes out, got 2: x, bias (give it records: forward({ x, bias }); " +
      "in a Graph its node may have several).";
    fails(() => heads().forward(x), text);
    fails(() => new Sequential(heads()).forward(x), `0 ${text}`);
    fails(() => new Sequential(heads()).outputShape([5, 4]), `0 ${text}`);
    // An output that nobody reads has no gradient, and what leads to it alone none either.
    const half = new Graph([
      ["bias", new Linear(4, 3), "x"],
      ["net", heads(), "x", "bias"],
      ["end", new ReLU(), "net.wide"],
    ]);
    half.forward(x);
    half.backward(ones([5, 3]));
    expect(half.namedParameters().filter(([, { hasGrad }]) => !hasGrad).map(([name]) => name)).toEqual(["net.small.weight", "net.small.bias"]); // prettier-ignore
  });

  it("runs no backward where nothing learns", () => {
    const make = (): Graph => {
      manualSeed(5);
      return new Graph([
        ["low", new Conv2d(1, 2, 3, { padding: 1 })],
        ["left", new Conv2d(2, 2, 3, { padding: 1 })],
        ["right", new Conv2d(2, 2, 1), "low"],
        ["cat", new Concat(), "left", "right"],
        ["head", new Sequential(new Flatten(), new Linear(64, 2))],
      ]);
    };
    const images = randn([2, 1, 4, 4], { seed: 3 });
    const dy = randn([2, 2], { seed: 4 });
    const [free, frozen] = [make(), make()];
    frozen.get("low").freeze();
    frozen.get("left").freeze();
    free.forward(images);
    free.backward(dy);
    const forwards = frozen.forward(images);
    expect(forwards.shape).toEqual([2, 2]);
    const kernels = kernelsFor("test", images);
    const [inputGrad, weightGrad] = [vi.spyOn(kernels, "conv2dInputGrad"), vi.spyOn(kernels, "conv2dWeightGrad")];
    frozen.backward(dy, { inputGrad: false });
    expect([inputGrad.mock.calls.length, weightGrad.mock.calls.length]).toEqual([0, 1]);
    vi.restoreAllMocks();
    for (const name of ["right", "head"]) {
      const gradsOf = (net: Graph): unknown => net.get(name).parameters().map(({ grad }) => grad.toArray()); // prettier-ignore
      expect(gradsOf(frozen)).toEqual(gradsOf(free));
    }
    expect(
      frozen
        .get("low")
        .parameters()
        .some(({ hasGrad }) => hasGrad),
    ).toBe(false);
  });

  it("counts a shared Parameter once, and adds up its gradients", () => {
    const [a, b] = [new Linear(3, 3, { bias: false }), new Linear(3, 3, { bias: false })];
    b.weight = a.weight;
    const net = new Graph([["a", a], ["b", b, "x"], ["sum", new Add(), "a", "b"]]); // prettier-ignore
    expect(net.parameters()).toEqual([a.weight]);
    expect(net.summary([3]).totalParameters).toBe(9);
    expect(Object.keys(net.stateDict())).toEqual(["a.weight", "b.weight"]);
    net.forward(ones([1, 3]));
    net.backward(ones([1, 3]));
    expect(a.weight.grad.toArray()).toEqual([[2, 2, 2], [2, 2, 2], [2, 2, 2]]); // prettier-ignore
    const loaded = loadModel(saveModel(new Sequential(["net", net]))).model;
    expect(loaded.parameters().length).toBe(1);
    expect(loaded.predict(ones([2, 3]))).toEqual(net.predict(ones([2, 3])));
    fails(
      () => new Graph([["a", a], ["b", a, "x"], ["sum", new Add(), "a", "b"]]), // prettier-ignore
      "Graph: expected each layer once, layers a and b are the same Linear object; write new Linear() for each (weights are shared " +
        "by sharing Parameters).",
    );
  });

  it("is built again from its config, with dots in names too", () => {
    const net = new Graph(
      [
        ["features.0", new Conv2d(1, 2, 3), "image"],
        ["features.1", new Dropout(0.5)],
        ["y", new Add(), "features.0", "features.1"],
      ],
      { inputs: "image", outputs: "y" },
    );
    expect(net.config()).toMatchObject({ type: "Graph", options: { inputs: ["image"], outputs: ["y"] } });
    const loaded = loadModel(saveModel(new Sequential(["net", net]))).model;
    expect(loaded.get("net").config()).toEqual(net.config());
    expect(Object.keys(loaded.stateDict())).toEqual(["net.features.0.weight", "net.features.0.bias"]);
    // Shared numbers are found under such names.
    const twice = new Graph([
      ["a.b", new Linear(2, 2)],
      ["a.c", new Linear(2, 2)],
    ]);
    (twice.get("a.c") as Linear).weight = (twice.get("a.b") as Linear).weight;
    const back = loadModel(saveModel(new Sequential(["net", twice]))).model;
    expect(back.namedParameters().map(([name]) => name)).toEqual(["net.a.b.weight", "net.a.b.bias", "net.a.c.bias"]);
  });

  it("says of what it is made", () => {
    const net = heads();
    expect(String(net)).toBe(
      "Graph(body: Linear(4, 3) of x; wide: Add() of body, bias; small: Linear(3, 1) of body; gives wide, small)",
    );
    expect([net.length, [...net].length]).toEqual([3, 3]);
    expect(net.get(-1)).toBe(net.get("small"));
    fails(() => net.get("smal"), 'Graph.get: expected a place from -3 to 2 or a name (body, wide, small), got "smal", did you mean "small"?'); // prettier-ignore
    fails(() => net.get(3), "Graph.get: expected a place from -3 to 2 or a name (body, wide, small), got 3.");
    expect(String(new Parallel([new ReLU(), ["b", new Identity()]], { mode: "add" }))).toBe(
      'Parallel([0: ReLU(), b: Identity()], { mode: "add" })',
    );
  });

  it("has modes, dropout of its own, and trains", () => {
    manualSeed(2);
    const net = new Graph([
      ["a", new Linear(2, 8)],
      ["drop", new Dropout(0.5)],
      ["b", new ReLU(), "a"],
      ["cat", new Concat(), "drop", "b"],
      ["y", new Linear(16, 1)],
    ]);
    const points = randn([8, 2], { seed: 1 });
    expect(net.forward(points).toArray()).not.toEqual(net.predict(points).toArray());
    expect(net.eval().forward(points).toArray()).toEqual(net.predict(points).toArray());
    net.train();
    const adam = new Adam(net.parameters(), { lr: 0.02 });
    const lossOf = (): number => net.predict(points).data.reduce((sum, y, i) => sum + (y - points.data[2 * i]) ** 2, 0);
    const before = lossOf();
    for (let i = 0; i < 150; i++) {
      const y = net.forward(points);
      adam.zeroGrad();
      net.backward(new Tensor(y.data.map((value, k) => 2 * (value - points.data[2 * k])), y.shape)); // prettier-ignore
      adam.step();
    }
    expect(lossOf()).toBeLessThan(0.2 * before);
  });

  it("tells detectAnomaly where a number was lost, at a join too", () => {
    const net = new Graph([
      ["big", new Times(1e30)],
      ["square", new Multiply(), "big", "big"],
    ]);
    let error: unknown;
    try {
      detectAnomaly(net, () => net.forward(ones([1, 2])));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(AnomalyError);
    expect((error as AnomalyError).message).toBe(
      "square Multiply.forward: expected finite outputs [1, 2], got Infinity at [0, 0], the first of 2 (input and parameters are finite).",
    );
  });
});

describe("A Graph refuses", () => {
  const relu = (): ReLU => new ReLU();

  it("what is no list of nodes", () => {
    const form = `an array of nodes, such as [["conv", new Conv2d(1, 8, 3)], ["relu", new ReLU()]]`;
    fails(() => new Graph([]), `Graph: expected ${form}, got [].`);
    fails(() => new Graph({ a: relu() } as never), `Graph: expected ${form}, got an object (Object).`);
    const entry = 'expected a node as ["name", layer, ...names of what it reads], got';
    fails(() => new Graph([relu()] as never), `Graph: ${entry} an object (ReLU).`);
    fails(() => new Graph([["a"]] as never), `Graph: ${entry} ["a"].`);
    fails(() => new Graph([["a", relu(), ["x"]]] as never), 'Graph: expected node a to say what it reads by names, got ["x"] (one by one, without brackets).'); // prettier-ignore
    fails(() => new Graph([["a", "relu"]] as never), 'Graph: expected node a to be a layer, or an object with forward and backward, got "relu" (the layer itself, as new ReLU()).'); // prettier-ignore
    fails(() => new Graph([["a", relu()]], { output: "a" } as never), 'Graph: unknown option "output", did you mean "outputs"? (options: inputs, outputs).'); // prettier-ignore
  });

  it("names that are none, unknown, or twice", () => {
    fails(() => new Graph([["a..b", relu()]]), 'Graph: expected a name with something around each dot, got "a..b".');
    fails(() => new Graph([["", relu()]]), 'Graph: expected a name with something around each dot, got "".');
    fails(() => new Graph([["a", relu()], ["a", relu()]]), 'Graph: expected each name once, got "a" twice.'); // prettier-ignore
    fails(() => new Graph([["x", relu()]]), 'Graph: expected each name once, got "x" twice.');
    fails(() => new Graph([["a", relu()], ["a.b", relu()]]), 'Graph: expected no node inside another one, got "a" and "a.b" (a dot leads into a layer).'); // prettier-ignore
    fails(() => new Graph([["conv", relu()], ["b", relu(), "cnov"]]), 'Graph: expected node b to read one of x, conv, got "cnov", did you mean "conv"?'); // prettier-ignore
    fails(() => new Graph([["a", relu(), "zzzzzzzz"]]), 'Graph: expected node a to read one of x, got "zzzzzzzz".');
    fails(
      () => new Graph([["a", relu()]], { outputs: ["a", "qqqqqq"] }),
      'Graph: expected outputs to hold one of x, a, got "qqqqqq".',
    );
    fails(
      () => new Graph([["a", relu()]], { outputs: ["a", "a"] }),
      'Graph: expected each name once in outputs, got "a" twice.',
    );
    fails(() => new Graph([["a", relu()]], { outputs: [] }), "Graph: expected at least one name in outputs, got none.");
    fails(() => new Graph([["a", relu()]], { inputs: [1] as never }), "Graph: expected inputs to be names, got [1].");
  });

  it("circles", () => {
    fails(() => new Graph([["a", relu(), "a"]]), 'Graph: expected node a to read one of x, got "a", which is itself (a graph has no circles).'); // prettier-ignore
    fails(
      () => new Graph([["a", new Add(), "x", "b"], ["b", relu(), "a"]]), // prettier-ignore
      'Graph: expected node a to read one of x, got "b", which stands behind it (nodes run as they are written; a graph has no ' +
        "circles).",
    );
  });

  it("nodes and inputs that lead nowhere", () => {
    fails(() => new Graph([["a", relu()], ["b", relu(), "x"]]), "Graph: expected each node to lead to an output, got a, which nothing reads (or name it in outputs)."); // prettier-ignore
    fails(() => new Graph([["a", relu(), "x"]], { inputs: ["x", "y"] }), "Graph: expected each input to be read, got y, which no node reads."); // prettier-ignore
  });

  it("a wrong number of reads", () => {
    fails(() => new Graph([["a", relu(), "x", "x"]]), "Graph: expected node a to read one tensor, which ReLU takes, got 2 (joins are Add, Concat, Multiply, Subtract)."); // prettier-ignore
    fails(() => new Graph([["a", new Add()]]), 'Graph: expected node a to say what it joins, got no names (["a", new Add(...), "a", "b"]).'); // prettier-ignore
    fails(() => new Graph([["a", new Subtract(), "x", "x", "x"]]), "Graph: expected node a to read 2 tensors, which Subtract takes, got 3."); // prettier-ignore
    fails(() => new Graph([["a", relu()], ["b", new Add(), "a", "y"]], { inputs: ["x", "y"] }), "Graph: expected node a to say which input it reads (x, y), got no name."); // prettier-ignore
    const two = (): Graph => new Graph([["p", relu()], ["q", relu()]], { outputs: ["p", "q"] }); // prettier-ignore
    fails(() => new Graph([["n", two()], ["b", relu()]]), "Graph: expected node b to say what it reads of n.p, n.q, got no name."); // prettier-ignore
    fails(() => new Graph([["n", two()], ["b", relu(), "n"]]), 'Graph: expected node b to read one of x, n.p, n.q, got "n", which gives several (n.p, n.q).'); // prettier-ignore
    fails(
      () => new Graph([["n", two()]]),
      "Graph: expected outputs by name behind node n, which gives several, got none.",
    );
  });

  it("shapes that do not join, with the names of both", () => {
    const net = new Graph([
      ["conv", new Conv2d(1, 2, 3)],
      ["sum", new Add(), "conv", "x"],
    ]);
    const text = "expected inputs of one shape (an axis of 1 stretches, but for the batch), got [2, 2, 3, 3] from conv and [2, 1, 5, 5] from x."; // prettier-ignore
    fails(() => net.forward(ones([2, 1, 5, 5])), `sum Add: ${text}`, ShapeError);
    fails(() => new Sequential(["net", net]).outputShape([2, 1, 5, 5]), `net.sum Add: ${text}`, ShapeError);
    const cat = new Graph([
      ["conv", new Conv2d(1, 2, 3)],
      ["cat", new Concat(), "conv", "x"],
    ]);
    fails(
      () => cat.predict(ones([2, 1, 5, 5])),
      "cat Concat: expected inputs that differ in axis 1 alone, got [2, 2, 3, 3] from conv and [2, 1, 5, 5] from x.",
      ShapeError,
    );
    const batches = new Graph([["y", new Add(), "a", "b"]], { inputs: ["a", "b"] });
    fails(
      () => batches.forward({ a: ones([2, 3]), b: ones([1, 3]) }),
      "y Add: expected inputs of one shape (an axis of 1 stretches, but for the batch), got [2, 3] from a and [1, 3] from b.",
      ShapeError,
    );
    fails(
      () => new Concat({ dim: 0 }),
      "Concat: expected dim to be an axis behind the batch, got 0 (1 are the channels).",
    );
    fails(() => new Concat({ dim: -2 }).forward(ones([2, 3])), "Concat: expected dim to be an axis behind the batch, got -2 for rank 2."); // prettier-ignore
  });

  it("records with other names, and formats that differ", () => {
    const net = new Graph([["y", new Add(), "a", "b"]], { inputs: ["a", "b"] });
    fails(
      () => net.forward({ a: ones([1, 2]) } as never),
      "Graph.forward: expected one input for each of a, b, got a.",
    );
    fails(() => net.predict({ a: ones([1]), b: ones([1]), c: ones([1]) } as never), "Graph.predict: expected one input for each of a, b, got a, b, c."); // prettier-ignore
    fails(() => net.summary({}  as never), "Graph.summary: expected one shape for each of a, b, got none."); // prettier-ignore
    expect(() => net.forward({ a: ones([1, 2]), b: [1] } as never)).toThrow("Graph.forward: expected b to be a Tensor");
    expect(() => net.forward({ a: ones([1, 2]), b: Tensor.float64([1, 2], [1, 2]) as never })).toThrow(ArgumentError);
    expect(() => net.forward(1 as never)).toThrow("Graph: expected input to be a Tensor, got 1");
    expect(() => net.outputShape({ a: [1, -2], b: [1, 2] })).toThrow("Graph.outputShape: a: expected a shape");
  });
});

describe("Parallel", () => {
  it("joins or adds its branches, and adds up their gradients", () => {
    const x = new Tensor([[1, -2]]);
    const join = new Parallel([new ReLU(), ["ten", new Times(10)], new Identity()]);
    expect(join.forward(x).toArray()).toEqual([[1, 0, 10, -20, 1, -2]]);
    expect(join.backward(new Tensor([[1, 2, 3, 4, 5, 6]])).toArray()).toEqual([[36, 46]]);
    const sum = new Parallel([new ReLU(), new Times(10), new Identity()], { mode: "add" });
    expect(sum.forward(x).toArray()).toEqual([[12, -22]]);
    expect(sum.backward(new Tensor([[1, 2]])).toArray()).toEqual([[12, 22]]);
  });

  it("says what does not fit", () => {
    fails(() => new Parallel([]), "Parallel: expected an array of at least one branch, such as [new Conv2d(8, 4, 1), new Conv2d(8, 4, 3, { padding: 1 })], got []."); // prettier-ignore
    fails(() => new Parallel(new ReLU() as never), "Parallel: expected an array of at least one branch, such as [new Conv2d(8, 4, 1), new Conv2d(8, 4, 3, { padding: 1 })], got an object (ReLU)."); // prettier-ignore
    fails(() => new Parallel([["a", new ReLU()], ["a", new ReLU()]]), 'Parallel: expected each name once, got "a" twice.'); // prettier-ignore
    fails(() => new Parallel([new ReLU()], { mode: "sum" as never }), 'Parallel: expected mode to be one of "concatenate", "add", got "sum".'); // prettier-ignore
    const uneven = [new Conv2d(1, 2, 3), new Conv2d(1, 2, 1)];
    fails(() => new Parallel(uneven).forward(ones([1, 1, 4, 4])), "Parallel: expected outputs that differ in axis 1 alone, got [1, 2, 2, 2] from 0 and [1, 2, 4, 4] from 1.", ShapeError); // prettier-ignore
    fails(() => new Parallel([new Identity(), new Conv2d(1, 2, 1)], { mode: "add" }).outputShape([1, 1, 4, 4]), "Parallel: expected outputs of one shape, got [1, 1, 4, 4] from 0 and [1, 2, 4, 4] from 1.", ShapeError); // prettier-ignore
    fails(() => new Parallel([new Conv2d(1, 2, 3), new Conv2d(2, 2, 1)]).forward(zeros([1, 1, 4, 4])), "1 Conv2d: expected input [N, 2, H, W], got [1, 1, 4, 4] (channels are axis 1; for NHWC data use nhwcToNchw).", ShapeError); // prettier-ignore
  });
});
