// A data set in memory: tensors, or images as bytes, which become floats when they are taken.
import { isRecord, knownKeys, show } from "../../base/check.js";
import { UNCLONEABLE } from "../../base/uncloneable.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { checkShape, formatShape, sizeOf, type Shape } from "../../base/shape.js";
import { Tensor, checkTensor } from "../../base/tensor.js";
import { readTargets } from "../targets.js";
import type { Dataset, Sample, SampleBatch } from "./dataset.js";

/** Numbers as bytes: an image set in a quarter of the memory. */
export interface ByteImages {
  /** Levels 0 to 255 in row-major order. */
  readonly data: Uint8Array;
  /** [N, C, H, W]; [N, H, W], as IDX files have it, is one channel. */
  readonly shape: Shape;
}

/** Options of {@link TensorDataset}. */
export interface TensorDatasetOptions {
  /** Names of the classes, in the order of the labels. */
  readonly classes?: readonly string[];
}

const UNIT = /* @__PURE__ */ Float32Array.from({ length: 256 }, (_, level) => level / 255);

/**
 * Samples in memory. `x` is a tensor [N, ...], or bytes with a shape (what `parseIdx`, `parseCifar10` and `pixelsFromCsv` give):
 * those take a quarter of the memory and become floats from 0 to 1 (byte / 255) in the batches.
 *
 * Labels are whole numbers, one for each sample or the same number for each; a tensor [N, ...] holds any other targets.
 *
 * @example
 * const digits = new TensorDataset(zeros([100, 1, 28, 28]), new Int32Array(100));
 * digits.length; // 100
 *
 * @throws ShapeError when there are no samples, or sizes do not fit
 * @throws ArgumentError for labels that are not whole numbers
 */
export class TensorDataset<Y = Int32Array> implements Dataset<Y> {
  /** Samples in all. */
  readonly length: number;
  /** Shape of one sample, without the batch axis. */
  readonly sampleShape: Shape;
  /** The class of each sample; undefined for tensors of targets, and for several labels a sample. */
  readonly labels?: Int32Array;
  /** Names of the classes, if they are known. */
  readonly classes?: readonly string[];
  /** @internal The numbers as they are kept. */
  readonly source: Tensor | ByteImages;
  readonly #targetsOf: (rows: Int32Array) => Tensor | Int32Array;

  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;

  constructor(x: Tensor, labels: ArrayLike<number | bigint>, options?: TensorDatasetOptions);
  constructor(x: ByteImages, labels: ArrayLike<number | bigint>, options?: TensorDatasetOptions);
  constructor(x: Tensor, targets: Y & Tensor, options?: TensorDatasetOptions);
  constructor(x: ByteImages, targets: Y & Tensor, options?: TensorDatasetOptions);
  constructor(x: Tensor | ByteImages, y: Tensor | ArrayLike<number | bigint>, options: TensorDatasetOptions = {}) {
    const who = "TensorDataset";
    knownKeys(who, options, ["classes"]);
    const source = isBytes(x) ? checkImages(who, x) : checkTensor(who, "x", x);
    if (source.shape.length === 0 || source.shape[0] === 0) {
      throw new ShapeError(`${who}: expected at least one sample [N, ...], got x ${formatShape(source.shape)}.`);
    }
    this.source = source;
    this.length = source.shape[0];
    this.sampleShape = Object.freeze(source.shape.slice(1));
    this.#targetsOf = readTargets(y, this.length, who);
    if (!Tensor.isTensor(y) && y.length === this.length) {
      this.labels = this.#targetsOf(Int32Array.from({ length: this.length }, (_, i) => i)) as Int32Array;
    }
    const { classes } = options;
    if (classes === undefined) return;
    if (!Array.isArray(classes) || !classes.every((name) => typeof name === "string")) {
      throw new ArgumentError(`${who}: expected classes as a list of names, got ${show(classes)}.`);
    }
    const beyond = this.labels?.find((label) => label < 0 || label >= classes.length);
    if (beyond !== undefined) {
      throw new ArgumentError(`${who}: expected labels from 0 to ${classes.length - 1} for classes, got ${beyond}.`);
    }
    this.classes = Object.freeze([...classes]) as readonly string[];
  }

  /** One sample. */
  get(index: number): Sample {
    const [x, y] = this.take(Int32Array.of(index));
    const target: unknown = y;
    const one = Tensor.isTensor(target) ? target.slice(0) : (target as Int32Array);
    return [x.reshape(this.sampleShape), !Tensor.isTensor(one) && one.length === 1 ? one[0] : one];
  }

  /** The samples of these numbers, in fresh tensors. */
  take(rows: Int32Array): SampleBatch<Y> {
    const wrong = rows.findIndex((row) => !(row >= 0 && row < this.length));
    if (wrong >= 0) {
      throw new ArgumentError(`TensorDataset.take: expected rows from 0 to ${this.length - 1}, got ${rows[wrong]}.`);
    }
    return [takeRows(this.source, rows), this.#targetsOf(rows) as Y];
  }

  /** @internal What belongs to these samples. */
  targets(rows: Int32Array): Y {
    return this.#targetsOf(rows) as Y;
  }

  /** All samples as one batch, in their order. */
  all(): SampleBatch<Y> {
    return this.take(Int32Array.from({ length: this.length }, (_, i) => i));
  }

  /**
   * For JSON.stringify, which is refused.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError(
      "TensorDataset: expected plain data in JSON, got a data set (write the tensors that it holds).",
    );
  }
}

/** @internal Rows of a tensor, or of bytes as floats. */
function takeRows(source: Tensor | ByteImages, rows: ArrayLike<number>): Tensor {
  if (Tensor.isTensor(source)) return source.take(rows);
  const { data, shape } = source;
  const size = sizeOf(shape) / shape[0];
  const out = new Float32Array(rows.length * size);
  for (let i = 0, to = 0; i < rows.length; i++) {
    const from = rows[i] * size;
    for (let j = from; j < from + size; j++) out[to++] = UNIT[data[j]];
  }
  return Tensor.adopt(out, [rows.length, ...shape.slice(1)]);
}

function isBytes(x: unknown): x is ByteImages {
  return isRecord(x) && "data" in x && "shape" in x;
}

function checkImages(who: string, { data, shape }: ByteImages): ByteImages {
  if (!/Uint8(Clamped)?Array\]$/.test(Object.prototype.toString.call(data))) {
    throw new ArgumentError(`${who}: expected bytes (Uint8Array) as data, got ${show(data)} (use new Tensor(...)).`);
  }
  const sizes = checkShape(who, shape);
  if (sizeOf(sizes) !== data.length) {
    throw new ShapeError(`${who}: expected ${sizeOf(sizes)} bytes for ${formatShape(sizes)}, got ${data.length}.`);
  }
  return { data, shape: sizes.length === 3 ? Object.freeze([sizes[0], 1, sizes[1], sizes[2]]) : sizes };
}
