// A node of an ONNX file as its import reads it: inputs, attributes with checks, and errors that name the node.
import { nearestHint, show } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import type { Pair } from "../base/shape.js";
import { ATTRIBUTE_TYPE, type AttributeMessage, type NodeMessage, type TensorMessage } from "./schema.js";

const MOST_SHOWN = 80;

/** A name of the file in an error message: in quotes, cut when long. */
export function showName(name: string): string {
  return show(name.length > MOST_SHOWN ? `${name.slice(0, MOST_SHOWN)}...` : name);
}

/** One node with its place among all nodes. */
export class NodeView {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #attributes = new Map<string, AttributeMessage>();

  constructor(
    readonly who: string,
    message: NodeMessage,
    readonly place: number,
    readonly opset: number,
  ) {
    const domain = message.domain ?? "";
    this.op = (domain === "" || domain === "ai.onnx" ? "" : `${domain}.`) + (message.opType ?? "");
    this.name = message.name ?? "";
    this.inputs = message.input;
    this.outputs = message.output;
    for (const attribute of message.attribute) {
      const name = attribute.name ?? "";
      if (this.#attributes.has(name)) this.fail(`expected attribute ${showName(name)} once, got it twice`);
      this.#attributes.set(name, attribute);
    }
  }

  /** `node "conv1" (Conv)`, or `node 3 (Conv)` for one without a name. */
  get label(): string {
    const op = this.op.length > MOST_SHOWN ? `${this.op.slice(0, MOST_SHOWN)}...` : this.op;
    return `node ${this.name === "" ? this.place : showName(this.name)} (${op})`;
  }

  /** What an error says of this node. */
  message(text: string, remedy = ""): string {
    return `${this.who}: ${this.label}: ${text}${remedy === "" ? "" : ` (${remedy})`}.`;
  }

  /** Throws: this node cannot be imported. */
  fail(text: string, remedy = ""): never {
    throw new FormatError(this.message(text, remedy));
  }

  /** Throws when there is an attribute that is not among these. */
  only(...known: readonly string[]): void {
    for (const name of this.#attributes.keys()) {
      if (known.includes(name) || (this.opset < 6 && name === "consumed_inputs")) continue; // a hint on memory, once
      const list = known.length === 0 ? "none" : known.join(", ");
      const hint = nearestHint(name.slice(0, MOST_SHOWN), known).replace("?", "");
      this.fail(`expected attributes that ${this.op} is read with (${list}), got ${showName(name)}${hint}`);
    }
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** An input's name, or "" for one that is left out. */
  input(place: number): string {
    return this.inputs[place] ?? "";
  }

  int(name: string, otherwise: number): number {
    const attribute = this.#find(name, ATTRIBUTE_TYPE.int);
    if (attribute === undefined) return otherwise;
    const value = attribute.i ?? 0;
    return Number.isSafeInteger(value) ? value : this.fail(`expected ${name} to be a whole number, got ${value}`);
  }

  /** A whole number that has to be one of these. */
  intOf(name: string, otherwise: number, allowed: readonly number[]): number {
    const value = this.int(name, otherwise);
    if (allowed.includes(value)) return value;
    return this.fail(`expected ${name} to be ${allowed.join(" or ")}, got ${value}`);
  }

  float(name: string, otherwise: number): number {
    const attribute = this.#find(name, ATTRIBUTE_TYPE.float);
    return attribute === undefined ? otherwise : (attribute.f ?? 0);
  }

  /** A number that has to be this one: we have no other. */
  floatOf(name: string, otherwise: number, allowed: number): void {
    const value = this.float(name, otherwise);
    if (value !== allowed) this.fail(`expected ${name} to be ${allowed}, got ${value}`);
  }

  string(name: string, otherwise: string): string {
    const attribute = this.#find(name, ATTRIBUTE_TYPE.string);
    return attribute === undefined ? otherwise : new TextDecoder().decode(attribute.s);
  }

  ints(name: string): readonly number[] | undefined {
    const values = this.#find(name, ATTRIBUTE_TYPE.ints)?.ints;
    if (values === undefined || values.every(Number.isSafeInteger)) return values;
    return this.fail(`expected ${name} to be whole numbers, got ${show(values)}`);
  }

  floats(name: string): readonly number[] | undefined {
    return this.#find(name, ATTRIBUTE_TYPE.floats)?.floats;
  }

  tensor(name: string): TensorMessage | undefined {
    return this.#find(name, ATTRIBUTE_TYPE.tensor)?.t;
  }

  /** One size for each direction of an image, of at least 1; for a row of numbers that of its columns. */
  pair(name: string, isFlat: boolean, otherwise?: Pair): Pair {
    const values = this.ints(name) ?? otherwise?.slice(isFlat ? 1 : 0);
    if (values === undefined) return this.fail(`expected attribute ${name}, got none`);
    if (values.length !== (isFlat ? 1 : 2) || values.some((value) => value < 1)) {
      const form = isFlat ? "one whole number" : "two whole numbers";
      const directions = isFlat ? "rows of numbers have one direction" : "images have two directions";
      this.fail(`expected ${name} to be ${form} of at least 1 (${directions}), got ${show(values)}`);
    }
    return isFlat ? [1, values[0]] : [values[0], values[1]];
  }

  /** [top, left, bottom, right], of at least 0. */
  pads(isFlat: boolean): readonly [number, number, number, number] {
    const values = this.ints("pads") ?? (isFlat ? [0, 0] : [0, 0, 0, 0]);
    if (values.length !== (isFlat ? 2 : 4) || values.some((value) => value < 0)) {
      const form = isFlat
        ? "two whole numbers of at least 0 [left, right]"
        : "four whole numbers of at least 0 [top, left, bottom, right]";
      this.fail(`expected pads to be ${form}, got ${show(values)}`);
    }
    return isFlat ? [0, values[0], 0, values[1]] : [values[0], values[1], values[2], values[3]];
  }

  /** Axes that may count from the end, each once, as places from the front. */
  axes(said: readonly number[], rank: number): number[] {
    const places = said.map((axis) => (axis < 0 ? axis + rank : axis));
    if (places.every((axis) => axis >= 0 && axis < rank) && new Set(places).size === places.length) return places;
    return this.fail(`expected axes from ${-rank} to ${rank - 1}, each once, got ${show(said)}`);
  }

  /** One axis. */
  axis(said: number, rank: number): number {
    return this.axes([said], rank)[0];
  }

  #find(name: string, type: number): AttributeMessage | undefined {
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.refAttrName !== undefined && attribute.refAttrName !== "") {
      this.fail(`expected a value for ${name}, got a reference to an attribute of a function`);
    }
    // Files of the first versions do not say the type.
    const got = attribute.type ?? 0;
    if (got !== 0 && got !== type) this.fail(`expected ${name} of attribute type ${type}, got ${got}`);
    return attribute;
  }
}
