// Accuracy: how many predictions are right.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";

/**
 * Share of samples whose largest logit stands at the label: mean of (argmax(logits[n]) = labels[n]), from 0 to 1.
 *
 * @param logits logits or probabilities [N, C]
 * @param labels N class indices
 * @throws ShapeError when the lengths differ, ArgumentError for a label outside 0..C-1
 */
export function accuracy(logits: Tensor, labels: ArrayLike<number | bigint>): number {
  if (!Tensor.isTensor(logits) && Tensor.isTensor(labels)) {
    throw new ArgumentError(
      `accuracy: expected accuracy(logits, labels), got ${show(logits)} and a Tensor (swap the two).`,
    );
  }
  checkTensor("accuracy", "logits", logits);
  if (logits.rank !== 2 || logits.size === 0) {
    const remedy = logits.rank === 2 ? "an empty batch has no accuracy" : "the batch axis is first, then the classes";
    throw new ShapeError(`accuracy: expected logits [N, C], got ${formatShape(logits.shape)} (${remedy}).`);
  }
  const [n, classes] = logits.shape;
  if (labels === null || typeof labels !== "object" || typeof labels.length !== "number") {
    throw new ArgumentError(
      `accuracy: expected labels as an array of class indices, got ${show(labels)}` +
        `${Tensor.isTensor(labels) ? " (a plain array or an Int32Array, as argmax gives)" : ""}.`,
    );
  }
  if (labels.length !== n) {
    throw new ShapeError(
      `accuracy: expected ${n} labels for logits ${formatShape(logits.shape)}, got ${labels.length}.`,
    );
  }
  const predictions = logits.argmax(1);
  let right = 0;
  for (let i = 0; i < n; i++) {
    const given = labels[i];
    const label = typeof given === "bigint" ? Number(given) : given; // NumPy's int64
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new ArgumentError(`accuracy: expected labels from 0 to ${classes - 1}, got ${show(label)} at index ${i}.`);
    }
    if (predictions[i] === label) right++;
  }
  return right / n;
}
