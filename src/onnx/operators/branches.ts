// Branches: nodes that join what two others compute. A chain of layers has none; where they part and what lies on each side is
// found here, which is what a container with a body and a shortcut would be made of.
import type { NodeView } from "../nodeView.js";
import type { Step } from "../steps.js";
import type { Computed } from "../values.js";

/** Two ways from one step (undefined for the input) to two values. */
export interface Branches {
  readonly fork: Step | undefined;
  /** The steps behind the fork, in order. */
  readonly left: readonly Step[];
  readonly right: readonly Step[];
}

export function branchesOf(a: Computed, b: Computed): Branches {
  const ofA = new Set<Step>();
  for (let step = a.step; step !== undefined; step = step.before) ofA.add(step);
  let fork = b.step;
  while (fork !== undefined && !ofA.has(fork)) fork = fork.before;
  const behindFork = ({ step: last }: Computed): Step[] => {
    const steps: Step[] = [];
    for (let step = last; step !== undefined && step !== fork; step = step.before) steps.push(step);
    return steps.reverse();
  };
  return { fork, left: behindFork(a), right: behindFork(b) };
}

/** Refuses a node that joins two values, naming both and where they part. */
export function joinedBranches(node: NodeView, a: Computed, b: Computed): never {
  const { fork } = branchesOf(a, b);
  const of = ({ by }: Computed): string => (by === undefined ? "the input" : `the output of ${by.label}`);
  const what = a.by === b.by ? `${of(a)} with itself` : `${of(a)} with ${of(b)}`;
  const from = fork === undefined ? "the input" : fork.node.label;
  return node.fail(`expected a chain of layers, got branches: it joins ${what} (they part behind ${from})`);
}
