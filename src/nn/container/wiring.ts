// The wiring of a Graph: which tensors each node reads and gives, from the names that it was written with. Names become places in
// a list of tensors here, once; what is wrong with them is said here.
import { nearestHint, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Layer } from "../layer.js";
import { inPlace } from "../place.js";
import { blame, ports, typeName, wiring } from "../protocol.js";
import { asLayer, type LayerLike } from "./entries.js";
import { asMany, type Many } from "./many.js";

/** A node of a {@link Graph}: its name, its layer, and the nodes or inputs that it reads; without them the node before it. */
export type GraphEntry = readonly [name: string, layer: LayerLike, ...reads: string[]];

/** A node with places in the list of tensors. */
export interface WiredNode {
  readonly name: string;
  readonly layer: Layer;
  /** The same where it takes or gives several tensors; else null. */
  readonly many: (Layer & Many) | null;
  readonly reads: readonly string[];
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The nodes in their order. The first tensors are the inputs. */
export interface Wiring {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly WiredNode[];
  /** Places of the outputs. */
  readonly ends: readonly number[];
  /** How many nodes read each tensor; an output is read once more. */
  readonly uses: readonly number[];
}

/** @throws ArgumentError for what is no node, names that are no names, unknown, or twice, and nodes that lead nowhere */
export function wire(entries: unknown, inputs: unknown, outputs: unknown): Wiring {
  const places = new Map<string, number>();
  const entryNames = namesOf(entries);
  const ins = nameList("inputs", inputs ?? ["x"]);
  for (const name of ins) places.set(name, places.size);
  const nodes: WiredNode[] = [];
  for (const entry of entries as readonly unknown[][]) {
    const [name, given] = entry as [string, unknown];
    if (places.has(name)) refuse(`expected each name once, got "${name}" twice`);
    const layer = asLayer("Graph", `node ${name}`, given);
    const many = asMany(layer);
    const reads = entry.length > 2 ? (entry.slice(2) as string[]) : [before(name, layer, many, nodes, ins)];
    const from = reads.map(
      (read) => places.get(read) ?? unknownName(`node ${name} to read`, name, read, places, entryNames),
    );
    checkCount(name, layer, many, reads.length);
    const { gives = [] } = many?.[ports] ?? {};
    const outputs = gives.length < 2 ? [name] : gives.map((output) => `${name}.${output}`);
    const to = outputs.map((output) => {
      const place = places.size;
      places.set(output, place);
      return place;
    });
    nodes.push({ name, layer, many, reads, from, to });
  }
  const last = nodes[nodes.length - 1];
  if (outputs === undefined && last.to.length > 1) {
    refuse(`expected outputs by name behind node ${last.name}, which gives several, got none`);
  }
  const outs = nameList("outputs", outputs ?? [last.name]);
  const ends = outs.map((name) => places.get(name) ?? unknownName("outputs to hold", "", name, places, []));
  return { inputs: ins, outputs: outs, nodes, ends, uses: usesOf(ins, nodes, ends, places.size) };
}

/** Lets the layer say it whose output is output `place`. */
export function blameOutput({ nodes, ends }: Wiring, place: number, say: (who: string) => void): void {
  const node = nodes.find(({ to }) => to.includes(ends[place]));
  if (node === undefined) return say("Graph"); // an input that is an output, too
  const { name, layer, to } = node;
  const inner = (layer as { readonly [wiring]?: Wiring })[wiring];
  inPlace(name, () => (inner === undefined ? layer[blame](say) : blameOutput(inner, to.indexOf(ends[place]), say)));
}

function refuse(text: string): never {
  throw new ArgumentError(`Graph: ${text}${text.endsWith("?") ? "" : "."}`);
}

// The names of the nodes, once all entries have the form of one.
function namesOf(entries: unknown): string[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    const form = `an array of nodes, such as [["conv", new Conv2d(1, 8, 3)], ["relu", new ReLU()]]`;
    return refuse(`expected ${form}, got ${show(entries)}`);
  }
  const names = entries.map((entry: unknown): string => {
    if (!Array.isArray(entry) || entry.length < 2 || typeof entry[0] !== "string") {
      return refuse(`expected a node as ["name", layer, ...names of what it reads], got ${show(entry)}`);
    }
    const read: unknown = entry.slice(2).find((each) => typeof each !== "string");
    if (read !== undefined) {
      const hint = Array.isArray(read) ? " (one by one, without brackets)" : "";
      refuse(`expected node ${entry[0]} to say what it reads by names, got ${show(read)}${hint}`);
    }
    return entry[0];
  });
  names.forEach(checkName);
  const all = new Set(names);
  for (const name of names) {
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const around = name.slice(0, dot);
      if (!all.has(around)) continue;
      refuse(`expected no node inside another one, got "${around}" and "${name}" (a dot leads into a layer)`);
    }
  }
  return names;
}

