// Dropout, which computes nothing outside of training: export leaves it out, import keeps the layer.
import { AlphaDropout } from "../../nn/dropout/alphadropout.js";
import { DropBlock2d } from "../../nn/dropout/dropblock2d.js";
import { Dropout } from "../../nn/dropout/dropout.js";
import { Dropout2d } from "../../nn/dropout/dropout2d.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, type Operator } from "./operator.js";

export const dropout: Operator = {
  reads: { Dropout: readDropout },
  writes: [
    layerExport("Dropout", Dropout, (_layer, x) => x.name),
    layerExport("Dropout2d", Dropout2d, (_layer, x) => x.name),
    layerExport("AlphaDropout", AlphaDropout, (_layer, x) => x.name),
    layerExport("DropBlock2d", DropBlock2d, (_layer, x) => x.name),
  ],
};

function readDropout(node: NodeView, graph: GraphReader): void {
  node.only("is_test", "ratio", "seed");
  const value = graph.computed(node);
  // Before opset 7 a file could be one for training; what we import predicts in any case.
  node.intOf("is_test", 0, [0, 1]);
  const ratio = node.input(1) === "" ? node.float("ratio", 0.5) : graph.scalar(node, 1, "the ratio");
  if (node.input(2) !== "") {
    const training = graph.constant(node, 2, "training_mode").flag();
    if (training !== false) node.fail(`expected training_mode to be false, got ${training ?? "another type"}`);
  }
  graph.appendPlain(node, value, () => new Dropout(ratio));
}
