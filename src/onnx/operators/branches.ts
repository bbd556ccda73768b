// Branches: nodes that join what two others compute. A chain of layers has none.
import type { NodeView } from "../nodeView.js";
import type { Step } from "../steps.js";
import type { Computed } from "../values.js";

/** Refuses a node that joins two values, naming both and where they part. */
export function joinedBranches(node: NodeView, a: Computed, b: Computed): never {
  const fork = forkOf(a, b);
  const of = ({ by }: Computed): string => (by === undefined ? "the input" : `the output of ${by.label}`);
  const what = a.by === b.by ? `${of(a)} with itself` : `${of(a)} with ${of(b)}`;
  const from = fork === undefined ? "the input" : fork.node.label;
  return node.fail(`expected a chain of layers, got branches: it joins ${what} (they part behind ${from})`);
}

// The last step on the way to both; undefined for the input.
function forkOf(a: Computed, b: Computed): Step | undefined {
  const ofA = new Set<Step>();
  for (let step = a.step; step !== undefined; step = step.before) ofA.add(step);
  let fork = b.step;
  while (fork !== undefined && !ofA.has(fork)) fork = fork.before;
  return fork;
}
