// DepthToSpace of mode CRD and SpaceToDepth: PixelShuffle and PixelUnshuffle. SpaceToDepth has the channels in another order than
// PyTorch and we (those of one pixel of the square together), so it is neither written nor read for more than one channel.
import { PixelShuffle } from "../../nn/resize/pixelshuffle.js";
import { PixelUnshuffle } from "../../nn/resize/pixelunshuffle.js";
import type { Shape } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import { Piece } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { fileAxes, imagesOf } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { atNode } from "../steps.js";
import { layerExport, type Current, type Operator } from "./operator.js";

export const depthToSpace: Operator = {
  reads: { DepthToSpace: readDepthToSpace, SpaceToDepth: readSpaceToDepth },
  writes: [
    layerExport("PixelShuffle", PixelShuffle, (layer, x, _out, onnx) => {
      const [factor] = layer.config().args as [number];
      return onnx.node("DepthToSpace", [x.name], { blocksize: factor, mode: "CRD" });
    }),
    layerExport("PixelUnshuffle", PixelUnshuffle, writeUnshuffle),
  ],
};

function readDepthToSpace(node: NodeView, graph: GraphReader): void {
  node.only("blocksize", "mode");
  const images = imagesOf(graph, node, graph.computed(node));
  const factor = node.int("blocksize", 0);
  const mode = node.string("mode", "DCR");
  if (mode !== "CRD" && images.shape[1] !== factor * factor) {
    node.fail(`expected mode CRD (channels in the order of PixelShuffle), got ${mode.slice(0, 40)}`);
  }
  appendShuffle(node, graph, () => new PixelShuffle(factor));
}

function readSpaceToDepth(node: NodeView, graph: GraphReader): void {
  node.only("blocksize");
  const factor = node.int("blocksize", 0);
  const images = imagesOf(graph, node, graph.computed(node));
  if (images.shape[1] !== 1) {
    node.fail(`expected one channel (of more the order is not that of PixelUnshuffle), got ${images.shape[1]}`);
  }
  appendShuffle(node, graph, () => new PixelUnshuffle(factor));
}

function appendShuffle(node: NodeView, graph: GraphReader, make: () => Layer): void {
  const images = imagesOf(graph, node, graph.computed(node));
  const layer = atNode(node, make);
  const [, channels, rows, columns] = atNode(node, () => layer.outputShape(images.shape));
  const frame = [images.axes[0], [new Piece(channels)], [new Piece(rows)], [new Piece(columns)]];
  graph.append(node, images.value, fileAxes(images, frame), frame, () => layer);
}

// [N, C, H, f, W, f] turned to [N, C, f, f, H, W].
function writeUnshuffle(layer: PixelUnshuffle, x: Current, out: Shape, onnx: OnnxContext): string {
  const [f] = layer.config().args as [number];
  const [, C] = x.shape;
  const [, , H, W] = out;
  if (C === 1) return onnx.node("SpaceToDepth", [x.name], { blocksize: f });
  const split = onnx.node("Reshape", [x.name, onnx.constant("split", [0, C, H, f, W, f])], {}, "split");
  const turned = onnx.node("Transpose", [split], { perm: [0, 1, 3, 5, 2, 4] }, "turned");
  return onnx.node("Reshape", [turned, onnx.constant("shape", [0, ...out.slice(1)])]);
}
