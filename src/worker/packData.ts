// Data as messages can carry them: what batches, DataLoader and lists are made of. Everything else cannot be sent. Classes are told
// by what they have, so that an app does not carry those that it does not use.
import { isRecord, show } from "../base/check.js";
import { BATCHES, isBranded } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { Tensor, type FloatArray } from "../base/tensor.js";
import type { TransformConfig } from "../data/augment/revive.js";
import type { BatchTransform } from "../data/augment/mix.js";
import type { Batches, BatchesParts } from "../data/batches.js";
import type { BatchesPosition, Epochs } from "../data/epochs.js";
import type { DataLoader, LoaderParts } from "../data/loader/dataLoader.js";
import type { Dataset } from "../data/sets/dataset.js";
import type { Subset } from "../data/sets/subset.js";
import type { ByteImages, TensorDataset } from "../data/sets/tensorDataset.js";
import { Source } from "../train/source.js";
import type { Numbers, PackedSource, PackedTargets } from "./messages.js";

type Bytes = ByteImages["data"];

const MODULE = "put it into a module of yours that calls serveTraining({ data }) of handgrad/serve";

/** What a run in a worker can train on. `name` is that of the argument. */
export function packSource(who: string, name: string, data: unknown): PackedSource {
  if (isEpochs(data)) {
    return "dataset" in data ? packLoader(who, name, data as DataLoader<unknown>) : packBatches(data as Batches);
  }
  if (Array.isArray(data)) return packList(who, name, data);
  if (isRecord(data) && typeof data.source === "string") return packNamed(who, name, data);
  const remedy = Tensor.isTensor(data)
    ? "cut them into batches: batches(images, labels, { size: 64 })"
    : `classes, functions and iterators cannot be sent: ${MODULE}`;
  throw new ArgumentError(
    `${who}: expected ${name} to be what batches(...) returns, a DataLoader, a list of batches or { source } of a module, got ` +
      `${show(data)} (${remedy}).`,
  );
}

/** Goes to where a worker has brought data like these. */
export function follow(data: unknown, position: BatchesPosition | null): void {
  if (isEpochs(data) && position !== null) data.follow(position);
}

// What batches and DataLoader make; a subclass, whose code cannot be sent, stands one lower.
function isEpochs(data: unknown): data is Epochs {
  return isBranded(data, BATCHES) && parentOwns(data, "follow");
}

function parentOwns(value: unknown, name: string): boolean {
  return Object.hasOwn(Object.getPrototypeOf(Object.getPrototypeOf(value)) as object, name);
}

function packBatches(data: Batches): PackedSource {
  const { x, y, options } = data.parts;
  return { kind: "batches", x: numbersOf(x), y: targetsOf(y), options, position: data.position };
}

function packLoader(who: string, name: string, loader: DataLoader<unknown>): PackedSource {
  const { transforms, batchTransforms, sampler, options } = loader.parts;
  const { dataset } = loader;
  const part = "indices" in dataset && "dataset" in dataset ? (dataset as Subset<unknown>) : null;
  if (sampler !== undefined && sampler.parts === undefined) {
    throw new ArgumentError(
      `${who}: expected ${name} with a sampler of weightedRandomSampler, got one of your own (${MODULE}).`,
    );
  }
  return {
    kind: "loader",
    set: setOf(who, name, part?.dataset ?? dataset),
    indices: part?.indices ?? null,
    transforms: transforms.map((transform) => configOf(who, name, "transform", transform)),
    batchTransforms: batchTransforms.map((transform) => configOf(who, name, "batchTransform", transform)),
    sampler: sampler?.parts ?? null,
    options,
    position: loader.position,
  };
}

function setOf(
  who: string,
  name: string,
  dataset: Dataset<unknown>,
): Extract<PackedSource, { readonly kind: "loader" }>["set"] {
  const { module } = dataset as { readonly module?: unknown };
  if (typeof module === "string") return { module };
  if ("source" in dataset && Object.hasOwn(Object.getPrototypeOf(dataset) as object, "targets")) {
    const set = dataset as TensorDataset<Int32Array | Tensor>;
    const { source } = set;
    const x = Tensor.isTensor(source) ? numbersOf(source) : { shape: source.shape, data: alone<Bytes>(source.data) };
    return { x, y: targetsOf(set.targets(Int32Array.from({ length: set.length }, (_, i) => i))) };
  }
  throw new ArgumentError(
    `${who}: expected ${name} of a TensorDataset, a moduleDataset or a part of one, got ${show(dataset)} (${MODULE}).`,
  );
}

function configOf(
  who: string,
  name: string,
  what: string,
  transform: LoaderParts["transforms"][number] | BatchTransform<unknown, unknown>,
): TransformConfig {
  const config = "config" in transform ? transform.config : typeof transform === "function" ? undefined : transform;
  if (config !== undefined) return { name: config.name, options: config.options };
  throw new ArgumentError(`${who}: expected ${name} with a ${what} of this package, got a function (${MODULE}).`);
}

function packList(who: string, name: string, list: readonly unknown[]): PackedSource {
  const source = new Source(who, name, list);
  if (list.length === 0) source.refuseEmpty(false);
  const batches = list.map((batch): readonly [Numbers, PackedTargets] => {
    const { x, y } = source.read(batch);
    return [numbersOf(x), targetsOf(y)];
  });
  return { kind: "list", batches };
}

function packNamed(who: string, name: string, data: Readonly<Record<string, unknown>>): PackedSource {
  const { source, args, ...others } = data;
  const [odd] = Object.keys(others);
  if (odd === undefined) return { kind: "named", name: source as string, args };
  throw new ArgumentError(
    `${who}: expected ${name} as { source, args }, got "${odd}" in it (args takes what you like).`,
  );
}

function targetsOf(y: BatchesParts["y"]): PackedTargets {
  if (Tensor.isTensor(y)) return numbersOf(y);
  if (Object.prototype.toString.call(y) === "[object Int32Array]") return alone(y as Int32Array) as Int32Array;
  return Int32Array.from(y as ArrayLike<number | bigint>, Number);
}

function numbersOf({ data, shape }: Tensor): Numbers {
  return { data: alone(data) as FloatArray, shape };
}

// A message would copy the whole buffer behind a part of it.
function alone<T extends FloatArray | Int32Array | Uint8Array | Uint8ClampedArray>(data: T): T {
  return data.byteLength === data.buffer.byteLength ? data : (data.slice() as T);
}
