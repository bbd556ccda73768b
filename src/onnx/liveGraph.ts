// The part of a graph that leads to one output: its nodes in the order of their work, and the input that they read. What else a
// file holds (other outputs, inputs that nobody reads) is left alone.
import { nearestHint } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import { NodeView, showName } from "./nodeView.js";
import type { GraphMessage, NodeMessage, ValueInfoMessage } from "./schema.js";

const ML_DOMAIN = "ai.onnx.ml";

export interface LiveGraph {
  readonly nodes: readonly NodeView[];
  readonly input: ValueInfoMessage;
  readonly output: ValueInfoMessage;
}

/** @param wanted the output that the caller has chosen */
export function liveGraph(who: string, graph: GraphMessage, opset: number, wanted: string | undefined): LiveGraph {
  const refuse = (text: string): never => {
    throw new FormatError(`${who}: ${text}.`);
  };
  if (graph.sparseInitializer.length > 0) {
    refuse(`expected dense weights, got ${graph.sparseInitializer.length} sparse ones`);
  }
  const output = outputOf(graph, wanted, refuse);
  const { order, read } = walk(who, graph, opset, output.name ?? "");
  refuseMl(
    order.map((place) => graph.node[place]),
    refuse,
  );
  // Files of the first versions list the weights among the inputs.
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const name = output.name ?? "";
  const isMade = order.length > 0 || graph.input.some((each) => each.name === name);
  if (!isMade) refuse(`expected output ${showName(name)} from a layer, got no node that makes it`);
  const inputs = graph.input.filter(({ name = "" }) => read.has(name) && !weights.has(name));
  if (inputs.length !== 1) {
    refuse(`expected output ${showName(name)} to be computed from one input, got ${list(inputs)}`);
  }
  return { nodes: order.map((place) => new NodeView(who, graph.node[place], place, opset)), input: inputs[0], output };
}

function outputOf(graph: GraphMessage, wanted: string | undefined, refuse: (text: string) => never): ValueInfoMessage {
  const { output } = graph;
  if (wanted !== undefined) {
    const found = output.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    const isInside = wanted !== "" && graph.node.some((node) => node.output.includes(wanted));
    if (isInside) return { name: wanted, type: undefined };
    const hint = nearestHint(wanted, output.map(({ name = "" }) => name).slice(0, 100)).replace("?", "");
    return refuse(`expected output to be one of ${list(output)}, or of a node, got ${showName(wanted)}${hint}`);
  }
  if (output.length === 1) return output[0];
  // A tree or a support vector machine has a label beside its scores; that is not what is wrong with it.
  refuseMl(graph.node, refuse);
  const example = showName(output[0]?.name ?? "");
  const remedy = output.length === 0 ? "" : ` (choose one: importOnnx(bytes, { output: ${example} }))`;
  return refuse(`expected a graph with one output, got ${list(output)}${remedy}`);
}

/** Refuses classical models, which have a set of operators of their own. */
export function refuseMl(nodes: readonly NodeMessage[], refuse: (text: string) => never): void {
  const node = nodes.find(({ domain }) => domain === ML_DOMAIN);
  if (node === undefined) return;
  refuse(
    `expected a network, got a model of ${ML_DOMAIN} (${(node.opType ?? "").slice(0, 80)}): trees, support vector machines and ` +
      `their kin are no layers`,
  );
}

function list(infos: readonly ValueInfoMessage[]): string {
  const names = infos.slice(0, 4).map(({ name = "" }) => showName(name));
  return `${infos.length}${names.length === 0 ? "" : ": "}${names.join(", ")}${infos.length > 4 ? ", ..." : ""}`;
}

// The nodes before the output, each behind those whose outputs it reads. In the order of the file where that is one.
function walk(
  who: string,
  graph: GraphMessage,
  opset: number,
  output: string,
): { readonly order: readonly number[]; readonly read: ReadonlySet<string> } {
  const viewOf = (place: number): NodeView => new NodeView(who, graph.node[place], place, opset);
  const makers = new Map<string, number>();
  graph.node.forEach((node, place) => {
    for (const name of node.output) {
      if (name === "") continue;
      if (makers.has(name)) viewOf(place).fail(`expected a new name for what it makes, got ${showName(name)} again`);
      makers.set(name, place);
    }
  });
  const read = new Set([output]);
  const order: number[] = [];
  const state = new Map<number, "open" | "done">();
  // Depth first without recursion: a node is written down once all that it reads is.
  const stack = [makers.get(output)].filter((place) => place !== undefined);
  while (stack.length > 0) {
    const place = stack[stack.length - 1];
    if (state.get(place) === undefined) {
      state.set(place, "open");
      for (const name of graph.node[place].input) {
        read.add(name);
        const maker = makers.get(name);
        if (maker === undefined || state.get(maker) === "done") continue;
        if (state.get(maker) === "open") {
          viewOf(place).fail(`expected inputs that do not depend on its own output, got ${showName(name)}`, "a circle");
        }
        stack.push(maker);
      }
    } else {
      if (state.get(place) === "open") order.push(place);
      state.set(place, "done");
      stack.pop();
    }
  }
  const sorted = [...order].sort((a, b) => a - b);
  return { order: isInOrder(graph, sorted, makers) ? sorted : order, read };
}

function isInOrder(graph: GraphMessage, places: readonly number[], makers: ReadonlyMap<string, number>): boolean {
  return places.every((place) => graph.node[place].input.every((name) => (makers.get(name) ?? -1) < place));
}
