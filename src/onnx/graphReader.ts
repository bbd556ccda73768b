// The walk over the nodes of an ONNX file: what each name stands for, the chain of layers so far, and the padding that waits
// for its convolution. What a node becomes is not known here.
import { show } from "../base/check.js";
import { ArgumentError, FormatError, ShapeError } from "../base/errors.js";
import type { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import { NodeView, showName } from "./nodeView.js";
import { dimsOf, floatsOf, intsOf } from "./numbers.js";
import type { TensorMessage } from "./schema.js";

/** A size that a graph computes with: `value`, or `value` times the batch size. */
export interface Size {
  readonly value: number;
  readonly batch: boolean;
}

/** What a name of the graph stands for. */
export type Value =
  | { readonly kind: "constant"; readonly tensor: TensorMessage }
  /** Whole numbers; `dims` where they stand in rows. */
  | { readonly kind: "sizes"; readonly sizes: readonly Size[]; readonly dims?: Shape }
  /** Rows or columns start to end of an image, which only a circular padding reads. */
  | { readonly kind: "slice"; readonly of: string; readonly axis: number; readonly start: number; readonly end: number }
  /** What a layer computes; its shape for one sample, and the node that reads it. */
  | { readonly kind: "computed"; readonly shape: Shape; readonly maker: string; reader?: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** A padding that stands before a layer. */
export interface Padding {
  readonly mode: "zeros" | "lowest" | "reflect" | "replicate" | "circular";
  /** [top, left, bottom, right]. */
  readonly pads: readonly number[];
  /** The image before it. */
  readonly shape: Shape;
}

/** A layer beside what the file calls it. */
export interface FoundLayer {
  layer: Layer;
  readonly node: NodeView;
  /** The name of its weight in the file, if it has one. */
  readonly weight?: string;
}

/** How many numbers a constant has at most that is read as sizes. */
const MOST_SIZES = 64;

export class GraphReader {
  readonly layers: FoundLayer[] = [];
  /** The padding that the next layer has to take. */
  padding: Padding | undefined;
  /** Nodes that an earlier one has taken in. */
  readonly absorbed = new Set<NodeView>();
  readonly #values = new Map<string, Value>();
  readonly #parameters = new Map<string, Parameter>();
  readonly #readers = new Map<string, NodeView[]>();
  #current: string;

  constructor(
    readonly who: string,
    readonly opset: number,
    /** The batch size where the file fixes it. */
    readonly batch: number | undefined,
    input: string,
    shape: Shape,
    nodes: readonly NodeView[],
    /** Whether weights beyond float32's range become infinite. */
    readonly round: boolean,
  ) {
    this.#current = input;
    this.#values.set(input, { kind: "computed", shape, maker: "the graph's input" });
    for (const node of nodes) {
      for (const name of new Set(node.inputs)) {
        const readers = this.#readers.get(name);
        if (readers === undefined) this.#readers.set(name, [node]);
        else readers.push(node);
      }
    }
  }

  /** The name of what the latest layer computes. */
  get current(): string {
    return this.#current;
  }

  /** The shape of that for one sample, batch axis first. */
  get shape(): Shape {
    const value = this.#values.get(this.#current);
    return value?.kind === "computed" ? value.shape : [];
  }

  find(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** The only node that reads a name. */
  onlyReader(name: string): NodeView | undefined {
    const readers = this.#readers.get(name) ?? [];
    return readers.length === 1 ? readers[0] : undefined;
  }

  define(name: string, value: Value, by: string): void {
    if (this.#values.has(name)) {
      throw new FormatError(`${this.who}: ${by}: expected a new name for what it makes, got ${showName(name)} again.`);
    }
    this.#values.set(name, value);
  }

  /** Takes what the latest layer computes as this node's input; names the branch if another node has taken it. */
  take(node: NodeView, place = 0): Shape {
    const name = node.input(place);
    const value = this.#values.get(name);
    if (value === undefined) {
      node.fail(
        `expected its input ${showName(name)} to be made by a node before it, got none`,
        "nodes out of order, in a circle, or missing",
      );
    }
    if (value.kind === "unreadable") node.fail(value.why);
    if (value.kind !== "computed") {
      node.fail(`expected its input ${showName(name)} to come from the layer before it, got a ${value.kind}`);
    }
    if (name !== this.#current || value.reader !== undefined) {
      node.fail(
        `expected a chain of layers, got a branch: ${showName(name)}, made by ${value.maker}, goes to ` +
          `${value.reader ?? "a node before this one"} and here`,
      );
    }
    value.reader = node.label;
    return value.shape;
  }

  /** Names what the node computes; further outputs are kept only as a reason why they cannot be read. */
  put(node: NodeView, shape: Shape): void {
    const [output = ""] = node.outputs;
    if (output === "") node.fail("expected an output, got none");
    if (!Number.isSafeInteger(sizeOf(shape)))
      node.fail(`expected a size that a tensor can have, got ${formatShape(shape)}`);
    this.define(output, { kind: "computed", shape, maker: node.label }, node.label);
    node.outputs.slice(1).forEach((name, i) => {
      const why = `expected no use of output ${i + 1} of ${node.label}, got one`;
      if (name !== "") this.define(name, { kind: "unreadable", why }, node.label);
    });
    this.#current = output;
  }

  /** Makes the node's layer, checks it against the shape before it, and goes on behind it. */
  append(node: NodeView, x: Shape, make: () => Layer, weight?: string): void {
    if (this.padding !== undefined) {
      node.fail(`expected a Pad only before Conv, MaxPool and AveragePool, got one before ${node.op}`);
    }
    const layer = this.inside(node, make);
    this.layers.push(weight === undefined ? { layer, node } : { layer, node, weight });
    this.put(
      node,
      this.inside(node, () => layer.outputShape(x)),
    );
  }

  /** Runs code of layers for a node: what they refuse is the file's fault here. */
  inside<T>(node: NodeView, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ArgumentError || error instanceof ShapeError)) throw error;
      return node.fail(`expected a layer that can be built, got: ${error.message.replace(/\.$/, "")}`);
    }
  }

  /** The padding before this node, which the node takes over. */
  takePadding(): Padding | undefined {
    const { padding } = this;
    this.padding = undefined;
    return padding;
  }

  constant(node: NodeView, place: number, what: string): TensorMessage {
    const name = node.input(place);
    const value = this.#values.get(name);
    if (value?.kind === "constant") return value.tensor;
    const got = name === "" ? "none" : `${showName(name)}, which is ${value === undefined ? "unknown" : "computed"}`;
    return node.fail(`expected ${what} (input ${place}) to be a constant of the file, got ${got}`);
  }

  /** A constant's shape. */
  dims(node: NodeView, tensor: TensorMessage): Shape {
    return dimsOf(`${this.who}: ${node.label}`, tensor);
  }

  floats(node: NodeView, tensor: TensorMessage): Float32Array {
    return floatsOf(`${this.who}: ${node.label}: ${showName(tensor.name ?? "")}`, tensor, this.round);
  }

  /** A constant of one number. */
  scalar(node: NodeView, place: number, what: string): number {
    const tensor = this.constant(node, place, what);
    const dims = this.dims(node, tensor);
    if (sizeOf(dims) !== 1) node.fail(`expected ${what} to be one number, got shape ${formatShape(dims)}`);
    return this.floats(node, tensor)[0];
  }

  /** The sizes that an input stands for: a constant of whole numbers, or what Shape and its kin gave. */
  sizes(node: NodeView, place: number): readonly Size[] | undefined {
    const value = this.#values.get(node.input(place));
    if (value?.kind === "sizes") return value.sizes;
    if (value?.kind !== "constant") return undefined;
    const { tensor } = value;
    if (sizeOf(this.dims(node, tensor)) > MOST_SIZES) return undefined;
    return intsOf(`${this.who}: ${node.label}`, tensor)?.map((size) => ({ value: size, batch: false }));
  }

  /** The same where the batch size may not be among them. */
  wholes(node: NodeView, place: number, what: string): readonly number[] {
    const sizes = this.sizes(node, place);
    if (sizes?.every(({ batch }) => !batch) === true) return sizes.map(({ value }) => value);
    return node.fail(
      `expected ${what} (input ${place}) to be whole numbers in the file, got ${showName(node.input(place))}`,
    );
  }

  /**
   * The learned parameter made of a constant. A constant that several layers read is one parameter, so nothing in a file can
   * make it many times as large.
   *
   * @param form how the numbers are laid out anew, part of the parameter's identity
   */
  parameter(
    node: NodeView,
    tensor: TensorMessage,
    form: string,
    shape: Shape,
    lay?: (from: Float32Array) => Float32Array,
  ): Parameter {
    const key = `${form} ${shape.join("x")} ${tensor.name ?? ""}`;
    const before = this.#parameters.get(key);
    if (before !== undefined) return before;
    if (sizeOf(shape) === 0) node.fail(`expected weights, got shape ${show(shape)}`);
    const numbers = this.floats(node, tensor);
    let from: Float32Array | undefined = lay === undefined ? numbers : lay(numbers);
    const parameter = new Parameter(shape, (to) => {
      if (from !== undefined) to.data.set(from);
      from = undefined; // filled once, at first use; then the copy can go
    });
    this.#parameters.set(key, parameter);
    return parameter;
  }
}