function checkName(name: string): void {
  if (name.split(".").every((part) => part !== "")) return;
  refuse(`expected a name with something around each dot, got ${show(name)}`);
}

function nameList(what: string, given: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  for (const name of list) {
    if (typeof name !== "string") return refuse(`expected ${what} to be names, got ${show(given)}`);
    checkName(name);
  }
  if (list.length === 0) refuse(`expected at least one name in ${what}, got none`);
  const names = list as string[];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse(`expected each name once in ${what}, got "${twice}" twice`);
  return Object.freeze([...names]);
}

// What a node reads that does not say it: the node before it, or the one input.
function before(
  name: string,
  layer: Layer,
  many: Many | null,
  nodes: readonly WiredNode[],
  inputs: readonly string[],
): string {
  const type = layer[typeName];
  if (many !== null && many[ports].takes[1] > 1) {
    return refuse(`expected node ${name} to say what it joins, got no names (["${name}", new ${type}(...), "a", "b"])`);
  }
  const last = nodes.at(-1);
  if (last === undefined) {
    return inputs.length === 1
      ? inputs[0]
      : refuse(`expected node ${name} to say which input it reads (${inputs.join(", ")}), got no name`);
  }
  if (last.to.length === 1) return last.name;
  const gives = last.many?.[ports].gives.map((output) => `${last.name}.${output}`) ?? [];
  return refuse(`expected node ${name} to say what it reads of ${gives.join(", ")}, got no name`);
}

function unknownName(
  expected: string,
  node: string,
  read: string,
  places: ReadonlyMap<string, number>,
  later: readonly string[],
): never {
  const known = [...places.keys()];
  const inner = known.filter((name) => name.startsWith(`${read}.`));
  let why = nearestHint(read, known);
  if (read === node) why = ", which is itself (a graph has no circles)";
  else if (inner.length > 0) why = `, which gives several (${inner.join(", ")})`;
  else if (later.includes(read))
    why = ", which stands behind it (nodes run as they are written; a graph has no circles)";
  return refuse(`expected ${expected} one of ${known.slice(-12).join(", ")}, got ${show(read)}${why}`);
}

function checkCount(name: string, layer: Layer, many: Many | null, count: number): void {
  const [least, most] = many?.[ports].takes ?? [1, 1];
  if (count >= least && count <= most) return;
  const wanted = least === most || count < least ? least : most;
  const remedy = many === null ? " (joins are Add, Concat, Multiply, Subtract)" : "";
  refuse(
    `expected node ${name} to read ${wanted === 1 ? "one tensor" : `${wanted} tensors`}, which ${layer[typeName]} takes, got ` +
      `${count}${remedy}`,
  );
}

function usesOf(
  inputs: readonly string[],
  nodes: readonly WiredNode[],
  ends: readonly number[],
  count: number,
): readonly number[] {
  const uses = new Array<number>(count).fill(0);
  for (const { from } of nodes) for (const place of new Set(from)) uses[place]++;
  for (const place of ends) uses[place]++;
  const idle = nodes.find(({ to }) => to.every((place) => uses[place] === 0));
  if (idle !== undefined)
    refuse(`expected each node to lead to an output, got ${idle.name}, which nothing reads (or name it in outputs)`);
  const unread = inputs.findIndex((_, place) => uses[place] === 0);
  if (unread >= 0) refuse(`expected each input to be read, got ${inputs[unread]}, which no node reads`);
  return uses;
}
