// Graph: named layers, each of which reads what others give. It walks them forth and back; how one of them runs is the door's,
// what reads what is in wiring.ts, several inputs and outputs from outside are in graphDoor.ts.
import { isRecord, knownKeys, nearestHint, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { addIn } from "../../ops/arithmetic.js";
import { Builtin, functionsOf, type RunFunctions } from "../builtin.js";
import type { Json, LayerConfig } from "../config.js";
import { step, stepBack } from "../door.js";
import type { BackwardOptions, Layer, SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { inPlace, placed } from "../place.js";
import { backward, blame, forward, home, memory, ports, runMany, runManyBack } from "../protocol.js";
import { setAside, shapeOf, typeName, walkMany, walkShapes, wiring } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { Summary } from "../summary.js";
import { learns } from "../walk.js";
import { checkUnique } from "./entries.js";
import { GraphDoor } from "./graphDoor.js";
import { stepMany, stepManyBack, type Ports } from "./many.js";
import { blameOutput, wire, type GraphEntry, type WiredNode, type Wiring } from "./wiring.js";

/** Options of {@link Graph}. */
export interface GraphOptions<In extends string = string, Out extends string = string> {
  /** Names of the inputs, or of the one. Default "x". */
  readonly inputs?: In | readonly In[];
  /** The nodes (or inputs) whose tensors the graph gives, or the one. Default the last node. */
  readonly outputs?: Out | readonly Out[];
}

const SPEC = { type: "Graph", args: {} } as const satisfies LayerSpec;
const OPTIONS = ["inputs", "outputs"];
let own: RunFunctions | undefined; // the class's functions; looked up by its first instance, so that a bundle without one has none

/**
 * Named layers, each of which reads the output of others: skip connections, branches, several inputs and several heads. Where a
 * tensor is read several times its gradients add up.
 *
 * A node is `["name", layer, ...reads]`: `reads` are names of inputs and of nodes before it, without them it reads the node right
 * before it. A node with several reads is a join ({@link Add}, {@link Concat}, {@link Multiply}, {@link Subtract}), or a Graph
 * with as many inputs. Nodes run as they are written, and their names lead the state dict and every error message.
 *
 * A tensor goes in and one comes out, as for every layer; a graph with several inputs or outputs takes and gives records of
 * tensors by name. What goes in as a record comes out as one.
 *
 * @example
 * // A skip connection, and two heads.
 * const net = new Graph(
 *   [
 *     ["conv", new Conv2d(1, 4, 3, { padding: 1 })],
 *     ["deep", new Sequential(new ReLU(), new Conv2d(4, 4, 3, { padding: 1 }))],
 *     ["both", new Concat(), "deep", "conv"],
 *     ["flat", new Flatten()],
 *     ["digit", new Linear(8 * 28 * 28, 10)],
 *     ["color", new Linear(8 * 28 * 28, 3), "flat"],
 *   ],
 *   { outputs: ["digit", "color"] },
 * );
 * const { digit, color } = net.forward({ x: randn([2, 1, 28, 28]) });
 * net.backward({ digit: ones(digit.shape), color: ones(color.shape) }, { inputGrad: false });
 *
 * @throws ArgumentError for an unknown name or one that stands twice, a node that leads to no output, a layer that stands twice
 * @throws ShapeError when what a node reads does not fit it
 */
export class Graph<In extends string = string, Out extends string = string>
  extends Builtin<readonly Shape[], typeof SPEC>
  implements Iterable<Layer>
{
  /** @internal */
  static readonly spec = SPEC;
  readonly #wiring: Wiring;
  readonly #door = new GraphDoor(this);

  constructor(nodes: readonly GraphEntry[], options: GraphOptions<In, Out> = {}) {
    super(SPEC, []);
    own ??= ownFunctions();
    knownKeys("Graph", options, OPTIONS);
    this.#wiring = wire(nodes, options.inputs, options.outputs);
    checkUnique("Graph", this);
  }

  /** Names of the inputs. */
  get inputs(): readonly In[] {
    return this.#wiring.inputs as readonly In[];
  }

  /** Names of the outputs. */
  get outputs(): readonly Out[] {
    return this.#wiring.outputs as readonly Out[];
  }

  /** The output; keeps what backward needs. */
  override forward(x: Tensor): Tensor;
  /** A tensor for each input by name; gives one for each output. */
  override forward(x: Readonly<Record<In, Tensor>>): Record<Out, Tensor>;
  override forward(x: Tensor | Readonly<Record<In, Tensor>>): Tensor | Record<Out, Tensor> {
    return isRecord(x) ? (this.#door.forward(x) as Record<Out, Tensor>) : super.forward(x as Tensor);
  }

  /** Adds to the gradients of the parameters alone. */
  override backward(
    dy: Tensor | Readonly<Record<Out, Tensor>>,
    options: BackwardOptions & { readonly inputGrad: false },
  ): void;
  /** Adds to the gradients of the parameters and returns that of the input. */
  override backward(dy: Tensor, options?: BackwardOptions): Tensor;
  /** A gradient for each output by name; gives one for each input. */
  override backward(dy: Readonly<Record<Out, Tensor>>, options?: BackwardOptions): Record<In, Tensor>;
  override backward(
    dy: Tensor | Readonly<Record<Out, Tensor>>,
    options?: BackwardOptions,
  ): Tensor | Record<In, Tensor> | void {
    if (isRecord(dy)) return this.#door.backward(dy, options) as Record<In, Tensor> | undefined;
    return super.backward(dy as Tensor, options);
  }

  /** The output in eval mode; keeps nothing. */
  override predict(x: Tensor): Tensor;
  /** A tensor for each input by name; gives one for each output. */
  override predict(x: Readonly<Record<In, Tensor>>): Record<Out, Tensor>;
  override predict(x: Tensor | Readonly<Record<In, Tensor>>): Tensor | Record<Out, Tensor> {
    return isRecord(x) ? (this.#door.predict(x) as Record<Out, Tensor>) : super.predict(x as Tensor);
  }

  /** The shape of the output for an input shape, both with the batch axis first. */
  override outputShape(shape: Shape): Shape;
  /** A shape for each input by name; gives one for each output. */
  override outputShape(shape: Readonly<Record<In, Shape>>): Record<Out, Shape>;
  override outputShape(shape: Shape | Readonly<Record<In, Shape>>): Shape | Record<Out, Shape> {
    return isRecord(shape) ? (this.#door.outputShape(shape) as Record<Out, Shape>) : super.outputShape(shape as Shape);
  }

  /** As for every layer; of a graph with several inputs, of a shape for each by name. */
  override summary(shape: Shape | Readonly<Record<In, Shape>>): Summary {
    return isRecord(shape) ? this.#door.summary(shape) : super.summary(shape as Shape);
  }

  /** How many nodes it has. */
  get length(): number {
    return this.#wiring.nodes.length;
  }

  /** The layer at this place (negative from the end) or of this name. */
  get(key: number | string): Layer {
    const { nodes } = this.#wiring;
    const node = typeof key === "number" ? nodes.at(key) : nodes.find(({ name }) => name === key);
    if (node !== undefined && (typeof key === "string" || Number.isInteger(key))) return node.layer;
    const names = nodes.map(({ name }) => name);
    const hint = typeof key === "string" ? nearestHint(key, names) : "";
    throw new ArgumentError(
      `Graph.get: expected a place from ${-this.length} to ${this.length - 1} or a name (${names.join(", ")}), got ` +
        `${show(key)}${hint === "" ? "." : hint}`,
    );
  }

  /** The layers in order. */
  *[Symbol.iterator](): Iterator<Layer> {
    for (const { layer } of this.#wiring.nodes) yield layer;
  }

  override namedChildren(): [name: string, layer: Layer][] {
    return this.#wiring.nodes.map(({ name, layer }) => [name, layer]);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    this.#checkSingle();
    const [y] = this.#forward([x], pass);
    pass.keep([y.shape]);
    return y;
  }

  [backward](dy: Tensor, _kept: readonly Shape[], pass: Pass): Tensor | undefined {
    return this.#backward([dy], pass, [pass.inputGrad])[0];
  }

  /** @internal */
  get [ports](): Ports {
    const { inputs, outputs } = this.#wiring;
    return { takes: [inputs.length, inputs.length], gives: outputs.length > 1 ? outputs : [] };
  }

  /** @internal */
  get [wiring](): Wiring {
    return this.#wiring;
  }

  /** @internal */
  [runMany](xs: readonly Tensor[], pass: Pass): readonly Tensor[] {
    const ys = this.#forward(xs, pass);
    const shapes = ys.map((y) => y.shape);
    if (pass.keeps) this[memory].keep(shapes, pass, shapes[0]);
    return ys;
  }

  /** @internal */
  [runManyBack](
    dys: readonly (Tensor | undefined)[],
    pass: Pass,
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[] {
    this[memory].take(() => this[typeName], pass);
    return this.#backward(dys, pass, wanted);
  }

  // Each tensor is held as long as somebody behind reads it, so that no layer overwrites it.
  #forward(xs: readonly Tensor[], pass: Pass): readonly Tensor[] {
    if (pass.keeps) this[memory].forget();
    const { nodes, ends, uses } = this.#wiring;
    const tensors: Tensor[] = [...xs];
    const open = [...uses];
    tensors.forEach((x) => pass.hold(x));
    const used = (place: number): void => {
      open[place]--;
      if (open[place] === 0) pass.release(tensors[place]);
    };
    for (const { name, layer, many, reads, from, to } of nodes) {
      new Set(from).forEach(used);
      try {
        const ys =
          many === null
            ? [step(layer, tensors[from[0]], pass)]
            : stepMany(
                many,
                from.map((place) => tensors[place]),
                pass,
                reads,
              );
        to.forEach((place, i) => {
          tensors[place] = ys[i];
          if (open[place] > 0) pass.hold(ys[i]);
        });
      } catch (error) {
        throw placed(error, name);
      }
    }
    ends.forEach(used);
    return ends.map((place) => tensors[place]);
  }

  // The gradients of a tensor add up in the order in which its readers come from behind.
  #backward(
    dys: readonly (Tensor | undefined)[],
    pass: Pass,
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[] {
    const { inputs, nodes, ends } = this.#wiring;
    const needed = this.#needed(wanted);
    const sums: (Tensor | undefined)[] = [];
    const add = (place: number, gradient: Tensor | undefined): void => {
      const before = sums[place];
      if (gradient !== undefined) sums[place] = before === undefined ? gradient : addIn(pass.room, before, gradient);
    };
    ends.forEach((place, i) => add(place, dys[i]));
    for (let i = nodes.length - 1; i >= 0; i--) {
      const { name, layer, many, from, to } = nodes[i];
      const upstream = to.map((place) => sums[place]);
      const wants = from.map((place) => needed[place]);
      if (upstream.every((dy) => dy === undefined) || !to.some((place) => needed[place])) continue;
      try {
        const [dy] = upstream;
        if (many !== null) stepManyBack(many, upstream, pass, wants).forEach((dx, k) => add(from[k], dx));
        else if (dy !== undefined) add(from[0], stepBack(layer, dy, pass, wants[0]));
      } catch (error) {
        throw placed(error, name);
      }
    }
    return inputs.map((_, place) => (wanted[place] ? sums[place] : undefined));
  }

  // Whether anything wants the gradient of each tensor: an input's is wanted, or a layer at or before it learns.
  #needed(wanted: readonly boolean[]): readonly boolean[] {
    const needed = [...wanted];
    const all = wanted.every((each) => each);
    for (const { layer, from, to } of this.#wiring.nodes) {
      const any = all || from.some((place) => needed[place]) || learns(layer);
      for (const place of to) needed[place] = any;
    }
    return needed;
  }

  override [shapeOf](shape: Shape): Shape {
    return this[walkShapes](shape, () => undefined, "");
  }

  override [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    if (this.#wiring.inputs.length > 1) this.#checkSingle();
    return this[walkMany]([shape], see, path)[0];
  }

  /** @internal */
  [walkMany](shapes: readonly Shape[], see: SeeShape, path: string): readonly Shape[] {
    const { nodes, ends } = this.#wiring;
    const all: Shape[] = [...shapes];
    for (const { name, layer, many, reads, from, to } of nodes) {
      const inner = path === "" ? name : `${path}.${name}`;
      const read = from.map((place) => all[place]);
      inPlace(name, () => {
        const outs = many === null ? [layer[walkShapes](read[0], see, inner)] : many[walkMany](read, see, inner, reads);
        to.forEach((place, i) => (all[place] = outs[i]));
      });
    }
    return ends.map((place) => all[place]);
  }

  override [blame](say: (who: string) => void): void {
    blameOutput(this.#wiring, 0, say);
  }

  /** @internal */
  override [setAside](): () => void {
    const [restore, restoreDoor] = [super[setAside](), this.#door.setAside()];
    return () => {
      restore();
      restoreDoor();
    };
  }

  /** @internal */
  override get [home](): RunFunctions {
    return own ?? super[home];
  }

  /** The container as plain JSON, with those of the layers in it. */
  override config(): LayerConfig {
    const { nodes, inputs, outputs } = this.#wiring;
    const entry = ({ name, layer, reads }: WiredNode): Json => [
      name,
      inPlace(name, () => ({ ...layer.config() })),
      ...reads,
    ];
    return { ...super.config(), args: [nodes.map(entry)], options: { inputs: [...inputs], outputs: [...outputs] } };
  }

  /** The nodes with what they read, and what the graph gives if that is not the last node alone. */
  override describe(): string {
    const { nodes, outputs } = this.#wiring;
    const said = nodes.map(({ name, layer, reads }) => `${name}: ${layer.describe()} of ${reads.join(", ")}`);
    const isLast = outputs.length === 1 && outputs[0] === nodes[nodes.length - 1].name;
    return `Graph(${said.join("; ")}${isLast ? "" : `; gives ${outputs.join(", ")}`})`;
  }

  // As one layer among others it has one input and one output.
  #checkSingle(): void {
    const { inputs, outputs } = this.#wiring;
    const [what, names] = inputs.length > 1 ? ["input", inputs] : ["output", outputs];
    if (names.length === 1) return;
    throw new ArgumentError(
      `Graph: expected one ${what} where a tensor goes in and one comes out, got ${names.length}: ${names.join(", ")} (give it ` +
        `records: forward({ ${inputs.join(", ")} }); in a Graph its node may have several).`,
    );
  }
}

// Outside the class: one that names itself is renamed by the build.
function ownFunctions(): RunFunctions {
  return functionsOf(Graph.prototype);
}
