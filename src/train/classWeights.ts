// classWeights: factors that make up for classes of different sizes.
import { show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";

/**
 * A factor for each class, so that all classes together count the same: samples / (classes * samples of the class). Give it to a
 * loss as `weight`, or to `fit` as `classWeight`.
 *
 * @param labels the labels of the training data
 * @param classes how many classes there are; default: one more than the largest label
 * @returns a list of `classes` numbers; their mean over the samples is 1
 *
 * @example
 * const weights = classWeights([0, 0, 0, 1]); // [2/3, 2]
 *
 * @throws ArgumentError for labels that are no classes, and for a class without a sample
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.utils.class_weight.compute_class_weight.html
 */
export function classWeights(labels: ArrayLike<number | bigint>, classes?: number): number[] {
  const who = "classWeights";
  if (typeof labels !== "object" || labels === null || typeof labels.length !== "number" || labels.length === 0) {
    throw new ArgumentError(`${who}: expected labels as an array of class indices, got ${show(labels)}.`);
  }
  const counts: number[] = classes === undefined ? [] : new Array<number>(whole(who, "classes", classes, 1)).fill(0);
  for (let i = 0; i < labels.length; i++) {
    const label = whole(who, `label ${i}`, typeof labels[i] === "bigint" ? Number(labels[i]) : labels[i], 0, classes === undefined ? 65535 : classes - 1); // prettier-ignore
    while (counts.length <= label) counts.push(0);
    counts[label]++;
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw new ArgumentError(`${who}: expected samples of each class, got none of class ${empty} of ${counts.length}.`);
  }
  return counts.map((count) => labels.length / (counts.length * count));
}
