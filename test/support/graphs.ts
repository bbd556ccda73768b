// Graphs of cheap layers, drawn from a generator.
import {
  Add, AvgPool2d, Concat, Conv2d, Dropout, Graph, Identity, Layer, Multiply, Parallel, ReLU, Residual, Sequential, Sigmoid,
  Subtract, Tanh, manualSeed, multiply, randn, type GraphEntry, type Shape, type Tensor,
} from "../../src/index.js"; // prettier-ignore
import { Generator } from "../../src/numbers/random.js";

/** What may stand in a drawn graph. */
export interface Draw {
  /** Without kinks. */
  readonly smooth: boolean;
  /** Without draws of their own. */
  readonly fixed: boolean;
  /** Without layers of a user's own. */
  readonly own?: boolean;
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

export const SHAPE: Shape = [2, 2, 3, 3];

/** A graph of up to nine nodes for images [N, 2, 3, 3]; every node leads to the output. */
export function drawGraph(generator: Generator, { smooth, fixed, own = false }: Draw, depth = 1): Graph {
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
      () => new AvgPool2d(3, { stride: 1, padding: 1 }),
      () => new Sequential(new Tanh(), new Identity()),
      () => new Residual(new Conv2d(count, count, 1)),
      ...(smooth ? [] : [() => new ReLU(), () => new Sequential(new Identity(), new ReLU())]),
      ...(own ? [] : [() => new HalfSquare()]),
      ...(fixed ? [] : [() => new Dropout(0.4)]),
    ];
    const kind = generator.integer(plain.length + 4);
    if (kind < plain.length) return [plain[kind](), count];
    if (kind === plain.length) return [new Parallel([new Conv2d(count, 1, 1), new Identity()]), count + 1];
    if (kind === plain.length + 1 && depth > 0 && count === 2) {
      const inner = drawGraph(generator, { smooth, fixed, own }, depth - 1);
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

/** The graph of a seed, always with the same numbers. */
export function buildGraph(seed: number, draw: Draw): Graph {
  manualSeed(seed);
  const net = drawGraph(new Generator("draw", { seed, stream: 5 }), draw);
  for (const { value } of net.parameters())
    value.data.set(multiply(randn(value.shape, { seed: seed + value.size }), 0.5).data);
  return net;
}
