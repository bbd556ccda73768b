// The door of a Graph for records of tensors: the checks, copies and memory that Builtin has for one tensor, for several by name.
import { copyInto } from "../../backend/memory.js";
import { ArgumentError } from "../../base/errors.js";
import { checkShape, checkUpstream, sameShape, sizeOf, type Shape } from "../../base/shape.js";
import { checkFormats, checkTensor, type Tensor } from "../../base/tensor.js";
import { enter, refuseGuest } from "../builtin.js";
import { wantsInputGrad, type BackwardOptions, type SeeShape } from "../layer.js";
import { inParts, rowsAtOnce } from "../parts.js";
import { passAround, type Pass } from "../pass.js";
import { PassMemory } from "../passMemory.js";
import { memory, typeName, walkMany, wiring } from "../protocol.js";
import { Summary } from "../summary.js";
import type { Graph } from "./graph.js";
import { stepMany, stepManyBack } from "./many.js";
import { blameOutput } from "./wiring.js";

/** A tensor for each name. */
export type Named<Name extends string = string> = Readonly<Record<Name, Tensor>>;

/** What comes in from outside as records, goes through here. */
export class GraphDoor {
  readonly #graph: Graph;
  readonly #passes: PassMemory;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#passes = new PassMemory(graph);
  }

  forward(given: Named): Named {
    const [graph, xs] = [this.#graph, this.#read("Graph.forward", "input", this.#graph.inputs, given)];
    const around = enter(graph, xs[0]);
    if (around === null) refuseGuest(graph);
    if (around?.kind === "predict") return this.#predict(xs, around);
    const ys = this.#run(xs, (first, work) => this.#passes.forward(first, graph.training, around, work));
    return byName(graph.outputs, ys);
  }

  backward(given: Named, options?: BackwardOptions): Named | undefined {
    const [graph, who] = [this.#graph, "Graph.backward"];
    const wanted = wantsInputGrad(who, options);
    const dys = this.#read(who, "gradient", graph.outputs, given);
    const { pass, value } = graph[memory].expect(() => graph[typeName], passAround(graph));
    (value as readonly Shape[]).forEach((shape, i) => {
      if (sameShape(shape, dys[i].shape)) return;
      blameOutput(graph[wiring], i, (name) => checkUpstream(`${name}.backward`, shape, dys[i].shape));
    });
    let dxs: readonly (Tensor | undefined)[] = [];
    const first = this.#passes.backward(dys[0], pass, (dy) => {
      const own = [dy, ...dys.slice(1).map((each) => copyInto(pass.room, each))];
      const all = stepManyBack(
        graph,
        own,
        pass,
        graph.inputs.map(() => wanted),
      );
      dxs = all.map((dx, i) => (i === 0 ? dx : dx?.clone()));
      return all[0];
    });
    if (!wanted) return undefined;
    return byName(graph.inputs, [first, ...dxs.slice(1)] as Tensor[]);
  }

  predict(given: Named): Named {
    const xs = this.#read("Graph.predict", "input", this.#graph.inputs, given);
    return this.#predict(xs, enter(this.#graph, xs[0]));
  }

  outputShape(given: Readonly<Record<string, Shape>>): Record<string, Shape> {
    const shapes = this.#shapes("Graph.outputShape", given);
    return byName(this.#graph.outputs, this.#walk(shapes));
  }

  summary(given: Readonly<Record<string, Shape>>): Summary {
    const shapes = this.#shapes("Graph.summary", given);
    const all = [shapes.reduce((total, shape) => total + sizeOf(shape), 0)];
    return new Summary(this.#graph, all, (see) =>
      this.#walk(
        shapes.map((shape) => [1, ...shape]),
        see,
      ),
    );
  }

  setAside(): () => void {
    return this.#passes.setAside();
  }

  #walk(shapes: readonly Shape[], see: SeeShape = () => undefined): readonly Shape[] {
    return this.#graph[walkMany](shapes, see, "");
  }

  #predict(xs: readonly Tensor[], around: Pass | null): Named {
    const part = (rows: readonly Tensor[]): readonly Tensor[] =>
      this.#run(rows, (first, work) => this.#passes.predict(first, around, work));
    const samples = xs.map(({ shape }) => [1, ...shape.slice(1)]);
    const count = xs.every(({ shape }) => shape[0] === xs[0].shape[0]) ? (xs[0].shape[0] ?? 0) : 0;
    const rows = rowsAtOnce(this.#graph, count, (see) => {
      const shapes = this.#walk(samples, see);
      return shapes.find(([one]) => one !== 1) ?? [1];
    });
    return byName(this.#graph.outputs, rows >= count ? part(xs) : inParts(xs, rows, part));
  }

  // The memory of passes knows one tensor; the others are copied in and out beside it.
  #run(
    xs: readonly Tensor[],
    through: (first: Tensor, work: (x: Tensor, pass: Pass) => Tensor) => Tensor,
  ): readonly Tensor[] {
    let others: readonly Tensor[] = [];
    const first = through(xs[0], (x, pass) => {
      const own = [x, ...xs.slice(1).map((each) => copyInto(pass.room, each))];
      const ys = stepMany(this.#graph, own, pass, this.#graph.inputs);
      others = ys.slice(1).map((y) => y.clone());
      return ys[0];
    });
    return [first, ...others];
  }

  #read(who: string, what: string, names: readonly string[], given: Named): readonly Tensor[] {
    checkNames(who, what, names, given);
    const tensors = names.map((name) => checkTensor(who, name, given[name]));
    checkFormats(who, ...tensors);
    return tensors;
  }

  #shapes(who: string, given: Readonly<Record<string, Shape>>): readonly Shape[] {
    checkNames(who, "shape", this.#graph.inputs, given);
    return this.#graph.inputs.map((name) => checkShape(`${who}: ${name}`, given[name]));
  }
}

function checkNames(who: string, what: string, names: readonly string[], given: object): void {
  const keys = Object.keys(given);
  const missing = names.filter((name) => !Object.hasOwn(given, name));
  const odd = keys.filter((key) => !names.includes(key));
  if (missing.length === 0 && odd.length === 0) return;
  const remedy = what === "gradient" && odd.length === 0 ? " (zeros for an output that does not count)" : "";
  throw new ArgumentError(
    `${who}: expected one ${what} for each of ${names.join(", ")}, got ${keys.length === 0 ? "none" : keys.join(", ")}${remedy}.`,
  );
}

function byName<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
