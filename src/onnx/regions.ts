// Where a graph of steps parts and comes together again. What all ways pass through is a chain; between lie regions: two ways and an
// Add are a Residual, several ways to a Concat or a sum a Parallel, all else is a Graph.
import { sameShape } from "../base/shape.js";
import { Add } from "../nn/container/add.js";
import { Concat } from "../nn/container/concat.js";
import { optionsOf } from "./operators/operator.js";
import { JoinStep, type Step } from "./steps.js";

/** One part of a chain. */
export type Part =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "residual"; readonly join: JoinStep; readonly body: Chain; readonly shortcut: Chain }
  | {
      readonly kind: "parallel";
      readonly join: JoinStep;
      readonly mode: "concatenate" | "add";
      readonly branches: readonly Chain[];
    }
  | { readonly kind: "graph"; readonly steps: readonly Step[]; readonly from: Step | undefined };

/** Parts one after the other; none hand their input on. */
export type Chain = readonly Part[];

const MOST_DEPTH = 12; // of blocks in blocks; what is nested deeper is one Graph

/** The parts that lead from the input to a step. */
export function chainTo(end: Step | undefined): Chain {
  return end === undefined ? [] : chainOf(stepsTo([end], undefined, Infinity), undefined, 0);
}

// All steps behind `from` that lead to these, in order.
function stepsTo(ends: readonly Step[], from: Step | undefined, last: number): Step[] {
  const found = new Set<Step>();
  const open = [...ends];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    if (step === from || found.has(step) || step.serial > last) continue;
    found.add(step);
    for (const read of step.reads) if (read !== undefined) open.push(read);
  }
  return [...found].sort((a, b) => a.serial - b.serial);
}

// Steps in order of which the last one is read outside alone.
function chainOf(steps: readonly Step[], from: Step | undefined, depth: number): Chain {
  const places = new Map<Step | undefined, number>([[from, -1], ...steps.map((step, i): [Step, number] => [step, i])]);
  // The last place that reads each step: where none before reaches farther, all ways pass.
  const reach = new Map<number, number>();
  steps.forEach((step, i) => step.reads.forEach((read) => reach.set(places.get(read) ?? -1, i)));
  const parts: Part[] = [];
  let farthest = reach.get(-1) ?? 0;
  let start = 0;
  let before = from;
  for (let i = 0; i < steps.length; i++) {
    if (farthest <= i) {
      parts.push(partOf(steps.slice(start, i + 1), before, depth));
      start = i + 1;
      before = steps[i];
    }
    farthest = Math.max(farthest, reach.get(i) ?? 0);
  }
  return parts;
}

// The steps from one place that all ways pass to the next one.
function partOf(steps: readonly Step[], from: Step | undefined, depth: number): Part {
  const join = steps[steps.length - 1];
  if (!(join instanceof JoinStep)) return { kind: "step", step: join };
  return (depth < MOST_DEPTH ? blockOf(steps, join, from, depth) : undefined) ?? { kind: "graph", steps, from };
}

function blockOf(steps: readonly Step[], join: JoinStep, from: Step | undefined, depth: number): Part | undefined {
  const branches = join.reads.map((read) =>
    read === from || read === undefined ? [] : stepsTo([read], from, join.serial),
  );
  const count = branches.reduce((sum, { length }) => sum + length, 0);
  if (count !== steps.length - 1 || count === 0) return undefined; // they share steps
  const chains = (): Chain[] => branches.map((branch) => chainOf(branch, from, depth + 1));
  const { layer, shapes } = join;
  if (layer instanceof Concat) {
    const { dim } = optionsOf<{ dim: number }>(layer);
    return dim === 1 ? { kind: "parallel", mode: "concatenate", join, branches: chains() } : undefined;
  }
  if (!(layer instanceof Add) || !shapes.every((shape) => sameShape(shape, shapes[0]))) return undefined;
  if (branches.length > 2) return { kind: "parallel", mode: "add", join, branches: chains() };
  const [first, second] = chains();
  return first.length === 0
    ? { kind: "residual", join, body: second, shortcut: first }
    : { kind: "residual", join, body: first, shortcut: second };
}
