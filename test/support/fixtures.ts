// Reads the values of PyTorch and SciPy that the scripts in test/fixtures made. The format is told in fixture_file.py
// there; typed arrays read it as it is stored, little-endian, as every machine is that this package is tested on.
import { readFileSync } from "node:fs";

const FOLDERS = {
  torch: new URL("../fixtures/torch/", import.meta.url),
  scipy: new URL("../fixtures/scipy/", import.meta.url),
  onnx: new URL("../fixtures/onnx/", import.meta.url),
};

export type FixtureArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface FixtureTensor<A extends FixtureArray = FixtureArray> {
  readonly shape: readonly number[];
  readonly data: A;
}

export interface FixtureCase {
  readonly name: string;
  /** In this library's names; for most ops they can be passed on as they are. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Marks of special cases, such as "nan", "ties" or "extreme"; most cases have none. */
  readonly flags: readonly string[];
  readonly tensors: Readonly<Record<string, FixtureTensor>>;
  /** Plain numbers (initializers). */
  readonly values: Readonly<Record<string, number>>;
}

/** Options that gave no case: the oracle refused them, or has no defined answer to them. */
export interface FixtureDraw {
  readonly options: Readonly<Record<string, unknown>>;
  /** The shapes of the tensors that it was given. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** What the oracle said. */
  readonly message: string;
}

export interface Fixture {
  /** The versions that computed the values. */
  readonly madeBy: string;
  readonly cases: readonly FixtureCase[];
  /** How many draws the oracle refused. */
  readonly refused: number;
  readonly refusedDraws: readonly FixtureDraw[];
  readonly undefinedDraws: readonly FixtureDraw[];
}

export interface TrainingRun {
  readonly options: { readonly lr: number; readonly momentum?: number };
  /** The ten losses of PyTorch's float32 run, and of its float64 run from the same numbers. */
  readonly losses: readonly number[];
  readonly losses64: readonly number[];
  /** The weights after the ten steps, of the float32 run, by their names in the state dict. */
  readonly final: Readonly<Record<string, FixtureTensor<Float32Array>>>;
  /** By how much the weight that moved furthest moved. */
  readonly largestChange: number;
  /** How far the nearest choice of a ReLU or max pool was from falling the other way. */
  readonly clearness: number;
  /** The noise floor: how far PyTorch's two runs are apart. */
  readonly float32VsFloat64: {
    readonly lossRelative: number;
    readonly weight: number;
    readonly weightRms: number;
    readonly perParameter: Readonly<Record<string, number>>;
  };
}

export interface Training {
  readonly madeBy: string;
  readonly batchSize: number;
  readonly steps: number;
  readonly classes: number;
  readonly parameterCount: number;
  /** [C, H, W] */
  readonly inputShape: readonly number[];
  /** The first image of each step's batch. */
  readonly firstRows: readonly number[];
  /** Levels [N, C, H, W]; a network sees level / 255. */
  readonly images: FixtureTensor<Uint8Array>;
  readonly labels: FixtureTensor<Uint8Array>;
  readonly initial: Readonly<Record<string, FixtureTensor<Float32Array>>>;
  readonly optimizers: { readonly sgd: TrainingRun; readonly adam: TrainingRun };
}

export type TrainingModel = "lesson1" | "lesson2" | "lesson3" | "lesson4" | NormModel;

/** Those with batch norm, which norms.json describes. */
export type NormModel = "lesson3norm" | "residual";

/** The cases of an op, for example `loadFixture("conv2d")` or `loadFixture("signals", "scipy")`. */
export function loadFixture(op: string, folder: keyof typeof FOLDERS = "torch"): Fixture {
  const file = readJson<StoredFixture>(new URL(`${op}.json`, FOLDERS[folder]));
  const stored = file.cases.some(({ tensors }) => Object.keys(tensors).length > 0);
  const numbers = stored ? readNumbers(new URL(`${op}.bin`, FOLDERS[folder])) : new ArrayBuffer(0);
  const cases = file.cases.map(({ name, options, flags = [], tensors, values = {} }) => {
    return { name, options, flags, tensors: mapValues(tensors, (stored) => readTensor(numbers, stored)), values };
  });
  const { made_by: madeBy, refused, refusedDraws, undefinedDraws } = file;
  return { madeBy, cases, refused, refusedDraws, undefinedDraws };
}

