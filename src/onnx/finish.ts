// The end of an import: whether the output is what the file says, and the layers that lead to it, in order.
import type { Shape } from "../base/shape.js";
import { Conv2d } from "../nn/conv/conv2d.js";
import type { Layer } from "../nn/layer.js";
import { shapeOf } from "./axes.js";
import type { GraphReader } from "./graphReader.js";
import { fixFrame, flattened, layoutOf, paddedByLayer, turnedAway, withBatch, type OnnxLayout } from "./layout.js";
import type { NodeView } from "./nodeView.js";
import { chainTo, type Chain } from "./regions.js";
import { AffineStep, affineLayer, type JoinStep, type LayerStep, type Step } from "./steps.js";
import { axesText, type Computed } from "./values.js";

/** A layer beside what the file calls it. */
export interface FoundLayer {
  readonly layer: Layer;
  readonly node: NodeView;
  /** The name of its weight in the file, if it has one. */
  readonly weight?: string;
}

/** The layers from the input to the output, and what a caller has to know of both. */
export interface Finished {
  readonly layers: Chain;
  /** The layer of a step. */
  readonly found: (step: Step) => FoundLayer;
  /** Shape of one sample as the layers take it. */
  readonly inputShape: Shape;
  readonly input: End;
  readonly output: End;
}

/** An end of the network: how the file orders its axes, and its shape there and here, as text. */
interface End {
  readonly layout: OnnxLayout;
  readonly file: string;
  readonly layers: string;
}

/** @param end stands for the output in messages */
export function finish(graph: GraphReader, output: Computed, end: NodeView): Finished {
  const padded = paddedByLayer(graph, output);
  fixFrame(graph, padded);
  const value = readable(graph, padded);
  const theirs = withBatch(graph, graph.input.axes);
  const { axes } = graph.input.frame;
  const layout = layoutOf(theirs, axes, true);
  if (layout === undefined) {
    const got = `${axesText(theirs)} for layers that take ${axesText(axes)}`;
    return end.fail(`expected an input with the channels as its first or last axis, got ${got}`);
  }
  const last = withBatch(graph, value.axes);
  const lastLayout = layoutOf(last, value.frame.axes) ?? turnedAway(end, value);
  return {
    layers: chainTo(value.step),
    found: (step) => found(graph, step),
    inputShape: shapeOf(axes).slice(1),
    input: { layout, file: axesText(theirs), layers: axesText(axes) },
    output: { layout: lastLayout, file: axesText(last), layers: axesText(value.frame.axes) },
  };
}

// Axes that the file has joined or squeezed away last may be a Flatten.
function readable(graph: GraphReader, value: Computed): Computed {
  if (layoutOf(withBatch(graph, value.axes), value.frame.axes) !== undefined || value.by === undefined) return value;
  return flattened(graph, value.turnedBy ?? value.by, value) ?? value;
}

function found(graph: GraphReader, step: Step): FoundLayer {
  const { node } = step;
  if (step instanceof AffineStep) {
    const layer = affineLayer(step, graph.spend);
    const form = layer instanceof Conv2d ? "a 1x1 convolution of each channel" : "a Linear with a diagonal weight";
    for (const each of step.nodes) graph.note(each, form);
    return { layer, node };
  }
  const { layer, weight } = step as LayerStep | (JoinStep & { readonly weight?: undefined });
  return weight === undefined ? { layer, node } : { layer, node, weight };
}
