// Collects the nodes and weights of a graph while the layers are walked. What a layer becomes is not known here.
import { show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Parameter } from "../nn/parameter.js";
import { sizeOf, type Shape } from "../base/shape.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import { ATTRIBUTE_TYPE, DATA_TYPE, type AttributeDraft, type NodeDraft, type TensorDraft } from "./schema.js";

/** Settings of a node by name: a whole number, whole numbers, a text, or other numbers as an {@link OnnxFloats}. */
export type OnnxAttributes = Readonly<Record<string, number | string | readonly number[] | OnnxFloat | OnnxFloats>>;

/** A setting that is a floating-point number. */
export interface OnnxFloat {
  /** The number, in float32. */
  readonly float: number;
}

/** A setting that is a list of floating-point numbers. */
export interface OnnxFloats {
  /** The numbers, in float32. */
  readonly floats: readonly number[];
}

/** What a layer's export works with: where it stands, and how it adds nodes and weights. */
export interface OnnxContext {
  /** Path of the layer, such as "features.3". */
  readonly path: string;
  /** Name of the value that the layer reads. */
  readonly input: string;
  /** Shape of that value for one sample, batch axis first: [1, C, H, W]. */
  readonly shape: Shape;
  /**
   * Adds a node with one output and returns the output's name. The node is named as the layer; `part` follows it where a layer
   * has several.
   */
  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes, part?: string): string;
  /** The name of a second output of the node that gave this one. @internal */
  secondOutput(of: string): string;
  /** Adds a parameter's numbers under its state-dict name and returns that; a shared one is added once. */
  parameter(parameter: Parameter): string;
  /** Adds other numbers and returns their name: the layer's path and this one. */
  constant(name: string, numbers: Tensor | readonly number[]): string;
}

// Protocol Buffers hold lengths in 32 bits, and many readers in 31.
const MOST_BYTES = 2_147_483_647;

/** The graph so far. */
export class GraphWriter {
  readonly nodes: NodeDraft[] = [];
  readonly initializers: TensorDraft[] = [];
  readonly #taken: Set<string>;
  readonly #written = new Map<Parameter, string>();
  #bytes = 0;

  /** @param taken names of the graph's input and output, @param parameters every parameter's name in the state dict */
  constructor(
    taken: readonly string[],
    readonly parameters: Map<Parameter, string>,
  ) {
    this.#taken = new Set(taken);
  }

  /** What one layer's export sees. */
  contextFor(path: string, type: string, input: string, shape: Shape): OnnxContext {
    const own = path === "" ? type : path;
    return {
      ...{ path, input, shape },
      node: (opType, inputs, attributes = {}, part = "") => {
        const name = part === "" ? own : `${own}.${part}`;
        const output = this.#unique(`${name}:y`);
        const attribute = Object.entries(attributes).map(([key, value]) => attributeDraft(type, key, value));
        this.nodes.push({ name, opType, input: inputs, output: [output], attribute });
        return output;
      },
      secondOutput: (of) => {
        const place = this.nodes.findIndex(({ output = [] }) => output[0] === of);
        const name = this.#unique(`${of}2`);
        this.nodes[place] = { ...this.nodes[place], output: [of, name] };
        return name;
      },
      parameter: (parameter) => this.#parameter(parameter, own),
      constant: (name, numbers) => this.#constant(type, `${own}.${name}`, numbers),
    };
  }

  /** Names a parameter that is not the model's own. */
  name(parameter: Parameter, name: string): void {
    if (!this.parameters.has(parameter)) this.parameters.set(parameter, name);
  }

  #parameter(parameter: Parameter, own: string): string {
    const before = this.#written.get(parameter);
    if (before !== undefined) return before;
    const name = this.#unique(this.parameters.get(parameter) ?? `${own}.parameter`);
    this.#written.set(parameter, name);
    this.#floats(name, numbersNow(parameter.value), parameter.shape);
    return name;
  }

  #constant(who: string, wanted: string, numbers: Tensor | readonly number[]): string {
    const name = this.#unique(wanted);
    if (isTensor(numbers)) {
      this.#floats(name, numbersNow(numbers), numbers.shape);
      return name;
    }
    // Whole numbers of a list are sizes and places: 64-bit integers, which ONNX wants for these.
    const rawData = new Uint8Array(8 * numbers.length);
    const view = new DataView(rawData.buffer);
    numbers.forEach((value, i) =>
      view.setBigInt64(8 * i, BigInt(whole(who, `${wanted}[${i}]`, value, -Infinity)), true),
    );
    this.initializers.push({ name, dataType: DATA_TYPE.int64, dims: [numbers.length], rawData });
    return name;
  }

  #floats(name: string, data: Float32Array, shape: Shape): void {
    this.#bytes += 4 * sizeOf(shape);
    if (this.#bytes > MOST_BYTES) {
      throw new ArgumentError(
        `exportOnnx: expected weights of at most ${MOST_BYTES} bytes, got more (an ONNX file cannot hold more within itself).`,
      );
    }
    const rawData = new Uint8Array(new Float32Array(data).buffer); // a copy: the weights may lie in kernel memory
    this.initializers.push({ name, dataType: DATA_TYPE.float, dims: [...shape], rawData });
  }

  #unique(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#taken.has(name); i++) name = `${wanted}_${i}`;
    this.#taken.add(name);
    return name;
  }
}

function isTensor(numbers: Tensor | readonly number[]): numbers is Tensor {
  return !Array.isArray(numbers);
}

function attributeDraft(who: string, name: string, value: OnnxAttributes[string]): AttributeDraft {
  if (typeof value === "string") return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if (typeof value === "object" && "float" in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if (typeof value === "object" && "floats" in value)
    return { name, type: ATTRIBUTE_TYPE.floats, floats: value.floats };
  const numbers = typeof value === "number" ? [value] : value;
  if (!numbers.every(Number.isSafeInteger)) {
    throw new ArgumentError(
      `${who}: expected attribute "${name}" of whole numbers, got ${show(value)} (write { float: ... } for others).`,
    );
  }
  return typeof value === "number"
    ? { name, type: ATTRIBUTE_TYPE.int, i: value }
    : { name, type: ATTRIBUTE_TYPE.ints, ints: numbers };
}
