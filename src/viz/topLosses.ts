// topLosses: the samples that a model is most wrong about.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { positive, readOptions, trueOrFalse, type OptionTable } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { Tensor, numbersNow } from "../base/tensor.js";
import { Loss } from "../loss/loss.js";
import type { Layer } from "../nn/layer.js";
import { softmax } from "../ops/softmax.js";
import { Breath } from "../train/breath.js";
import { checkModel, checkSignal } from "../train/checks.js";
import { eachBatch } from "../train/evaluate.js";
import { checkLoss, type TrainLoss } from "../train/measure.js";
import { Source, type DataSource, type Target } from "../train/source.js";

/** Options of {@link topLosses}. */
export interface TopLossesOptions {
  /** How many samples. Default 9. */
  readonly k?: number;
  /** Whether the outputs are logits, of which softmax makes probabilities. Default true. */
  readonly logits?: boolean;
  /** Ends it: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A sample with a large loss. */
export interface TopLoss {
  /** Its place in the order in which the data came: that of the data set, unless they were shuffled. */
  readonly index: number;
  /** The loss of this sample alone. */
  readonly loss: number;
  /** The sample, without the batch axis. */
  readonly x: Tensor;
  /** The class with the largest output; null where outputs are not [N, C]. */
  readonly prediction: number | null;
  /** The label; null where there is not one label for each sample. */
  readonly target: number | null;
  /** Probability of each class, [C]; null where outputs are not [N, C]. */
  readonly probabilities: Tensor | null;
}

const YIELD_EVERY = 16; // ms

const OPTIONS: OptionTable<{ k: number; logits: boolean; signal: AbortSignal | undefined }> = {
  k: { check: positive, default: 9 },
  logits: { check: trueOrFalse, default: true },
  signal: { check: checkSignal },
};

/**
 * The samples with the largest losses, the largest first; of equal ones the earlier. Their pictures tell more than an accuracy: wrong
 * labels, cut images, classes that look alike. The model predicts in eval mode; a loss with `weight` and reduction "mean" tells the
 * loss of a sample without its weight.
 *
 * @param data batches as for `evaluate`; not shuffled, if `index` shall lead to the data set
 * @param loss of this package or your own, of any reduction; each sample is given to it by itself
 *
 * @example
 * const worst = await topLosses(model, batches(images, labels, { size: 100 }), new CrossEntropy(), { k: 3 });
 * worst.map(({ index, loss, prediction, target }) => [index, loss, prediction, target]);
 *
 * @throws ArgumentError for an unusable option, no batch, and a loss that is NaN
 * @see https://docs.fast.ai/interpret.html, top_losses
 */
export async function topLosses(
  model: Layer,
  data: DataSource,
  loss: TrainLoss | Loss,
  options: TopLossesOptions = {},
): Promise<TopLoss[]> {
  const who = "topLosses";
  checkModel(who, model);
  const source = new Source(who, "data", data);
  checkLoss(who, "loss", loss);
  const { k, logits, signal } = readOptions(who, OPTIONS, options);
  let worst: TopLoss[] = [];
  let seen = 0;
  await eachBatch(source, signal, new Breath(YIELD_EVERY), (batch) => {
    const { x, y: targets } = source.read(batch);
    const outputs = model.predict(x);
    const losses = samplesLosses(who, loss as TrainLoss, outputs, targets, seen);
    const found = losses.map((value, i): TopLoss | null => {
      const least = worst.length < k ? -Infinity : worst[k - 1].loss;
      return value > least || worst.length < k ? sampleOf(seen + i, value, x, outputs, targets, i, logits) : null;
    });
    worst = [...worst, ...found.filter((each) => each !== null)].sort(byLoss).slice(0, k);
    seen += losses.length;
  });
  return worst;
}

function byLoss(a: TopLoss, b: TopLoss): number {
  return a.loss === b.loss ? a.index - b.index : b.loss - a.loss; // Infinity - Infinity is NaN
}

function samplesLosses(who: string, loss: TrainLoss, outputs: Tensor, targets: Target, seen: number): number[] {
  const N = outputs.shape[0];
  const putBack = loss instanceof Loss ? loss.snapshot() : undefined; // a backward may be waiting
  try {
    return Array.from({ length: N }, (_, i) => {
      const value: unknown = loss.forward(outputs.slice([i, i + 1]), targetOf(who, targets, N, i) as never);
      const number = Tensor.isTensor(value)
        ? numbersNow(value).reduce((sum, each) => sum + each, 0) / value.size
        : value;
      if (typeof number === "number" && !Number.isNaN(number)) return number;
      throw new ArgumentError(`${who}: expected a loss that is a number, got ${show(number)} for sample ${seen + i}.`);
    });
  } finally {
    putBack?.();
  }
}

// The targets of one sample, in the form of those of all.
function targetOf(who: string, targets: Target, N: number, i: number): Target {
  const count = Tensor.isTensor(targets) ? (targets.shape[0] ?? 0) : targets.length;
  if (count === 0 || count % N !== 0 || (Tensor.isTensor(targets) && count !== N)) {
    const got = Tensor.isTensor(targets) ? formatShape(targets.shape) : String(count);
    throw new ShapeError(`${who}: expected targets for ${N} samples, got ${got}.`);
  }
  if (Tensor.isTensor(targets)) return targets.slice([i, i + 1]);
  const each = count / N;
  return Array.from({ length: each }, (_, place) => targets[i * each + place]) as ArrayLike<number | bigint>;
}

function sampleOf(
  index: number,
  loss: number,
  x: Tensor,
  outputs: Tensor,
  targets: Target,
  i: number,
  logits: boolean,
): TopLoss {
  const isClassified = outputs.rank === 2 && outputs.shape[1] > 1;
  const row = outputs.slice([i, i + 1]);
  const hasLabel = !Tensor.isTensor(targets) && targets.length === outputs.shape[0];
  return {
    index,
    loss,
    x: x.slice(i),
    prediction: isClassified ? row.argmax(1)[0] : null,
    target: hasLabel ? Number(targets[i]) : null,
    probabilities: isClassified ? (logits ? softmax(row, 1) : row).slice(0) : null,
  };
}
