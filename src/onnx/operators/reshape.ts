// Reshape to a shape of the file, or to one that nodes before it computed from the batch size. (Written by flatten.ts.)
import { formatShape, sizeOf, type Shape } from "../../base/shape.js";
import { hasBatch, lengthOf, regrouped } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { BatchError } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { axesText, type Computed, type Size } from "../values.js";
import { settle } from "./flatten.js";
import type { Operator } from "./operator.js";
import { defineNumbers, tableShape } from "./tables.js";

export const reshape: Operator = { reads: { Reshape: readReshape } };

function readReshape(node: NodeView, graph: GraphReader): void {
  node.only("allowzero", "shape");
  const said = node.ints("shape")?.map((value) => ({ value, batch: false })); // before opset 5
  const target =
    said ?? graph.sizes(node, 1) ?? node.fail("expected a shape of known sizes (input 1), got another one");
  // PyTorch 2.9 and newer write allowzero with every shape.
  if (node.intOf("allowzero", 0, [0, 1]) === 1 && target.some(({ value }) => value === 0)) {
    node.fail("expected no 0 in the shape with allowzero 1 (it would be an empty tensor), got one");
  }
  if (graph.find(node.input(0))?.kind !== "computed") {
    defineNumbers(node, graph, resolved(node, graph, target));
    return;
  }
  const value = graph.computed(node);
  const sizes = resolve(node, graph, value, target);
  const axes = regrouped(value.axes, sizes);
  if (axes === undefined) {
    node.fail(`expected axes to be joined or split, got ${axesText(value.axes)} to ${textOf(sizes)}`);
  }
  settle(node, graph, value, axes);
}

// The shape of a constant or table, where -1 is what remains.
function resolved(node: NodeView, graph: GraphReader, target: readonly Size[]): Shape {
  const from = tableShape(node, graph, 0);
  const sizes = target.map(({ value }, i) => (value === 0 ? (from[i] ?? 0) : value));
  const rest = sizeOf(from) / sizeOf(sizes.filter((size) => size !== -1));
  const dims = sizes.map((size) => (size === -1 ? rest : size));
  if (target.every(({ batch }) => !batch) && dims.every((size) => Number.isSafeInteger(size) && size > 0)) return dims;
  return node.fail(`expected a shape for ${sizeOf(from)} numbers, got ${textOf(target)}`);
}

// The sizes for one sample. 0 copies the size at its place, -1 is what remains; the batch size has to end up in axis 0.
function resolve(node: NodeView, graph: GraphReader, { axes }: Computed, target: readonly Size[]): readonly Size[] {
  const text = `expected a shape that keeps the batch axis, from ${axesText(axes)}, got ${textOf(target)}`;
  const { batch } = graph.facts;
  const counts = axes.some(hasBatch);
  const sizes = target.map((size, i): Size => {
    if (size.batch) return size;
    if (size.value === 0) {
      if (axes[i] === undefined) node.fail(text);
      return { value: lengthOf(axes[i]), batch: hasBatch(axes[i]) };
    }
    if (size.value < -1 || !Number.isSafeInteger(size.value)) node.fail(text);
    // A file with a fixed batch size may say it as a number.
    if (counts && i === 0 && batch !== undefined && size.value > 0 && size.value % batch === 0) {
      return { value: size.value / batch, batch: true };
    }
    return size;
  });
  const known = sizes.filter(({ value }) => value !== -1);
  const all = sizeOf(axes.map(lengthOf));
  const rest = all / sizeOf(known.map(({ value }) => value));
  const isOpen = counts && !known.some((size) => size.batch);
  const full = sizes.map((size) => (size.value === -1 ? { value: rest, batch: isOpen } : size));
  const keeps = full.every((size, i) => size.batch === (counts && i === 0) && Number.isInteger(size.value));
  if (full.length > 0 && !keeps) throw new BatchError(node.message(text));
  if (sizeOf(full.map(({ value }) => value)) !== all || sizes.length - known.length > 1) node.fail(text);
  return full;
}

function textOf(sizes: readonly Size[]): string {
  return formatShape(sizes.map(({ value, batch }) => (batch ? (value === 1 ? "N" : `${value}N`) : value)));
}
