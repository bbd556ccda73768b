// What a data set is: so many samples, each by its number. Anything with `length` and `get` (or `take`) is one.
import { isRecord, show } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { formatShape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";

/** One sample: x without a batch axis, and what belongs to it. */
export type Sample = readonly [x: Tensor, y: number | Int32Array | Tensor];

/** Several samples: x [N, ...], and N labels (or a multiple of N), or a tensor of targets [N, ...]. */
export type SampleBatch<Y = Int32Array> = [x: Tensor, y: Y];

/**
 * A data set: samples by their number, at once or by a promise. `Y` is what a batch has for targets: Int32Array for labels,
 * Tensor for all else.
 */
export interface Dataset<Y = Int32Array> {
  /** Samples in all. */
  readonly length: number;
  /** One sample, with a tensor of its own. */
  get?(index: number): Sample | Promise<Sample>;
  /** Several samples at once, in fresh tensors; where it exists, it is used instead of `get`. */
  take?(rows: Int32Array): SampleBatch<Y> | Promise<SampleBatch<Y>>;
  /** The class of each sample, if it is known without reading: for stratified splits and weights. */
  readonly labels?: ArrayLike<number>;
  /** Names of the classes. */
  readonly classes?: readonly string[];
}

/** Throws unless `value` is a data set with samples; returns it. */
export function checkDataset<Y>(who: string, value: unknown): Dataset<Y> {
  const set = (value ?? {}) as Partial<Dataset<Y>>;
  const reads = typeof set.get === "function" || typeof set.take === "function";
  if (typeof value !== "object" || value === null || !reads || !Number.isSafeInteger(set.length)) {
    const remedy = Tensor.isTensor(value)
      ? " (new TensorDataset(x, labels) makes one)"
      : isRecord(value)
        ? " (it has length and get(index) or take(rows))"
        : "";
    throw new ArgumentError(`${who}: expected a data set, got ${show(value)}${remedy}.`);
  }
  if ((set.length as number) >= 1) return value as Dataset<Y>;
  throw new ShapeError(`${who}: expected at least one sample, got a data set of ${show(set.length)}.`);
}

/** Joins single samples to a batch; all must have the shape of the first. */
export function collate<Y>(who: string, samples: readonly Sample[], rows: ArrayLike<number>): SampleBatch<Y> {
  samples.forEach((sample, i) => {
    if (Array.isArray(sample) && sample.length === 2 && Tensor.isTensor(sample[0])) return;
    throw new ArgumentError(`${who}: expected sample ${rows[i]} to be [tensor, label], got ${show(sample)}.`);
  });
  const x = joinTensors(
    who,
    samples.map(([tensor]) => tensor),
    rows,
  );
  const ys = samples.map(([, y]) => y);
  if (Tensor.isTensor(ys[0])) return [x, joinTensors(who, ys as Tensor[], rows) as unknown as Y];
  const perSample = typeof ys[0] === "number" ? 1 : ys[0].length;
  const labels = new Int32Array(ys.length * perSample);
  ys.forEach((y, i) => {
    const list: ArrayLike<number> = typeof y === "number" ? [y] : (y as Int32Array);
    const fits = list !== null && typeof list === "object" && list.length === perSample;
    if (!fits || !Array.from(list).every((label) => (label | 0) === label)) {
      const expected = perSample === 1 ? "a whole number" : `${perSample} whole numbers`;
      throw new ArgumentError(`${who}: expected the label of sample ${rows[i]} to be ${expected}, got ${show(y)}.`);
    }
    labels.set(list, i * perSample);
  });
  return [x, labels as unknown as Y];
}

function joinTensors(who: string, tensors: readonly Tensor[], rows: ArrayLike<number>): Tensor {
  const [{ shape, data }] = tensors;
  const out = new (data.constructor as Float32ArrayConstructor)(tensors.length * data.length);
  tensors.forEach((tensor, i) => {
    const same = Tensor.isTensor(tensor) && tensor.data.length === data.length && tensor.dtype === tensors[0].dtype;
    if (!same || formatShape(tensor.shape) !== formatShape(shape)) {
      const got = Tensor.isTensor(tensor) ? formatShape(tensor.shape) : show(tensor);
      throw new ShapeError(
        `${who}: expected samples of one shape, ${formatShape(shape)} (sample ${rows[0]}), got ${got} (sample ${rows[i]}; for ` +
          "images of different sizes give a transform such as resize or randomResizedCrop).",
      );
    }
    out.set(tensor.data, i * data.length);
  });
  return Tensor.adopt(out, [tensors.length, ...shape]);
}
