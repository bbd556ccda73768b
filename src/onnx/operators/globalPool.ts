// GlobalAveragePool and GlobalMaxPool: pools with one window over the whole plane. Written they are AveragePool and MaxPool.
import type { Pair } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import { AvgPool2d } from "../../nn/pool/avgpool2d.js";
import { MaxPool2d } from "../../nn/pool/maxpool2d.js";
import type { Operator, ReadNode } from "./operator.js";
import { takeImage } from "./poolWindow.js";

export const globalPool: Operator = {
  reads: { GlobalAveragePool: reader(AvgPool2d), GlobalMaxPool: reader(MaxPool2d) },
};

function reader(of: new (kernel: Pair) => Layer): ReadNode {
  return (node, graph) => {
    node.only();
    const { image, before } = takeImage(node, graph);
    if (before !== undefined) node.fail("expected no Pad before it, got one");
    graph.append(node, image, () => new of([image[2], image[3]]));
  };
}
