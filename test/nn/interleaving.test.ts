// Between a forward and its backward anything may look at a model: predictions, summaries, output shapes, also of its parts.
// The gradients are those of the undisturbed run, or it is a StateError; never other numbers.
import { describe, expect, it } from "vitest";
import {
  AvgPool2d, Conv2d, Dropout, Dropout2d, Layer, MaxPool2d, Parameter, ReLU, Sequential, Sigmoid, StateError, Tanh, Tensor,
  add, backendInfo, manualSeed, multiply, ones, randn,
} from "../../src/index.js"; // prettier-ignore
import type { ForwardBackward } from "../../src/index.js";
import { Generator } from "../../src/numbers/random.js";
import { onEachBackend } from "../support/backends.js";

/** y = x + body(x): a user's block, which keeps nothing itself. */
class Block extends Layer {
  constructor(readonly body: Layer) {
    super();
  }
  forward(x: Tensor): Tensor {
    return add(x, this.body.forward(x));
  }
  backward(dy: Tensor): Tensor {
    return add(dy, this.body.backward(dy));
  }
}

/** y = scale * x^2, by save and saved. */
class Square extends Layer<Tensor> {
  readonly scale = new Parameter(new Tensor([0.5]));
  forward(x: Tensor): Tensor {
    this.save(x);
    return multiply(multiply(x, x), this.scale.value);
  }
  backward(dy: Tensor): Tensor {
    const x = this.saved();
    const terms = multiply(multiply(x, x), dy).data;
    this.scale.accumulate(new Tensor([terms.reduce((sum, term) => sum + term, 0)]));
    return multiply(multiply(multiply(x, dy), 2), this.scale.value);
  }
}

/** The same with a field of its own in the place of save: a predict spoils it, and that must be said. */
class Careless extends Layer {
  kept: Tensor | null = null;
  forward(x: Tensor): Tensor {
    this.kept = x;
    return multiply(multiply(x, x), 0.5);
  }
  backward(dy: Tensor): Tensor {
    return multiply(this.kept!, dy);
  }
}

/** A user's subclass that does not change what is computed. */
class Loud extends Tanh {
  calls = 0;
  override forward(x: Tensor): Tensor {
    return super.forward(x);
  }
}

function plain(predicts: boolean): ForwardBackward {
  let kept: Tensor | undefined;
  const square = (x: Tensor): Tensor => multiply(multiply(x, x), 0.5);
  const object = { forward: (x: Tensor) => square((kept = x)), backward: (dy: Tensor) => multiply(kept!, dy) };
  return predicts ? { ...object, predict: square } : object;
}

/** A layer for images [N, 2, 6, 6] that gives such images, with others in it up to a depth. */
function draw(generator: Generator, depth: number): Layer | ForwardBackward {
  const asLayer = (drawn: Layer | ForwardBackward): Layer => (drawn instanceof Layer ? drawn : new Sequential(drawn));
  const many = (): (Layer | ForwardBackward)[] =>
    Array.from({ length: 1 + generator.integer(3) }, () => draw(generator, depth - 1));
  const kind = generator.integer(depth > 0 ? 15 : 11);
  const leaves: (() => Layer | ForwardBackward)[] = [
    () => new Conv2d(2, 2, 3, { padding: 1 }),
    () => new ReLU(),
    () => new Sigmoid(),
    () => new Tanh(),
    () => new MaxPool2d(3, { stride: 1, padding: 1 }),
    () => new AvgPool2d(3, { stride: 1, padding: 1 }),
    () => new Dropout(0.3),
    () => new Dropout2d(0.3),
    () => new Square(),
    () => new Loud(),
    () => (generator.integer(3) === 0 ? new Careless() : plain(generator.integer(2) === 0)),
  ];
  if (kind < leaves.length) return leaves[kind]();
  if (kind < 13) return new Sequential(...many());
  return new Block(kind === 13 ? new Sequential(...many()) : asLayer(draw(generator, depth - 1)));
}

function model(seed: number): Layer {
  manualSeed(seed);
  const generator = new Generator("draw", { seed });
  const [first, second] = [draw(generator, 3), draw(generator, 3)];
  const whole = generator.integer(4) === 0 ? new Block(new Sequential(first, second)) : new Sequential(first, second);
  for (const layer of whole.layers()) if (generator.integer(4) === 0) layer.eval();
  return whole;
}

/** dx and all gradients of a forward and backward with `between` in the middle, or "StateError". */
function run(seed: number, n: number, between: (net: Layer) => void): unknown {
  const net = model(seed);
  const x = randn([n, 2, 6, 6], { seed });
  const y = net.forward(x);
  between(net);
  try {
    const dx = net.backward(randn(y.shape, { seed: seed + 1 }));
    return [y, dx, ...net.parameters().map(({ grad }) => grad)].map(({ data }) => Array.from(data));
  } catch (error) {
    if (error instanceof StateError) return "StateError";
    throw error;
  }
}

