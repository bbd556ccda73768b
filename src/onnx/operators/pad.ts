// Pad: kept for the Conv or pool behind it, which takes it over. (Written by those layers.)
import { show } from "../../base/check.js";
import type { GraphReader, Padding } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";

export const pad: Operator = { reads: { Pad: readPad } };

const PAD_MODES: Readonly<Record<string, Padding["mode"]>> = {
  constant: "zeros",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

function readPad(node: NodeView, graph: GraphReader): void {
  node.only("mode", "pads", "value");
  const said = node.string("mode", "constant");
  if (!Object.hasOwn(PAD_MODES, said)) {
    node.fail(`expected mode to be ${Object.keys(PAD_MODES).join(", ")}, got ${said.slice(0, 40)}`);
  }
  const list = node.ints("pads") ?? graph.wholes(node, 1, "pads");
  const x = graph.take(node);
  const pads = imagePads(node, graph, list, x.length);
  if (pads.every((side) => side === 0)) {
    graph.put(node, x);
    return;
  }
  if (graph.padding !== undefined) node.fail("expected one padding before a layer, got a second one");
  graph.padding = { mode: said === "constant" ? filledWith(node, graph) : PAD_MODES[said], pads, shape: x };
  const [top, left, bottom, right] = pads;
  graph.put(node, [x[0], x[1], x[2] + top + bottom, x[3] + left + right]);
}

// All axes' pads before, then all after; since opset 18 perhaps of some axes only.
function imagePads(node: NodeView, graph: GraphReader, list: readonly number[], rank: number): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const axes =
    node.input(3) === "" ? all : graph.wholes(node, 3, "the axes").map((axis) => (axis < 0 ? axis + rank : axis));
  const pads = [0, 0, 0, 0];
  const known = rank === 4 || list.every((size) => size === 0);
  if (!known || list.length !== 2 * axes.length || new Set(axes).size !== axes.length) {
    node.fail(`expected pads of an image [N, C, H, W], got ${show(list)} for ${rank} axes`);
  }
  axes.forEach((axis, i) => {
    const [before, after] = [list[i], list[i + axes.length]];
    if (axis >= 2 && axis < 4 && before >= 0 && after >= 0) [pads[axis - 2], pads[axis]] = [before, after];
    else if (before !== 0 || after !== 0)
      node.fail(`expected pads of at least 0 for rows and columns only, got ${show(list)}`);
  });
  return pads;
}

function filledWith(node: NodeView, graph: GraphReader): "zeros" | "lowest" {
  const value = node.input(2) === "" ? node.float("value", 0) : graph.scalar(node, 2, "the value");
  if (value === 0) return "zeros";
  if (value === -Infinity) return "lowest";
  return node.fail(`expected a padding of 0 (or -Infinity before MaxPool), got ${value}`);
}
