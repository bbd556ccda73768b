// Add of a constant behind MatMul or Conv: the bias of that layer. Written it is part of Gemm or Conv.
import { Conv2d } from "../../nn/conv/conv2d.js";
import { Linear } from "../../nn/linear/linear.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { biasOf } from "./gemm.js";
import type { Operator } from "./operator.js";

export const add: Operator = { reads: { Add: readAdd } };

function readAdd(node: NodeView, graph: GraphReader): void {
  node.only();
  const place = graph.find(node.input(0))?.kind === "constant" ? 1 : 0;
  const x = graph.take(node, place);
  const last = graph.layers.at(-1);
  const layer = last?.node.outputs[0] === node.input(place) ? last?.layer : undefined;
  const open = (layer instanceof Linear || layer instanceof Conv2d) && layer.bias === null;
  if (!open) node.fail("expected an Add only as the bias behind a MatMul or Conv that has none, got another one");
  const tensor = graph.constant(node, 1 - place, "the bias");
  const [outputs] = layer.weight.shape;
  const perOutput = layer instanceof Linear ? [outputs] : [outputs, 1, 1];
  const shapes = [perOutput, [1, ...perOutput]];
  layer.bias = biasOf(node, graph, tensor, outputs, shapes);
  graph.put(node, x);
}
