// GlobalAveragePool and GlobalMaxPool: pools with one window over the whole plane. ReduceMean, ReduceMax and ReduceSum over rows
// and columns are the same, axis by axis. Written they are AveragePool and MaxPool. (ReduceProd is read of sizes only.)
import { show } from "../../base/check.js";
import type { Pair } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import { AvgPool2d } from "../../nn/pool/avgpool2d.js";
import { MaxPool2d } from "../../nn/pool/maxpool2d.js";
import { core, lengthOf, type Axis } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { flattened, imagesOf } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep, atNode } from "../steps.js";
import { axesText } from "../values.js";
import type { Operator, ReadNode } from "./operator.js";
import { appendPool } from "./poolWindow.js";
import { defineSizes, sizesOf } from "./tables.js";

type MakePool = (kernel: Pair) => Layer;

export const globalPool: Operator = {
  reads: {
    GlobalAveragePool: readerOf((kernel) => new AvgPool2d(kernel)),
    GlobalMaxPool: readerOf((kernel) => new MaxPool2d(kernel)),
    ReduceMean: reduceReader((kernel) => new AvgPool2d(kernel)),
    ReduceMax: reduceReader((kernel) => new MaxPool2d(kernel)),
    ReduceSum: reduceReader((kernel) => new AvgPool2d(kernel, { divisorOverride: 1 })),
    ReduceProd: readProduct,
  },
};

function readerOf(make: MakePool): ReadNode {
  return (node, graph) => {
    node.only();
    const images = imagesOf(graph, node, graph.computed(node));
    appendPool(node, graph, images, () => make([images.shape[2], images.shape[3]]));
  };
}

function reduceReader(make: MakePool): ReadNode {
  return (node, graph) => {
    node.only("axes", "keepdims", "noop_with_empty_axes");
    const keeps = node.intOf("keepdims", 1, [0, 1]) === 1;
    const value = graph.computed(node);
    const said = graph.list(node, "axes", 1) ?? [];
    if (said.length === 0) node.fail("expected axes, got none (over the batch, too, we cannot reduce)");
    const places = node.axes(said, value.axes.length);
    if (!value.frame.isFixed) {
      // Channels are the axis that stays: the last one, or the first one behind the batch.
      const isLast =
        places.length === value.axes.length - 2 && places.every((place) => place >= 1 && place < value.axes.length - 1);
      const [batch = [], ...others] = value.axes;
      imagesOf(graph, node, isLast ? { ...value, axes: [batch, ...others.slice(-1), ...others.slice(0, -1)] } : value);
    }
    const reduced = new Set(places.flatMap((place) => core(value.axes[place])));
    const isReduced = (axis: Axis): boolean => core(axis).length > 0 && core(axis).every((piece) => reduced.has(piece));
    const [, , rows = [], columns = [], ...others] = value.frame.axes;
    const [vertical, horizontal] = [isReduced(rows), isReduced(columns)];
    const count = (vertical ? core(rows).length : 0) + (horizontal ? core(columns).length : 0);
    if (value.frame.axes.length !== 4 || others.length > 0 || count !== reduced.size) {
      const of = axesText(value.axes);
      node.fail(`expected rows and columns of images [N, C, H, W] to be reduced, got axes ${show(said)} of ${of}`);
    }
    const { axes: frame } = value.frame;
    const kernel: Pair = [vertical ? lengthOf(rows) : 1, horizontal ? lengthOf(columns) : 1];
    const behind = [frame[0], frame[1], vertical ? [] : rows, horizontal ? [] : columns];
    const axes = value.axes
      .map((axis, i) => (places.includes(i) ? [] : axis))
      .filter((_, i) => keeps || !places.includes(i));
    const step = new LayerStep(
      node,
      value.step,
      atNode(node, () => make(kernel)),
    );
    const pooled = { ...graph.behind(node, value, axes, behind, step), turnedBy: node };
    // Rows of features are a Flatten; other axes wait for the layer that reads them.
    graph.put(node, (axes.length === 2 ? flattened(graph, node, pooled) : undefined) ?? pooled);
  };
}

function readProduct(node: NodeView, graph: GraphReader): void {
  node.only("axes", "keepdims", "noop_with_empty_axes");
  const sizes = sizesOf(node, graph, 0);
  const value = sizes.reduce((product, size) => product * size.value, 1);
  if (sizes.filter(({ batch }) => batch).length > 1)
    node.fail("expected the batch size once in a product, got it several times");
  const keeps = node.intOf("keepdims", 1, [0, 1]) === 1;
  defineSizes(node, graph, [{ value, batch: sizes.some(({ batch }) => batch) }], keeps ? [1] : []);
}
