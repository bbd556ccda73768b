// What metrics are given: class indices, scores or probabilities on one side, labels on the other, checked and in one form.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, sizeOf } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";

/** Scores of a model as a tensor, or one number a sample: a class index, or the score of class 1. */
export type Predictions = Tensor | ArrayLike<number | bigint>;

/** Class indices, one for each prediction: of any integer type, NumPy's int64 too. */
export type Labels = ArrayLike<number | bigint>;

/** Predicted and true classes, one each a sample (or a pixel). */
export interface Pairs {
  readonly predicted: Int32Array;
  readonly actual: Int32Array;
  /** How many classes there are, if the predictions say so; else 0. */
  readonly classes: number;
}

/** More classes than a table of pairs can hold; a label beyond is a slip, such as an id in the place of a class. */
const MOST_CLASSES = 10_000;

/** Predicted classes (the largest along axis 1 of a tensor) and labels; pairs whose label is `ignoreIndex` are left out. */
export function readPairs(who: string, predictions: unknown, targets: unknown, ignoreIndex: number | null): Pairs {
  refuseSwapped(who, predictions, targets);
  let classes = 0;
  let given: Int32Array;
  if (Tensor.isTensor(predictions)) {
    const { shape } = predictions;
    if (shape.length < 2 || predictions.size === 0) {
      const remedy =
        shape.length < 2 ? "class indices come as a plain list or an Int32Array" : "an empty batch has no metric";
      throw new ShapeError(`${who}: expected scores [N, C, ...], got ${formatShape(shape)} (${remedy}).`);
    }
    classes = shape[1];
    given = predictions.argmax(1);
  } else {
    given = readClasses(who, "predictions", predictions, MOST_CLASSES, null);
  }
  const labels = readClasses(who, "labels", targets, classes === 0 ? MOST_CLASSES : classes, ignoreIndex);
  checkLength(who, given.length, labels.length);
  if (given.length === 0) throw new ShapeError(`${who}: expected at least one prediction, got none.`);
  if (ignoreIndex === null || !labels.includes(ignoreIndex)) return { predicted: given, actual: labels, classes };
  const kept = Array.from(labels.keys()).filter((i) => labels[i] !== ignoreIndex);
  return {
    predicted: Int32Array.from(kept, (i) => given[i]),
    actual: Int32Array.from(kept, (i) => labels[i]),
    classes,
  };
}

/** Scores of each sample, row by row, with the labels: [N, C], or [N] for the scores of class 1 alone (columns 1). */
export interface Scores {
  readonly scores: Float64Array;
  readonly columns: number;
  readonly labels: Int32Array;
}

/** Scores as they are, finite numbers. */
export function readScores(who: string, predictions: unknown, targets: unknown): Scores {
  refuseSwapped(who, predictions, targets);
  const { scores, columns } = Tensor.isTensor(predictions)
    ? ofTensor(who, predictions)
    : { scores: ofList(who, predictions), columns: 1 };
  const rows = scores.length / columns;
  if (rows === 0) throw new ShapeError(`${who}: expected at least one prediction, got none.`);
  for (let i = 0; i < scores.length; i++) {
    if (Number.isFinite(scores[i])) continue;
    const place = columns === 1 ? `index ${i}` : `row ${Math.floor(i / columns)}, class ${i % columns}`;
    throw new ArgumentError(`${who}: expected finite scores, got ${scores[i]} at ${place}.`);
  }
  const labels = readClasses(who, "labels", targets, columns === 1 ? 2 : columns, null);
  checkLength(who, rows, labels.length);
  return { scores, columns, labels };
}

const ROW_SUM = 1e-3; // how far from 1 the sum of a row of float32 (or float16) probabilities may be

/** Throws unless each row sums to 1, or each number of a single column is from 0 to 1. */
export function checkProbabilities(who: string, { scores, columns }: Scores): void {
  for (let from = 0; from < scores.length; from += columns) {
    let sum = 0;
    let inside = true;
    for (let c = 0; c < columns; c++) {
      const p = scores[from + c];
      sum += p;
      inside &&= p >= 0 && p <= 1;
    }
    if (inside && (columns === 1 || Math.abs(sum - 1) <= ROW_SUM)) continue;
    const row = from / columns;
    const got = columns === 1 ? `${scores[from]} at index ${row}` : `row ${row} with the sum ${sum}`;
    throw new ArgumentError(
      `${who}: expected probabilities ${columns === 1 ? "from 0 to 1" : "that sum to 1 in each row"}, got ${got} (for ` +
        "logits give { logits: true }, or take softmax or sigmoid first).",
    );
  }
}

function ofTensor(who: string, { data, shape }: Tensor): { scores: Float64Array; columns: number } {
  if (shape.length === 1) return { scores: Float64Array.from(data), columns: 1 };
  if (shape.length !== 2 || shape[1] === 0) {
    throw new ShapeError(`${who}: expected scores [N, C], or [N] for class 1 alone, got ${formatShape(shape)}.`);
  }
  return { scores: Float64Array.from(data), columns: shape[1] };
}

function ofList(who: string, value: unknown): Float64Array {
  const list = checkList(who, "predictions", value);
  return Float64Array.from({ length: list.length }, (_, i) => {
    const score = list[i];
    if (typeof score === "number") return score;
    throw new ArgumentError(`${who}: expected scores as numbers, got ${show(score)} at index ${i}.`);
  });
}

function readClasses(
  who: string,
  what: string,
  value: unknown,
  classes: number,
  ignoreIndex: number | null,
): Int32Array {
  const list = checkList(who, what, value);
  const out = new Int32Array(list.length);
  for (let i = 0; i < out.length; i++) {
    const given = list[i];
    const label = typeof given === "bigint" ? Number(given) : given;
    if (label !== ignoreIndex && !(Number.isInteger(label) && (label as number) >= 0 && (label as number) < classes)) {
      throw new ArgumentError(`${who}: expected ${what} from 0 to ${classes - 1}, got ${show(given)} at index ${i}.`);
    }
    out[i] = label as number;
  }
  return out;
}

function checkList(who: string, what: string, value: unknown): ArrayLike<unknown> {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (isList) return value as unknown as ArrayLike<unknown>;
  const hint = Tensor.isTensor(value) ? " (labels come as a plain list or an Int32Array: Array.from(tensor.data))" : "";
  throw new ArgumentError(`${who}: expected ${what} as a list of numbers, got ${show(value)}${hint}.`);
}

function refuseSwapped(who: string, predictions: unknown, targets: unknown): void {
  if (Tensor.isTensor(predictions) || !Tensor.isTensor(targets)) return;
  throw new ArgumentError(
    `${who}: expected predictions, then labels, got ${show(predictions)} and a Tensor ` +
      `${formatShape(targets.shape)} of ${sizeOf(targets.shape)} numbers (swap the two).`,
  );
}

function checkLength(who: string, predictions: number, labels: number): void {
  if (predictions === labels) return;
  throw new ShapeError(`${who}: expected as many labels as predictions, ${predictions}, got ${labels}.`);
}
