// Class labels as losses take them: an array of indices, one for each place of logits [N, C, ...], checked.
import { finite, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, type Shape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { checkLogits } from "../ops/crossEntropy.js";

/** What a loss of classes does with the label of each place that counts; `first` is where its class 0 stands. */
export type LabelVisitor = (label: number, first: number, place: number) => void;

/**
 * Throws unless `labels` are class indices for logits of this shape, and visits those that are not `ignoreIndex`. `what` the
 * logits are called in messages; `oneHot`: what to use for one-hot targets.
 */
export function visitLabels(
  who: string,
  what: string,
  shape: Shape,
  labels: ArrayLike<number | bigint>,
  ignoreIndex: number,
  oneHot: string,
  visit: LabelVisitor,
): void {
  const { outer, size, inner } = checkLogits(who, shape);
  const count = outer * inner;
  if (labels === null || typeof labels !== "object" || typeof labels.length !== "number") {
    throw new ArgumentError(`${who}: expected labels as an array of class indices, got ${show(labels)}.`);
  }
  if (labels.length !== count) {
    const isOneHot = labels.length === count * size;
    throw new ShapeError(
      `${who}: expected ${count} labels for ${what} ${formatShape(shape)}, got ${labels.length}` +
        `${isOneHot ? ` (for one-hot targets use ${oneHot} ${formatShape(shape)})` : ""}.`,
    );
  }
  for (let i = 0; i < count; i++) {
    const given = labels[i];
    const label = typeof given === "bigint" ? Number(given) : given; // NumPy's int64
    if (label === ignoreIndex) continue;
    if (!Number.isInteger(label) || label < 0 || label >= size) {
      const remedy = Array.isArray(label)
        ? `for one-hot targets use ${oneHot} of probabilities`
        : typeof label === "string"
          ? "make it a number: Number(label)"
          : "labels count from 0";
      throw new ArgumentError(
        `${who}: expected labels from 0 to ${size - 1}, got ${show(label)} at index ${i} (${remedy}).`,
      );
    }
    visit(label, Math.floor(i / inner) * size * inner + (i % inner), i);
  }
}

/** Factors of the classes as an option; null for none. */
export function readClassWeight(who: string, name: string, weight: unknown): readonly number[] | null {
  if (weight === null) return null;
  const source = (Tensor.isTensor(weight) ? weight.data : weight) as ArrayLike<unknown>;
  if (typeof source !== "object" || typeof source.length !== "number") {
    throw new ArgumentError(`${who}: expected ${name} as an array of one factor for each class, got ${show(weight)}.`);
  }
  return Array.from(source, (factor, c) => finite(who, `${name}[${c}]`, factor, 0));
}

/** Throws unless there is a factor for each of `size` classes. */
export function checkClassWeight(who: string, weight: ArrayLike<number> | null, size: number): void {
  if (weight === null || weight.length === size) return;
  throw new ShapeError(`${who}: expected a weight of ${size} numbers, one for each class, got ${weight.length}.`);
}

/** Throws when nothing counts in a mean. */
export function checkCounts(who: string, divisor: number): void {
  if (divisor !== 0) return;
  throw new ArgumentError(
    `${who}: expected at least one target that counts, got none (all are ignored or have weight 0).`,
  );
}
