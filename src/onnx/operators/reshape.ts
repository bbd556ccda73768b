// Reshape to a shape of the file, or to one that nodes before it computed from the batch size. (Written by flatten.ts.)
import { formatShape, sizeOf, type Shape } from "../../base/shape.js";
import type { GraphReader, Size } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { appendJoin } from "./flatten.js";
import type { Operator } from "./operator.js";
import { reshapeTable } from "./tables.js";

export const reshape: Operator = { reads: { Reshape: readReshape } };

function readReshape(node: NodeView, graph: GraphReader): void {
  node.only("allowzero");
  node.intOf("allowzero", 0, [0]);
  const table = graph.sizes(node, 0);
  if (table !== undefined) {
    reshapeTable(node, graph, table);
    return;
  }
  const target = graph.sizes(node, 1) ?? node.fail("expected a shape of known sizes (input 1), got another one");
  const x = graph.take(node);
  appendJoin(node, graph, x, resolve(node, x, target, graph.batch));
}

// The shape for one sample. 0 copies the size at its place, -1 is what remains; the batch size has to end up in axis 0.
function resolve(node: NodeView, x: Shape, target: readonly Size[], batch: number | undefined): Shape {
  const got = formatShape(target.map(({ value, batch: times }) => (times ? (value === 1 ? "N" : `${value}N`) : value)));
  const fail = (): never => {
    return node.fail(
      `expected a shape that keeps the batch axis, from ${formatShape(["N", ...x.slice(1)])}, got ${got}`,
    );
  };
  const sizes = target.map((size, i): Size => {
    if (size.batch) return size;
    if (size.value === 0) return { value: x[i] ?? fail(), batch: i === 0 };
    if (size.value < -1 || !Number.isSafeInteger(size.value)) fail();
    // A file with a fixed batch size may say it as a number.
    if (i === 0 && batch !== undefined && size.value > 0 && size.value % batch === 0) {
      return { value: size.value / batch, batch: true };
    }
    return size;
  });
  const known = sizes.filter(({ value }) => value !== -1);
  const rest = sizeOf(x) / sizeOf(known.map(({ value }) => value));
  const hasBatch = known.some((size) => size.batch);
  const full = sizes.map((size) => (size.value === -1 ? { value: rest, batch: !hasBatch } : size));
  const keeps = full.length > 0 && full.every((size, i) => size.batch === (i === 0) && Number.isInteger(size.value));
  const shape = full.map(({ value }) => value);
  return keeps && sizeOf(shape) === sizeOf(x) && sizes.length - known.length <= 1 ? shape : fail();
}
