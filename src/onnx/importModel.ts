// From the parts of a chain (regions.ts) to a model: layers one after the other, with blocks and graphs among them, under the
// names of the file.
import { Graph } from "../nn/container/graph.js";
import { Identity } from "../nn/container/identity.js";
import { Parallel } from "../nn/container/parallel.js";
import { Residual } from "../nn/container/residual.js";
import type { SequentialEntry } from "../nn/container/entries.js";
import type { Sequential } from "../nn/container/sequential.js";
import type { GraphEntry } from "../nn/container/wiring.js";
import type { Layer } from "../nn/layer.js";
import type { FoundLayer } from "./finish.js";
import { commonPath, inside, nameLayers, namesOf, nodeNames, type NamedStep } from "./importNames.js";
import type { Chain, Part } from "./regions.js";
import type { JoinStep, Step } from "./steps.js";

/** @param found gives the layer of a step */
export function buildModel(chain: Chain, found: (step: Step) => FoundLayer, producer: string): Sequential {
  return new ModelBuilder(found, producer).sequence(chain, "");
}

class ModelBuilder {
  readonly #found: (step: Step) => FoundLayer;
  readonly #producer: string;

  constructor(found: (step: Step) => FoundLayer, producer: string) {
    const known = new Map<Step, FoundLayer>();
    this.#found = (step) => {
      const layer = known.get(step) ?? found(step);
      known.set(step, layer);
      return layer;
    };
    this.#producer = producer;
  }

  /** The chain as layers with names inside of `base`. */
  sequence(chain: Chain, base: string): Sequential {
    const named = chain.map((part) => this.#part(part));
    // A graph whose names are those of its neighbors, too, takes them in: then all keep their names.
    const isMixed = chain.some(({ kind }, i) => {
      if (kind !== "graph") return false;
      const [path] = named[i].names;
      if (path === undefined)
        return chain.length > 1 && stepsOf([chain[i]]).some((step) => this.#namesOf(step).length > 0);
      if (path === base) return chain.length > 1;
      return named.some(({ names }, k) => k !== i && names.some((name) => name.startsWith(`${path}.`)));
    });
    const all = isMixed ? [this.#part({ kind: "graph", steps: stepsOf(chain), from: undefined })] : named;
    return nameLayers(all.map((each) => inside(base, each)));
  }

  #part(part: Part): NamedStep {
    if (part.kind === "step") return this.#step(part.step);
    const names = stepsOf([part]).flatMap((step) => this.#namesOf(step).slice(0, 1));
    if (part.kind === "graph") return this.#graph(part.steps, part.from, commonPath(names));
    const base = this.#baseOf(part.join, names);
    const path = base === "" ? [] : [base];
    if (part.kind === "residual") {
      const shortcut = part.shortcut.length === 0 ? null : this.#way(part.shortcut, base, "shortcut");
      return { layer: new Residual(this.#way(part.body, base, "body"), shortcut), names: path, op: "residual" };
    }
    const { mode } = part;
    return { layer: new Parallel(this.#branches(part.branches, base), { mode }), names: path, op: "parallel" };
  }

  #step(step: Step): NamedStep {
    const { layer, node, ...weight } = this.#found(step);
    return { layer, names: namesOf({ node, ...weight }, this.#producer), op: node.op };
  }

  #namesOf(step: Step): readonly string[] {
    const { weight } = step as Step & { readonly weight?: string };
    return namesOf(weight === undefined ? { node: step.node } : { node: step.node, weight }, this.#producer);
  }

  // Where the file has the block: what its join is called, if all in it is called by that.
  #baseOf(join: JoinStep, names: readonly string[]): string {
    const [name] = this.#namesOf(join);
    const isAround = name !== undefined && names.every((each) => each === name || each.startsWith(`${name}.`));
    return isAround ? name : commonPath(names.filter((each) => each !== name));
  }

  // One way of a block: a layer by itself where it is one.
  #way(chain: Chain, base: string, name: string): Layer {
    const own = base === "" ? name : `${base}.${name}`;
    const isOwn = this.#producer === "handgrad";
    const [first] = chain;
    const single = chain.length === 1 ? this.#part(first) : undefined;
    // Written by us, a layer in a Sequential has that one's name in front.
    if (single !== undefined && (!isOwn || single.names.includes(own) || single.names.length === 0))
      return single.layer;
    return this.sequence(chain, isOwn ? own : base);
  }

  #branches(chains: readonly Chain[], base: string): SequentialEntry[] {
    const taken = new Set<string>();
    const heads = chains.map((chain) => this.#headOf(chain, base));
    return chains.map((chain, i): SequentialEntry => {
      const head = heads[i];
      const isFree = head !== undefined && heads.indexOf(head) === i;
      let name = isFree ? head : String(i);
      while (taken.has(name) || (!isFree && heads.includes(name))) name = `${name}_`;
      taken.add(name);
      return [name, chain.length === 0 ? new Identity() : this.#way(chain, base, name)];
    });
  }

  // The name that all of a branch begins with behind that of the block.
  #headOf(chain: Chain, base: string): string | undefined {
    const heads = stepsOf(chain).map((step) => {
      const [name] = this.#namesOf(step);
      if (name === undefined) return undefined;
      const within = base !== "" && name.startsWith(`${base}.`) ? name.slice(base.length + 1) : name;
      return within.split(".")[0];
    });
    const known = heads.filter((head) => head !== undefined);
    return known.length > 0 && known.every((head) => head === known[0]) ? known[0] : undefined;
  }

  #graph(steps: readonly Step[], from: Step | undefined, base: string): NamedStep {
    const named = steps.map((step) => inside(base, this.#step(step)));
    const names = nodeNames(named, ["x"]);
    const nameOf = new Map<Step | undefined, string>([[from, "x"]]);
    steps.forEach((step, i) => nameOf.set(step, names[i]));
    const nodes = steps.map((step, i): GraphEntry => {
      return [names[i], named[i].layer, ...step.reads.map((read) => nameOf.get(read) ?? "x")];
    });
    return { layer: new Graph(nodes), names: base === "" ? [] : [base], op: "graph" };
  }
}

// All steps, in order.
function stepsOf(chain: Chain): Step[] {
  const steps = chain.flatMap((part): Step[] => {
    if (part.kind === "step") return [part.step];
    if (part.kind === "graph") return [...part.steps];
    const ways = part.kind === "residual" ? [part.body, part.shortcut] : part.branches;
    return [...ways.flatMap(stepsOf), part.join];
  });
  return steps.sort((a, b) => a.serial - b.serial);
}
