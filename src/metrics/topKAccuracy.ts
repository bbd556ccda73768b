// Top-k accuracy: whether the label is among the k largest scores.
import { ArgumentError, ShapeError } from "../base/errors.js";
import { positive, readOptions } from "../base/options.js";
import { readScores, type Labels, type Predictions } from "./input.js";
import { SumMetric } from "./sumMetric.js";

/** Options of {@link topKAccuracy}. */
export interface TopKAccuracyOptions {
  /** How many of the largest scores count. Default 5. */
  readonly k?: number;
}

const OPTIONS = { k: { check: positive, default: 5 } };

/** The running form of {@link topKAccuracy}. */
export class TopKAccuracy extends SumMetric {
  /** The name in a state. */
  readonly type = "TopKAccuracy";
  readonly #k: number;

  constructor(options: TopKAccuracyOptions = {}) {
    const settings = readOptions("TopKAccuracy", OPTIONS, options);
    super(2, settings);
    this.#k = settings.k as number;
  }

  override update(predictions: Predictions, targets: Labels): this {
    const { scores, columns, labels } = readScores(this.type, predictions, targets);
    if (columns === 1) throw new ShapeError(`${this.type}: expected scores [N, C], got one number a sample.`);
    if (this.#k > columns) {
      throw new ArgumentError(`${this.type}: expected k of at most ${columns}, the number of classes, got ${this.#k}.`);
    }
    let hits = 0;
    for (let n = 0; n < labels.length; n++) {
      const own = scores[n * columns + labels[n]];
      let before = 0; // classes in front of the label; of equals the first is in front, as in argmax
      for (let c = 0; c < columns; c++) {
        const other = scores[n * columns + c];
        if (other > own || (other === own && c < labels[n])) before++;
      }
      if (before < this.#k) hits++;
    }
    this.sums[0] += hits;
    this.sums[1] += labels.length;
    return this;
  }

  override compute(): number {
    const [hits, samples] = this.sums;
    if (samples === 0) throw this.nothingSeen();
    return hits / samples;
  }
}

/**
 * Share of samples whose label is among the k largest scores; of equal scores those of lower classes come first.
 *
 * @param predictions logits or probabilities [N, C]
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.top_k_accuracy_score.html
 *
 * @example
 * topKAccuracy(new Tensor([[1, 3, 2], [9, 1, 4]]), [2, 1], { k: 2 }); // 0.5
 *
 * @throws ShapeError when shapes do not fit, ArgumentError for a label outside 0..C-1, a k beyond C, scores that are not finite
 */
export function topKAccuracy(predictions: Predictions, targets: Labels, options: TopKAccuracyOptions = {}): number {
  return new TopKAccuracy(options).update(predictions, targets).compute();
}
