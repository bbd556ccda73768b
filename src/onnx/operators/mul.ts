// Mul, which is read only as the other divisor of the AveragePool before it (averagePool.ts, where it is written, too).
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";

export const mul: Operator = { reads: { Mul: readMul } };

function readMul(node: NodeView, graph: GraphReader): void {
  node.only();
  const place = graph.find(node.input(0))?.kind === "constant" ? 1 : 0;
  const x = graph.take(node, place);
  if (!graph.absorbed.has(node)) {
    node.fail("expected a Mul only by KH KW / divisor behind an AveragePool that counts its padding, got another one");
  }
  graph.put(node, x);
}
