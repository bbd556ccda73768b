// The names of imported layers. They come from the names of weights ("features.0.weight") and nodes, so that state dicts fit
// those of the model that was exported; dots become containers.
import type { SequentialEntry } from "../nn/container/entries.js";
import { Sequential } from "../nn/container/sequential.js";
import type { Layer } from "../nn/layer.js";
import type { FoundLayer } from "./finish.js";

const MOST_DEPTH = 16;

/** A layer with the names that the file has for it, the best first, and the operator for one without. */
export interface NamedStep {
  readonly layer: Layer;
  readonly names: readonly string[];
  readonly op: string;
}

/** What the file calls a layer: by its weight and by its node. */
export function namesOf({ node, weight }: Omit<FoundLayer, "layer">, producer: string): readonly string[] {
  const names = producer === "handgrad" ? [node.name] : [fromWeight(weight), fromScopes(node.name)];
  return names.filter(isPath);
}

/** Names without a common beginning. */
export function inside(base: string, { names, ...others }: NamedStep): NamedStep {
  const within = names.map((name) => (name.startsWith(`${base}.`) ? name.slice(base.length + 1) : name));
  return { ...others, names: within.filter((name) => name !== base) };
}

/** The longest path that all of these are in; empty where there is none. */
export function commonPath(names: readonly string[]): string {
  const [first = "", ...others] = names;
  let common = first.split(".").slice(0, -1);
  for (const name of others) common = [...commonParent([...common, ""], name.split("."))];
  return common.join(".");
}

/** The layers as one model, under the names of the file where they are consistent, else numbered. */
export function nameLayers(found: readonly NamedStep[]): Sequential {
  const paths = completed(found, wantedPaths(found));
  const named = paths === undefined ? undefined : nest(found, paths, 0, 0, found.length);
  return named ?? new Sequential(...found.map(({ layer }) => layer));
}

/** Names for the nodes of a graph: the paths themselves, none of which leads into another one. */
export function nodeNames(found: readonly NamedStep[], taken: readonly string[]): string[] {
  const paths = completed(found, wantedPaths(found)) ?? numbered(found);
  const names = paths.map((path) => path.join("."));
  const containers = new Set(paths.flatMap((path) => path.map((_, i) => path.slice(0, i).join("."))));
  const all = new Set<string | undefined>([...names, ...containers, ...taken]);
  const counts = new Map<string, number>();
  return names.map((name, i) => {
    if (!containers.has(name) && !taken.includes(name)) return name;
    return unnamed(found[i].op.toLowerCase(), containers.has(name) ? paths[i] : [], all, counts).join(".");
  });
}

type Path = readonly string[];

// What the file calls each layer; undefined where it does not say, or says it twice.
function wantedPaths(found: readonly NamedStep[]): (Path | undefined)[] {
  const taken = new Set<string>();
  return found.map(({ names }) => {
    const name = names.find((each) => !taken.has(each));
    if (name === undefined) return undefined;
    taken.add(name);
    return name.split(".");
  });
}

function numbered(found: readonly NamedStep[]): Path[] {
  const [taken, counts] = [new Set<string | undefined>(), new Map<string, number>()];
  return found.map(({ op }) => unnamed(op.toLowerCase(), [], taken, counts));
}

function isPath(name: string | undefined): name is string {
  const parts = (name ?? "").split(".", MOST_DEPTH + 1);
  return parts.length <= MOST_DEPTH && parts.every((part) => part !== "");
}

// "features.0.weight" belongs to "features.0".
function fromWeight(name = ""): string | undefined {
  return name.endsWith(".weight") ? name.slice(0, -".weight".length) : undefined;
}

// PyTorch's nodes: "/features/features.0/Conv" is in "features.0", "/block/block.1/conv/Conv" in "block.1.conv".
function fromScopes(name: string): string | undefined {
  if (!name.startsWith("/") || name.length > 1000) return undefined;
  const scopes = name.slice(1).split("/").slice(0, -1);
  let path: readonly string[] = [];
  let last = "";
  for (const scope of scopes) {
    if (last !== "" && scope.startsWith(`${last}.`)) path = [...path.slice(0, -last.split(".").length), scope];
    else path = [...path, scope];
    last = scope;
  }
  return path.length === 0 ? undefined : path.join(".");
}

// A layer without a name of its own stands where its neighbors stand, under its operator's name.
function completed(found: readonly NamedStep[], wanted: readonly (Path | undefined)[]): Path[] | undefined {
  if (wanted.every((path) => path === undefined)) return undefined;
  const taken = new Set(wanted.map((path) => path?.join(".")));
  const counts = new Map<string, number>();
  const next: (Path | undefined)[] = [];
  for (let i = wanted.length - 1; i >= 0; i--) next[i] = wanted[i] ?? next[i + 1];
  let before: Path | undefined;
  return wanted.map((path, i) => {
    const complete = path ?? unnamed(found[i].op.toLowerCase(), commonParent(before, next[i]), taken, counts);
    before = complete;
    return complete;
  });
}

// `counts` remembers the next number of a name, so that many layers of one kind are numbered quickly.
function unnamed(base: string, parent: Path, taken: Set<string | undefined>, counts: Map<string, number>): Path {
  const stem = [...parent, base].join(".");
  let i = counts.get(stem) ?? 0;
  const path = (): string => (i === 0 ? stem : `${stem}_${i}`);
  while (taken.has(path())) i++;
  taken.add(path());
  counts.set(stem, i + 1);
  return path().split(".");
}

function commonParent(a: Path | undefined, b: Path | undefined): Path {
  const [first, second] = [a?.slice(0, -1) ?? [], b?.slice(0, -1) ?? []];
  if (a === undefined || b === undefined) return [];
  const differs = first.findIndex((part, i) => part !== second[i]);
  return differs < 0 ? first : first.slice(0, differs);
}

// Layers from..to as a container; undefined when a container would have to come twice, or a name is a layer and a container.
function nest(
  found: readonly NamedStep[],
  paths: readonly Path[],
  depth: number,
  from: number,
  to: number,
): Sequential | undefined {
  const entries: SequentialEntry[] = [];
  const names = new Set<string>();
  for (let i = from; i < to;) {
    const name = paths[i][depth];
    if (names.has(name)) return undefined;
    names.add(name);
    let end = i + 1;
    if (paths[i].length > depth + 1) {
      while (end < to && paths[end][depth] === name && paths[end].length > depth + 1) end++;
      const inner = nest(found, paths, depth + 1, i, end);
      if (inner === undefined) return undefined;
      entries.push([name, inner]);
    } else {
      entries.push([name, found[i].layer]);
    }
    i = end;
  }
  return new Sequential(...entries);
}
