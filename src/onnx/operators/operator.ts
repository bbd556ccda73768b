// What an operator's file says: what its nodes become here, and what layers become in ONNX. Types and small helpers only.
import type { Shape } from "../../base/shape.js";
import type { LayerConfig } from "../../nn/config.js";
import type { Layer } from "../../nn/layer.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";

/** Reads one node: adds layers to the graph, or defines what its outputs stand for. */
export type ReadNode = (node: NodeView, graph: GraphReader) => void;

/** What an export has computed so far: a value's name and its shape for one sample, batch axis first. */
export interface Current {
  readonly name: string;
  readonly shape: Shape;
}

/** Adds the nodes of a layer that reads `x` and returns the name of its output, whose shape is `out`. */
export type WriteLayer<L extends Layer> = (layer: L, x: Current, out: Shape, onnx: OnnxContext) => string;

/** Adds the nodes of the layers in a container, which are `children`; `child` exports one of them, at its name. */
export type WriteContainer<L extends Layer> = (
  layer: L,
  x: Current,
  child: (name: string, layer: Layer, x: Current) => Current,
  onnx: OnnxContext,
  children: readonly (readonly [name: string, layer: Layer])[],
) => Current;

/** How a container or a join hands the layers in it on: at their names, each with the values that it reads. */
export type ExportMany = (name: string, layer: Layer, xs: readonly Current[]) => readonly Current[];

/** Adds the nodes of a layer that reads and gives several values. */
export type WriteMany<L extends Layer> = (
  layer: L,
  xs: readonly Current[],
  child: ExportMany,
  onnx: OnnxContext,
) => readonly Current[];

/** A class of layers beside its export. The type is written out, because a minifier changes the names of classes. */
export interface LayerExport {
  readonly type: string;
  readonly of: LayerClass<Layer>;
  readonly layer?: WriteLayer<Layer>;
  readonly container?: WriteContainer<Layer>;
  readonly many?: WriteMany<Layer>;
}

type LayerClass<L extends Layer> = abstract new (...args: never[]) => L;

/** One operator, or some that are read and written alike. */
export interface Operator {
  /** What nodes become, by their `op_type`. */
  readonly reads?: Readonly<Record<string, ReadNode>>;
  /** What layers become. */
  readonly writes?: readonly LayerExport[];
}

/** The export of a layer without layers in it. */
export function layerExport<L extends Layer>(type: string, of: LayerClass<L>, write: WriteLayer<L>): LayerExport {
  // Only layers of this very class come here: see exportOf in exportTable.ts.
  return { type, of, layer: write as WriteLayer<Layer> };
}

/** The export of a layer that holds others. */
export function containerExport<L extends Layer>(
  type: string,
  of: LayerClass<L>,
  write: WriteContainer<L>,
): LayerExport {
  return { type, of, container: write as WriteContainer<Layer> };
}

/** The export of a layer that reads or gives several values. */
export function manyExport<L extends Layer>(type: string, of: LayerClass<L>, write: WriteMany<L>): LayerExport {
  return { type, of, many: write as WriteMany<Layer> };
}

/** A layer's options by name, defaults included. */
export function optionsOf<T>(layer: Layer): T {
  const config: LayerConfig = layer.config();
  return (config.options ?? {}) as unknown as T;
}
