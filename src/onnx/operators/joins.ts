// The joins and what holds branches: Add, Subtract, Multiply, Concat, Graph and Parallel become nodes with several inputs. ONNX has
// no containers, so only the names of the nodes show them.
import { Add } from "../../nn/container/add.js";
import { Concat } from "../../nn/container/concat.js";
import { Graph } from "../../nn/container/graph.js";
import type { Join } from "../../nn/container/join.js";
import { Multiply } from "../../nn/container/multiply.js";
import { Parallel } from "../../nn/container/parallel.js";
import { Subtract } from "../../nn/container/subtract.js";
import { walkMany, wiring } from "../../nn/protocol.js";
import type { LayerSpec } from "../../nn/spec.js";
import type { OnnxContext } from "../graphWriter.js";
import { containerExport, manyExport, optionsOf, type Current, type Operator, type WriteMany } from "./operator.js";

export const joins: Operator = {
  writes: [
    manyExport("Add", Add, joined(sumOf)),
    manyExport("Subtract", Subtract, joined(pairwise("Sub"))),
    manyExport("Multiply", Multiply, joined(pairwise("Mul"))),
    manyExport(
      "Concat",
      Concat,
      joined((names, onnx, layer) => onnx.node("Concat", names, { axis: optionsOf<{ dim: number }>(layer).dim })),
    ),
    manyExport("Graph", Graph, (layer, xs, child) => {
      const { nodes, ends } = layer[wiring];
      const values = [...xs];
      for (const { name, layer: each, from, to } of nodes) {
        const ys = child(
          name,
          each,
          from.map((place) => values[place]),
        );
        to.forEach((place, i) => (values[place] = ys[i]));
      }
      return ends.map((place) => values[place]);
    }),
    containerExport("Parallel", Parallel, (layer, x, child, onnx) => {
      const ys = layer.namedChildren().map(([name, each]) => child(name, each, x));
      const names = ys.map(({ name }) => name);
      const [first] = ys;
      if (ys.length === 1) return first;
      if (optionsOf<{ mode: string }>(layer).mode === "add") return { name: sumOf(names, onnx), shape: first.shape };
      const channels = ys.reduce((sum, { shape }) => sum + shape[1], 0);
      return {
        name: onnx.node("Concat", names, { axis: 1 }),
        shape: [first.shape[0], channels, ...first.shape.slice(2)],
      };
    }),
  ],
};

type AnyJoin = Join<unknown, LayerSpec>;
type Nodes = (names: readonly string[], onnx: OnnxContext, layer: AnyJoin) => string;

// A join of one value hands it on.
function joined(nodes: Nodes): WriteMany<AnyJoin> {
  return (layer, xs, _child, onnx): readonly Current[] => {
    if (xs.length === 1) return xs;
    const shapes = xs.map(({ shape }) => shape);
    const [shape] = layer[walkMany](shapes, () => undefined, "", []);
    return [
      {
        name: nodes(
          xs.map(({ name }) => name),
          onnx,
          layer,
        ),
        shape,
      },
    ];
  };
}

function sumOf(names: readonly string[], onnx: OnnxContext): string {
  return onnx.node(names.length === 2 ? "Add" : "Sum", names);
}

function pairwise(op: string): Nodes {
  return (names, onnx) =>
    names.reduce((before, name, i) => onnx.node(op, [before, name], {}, i < names.length - 1 ? `part${i}` : ""));
}
