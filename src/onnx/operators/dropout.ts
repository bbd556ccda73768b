// Dropout, which computes nothing outside of training: export leaves it out, import keeps the layer.
import { Dropout } from "../../nn/dropout/dropout.js";
import { Dropout2d } from "../../nn/dropout/dropout2d.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { DATA_TYPE, typeName } from "../schema.js";
import { layerExport, type Operator } from "./operator.js";

export const dropout: Operator = {
  reads: { Dropout: readDropout },
  writes: [
    layerExport("Dropout", Dropout, (_layer, x) => x.name),
    layerExport("Dropout2d", Dropout2d, (_layer, x) => x.name),
  ],
};

function readDropout(node: NodeView, graph: GraphReader): void {
  node.only("ratio", "seed");
  const x = graph.take(node);
  let ratio = node.float("ratio", 0.5);
  if (node.input(1) !== "") ratio = graph.scalar(node, 1, "the ratio");
  if (node.input(2) !== "") {
    const { dataType, rawData, int32Data } = graph.constant(node, 2, "training_mode");
    const training = rawData?.some((byte) => byte !== 0) === true || int32Data.some((value) => value !== 0);
    if (dataType !== DATA_TYPE.bool || training)
      node.fail(`expected training_mode to be false, got ${training ? "true" : typeName(dataType)}`);
  }
  graph.append(node, x, () => new Dropout(ratio));
}
