// Drawn graphs of cheap layers: gradients against differences in float64, the fast backend against the reference, what predictions
// in between change (nothing), and the same bits when nodes stand inside another graph.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backend/reference/backend.js";
import { gradCheck } from "../../../src/gradcheck/gradCheck.js";
import {
  Add, Concat, Graph, Identity, Layer, Multiply, Parallel, ReLU, Sequential, Subtract, Tanh, multiply, randn, setBackend, wasm,
  type Tensor,
} from "../../../src/index.js"; // prettier-ignore
import { wiring } from "../../../src/nn/protocol.js";
import { SHAPE, buildGraph } from "../../support/graphs.js";

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
    const nets = Array.from({ length: SEEDS }, (_, seed) => buildGraph(seed, { smooth: false, fixed: false }));
    expect(new Set(nets.map(String)).size).toBeGreaterThan(0.9 * SEEDS);
    const inside = (Class: new (...args: never[]) => Layer): number =>
      nets.filter((net) => [...net.layers()].some((layer) => layer !== net && layer instanceof Class)).length;
    for (const Class of [Add, Subtract, Multiply, Concat, Parallel, Graph])
      expect(inside(Class)).toBeGreaterThan(SEEDS / 20);
    expect(nets.filter((net) => net[wiring].uses.some((uses) => uses > 1)).length).toBeGreaterThan(SEEDS / 2);
  });

  it("have the right gradients, in float64", () => {
    for (let seed = 0; seed < SEEDS / 3; seed++) {
      const net = buildGraph(seed, { smooth: true, fixed: true });
      const report = gradCheck(net, x, { samples: 12, seed });
      expect(report.ok && report.float64, `seed ${seed}: ${String(report)}`).toBe(true);
    }
  });

  it("give on the fast backend what they give on the reference", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const [fast, slow] = [wasm, reference].map((backend) => {
        const before = setBackend(backend);
        try {
          return run(buildGraph(seed, { smooth: true, fixed: false }), x);
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
      const undisturbed = run(buildGraph(seed, { smooth: false, fixed: false }), x);
      const net = buildGraph(seed, { smooth: false, fixed: false });
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
