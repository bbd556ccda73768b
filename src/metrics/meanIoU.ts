// Intersection over union, the metric of segmentation: also called Jaccard index.
import { readOptions } from "../base/options.js";
import { COUNT_OPTIONS, CountMetric, type Counts, type CountOptions, type CountSettings } from "./countMetric.js";
import type { Labels, Predictions } from "./input.js";

/** The running form of {@link meanIoU}: counts of all batches together, not a mean of means. */
export class MeanIoU extends CountMetric {
  /** The name in a state. */
  readonly type = "MeanIoU";

  constructor(options: CountOptions = {}) {
    super(readOptions("MeanIoU", COUNT_OPTIONS, options) as CountSettings);
  }

  /** One value for each class; 0 for those that occur neither in labels nor in predictions. */
  perClass(): number[] {
    if (this.counts.total() === 0) throw this.nothingSeen();
    return Array.from({ length: this.counts.size }, (_, c) => iou(this.counts, c));
  }

  protected override of(counts: Counts): number {
    const classes = counts.present();
    return classes.reduce((sum, c) => sum + iou(counts, c), 0) / classes.length;
  }
}

function iou(counts: Counts, c: number): number {
  const union = counts.actual(c) + counts.predicted(c) - counts.hits(c);
  return union === 0 ? 0 : counts.hits(c) / union;
}

/**
 * Mean, over the classes that occur in labels or predictions, of |prediction and truth| / |prediction or truth|,
 * TP / (TP + FP + FN).
 *
 * @param predictions scores [N, C, H, W] (or [N, C]), of which the largest counts, or a class index for each pixel
 * @param targets the class of each pixel, in the order of the pixels; see `ignoreIndex` for pixels of none
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.jaccard_score.html
 *
 * @example
 * meanIoU([0, 1, 1, 1], [0, 1, 1, 0]).toFixed(4); // "0.5833", the mean of 1/2 and 2/3
 *
 * @throws ShapeError when lengths differ, ArgumentError for a class that cannot be
 */
export function meanIoU(predictions: Predictions, targets: Labels, options: CountOptions = {}): number {
  return new MeanIoU(options).update(predictions, targets).compute();
}
