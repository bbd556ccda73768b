// Pad: waits for the Conv or pool behind it, which takes it over; before other layers it is one of its own. (Written by conv.ts
// and the pools, too.)
import { show } from "../../base/check.js";
import { Tensor } from "../../base/tensor.js";
import type { Layer } from "../../nn/layer.js";
import { CircularPad2d } from "../../nn/pad/circularpad2d.js";
import { ConstantPad2d } from "../../nn/pad/constantpad2d.js";
import { ReflectionPad2d } from "../../nn/pad/reflectionpad2d.js";
import { ReplicationPad2d } from "../../nn/pad/replicationpad2d.js";
import { ZeroPad2d } from "../../nn/pad/zeropad2d.js";
import { Piece, core, hasBatch, lengthOf, type Axis } from "../axes.js";
import type { Shape } from "../../base/shape.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { paddedByLayer } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import type { PaddedAxis, Padding } from "../values.js";
import { axesText } from "../values.js";
import { layerExport, type Current, type Operator, type WriteLayer } from "./operator.js";
import { padsInput } from "./window.js";
import { writeWrap } from "./wrap.js";

export const pad: Operator = {
  reads: { Pad: readPad },
  writes: [
    layerExport("ZeroPad2d", ZeroPad2d, writer("constant")),
    layerExport("ConstantPad2d", ConstantPad2d, writer("constant")),
    layerExport("ReflectionPad2d", ReflectionPad2d, writer("reflect")),
    layerExport("ReplicationPad2d", ReplicationPad2d, writer("edge")),
    layerExport("CircularPad2d", CircularPad2d, writer("wrap")),
  ],
};

// What is cut off is a Slice behind what is added, because Pad of other modes than constant does not cut in all runtimes.
function writer(mode: "constant" | "reflect" | "edge" | "wrap"): WriteLayer<Layer> {
  return (layer, x, out, onnx) => {
    const [[top, bottom, left, right], value = 0] = layer.config().args as unknown as [readonly number[], number?];
    const added = [top, left, bottom, right].map((side) => Math.max(side, 0));
    const cut = [top, left, bottom, right].map((side) => Math.max(-side, 0));
    const cuts = cut.some((side) => side > 0);
    if (mode === "wrap") return writeCircular(x, cut, added, onnx);
    let name = x.name;
    if (added.some((side) => side > 0)) {
      const filler = value === 0 ? [] : [onnx.constant("value", new Tensor(Float32Array.of(value), []))];
      name = onnx.node("Pad", [name, padsInput(onnx, added), ...filler], { mode }, cuts ? "pad" : "");
    }
    return cuts ? writeCut(name, cut, out, onnx) : name;
  };
}

// What is left of rows and columns behind the first cut ones.
function writeCut(name: string, [top, left]: readonly number[], out: Shape, onnx: OnnxContext): string {
  const bounds = [
    onnx.constant("start", [top, left]),
    onnx.constant("end", [top + out[2], left + out[3]]),
    onnx.constant("axes", [2, 3]),
  ];
  return onnx.node("Slice", [name, ...bounds], {}, "cut");
}

function writeCircular(x: Current, cut: readonly number[], added: readonly number[], onnx: OnnxContext): string {
  const [N, C, H, W] = x.shape;
  const image = [N, C, H - cut[0] - cut[2], W - cut[1] - cut[3]];
  const name = cut.some((side) => side > 0) ? writeCut(x.name, cut, image, onnx) : x.name;
  const rows = writeWrap(name, 2, added[0], added[2], image[2], onnx);
  return writeWrap(rows, 3, added[1], added[3], image[3], onnx);
}

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
