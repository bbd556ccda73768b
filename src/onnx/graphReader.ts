// The walk over the nodes of an ONNX file: what each name stands for, and the layers so far. What a node becomes is not known
// here, nor how axes are laid out (layout.ts).
import { show } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import { formatShape, sameShape, sizeOf, type Shape } from "../base/shape.js";
import type { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import { Slice } from "../nn/shape/slice.js";
import { Piece, hasBatch, lengthOf, sameAxis, shapeOf, type Axes, type Axis } from "./axes.js";
import { computedConstant, isFloat, type Constant } from "./constants.js";
import { fixFrame, paddedByLayer } from "./layout.js";
import { showName, type NodeView } from "./nodeView.js";
import type { NumberOptions } from "./numbers.js";
import { AffineStep, Frame, LayerStep, WeightedStep, atNode, filledParameter } from "./steps.js";
import { axesText, type Computed, type ImageSlice, type Size, type Value } from "./values.js";

/** How many numbers a constant has at most that is read as sizes. */
const MOST_SIZES = 64;
const MOST_AXES = 64;

/** What the reader has to know of the file. */
export interface FileFacts {
  readonly opset: number;
  /** Who wrote it. */
  readonly producer: string;
  /** The batch size where the file fixes it. */
  readonly batch: number | undefined;
  /** Whether the file's input has a batch axis. Our layers always have. */
  readonly hasBatchAxis: boolean;
  /** Shape of one sample. */
  readonly shape: Shape;
  /** How many numbers may be computed from the file's. */
  readonly room: number;
  /** How numbers are read. */
  readonly numbers: NumberOptions;
}

export class GraphReader {
  /** Nodes that an earlier one has taken in. */
  readonly absorbed = new Set<NodeView>();
  readonly input: Computed;
  /** What becomes otherwise than in the file, in sentences. */
  readonly notes: string[] = [];
  /** The batch, wherever it stands. */
  readonly batch = new Piece(1, true);
  readonly #values = new Map<string, Value>();
  readonly #parameters = new Map<string, Parameter>();
  readonly #readers = new Map<string, NodeView[]>();
  #room: number;

  constructor(
    readonly who: string,
    readonly facts: FileFacts,
    input: string,
    nodes: readonly NodeView[],
  ) {
    const sample = facts.shape.map((size) => [new Piece(size)]);
    const all = [[this.batch], ...sample];
    const axes = facts.hasBatchAxis ? all : sample;
    this.input = { kind: "computed", axes, frame: new Frame(all, false), step: undefined };
    this.#values.set(input, this.input);
    this.#room = facts.room;
    for (const node of nodes) {
      for (const name of new Set(node.inputs)) {
        const readers = this.#readers.get(name);
        if (readers === undefined) this.#readers.set(name, [node]);
        else readers.push(node);
      }
    }
  }

  get opset(): number {
    return this.facts.opset;
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

  // What layers compute.

  /** What a node reads, if layers compute it; a padding before it becomes a layer of its own. */
  computed(node: NodeView, place = 0): Computed {
    return paddedByLayer(this, this.waiting(node, place));
  }

  /** The same, with the padding that waits: for a node that takes it over, or hands it on. */
  waiting(node: NodeView, place = 0): Computed {
    const name = node.input(place);
    const value = this.#values.get(name);
    if (value?.kind === "computed") return value;
    if (value?.kind === "slice") return this.#sliced(name, value);
    if (value?.kind === "unreadable") return node.fail(value.why);
    if (value === undefined) {
      return node.fail(
        `expected its input ${showName(name)} to be made by a node or to be in the file, got none`,
        "a circle, or something is missing",
      );
    }
    return node.fail(`expected its input ${showName(name)} to come from a layer, got a ${value.kind}`);
  }

  /** What a name stands for at the end. */
  settled(name: string): Value | undefined {
    const value = this.#values.get(name);
    return value?.kind === "slice" ? this.#sliced(name, value) : value;
  }

  // A slice that something else than a circular padding reads is a layer, which then stands for it.
  #sliced(name: string, { node, axis, start, end }: ImageSlice): Computed {
    const value = this.computed(node);
    fixFrame(this, value);
    const dim = value.frame.axes.findIndex((each) => sameAxis(each, value.axes[axis]) && !hasBatch(each));
    const isWhole = dim > 0 && value.axes.every((each) => value.frame.axes.some((own) => sameAxis(own, each)));
    if (!isWhole) node.fail(`expected axes as the layers before it give them, got ${axesText(value.axes)}`);
    if (value.step !== undefined) value.step.isShared = true;
    const piece = [new Piece(end - start)];
    const cut = (axes: Axes, place: number): Axes => axes.map((each, i) => (i === place ? piece : each));
    const layer = atNode(node, () => new Slice(start, end, { dim }));
    const step = new LayerStep(node, value.step, layer);
    step.isShared = (this.#readers.get(name) ?? []).length > 1;
    const read = { ...this.behind(node, value, cut(value.axes, axis), cut(value.frame.axes, dim), step), by: node };
    this.#values.set(name, read);
    return read;
  }

  /** Names what the node computes; further outputs are kept only as a reason why they cannot be read. */
  put(node: NodeView, value: Computed): void {
    const [output = ""] = node.outputs;
    if (output === "") node.fail("expected an output, got none");
    if (!Number.isSafeInteger(sizeOf(shapeOf(value.axes))) || value.axes.length > MOST_AXES) {
      node.fail(`expected a size that a tensor can have, got ${show(shapeOf(value.axes))}`);
    }
    this.define(output, { ...value, by: node }, node.label);
    const readers = (this.#readers.get(output) ?? []).filter(({ op }) => op !== "Shape" && op !== "Size");
    if (readers.length > 1 && value.step !== undefined) value.step.isShared = true;
    node.outputs.slice(1).forEach((name, i) => {
      const why = `expected no use of output ${i + 1} of ${node.label}, got one`;
      if (name !== "") this.define(name, { kind: "unreadable", why }, node.label);
    });
  }

  /** The same numbers under other axes of the file. */
  turn(node: NodeView, value: Computed, axes: Axes): void {
    this.put(node, { ...value, axes, turnedBy: node });
  }

  /** A layer that computes each number from the one in its place, or leaves the axes as they are. */
  appendPlain(node: NodeView, value: Computed, make: () => Layer): void {
    this.put(node, { ...value, step: new LayerStep(node, value.step, atNode(node, make)) });
  }

  /** A layer that gives other axes. */
  append(node: NodeView, value: Computed, axes: Axes, frame: Axes, make: () => Layer): void {
    this.put(node, this.behind(node, value, axes, frame, new LayerStep(node, value.step, atNode(node, make))));
  }

  /** A convolution or Linear, with the steps before it that it can take in. */
  appendWeighted(node: NodeView, value: Computed, axes: Axes, frame: Axes, step: WeightedStep): void {
    const next = this.behind(node, value, axes, frame, step);
    this.takeBefore(step);
    this.put(node, next);
  }

  /** Lets a convolution or Linear take in the steps before it that it can. */
  takeBefore(step: WeightedStep): void {
    for (const node of step.takeBefore(this.spend)) this.noteJoined(node, step);
  }

  /** Notes what a node became. */
  note(node: NodeView, text: string): void {
    this.notes.push(`${capital(node.label)} became ${text}.`);
  }

  /** Notes that a node became part of a layer. */
  noteJoined(node: NodeView, step: WeightedStep): void {
    if (node !== step.node) this.note(node, `part of ${step.node.label}`);
  }

  /** The value behind a layer, once the layer says that it takes the one before and gives this shape. */
  behind(node: NodeView, value: Computed, axes: Axes, frame: Axes, step: LayerStep): Computed {
    fixFrame(this, value);
    const shape = atNode(node, () => step.layer.outputShape(shapeOf(value.frame.axes)));
    if (!sameShape(shape, shapeOf(frame))) {
      node.fail(`expected a layer with output ${formatShape(shapeOf(frame))}, got ${formatShape(shape)}`);
    }
    const { kind, by, turnedBy } = value;
    return {
      ...{ kind, axes, frame: new Frame(frame, true), step },
      ...(by === undefined ? {} : { by }),
      ...(turnedBy === undefined ? {} : { turnedBy }),
    };
  }

  /** scale x + shift, with one number of each for every place along some pieces. The layer before it takes it in if it can. */
  scale(node: NodeView, value: Computed, pieces: Axis, scale: Float64Array, shift: Float64Array): void {
    const { step, frame } = value;
    if (step instanceof WeightedStep && step.takeBehind(pieces, scale, shift, this.spend)) {
      this.noteJoined(node, step);
      this.put(node, value);
    } else if (step instanceof AffineStep && !step.isShared && step.frame === frame) {
      step.then(node, pieces, scale, shift, this.spend);
      this.put(node, value);
    } else {
      this.spend(node, 2 * lengthOf(pieces));
      this.put(node, { ...value, step: new AffineStep(node, step, frame, pieces, scale, shift) });
    }
  }

  // Constants and sizes.

  /** Asks for room for numbers that are computed from the file's: a small file must not become a large model. */
  readonly spend = (node: NodeView, count: number): void => {
    this.#room -= count;
    if (this.#room >= 0) return;
    node.fail(
      "expected nodes that compute about as many numbers from weights as the file holds, got many times as many",
    );
  };

  constant(node: NodeView, place: number, what: string): Constant {
    const name = node.input(place);
    const value = this.#values.get(name);
    if (value?.kind === "constant") return value;
    const got = name === "" ? "none" : `${showName(name)}, which is ${value === undefined ? "unknown" : "computed"}`;
    return node.fail(`expected ${what} (input ${place}) to be a constant of the file, got ${got}`);
  }

  /** A constant's shape. */
  dims(node: NodeView, constant: Constant): Shape {
    return constant.dims(`${this.who}: ${node.label}`);
  }

  floats(node: NodeView, constant: Constant): Float32Array {
    return constant.floats(`${this.who}: ${node.label}: ${showName(constant.name)}`);
  }

  /** A constant of one number. */
  scalar(node: NodeView, place: number, what: string): number {
    const constant = this.constant(node, place, what);
    const dims = this.dims(node, constant);
    if (sizeOf(dims) !== 1) node.fail(`expected ${what} to be one number, got shape ${formatShape(dims)}`);
    return this.floats(node, constant)[0];
  }

  /** Defines a node's output as numbers computed from constants. */
  compute(node: NodeView, dims: Shape, numbers: () => Float32Array): void {
    if (!Number.isSafeInteger(sizeOf(dims))) node.fail(`expected a size that a tensor can have, got ${show(dims)}`);
    this.spend(node, sizeOf(dims));
    const name = node.outputs[0] ?? "";
    this.define(name, computedConstant(name, dims, numbers()), node.label);
  }

  /** A constant of floating-point numbers, if the input is one. */
  weight(node: NodeView, place: number): Constant | undefined {
    const value = this.#values.get(node.input(place));
    return value?.kind === "constant" && isFloat(value) ? value : undefined;
  }

  /** The sizes that an input stands for: a constant of whole numbers, or what Shape and its kin gave. */
  sizes(node: NodeView, place: number): readonly Size[] | undefined {
    const value = this.#values.get(node.input(place));
    if (value?.kind === "sizes") return value.sizes;
    if (value?.kind !== "constant" || isFloat(value)) return undefined;
    if (sizeOf(this.dims(node, value)) > MOST_SIZES) return undefined;
    return value.ints(`${this.who}: ${node.label}`)?.map((size) => ({ value: size, batch: false }));
  }

  /** The same where the batch size may not be among them. */
  wholes(node: NodeView, place: number, what: string): readonly number[] {
    const sizes = this.sizes(node, place);
    if (sizes?.every(({ batch }) => !batch) === true) return sizes.map(({ value }) => value);
    return node.fail(
      `expected ${what} (input ${place}) to be whole numbers in the file, got ${showName(node.input(place))}`,
    );
  }

  /** Whole numbers from an attribute, or from an input as newer opsets have it; undefined where both are left out. */
  list(node: NodeView, name: string, place: number): readonly number[] | undefined {
    return node.ints(name) ?? (node.input(place) === "" ? undefined : this.wholes(node, place, name));
  }

  /**
   * The learned parameter made of a constant. A constant that several layers read is one parameter, so nothing in a file can
   * make it many times as large.
   *
   * @param form how the numbers are laid out anew, part of the parameter's identity
   */
  parameter(node: NodeView, constant: Constant, form: string, shape: Shape, numbers: () => Float32Array): Parameter {
    const key = `${form} ${shape.join("x")} ${constant.name}`;
    const before = this.#parameters.get(key);
    if (before !== undefined) return before;
    if (sizeOf(shape) === 0) node.fail(`expected weights, got shape ${show(shape)}`);
    const parameter = filledParameter(shape, numbers());
    this.#parameters.set(key, parameter);
    return parameter;
  }
}

/** With a capital letter, as a sentence begins. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
