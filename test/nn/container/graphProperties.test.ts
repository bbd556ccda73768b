// Drawn graphs of cheap layers: gradients against differences in float64, the fast backend against the reference, what predictions
// in between change (nothing), and the same bits when nodes stand inside another graph.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backend/reference/backend.js";
import { gradCheck } from "../../../src/gradcheck/gradCheck.js";
import {
  Add, AvgPool2d, Concat, Conv2d, Dropout, Graph, Identity, Layer, Multiply, Parallel, ReLU, Residual, Sequential, Sigmoid,
  Subtract, Tanh, manualSeed, multiply, randn, setBackend, wasm, type GraphEntry, type Shape, type Tensor,
} from "../../../src/index.js"; // prettier-ignore
import { Generator } from "../../../src/numbers/random.js";

interface Draw {
  readonly smooth: boolean;
  readonly fixed: boolean;
}

/** y = x^2 / 2, a layer of a user's own. */
class HalfSquare extends Layer<Tensor> {
  forward(x: Tensor): Tensor {
    this.save(x);
    return multiply(multiply(x, x), 0.5);
  }
  backward(dy: Tensor): Tensor {
    return multiply(this.saved(), dy);
  }
}

const SHAPE: Shape = [2, 2, 3, 3];

/** A graph of up to nine nodes for images [N, 2, 3, 3]; every node leads to the output. */
function drawGraph(generator: Generator, { smooth, fixed }: Draw, depth = 1): Graph {
  const pick = <T>(items: readonly T[]): T => items[generator.integer(items.length)];
  const entries: GraphEntry[] = [];
  const channels = new Map([["x", 2]]);
  const unread = new Set<string>();
  const read = (name: string): string => {
    unread.delete(name);
    return name;
  };
  const put = (layer: Layer, reads: readonly string[], count: number): void => {
    const name = `n${entries.length}`;
    entries.push([name, layer, ...reads.map(read)]);
    channels.set(name, count);
    unread.add(name);
  };
  const leaf = (count: number): [Layer, number] => {
    const plain: (() => Layer)[] = [
      () => new Tanh(),
      () => new Sigmoid(),
      () => new Identity(),
      () => new HalfSquare(),
      () => new AvgPool2d(3, { stride: 1, padding: 1 }),
      () => new Sequential(new Tanh(), new Identity()),
      () => new Residual(new Conv2d(count, count, 1)),
      ...(smooth ? [] : [() => new ReLU(), () => new Sequential(new Identity(), new ReLU())]),
      ...(fixed ? [] : [() => new Dropout(0.4)]),
    ];
    const kind = generator.integer(plain.length + 4);
    if (kind < plain.length) return [plain[kind](), count];
    if (kind === plain.length) return [new Parallel([new Conv2d(count, 1, 1), new Identity()]), count + 1];
    if (kind === plain.length + 1 && depth > 0 && count === 2) {
      const inner = drawGraph(generator, { smooth, fixed }, depth - 1);
      return [inner, inner.outputShape(SHAPE)[1]];
    }
    const to = 1 + generator.integer(3);
    return [new Conv2d(count, to, pick([1, 3]), { padding: "same" }), to];
  };
  const join = (names: readonly string[]): void => {
    const counts = names.map((name) => channels.get(name) ?? 0);
    const most = Math.max(...counts);
    const fits = counts.every((count) => count === most || count === 1);
    const total = counts.reduce((a, b) => a + b);
    const kind = generator.integer(fits ? 4 : 1);
    if (kind === 0) put(new Concat(), names, total);
    else if (kind === 1 && names.length === 2) put(new Subtract(), names, most);
    else put(kind === 2 ? new Multiply() : new Add(), names, most);
  };
  for (let left = 2 + generator.integer(5); left > 0; left--) {
    const names = [...channels.keys()];
    if (generator.integer(3) === 0) {
      join(Array.from({ length: 2 + generator.integer(2) }, () => pick(names)));
    } else {
      const from = pick(names);
      const [layer, count] = leaf(channels.get(from) ?? 0);
      put(layer, [from], count);
    }
  }
  while (unread.size > 1) join([...unread].slice(0, 3));
  return new Graph(entries);
}

function build(seed: number, draw: Draw): Graph {
  manualSeed(seed);
  const net = drawGraph(new Generator("draw", { seed, stream: 5 }), draw);
  for (const { value } of net.parameters())
    value.data.set(multiply(randn(value.shape, { seed: seed + value.size }), 0.5).data);
  return net;
}

/** y, dx and all gradients of one pass. */
function run(net: Layer, x: Tensor, between: () => void = () => undefined): number[][] {
  const y = net.forward(x);
  between();
  const dx = net.backward(randn(y.shape, { seed: 3 }));
  return [y, dx, ...net.parameters().map(({ grad }) => grad)].map(({ data }) => Array.from(data));
}

const SEEDS = Number(process.env.FUZZ_RUNS ?? 150);
const x = multiply(randn(SHAPE, { seed: 1 }), 0.7);

describe("Drawn graphs", () => {
  it("differ, and have joins, nests and tensors that are read several times", () => {
    const nets = Array.from({ length: SEEDS }, (_, seed) => build(seed, { smooth: false, fixed: false }));
    expect(new Set(nets.map(String)).size).toBeGreaterThan(0.9 * SEEDS);
    const inside = (Class: new (...args: never[]) => Layer): number =>
      nets.filter((net) => [...net.layers()].some((layer) => layer !== net && layer instanceof Class)).length;
    for (const Class of [Add, Subtract, Multiply, Concat, Parallel, Graph])
      expect(inside(Class)).toBeGreaterThan(SEEDS / 20);
    expect(nets.filter((net) => net.wiring.uses.some((uses) => uses > 1)).length).toBeGreaterThan(SEEDS / 2);
  });

  it("have the right gradients, in float64", () => {
    for (let seed = 0; seed < SEEDS / 3; seed++) {
      const net = build(seed, { smooth: true, fixed: true });
      const report = gradCheck(net, x, { samples: 12, seed });
      expect(report.ok && report.float64, `seed ${seed}: ${String(report)}`).toBe(true);
    }
  });

  it("give on the fast backend what they give on the reference", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const [fast, slow] = [wasm, reference].map((backend) => {
        const before = setBackend(backend);
        try {
          return run(build(seed, { smooth: true, fixed: false }), x);
        } finally {
          setBackend(before);
        }
      });
      fast.forEach((numbers, i) => {
        const largest = slow[i].reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        numbers.forEach((value, k) =>
          expect(Math.abs(value - slow[i][k]), `seed ${seed}`).toBeLessThanOrEqual(5e-5 * largest),
        );
      });
    }
  });

  it("predict what they forward in eval mode, and predictions between forward and backward change nothing", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const undisturbed = run(build(seed, { smooth: false, fixed: false }), x);
      const net = build(seed, { smooth: false, fixed: false });
      const parts = [...net.layers()].filter((layer) => layer !== net && !(layer instanceof Identity));
      const disturbed = run(net, x, () => {
        net.predict(multiply(x, 3));
        net.predict(randn([40, 2, 3, 3], { seed }));
        net.outputShape(SHAPE);
        net.summary([2, 3, 3]);
        const part = parts[seed % parts.length];
        if (part instanceof Tanh || part instanceof ReLU) part.predict(x);
      });
      expect(disturbed, `seed ${seed}`).toEqual(undisturbed);
      const predicted = net.predict(x).toArray();
      expect(net.eval().forward(x).toArray(), `seed ${seed}`).toEqual(predicted);
      expect(new Sequential(["net", net]).predict(x).toArray()).toEqual(predicted);
    }
  });
});
