// Accuracy: how many predictions are right.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";

/**
 * Share of samples whose largest logit stands at the label: mean of (argmax(logits[n]) = labels[n]), from 0 to 1. More metrics, and
 * running ones, are in `handgrad/metrics`.
 *
 * @param logits logits or probabilities [N, C], or N predicted classes, as `argmax` gives them
 * @param labels N class indices
 * @throws ShapeError when the lengths differ, ArgumentError for a label outside 0..C-1
 */
export function accuracy(logits: Tensor | ArrayLike<number | bigint>, labels: ArrayLike<number | bigint>): number {
  if (!Tensor.isTensor(logits) && Tensor.isTensor(labels)) {
    throw new ArgumentError(
      `accuracy: expected accuracy(logits, labels), got ${show(logits)} and a Tensor (swap the two).`,
    );
  }
  const isList = Array.isArray(logits) ? !Array.isArray(logits[0]) : ArrayBuffer.isView(logits);
  const scores = isList ? null : checkTensor("accuracy", "logits", logits);
  if (scores !== null && (scores.rank !== 2 || scores.size === 0)) {
    const remedy = scores.rank === 2 ? "an empty batch has no accuracy" : "the batch axis is first, then the classes";
    throw new ShapeError(`accuracy: expected logits [N, C], got ${formatShape(scores.shape)} (${remedy}).`);
  }
  if (labels === null || typeof labels !== "object" || typeof labels.length !== "number") {
    throw new ArgumentError(
      `accuracy: expected labels as an array of class indices, got ${show(labels)}` +
        `${Tensor.isTensor(labels) ? " (a plain array or an Int32Array, as argmax gives)" : ""}.`,
    );
  }
  const predictions = scores === null ? (logits as ArrayLike<number | bigint>) : scores.argmax(1);
  const classes = scores === null ? 2147483648 : scores.shape[1];
  const n = predictions.length;
  if (n === 0) throw new ShapeError("accuracy: expected at least one prediction, got none.");
  if (labels.length !== n) {
    const what = scores === null ? `${n} predictions` : `logits ${formatShape(scores.shape)}`;
    throw new ShapeError(`accuracy: expected ${n} labels for ${what}, got ${labels.length}.`);
  }
  let right = 0;
  for (let i = 0; i < n; i++)
    if (classAt("labels", labels, i, classes) === classAt("predictions", predictions, i, classes)) right++;
  return right / n;
}

function classAt(what: string, list: ArrayLike<number | bigint>, i: number, classes: number): number {
  const given = list[i];
  const label = typeof given === "bigint" ? Number(given) : given; // NumPy's int64
  if (Number.isInteger(label) && label >= 0 && label < classes) return label;
  throw new ArgumentError(`accuracy: expected ${what} from 0 to ${classes - 1}, got ${show(given)} at index ${i}.`);
}
