// Multiplying by constants and adding them: y = scale x + shift, with one number for all, for each channel, or for each place.
// The convolution or Linear before or behind it takes it in where that is exact (steps.ts).
import { show } from "../../base/check.js";
import { formatShape, sizeOf, type Shape } from "../../base/shape.js";
import { core, hasBatch, lengthOf, type Axis, type Piece } from "../axes.js";
import type { Constant } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { WeightedStep } from "../steps.js";
import type { Computed } from "../values.js";
import { biasOf } from "./bias.js";

/** What an operator makes of a computed number x and a constant c. */
export type Affine = (c: number) => readonly [scale: number, shift: number];

/** Applies a constant to a value; its shape broadcasts to that of the value, whose axes stand at `dims`. */
export function applyConstant(
  node: NodeView,
  graph: GraphReader,
  value: Computed,
  constant: Constant,
  dims: Shape,
  affine: Affine,
): void {
  const wide = widened(value, dims.length);
  const { pieces, numbers } = spreadAlong(node, graph, wide, graph.floats(node, constant), dims);
  graph.spend(node, 2 * numbers.length);
  const pairs = Array.from(numbers, affine);
  const scale = Float64Array.from(pairs, ([each]) => each);
  const shift = Float64Array.from(pairs, ([, each]) => each);
  graph.scale(node, wide, pieces, scale, shift);
}

// With the axes of size 1 that a constant of more axes puts in front.
function widened(value: Computed, rank: number): Computed {
  const more = Array.from({ length: Math.max(rank - value.axes.length, 0) }, () => []);
  return more.length === 0 ? value : { ...value, axes: [...more, ...value.axes] };
}

/** Adds a constant, `factor` times: as the bias of the layer before it where it is one number for each output. */
export function addConstant(
  node: NodeView,
  graph: GraphReader,
  value: Computed,
  constant: Constant,
  factor = 1,
  dims = graph.dims(node, constant),
): void {
  const wide = widened(value, dims.length);
  const { step, axes } = wide;
  if (factor === 1 && step instanceof WeightedStep && !step.isShared && !step.hasBias) {
    const outputs = lengthOf(step.outputs);
    const place = axes.findIndex(
      (axis) => core(axis).length > 0 && core(axis).every((piece) => step.outputs.includes(piece)),
    );
    const isPerOutput = place >= 0 && lengthOf(axes[place]) === outputs && sizeOf(dims) === outputs;
    if (isPerOutput && dims[dims.length - axes.length + place] === outputs) {
      const bias = biasOf(node, graph, constant, outputs, [graph.dims(node, constant)]);
      step.takeBias(bias.parameter, bias.numbers);
      graph.put(node, wide);
      return;
    }
  }
  applyConstant(node, graph, value, constant, dims, (c) => [1, factor * c]);
}

interface Spread {
  readonly pieces: Axis;
  readonly numbers: Float32Array;
}

// The constant's numbers along pieces of the value's axes; one number where all are alike.
function spreadAlong(
  node: NodeView,
  graph: GraphReader,
  { axes }: Computed,
  numbers: Float32Array,
  dims: Shape,
): Spread {
  const pieces: Piece[] = [];
  let own = numbers;
  dims.forEach((size, i) => {
    const axis = axes[i - dims.length + axes.length] ?? [];
    if (size === 1) return;
    if (hasBatch(axis) && (lengthOf(axis) !== 1 || size === graph.facts.batch)) {
      // The same for each sample, or not to be had for other batches.
      own =
        pieces.length === 0
          ? sameRows(node, own, size)
          : node.fail("expected the batch as the first axis, got another");
      return;
    }
    if (size !== lengthOf(axis)) {
      node.fail(
        `expected a constant that broadcasts to its input, got ${formatShape(dims)} for ${show(axes.map(lengthOf))}`,
      );
    }
    pieces.push(...core(axis));
  });
  const [first] = own;
  if (first === undefined) node.fail(`expected a constant with numbers, got shape ${formatShape(dims)}`);
  return own.every((value) => Object.is(value, first))
    ? { pieces: [], numbers: own.slice(0, 1) }
    : { pieces, numbers: own };
}

// The numbers of one sample, where the batch axis is the first one that is not 1.
function sameRows(node: NodeView, numbers: Float32Array, count: number): Float32Array {
  const row = numbers.slice(0, numbers.length / count);
  if (numbers.every((value, i) => value === row[i % row.length])) return row;
  return node.fail("expected the same constant for each sample of a batch, got others");
}
