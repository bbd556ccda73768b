// Pad: waits for the Conv or pool behind it, which takes it over; before other layers it is one of its own. (Written by conv.ts
// and the pools.)
import { show } from "../../base/check.js";
import { Piece, core, hasBatch, lengthOf, type Axis } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { paddedByLayer } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import type { PaddedAxis, Padding } from "../values.js";
import { axesText } from "../values.js";
import type { Operator } from "./operator.js";

export const pad: Operator = { reads: { Pad: readPad } };

const PAD_MODES: Readonly<Record<string, Padding["mode"]>> = {
  constant: "zeros",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

function readPad(node: NodeView, graph: GraphReader): void {
  node.only("mode", "paddings", "pads", "value");
  const said = node.string("mode", "constant");
  if (!Object.hasOwn(PAD_MODES, said)) {
    node.fail(`expected mode to be ${Object.keys(PAD_MODES).join(", ")}, got ${said.slice(0, 40)}`);
  }
  const list = node.ints("paddings") ?? node.ints("pads") ?? graph.wholes(node, 1, "pads");
  const waiting = graph.waiting(node);
  const rank = waiting.axes.length;
  const axes = node.input(3) === "" ? [...waiting.axes.keys()] : node.axes(graph.wholes(node, 3, "the axes"), rank);
  if (list.length !== 2 * axes.length) node.fail(`expected pads of ${axes.length} axes, got ${show(list)}`);
  if (list.every((side) => side === 0)) {
    graph.put(node, waiting);
    return;
  }
  const mode = said === "constant" ? filledWith(node, graph) : PAD_MODES[said];
  const value = paddedByLayer(graph, waiting); // one padding at a time
  const padded = [...value.axes];
  const sides: PaddedAxis[] = [];
  axes.forEach((axis, i) => {
    const [before, behind] = [list[i], list[i + axes.length]];
    if (before === 0 && behind === 0) return;
    const side = paddedAxis(node, value.axes[axis], before, behind, `${show(list)} for ${axesText(value.axes)}`);
    padded[axis] = [side.now];
    sides.push(side);
  });
  graph.put(node, { ...value, axes: padded, padding: { node, mode, axes: padded, sides } });
}

function paddedAxis(node: NodeView, axis: Axis, before: number, behind: number, got: string): PaddedAxis {
  if (before < 0 || behind < 0)
    node.fail(`expected pads of at least 0 (less would cut, and we have no layer that does), got ${got}`);
  if (hasBatch(axis)) node.fail(`expected no padding of the batch, got ${got}`);
  const [was = new Piece(1), ...others] = core(axis);
  if (others.length > 0) node.fail(`expected a padding before axes are joined, got ${got}`);
  return { now: new Piece(before + lengthOf(axis) + behind), was, before, behind };
}

function filledWith(node: NodeView, graph: GraphReader): "zeros" | "lowest" {
  const value = node.input(2) === "" ? node.float("value", 0) : graph.scalar(node, 2, "the value");
  if (value === 0) return "zeros";
  // The lowest float32 stands for -Infinity in files of Keras.
  if (value === -Infinity || value === LOWEST) return "lowest";
  return node.fail(`expected a padding of 0 (or -Infinity before MaxPool), got ${value}`);
}

const LOWEST = -3.4028234663852886e38;