/** Predictions, summaries and shapes of the model and of its parts, in drawn order. */
function disturb(generator: Generator, n: number): (net: Layer) => void {
  return (net) => {
    for (let i = 1 + generator.integer(4); i > 0; i--) {
      const parts = [...net.layers()];
      const part = generator.integer(2) === 0 ? net : parts[generator.integer(parts.length)];
      const size = generator.integer(3) === 0 ? n + 1 + generator.integer(40) : n;
      const act = generator.integer(4);
      if (act === 0) part.outputShape([size, 2, 6, 6]);
      else if (act === 1) part.summary([2, 6, 6]);
      else part.predict(multiply(ones([size, 2, 6, 6]), 3));
    }
  };
}

describe("Between a forward and its backward", () => {
  onEachBackend(() => {
    it("predictions, summaries and output shapes change no gradient, whatever the nesting and the modes", () => {
      const seeds = backendInfo().name === "wasm" ? Number(process.env.FUZZ_RUNS ?? 400) : 40;
      const outcomes = { same: 0, refused: 0 };
      for (let seed = 0; seed < seeds; seed++) {
        const generator = new Generator("draw", { seed, stream: 1 });
        const n = 1 + generator.integer(3);
        const disturbed = run(seed, n, disturb(generator, n));
        if (disturbed === "StateError") outcomes.refused++;
        else {
          outcomes.same++;
          expect(disturbed, `seed ${seed}`).toEqual(run(seed, n, () => undefined));
        }
      }
      expect(outcomes.same).toBeGreaterThan(seeds / 2);
      expect(outcomes.refused).toBeGreaterThan(0); // plain objects without predict, and Careless
    });
  });

  it.each<[string, () => Layer]>([
    ["alone", () => new Block(new Sequential(new Conv2d(2, 2, 3, { padding: 1 })))],
    ["in a Sequential", () => new Sequential(new Block(new Sequential(new Conv2d(2, 2, 3, { padding: 1 }))))],
  ])("a user's block in eval mode that holds a Sequential keeps its gradients, %s", (_, make) => {
    const gradients = (between: (net: Layer) => void): unknown => {
      manualSeed(1);
      const net = make().eval();
      const y = net.forward(randn([1, 2, 4, 4], { seed: 2 }));
      between(net);
      net.backward(ones(y.shape));
      return net.parameters().map(({ grad }) => grad.toArray());
    };
    const alone = gradients(() => undefined);
    expect(gradients((net) => net.predict(ones([1, 2, 4, 4])))).toEqual(alone);
    expect(gradients((net) => net.outputShape([1, 2, 4, 4]))).toEqual(alone);
    expect(gradients((net) => net.summary([2, 4, 4]))).toEqual(alone);
  });

  it("a forward of a part by itself is found out", () => {
    const inner = new Sequential(new Conv2d(2, 2, 1), new ReLU());
    const nets = [new Sequential(inner), new Sequential(new Block(inner))];
    for (const net of nets) {
      net.forward(randn([1, 2, 4, 4], { seed: 1 }));
      inner.forward(ones([1, 2, 4, 4]));
      expect(() => net.backward(ones([1, 2, 4, 4]))).toThrow(
        "expected the forward of the model's own pass before it, got another forward of this layer by itself (use predict to " +
          "look at a layer's output between a forward and its backward).",
      );
    }
  });

  it("a field that predict writes is named, where the layer does not keep what it needs by save", () => {
    const net = new Sequential(new Careless());
    net.forward(ones([2]));
    net.predict(multiply(ones([2]), 3));
    expect(() => net.backward(ones([2]))).toThrow(
      "0 Careless.backward: expected no predict between forward and backward, got one that changed the field kept (keep what " +
        "backward needs by this.save(...), which predict leaves alone).",
    );
    net.forward(ones([2]));
    expect(net.backward(ones([2])).toArray()).toEqual([1, 1]);
  });
});

describe("A layer in a private field", () => {
  class Hidden extends Layer {
    readonly #conv = new Conv2d(2, 2, 1);
    forward(x: Tensor): Tensor {
      return this.#conv.forward(x);
    }
    backward(dy: Tensor): Tensor {
      return this.#conv.backward(dy);
    }
  }

  it("is an error as soon as a model, predict, outputShape or summary runs it", () => {
    const text =
      "Hidden: expected the layers it runs as public fields of its own, got a Conv2d that is not found in it, so that it would " +
      "not be trained, stored or switched to eval mode (this.name = layer, without #; a fixed model is asked by predict).";
    const x = ones([1, 2, 3, 3]);
    expect(() => new Sequential(new Hidden()).forward(x)).toThrow(`0 ${text}`);
    expect(() => new Hidden().predict(x)).toThrow(text);
    expect(() => new Hidden().outputShape([1, 2, 3, 3])).toThrow(text);
    expect(() => new Hidden().summary([2, 3, 3])).toThrow(text);
  });

  it("may be a fixed model that is asked by predict", () => {
    const fixed = new Conv2d(2, 2, 1);
    class Loss extends Layer {
      forward(x: Tensor): Tensor {
        return add(x, fixed.predict(x));
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    expect(new Sequential(new Loss()).forward(ones([1, 2, 3, 3])).shape).toEqual([1, 2, 3, 3]);
  });
});
