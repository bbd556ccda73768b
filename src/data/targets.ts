// What belongs to the samples of a batch: whole-number labels, or rows of a tensor of targets.
import { show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";

/** Checks that `y` fits the samples, and returns the function from row numbers to their labels or targets. */
export function readTargets(y: unknown, samples: number, who = "batches"): (rows: Int32Array) => Tensor | Int32Array {
  if (!Tensor.isTensor(y)) return labelsOf(toLabels(who, y), samples, who);
  if (y.shape[0] === samples) return (rows) => y.take(rows);
  const expected = `targets [${samples}, ...] for ${samples} samples`;
  throw new ShapeError(`${who}: expected ${expected}, got ${formatShape(y.shape)} (x and targets must be cut alike).`);
}

function labelsOf(labels: Int32Array, samples: number, who: string): (rows: Int32Array) => Int32Array {
  const perSample = labels.length / samples;
  if (perSample < 1 || !Number.isInteger(perSample)) {
    throw new ShapeError(
      `${who}: expected ${samples} labels for ${samples} samples (or a multiple of it), got ${labels.length} ` +
        "(x and labels must be cut alike).",
    );
  }
  return (rows) => {
    const out = new Int32Array(rows.length * perSample);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i] * perSample;
      out.set(labels.subarray(from, from + perSample), i * perSample);
    }
    return out;
  };
}

function toLabels(who: string, y: unknown): Int32Array {
  if (Object.prototype.toString.call(y) === "[object Int32Array]") return y as Int32Array;
  if (typeof y !== "object" || y === null || typeof (y as Partial<ArrayLike<unknown>>).length !== "number") {
    throw new ArgumentError(`${who}: expected labels (numbers) or a Tensor of targets, got ${show(y)}.`);
  }
  const source = y as ArrayLike<unknown>;
  const labels = new Int32Array(source.length);
  for (let i = 0; i < labels.length; i++) {
    const given = source[i];
    const label = typeof given === "bigint" ? Number(given) : given; // NumPy's int64
    // The short test first: naming each label for a message that is hardly ever needed would take longer than the rest.
    const isLabel = typeof label === "number" && (label | 0) === label;
    labels[i] = isLabel ? label : checkLabel(who, label, i);
  }
  return labels;
}

function checkLabel(who: string, label: unknown, i: number): number {
  const oneHot = Array.isArray(label) || ArrayBuffer.isView(label);
  if (!oneHot) return whole(who, `label ${i}`, label, -2147483648, 2147483647);
  throw new ArgumentError(
    `${who}: expected labels as whole numbers, got ${show(label)} at index ${i} (for one-hot targets use a Tensor of ` +
      `probabilities: new Tensor(labels)).`,
  );
}
