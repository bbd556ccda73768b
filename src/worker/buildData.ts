// Data from plain data, on the worker's side, at the position where the caller's stand.
import { ArgumentError } from "../base/errors.js";
import { show } from "../base/check.js";
import { Tensor, type FloatArray } from "../base/tensor.js";
import { revive, reviveMix } from "../data/augment/revive.js";
import { batches } from "../data/batches.js";
import { Epochs, type BatchesPosition } from "../data/epochs.js";
import { DataLoader, type DataLoaderOptions } from "../data/loader/dataLoader.js";
import { importDataset } from "../data/loader/moduleDataset.js";
import type { Dataset } from "../data/sets/dataset.js";
import { weightedRandomSampler } from "../data/sets/sampler.js";
import { Subset } from "../data/sets/subset.js";
import { TensorDataset } from "../data/sets/tensorDataset.js";
import type { DataSource } from "../train/source.js";
import type { Numbers, PackedSource, PackedTargets } from "./messages.js";
import type { Served } from "./serveTraining.js";
import { unknownName } from "./specTables.js";

/** What fit can train on. */
export async function buildData(packed: PackedSource, served: Served["data"]): Promise<DataSource> {
  if (packed.kind === "list") return packed.batches.map(([x, y]) => [tensorOf(x), targetsOf(y)] as const);
  if (packed.kind === "named") {
    const { name, args } = packed;
    if (served === undefined || !Object.hasOwn(served, name)) throw unknownName("data", "data", name, served);
    const made: unknown = served[name];
    if (typeof made !== "function") {
      throw new ArgumentError(`serveTraining: expected data.${name} to be a function, got ${show(made)}.`);
    }
    return (made as (args: unknown) => DataSource | Promise<DataSource>)(args);
  }
  const made = packed.kind === "batches" ? buildBatches(packed) : await buildLoader(packed);
  made.follow(packed.position);
  return made;
}

/** Where data stand, for the caller's. */
export function positionOf(data: unknown): BatchesPosition | null {
  return data instanceof Epochs ? data.position : null;
}

function buildBatches({
  x,
  y,
  options,
}: Extract<PackedSource, { readonly kind: "batches" }>): Epochs & Iterable<never> {
  return batches(tensorOf(x), targetsOf(y) as Int32Array, options as Parameters<typeof batches>[2]) as never;
}

async function buildLoader({
  set,
  indices,
  transforms,
  batchTransforms,
  sampler,
  options,
}: Extract<PackedSource, { readonly kind: "loader" }>): Promise<Epochs & AsyncIterable<never>> {
  const whole = set.module !== undefined ? await importDataset<Int32Array>(set.module) : datasetOf(set.x, set.y);
  return new DataLoader(indices === null ? whole : new Subset(whole, indices), {
    ...(options as DataLoaderOptions),
    transform: transforms.map(revive),
    batchTransform: batchTransforms.map(reviveMix) as never,
    ...(sampler !== null && { sampler: weightedRandomSampler(sampler.weights, sampler.options) }),
  }) as never;
}

function datasetOf(
  x: { readonly data: FloatArray | Uint8Array | Uint8ClampedArray; readonly shape: readonly number[] },
  y: PackedTargets,
): Dataset<Int32Array> {
  const isNumbers = x.data instanceof Float32Array || x.data instanceof Float64Array;
  const samples = isNumbers ? tensorOf(x as Numbers) : x;
  return new TensorDataset(samples as Tensor, targetsOf(y) as Int32Array) as Dataset<Int32Array>;
}

function targetsOf(y: PackedTargets): Int32Array | Tensor {
  return "shape" in y ? tensorOf(y) : y;
}

function tensorOf({ data, shape }: Numbers): Tensor {
  return Tensor.adopt(data, shape) as Tensor;
}
