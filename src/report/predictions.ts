// What a model made of a data set, as far as a report needs it: classes, confidences and losses of all samples, and the images of
// those that may be shown.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { formatShape, type Shape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { CalibrationError, type ReliabilityBin } from "../metrics/calibration.js";
import type { Labels } from "../metrics/input.js";
import { readProbabilities } from "../metrics/probabilities.js";
import type { Layer } from "../nn/layer.js";
import { log } from "../numbers/math.js";
import { Breath } from "../train/breath.js";
import { eachBatch } from "../train/evaluate.js";
import { Source } from "../train/source.js";
import { candidates, choose, type Judged } from "./choose.js";

/** Predictions that were made elsewhere. */
export interface ReportPredictions {
  /** Logits [N, C], or [N] and [N, 1] for class 1 alone; probabilities with `probabilities: true`. */
  readonly outputs: Tensor;
  /** The class of each sample. */
  readonly labels: Labels;
  /** The samples [N, C, H, W], to be shown: gray (C = 1), RGB (3), or the mean of other channels. Default: no pictures. */
  readonly images?: Tensor;
  /** Whether the outputs are probabilities already. Default false. */
  readonly probabilities?: boolean;
}

/** A sample that may be shown. */
export interface Pictured extends Judged {
  /** [C, H, W]; null where samples are no images. */
  readonly image: Tensor | null;
}

const BINS = 10;

/** Everything about a data set. */
export class Gathered {
  readonly labels: number[] = [];
  readonly predicted: number[] = [];
  /** Of a sample, without N. */
  sampleShape: Shape | null = null;
  classes = 0;
  /** Whether the model has one output, the score of class 1. */
  fromOne = false;
  readonly #who: string;
  readonly #most: number;
  readonly #first: number;
  readonly #calibration = new CalibrationError({ bins: BINS });
  #kept: Pictured[] = [];
  #lossSum = 0;

  /**
   * @param most pictures in all
   * @param first the worst mistakes that are shown in any case
   */
  constructor(who: string, most: number, first: number) {
    this.#who = who;
    this.#most = most;
    this.#first = first;
  }

  /** Takes a batch. */
  add(outputs: Tensor, labels: unknown, samples: Tensor | undefined, logits: boolean): void {
    const who = this.#who;
    const given = readProbabilities(who, outputs, labels, logits);
    this.fromOne = given.columns === 1;
    const { scores, columns } = given.columns === 1 ? twoColumns(given.scores) : given;
    if (this.classes !== 0 && columns !== this.classes) {
      throw new ShapeError(`${who}: expected outputs of ${this.classes} classes in every batch, got ${columns}.`);
    }
    this.classes = columns;
    this.#calibration.update(new Tensor(Float64Array.from(scores), [scores.length / columns, columns]), given.labels);
    if (samples !== undefined) this.sampleShape ??= samples.shape.slice(1);
    const from = this.labels.length;
    const isImage = samples !== undefined && samples.shape.length === 4;
    const judged = Array.from(given.labels, (label, n): Judged => {
      const row = scores.subarray(n * columns, (n + 1) * columns);
      const predicted = row.reduce((best, p, c) => (p > row[best] ? c : best), 0);
      this.labels.push(label);
      this.predicted.push(predicted);
      const loss = row[label] > 0 ? -log(row[label]) : Infinity;
      this.#lossSum += loss;
      return { index: from + n, label, predicted, confidence: row[predicted], loss };
    });
    const withImages = (sample: Pictured | Judged): Pictured => {
      if ("image" in sample) return sample;
      const image = isImage ? samples.slice(sample.index - from) : null;
      return { ...sample, image };
    };
    this.#kept = candidates<Pictured | Judged>([...this.#kept, ...judged], this.#most, this.#first).map(withImages);
  }

  /** The samples to be shown, the worst first. */
  get shown(): readonly Pictured[] {
    return choose(this.#kept, this.#most, this.#first);
  }

  /** The mean cross-entropy. */
  get loss(): number {
    return this.#lossSum / this.labels.length;
  }

  get calibrationError(): number {
    return this.#calibration.compute();
  }

  get reliability(): readonly ReliabilityBin[] {
    return this.#calibration.reliability();
  }
}

// The probability of class 1 beside that of class 0.
function twoColumns(ones: Float64Array): { scores: Float64Array; columns: number } {
  const scores = new Float64Array(2 * ones.length);
  ones.forEach((p, n) => scores.set([1 - p, p], 2 * n));
  return { scores, columns: 2 };
}

/** Gathers predictions that were made elsewhere. */
export function gatherGiven(who: string, given: ReportPredictions, most: number, first: number): Gathered {
  const { outputs, labels, images, probabilities = false } = given;
  if (!Tensor.isTensor(outputs)) {
    throw new ArgumentError(`${who}: expected predictions.outputs as a tensor [N, C], got ${show(outputs)}.`);
  }
  if (
    images !== undefined &&
    (!Tensor.isTensor(images) || images.shape.length !== 4 || images.shape[0] !== outputs.shape[0])
  ) {
    const got = Tensor.isTensor(images) ? formatShape(images.shape) : show(images);
    throw new ShapeError(`${who}: expected predictions.images [${outputs.shape[0]}, C, H, W], got ${got}.`);
  }
  const gathered = new Gathered(who, most, first);
  gathered.add(outputs, labels, images, !probabilities);
  return gathered;
}

/** Predicts all batches of an epoch, and gathers what comes out. */
export async function gather(who: string, model: Layer, data: unknown, most: number, first: number): Promise<Gathered> {
  const gathered = new Gathered(who, most, first);
  const source = new Source(who, "data", data);
  await eachBatch(source, undefined, new Breath(16), (batch) => {
    const { x, y } = source.read(batch);
    gathered.add(model.predict(x), y, x, true);
  });
  return gathered;
}
