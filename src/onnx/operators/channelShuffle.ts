// ChannelShuffle: ONNX has no operator for it. It is written as a Reshape that splits the channels, a Transpose and a Reshape back;
// read from these where the last one leaves the channels in another order than the layers give (shuffled, below).
import { ChannelShuffle } from "../../nn/shape/channelshuffle.js";
import { Piece, core, lengthOf, sameAxis, type Axes } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep } from "../steps.js";
import type { Computed } from "../values.js";
import { layerExport, type Operator } from "./operator.js";

export const channelShuffle: Operator = {
  writes: [
    layerExport("ChannelShuffle", ChannelShuffle, (layer, x, _out, onnx) => {
      const [groups] = layer.config().args as [number];
      const [, C, ...plane] = x.shape;
      if (groups === 1 || groups === C) return x.name; // every channel stays
      const split = onnx.constant("split", [0, groups, C / groups, ...plane]);
      const parts = onnx.node("Reshape", [x.name, split], {}, "split");
      const perm = [0, 2, 1, ...plane.map((_, i) => i + 3)];
      const turned = onnx.node("Transpose", [parts], { perm }, "turned");
      return onnx.node("Reshape", [turned, onnx.constant("shape", [0, C, ...plane])]);
    }),
  ],
};

/** Images whose channels a file has dealt out anew, by a ChannelShuffle; undefined for any other value. */
export function shuffled(graph: GraphReader, node: NodeView, value: Computed): Computed | undefined {
  const { axes, frame, padding } = value;
  const [ours, theirs] = [frame.axes, axes];
  const isPlain = frame.isFixed && padding === undefined && ours.length === theirs.length && ours.length >= 3;
  if (!isPlain || !ours.every((axis, i) => i === 1 || sameAxis(axis, theirs[i]))) return undefined;
  const [from, to] = [core(ours[1]), core(theirs[1])];
  const start = from.indexOf(to[0]);
  const turned = [...from.slice(start), ...from.slice(0, start)];
  if (start < 1 || to.length !== from.length || !turned.every((piece, i) => piece === to[i])) return undefined;
  const channels = [new Piece(lengthOf(ours[1]))];
  const behind = (all: Axes): Axes => all.map((axis, i) => (i === 1 ? channels : axis));
  const layer = new ChannelShuffle(lengthOf(from.slice(0, start)));
  return graph.behind(node, value, behind(axes), behind(ours), new LayerStep(node, value.step, layer));
}
