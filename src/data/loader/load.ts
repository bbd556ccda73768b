// One batch: its samples from the data set, through the transforms. The same code runs in the caller's thread and in workers.
import { ArgumentError } from "../../base/errors.js";
import { show } from "../../base/check.js";
import { Tensor } from "../../base/tensor.js";
import type { DrawKey } from "../augment/sampleRandom.js";
import type { Pipeline } from "../augment/transform.js";
import { joinSamples } from "../augment/transform.js";
import { collate, type Dataset, type Sample, type SampleBatch } from "../sets/dataset.js";

/** What a batch is made from. */
export interface BatchJob {
  /** Numbers of the samples in the data set. */
  readonly rows: Int32Array;
  /** What augmentation is keyed by; null without any. */
  readonly key: DrawKey | null;
}

const NO_DRAWS: DrawKey = { seed: 0, stream: 0, epoch: 0 };

/** The batch, or a promise of it where the data set gives promises. */
export function loadBatch<Y>(
  dataset: Dataset<Y>,
  pipeline: Pipeline,
  { rows, key }: BatchJob,
): SampleBatch<Y> | Promise<SampleBatch<Y>> {
  const draws = key ?? NO_DRAWS;
  if (dataset.take !== undefined) {
    const finish = (batch: SampleBatch<Y>): SampleBatch<Y> => {
      if (!Array.isArray(batch) || !Tensor.isTensor(batch[0]) || batch[0].shape[0] !== rows.length) {
        throw new ArgumentError(
          `DataLoader: expected take to return [x [${rows.length}, ...], y], got ${show(batch)}.`,
        );
      }
      return [pipeline.run(batch[0], draws, rows), batch[1]];
    };
    const taken = dataset.take(rows);
    return isPromise(taken) ? taken.then(finish) : finish(taken);
  }
  // One by one, so that images of different sizes may become equal on the way.
  const get = (index: number): Sample | Promise<Sample> => (dataset as Required<Dataset<Y>>).get(index);
  const finish = (samples: readonly Sample[]): SampleBatch<Y> => {
    if (pipeline.transforms.length === 0) return collate<Y>("DataLoader", samples, rows);
    const done = samples.map((sample, i): Sample => {
      if (!Array.isArray(sample) || !Tensor.isTensor(sample[0])) return sample; // collate says what is wrong
      const [x, y] = sample as unknown as [Tensor, Sample[1]];
      return [pipeline.run(joinSamples("DataLoader", [x]), draws, rows.subarray(i, i + 1)).slice(0), y];
    });
    return collate<Y>("DataLoader", done, rows);
  };
  const samples = Array.from(rows, get);
  return samples.some(isPromise) ? Promise.all(samples).then(finish) : finish(samples as Sample[]);
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null)?.then === "function";
}
