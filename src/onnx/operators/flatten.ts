// Flatten: [product of the axes before `axis`, product of the others]. Other axes than all behind the batch are written as
// Reshape.
import { formatShape, sameShape, sizeOf, type Shape } from "../../base/shape.js";
import { Flatten } from "../../nn/shape/flatten.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, type Operator } from "./operator.js";

export const flatten: Operator = {
  reads: { Flatten: readFlatten },
  writes: [
    // Any batch size: the first axis is copied (0), or it is what remains (-1) when it is joined with others.
    layerExport("Flatten", Flatten, (_layer, { name, shape }, out, onnx) => {
      if (shape.length >= 2 && out.length === 2 && out[0] === shape[0])
        return onnx.node("Flatten", [name], { axis: 1 });
      const first = out[0] === shape[0] ? 0 : -1;
      return onnx.node("Reshape", [name, onnx.constant("shape", [first, ...out.slice(1)])]);
    }),
  ],
};

function readFlatten(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  const x = graph.take(node);
  const said = node.int("axis", 1);
  const axis = said < 0 ? said + x.length : said;
  if (axis < 1 || axis > x.length) {
    node.fail(`expected axis from 1 to ${x.length} (the batch axis stays), got ${said}`);
  }
  if (axis === 1 && x.length >= 2) graph.append(node, x, () => new Flatten());
  else appendJoin(node, graph, x, [sizeOf(x.slice(0, axis)), sizeOf(x.slice(axis))]);
}

/** The layer from one shape to another: of all reshapes we have the one that joins neighboring axes. */
export function appendJoin(node: NodeView, graph: GraphReader, x: Shape, y: Shape): void {
  if (sameShape(x, y)) {
    graph.put(node, x);
    return;
  }
  const more = x.length - y.length;
  // The batch axis is joined only if nothing else gives the shape.
  const starts = [...y.keys()].slice(1).concat(0);
  const start = starts.find((s) => {
    return more > 0 && sameShape(y, [...x.slice(0, s), sizeOf(x.slice(s, s + more + 1)), ...x.slice(s + more + 1)]);
  });
  if (start === undefined) {
    const [from, to] = [
      formatShape(["N", ...x.slice(1)]),
      formatShape(y.map((size, i) => (i > 0 ? size : size > 1 ? `${size}N` : "N"))),
    ];
    node.fail(`expected neighboring axes to be joined into one, got ${from} to ${to}`);
  }
  const isAll = start === 1 && y.length === 2;
  graph.append(node, x, () => new Flatten(isAll ? {} : { startDim: start, endDim: start + more }));
}