/** Ten training steps of one lesson's network. */
export function loadTraining(model: TrainingModel): Training {
  const folder = new URL("training/", FOLDERS.torch);
  const file = model === "lesson3norm" || model === "residual" ? "norms.json" : "training.json";
  const { made_by: madeBy, models, ...common } = readJson<StoredTraining>(new URL(file, folder));
  const { images, labels, initial, optimizers, ...own } = models[model];
  const numbers = readNumbers(new URL(`${model}.bin`, folder));
  const weights = (stored: Stored): FixtureTensor<Float32Array> => readTensorOf(numbers, stored, "f32");
  const run = ({ final, float32_vs_float64: float32VsFloat64, ...rest }: StoredRun): TrainingRun => {
    return { ...rest, float32VsFloat64, final: mapValues(final, weights) };
  };
  return {
    madeBy,
    ...common,
    ...own,
    images: readTensorOf(numbers, images, "u8"),
    labels: readTensorOf(numbers, labels, "u8"),
    initial: mapValues(initial, weights),
    optimizers: { sgd: run(optimizers.sgd), adam: run(optimizers.adam) },
  };
}

/** The batch of one training step: x = level / 255 in float32, [batchSize, C, H, W], and its labels. */
export function trainingBatch(
  training: Training,
  step: number,
): { x: FixtureTensor<Float32Array>; labels: Int32Array } {
  const { images, labels, inputShape, batchSize } = training;
  const first = training.firstRows[step];
  const size = inputShape.reduce((product, length) => product * length, 1);
  const levels = images.data.subarray(first * size, (first + batchSize) * size);
  return {
    x: { shape: [batchSize, ...inputShape], data: Float32Array.from(levels, (level) => level / 255) },
    labels: Int32Array.from(labels.data.subarray(first, first + batchSize)),
  };
}

// The files as they are.

const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array };

type Dtype = keyof typeof ARRAYS;

/** The offset counts 4-byte words. */
interface Stored {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly dtype: Dtype;
}

interface StoredFixture extends Pick<Fixture, "refused" | "refusedDraws" | "undefinedDraws"> {
  readonly made_by: string;
  readonly cases: readonly {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly flags?: readonly string[];
    readonly tensors: Readonly<Record<string, Stored>>;
    readonly values?: Readonly<Record<string, number>>;
  }[];
}

interface StoredRun extends Omit<TrainingRun, "final" | "float32VsFloat64"> {
  readonly final: Readonly<Record<string, Stored>>;
  readonly float32_vs_float64: TrainingRun["float32VsFloat64"];
}

interface StoredTraining extends Pick<Training, "batchSize" | "steps" | "classes"> {
  readonly made_by: string;
  readonly models: Readonly<
    Record<
      TrainingModel,
      Pick<Training, "parameterCount" | "inputShape" | "firstRows"> & {
        readonly images: Stored;
        readonly labels: Stored;
        readonly initial: Readonly<Record<string, Stored>>;
        readonly optimizers: { readonly sgd: StoredRun; readonly adam: StoredRun };
      }
    >
  >;
}

function readJson<T>(url: URL): T {
  return JSON.parse(readFileSync(url, "utf8")) as T;
}

function readNumbers(url: URL): ArrayBuffer {
  return new Uint8Array(readFileSync(url)).buffer;
}

/** A copy, so that a test may write into what it got. */
function readTensor(numbers: ArrayBuffer, { shape, offset, dtype }: Stored): FixtureTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: new ARRAYS[dtype](numbers, 4 * offset, size).slice() };
}

function readTensorOf<D extends "f32" | "u8">(
  numbers: ArrayBuffer,
  stored: Stored,
  dtype: D,
): FixtureTensor<InstanceType<(typeof ARRAYS)[D]>> {
  if (stored.dtype !== dtype) throw new Error(`expected ${dtype} numbers in the fixture, got ${stored.dtype}`);
  return readTensor(numbers, stored) as FixtureTensor<InstanceType<(typeof ARRAYS)[D]>>;
}

function mapValues<A, B>(object: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
