// What a worker needs of a data set, or the reason why none can open it.
import { show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { Tensor, type FloatArray } from "../../base/tensor.js";
import type { Transform } from "../augment/transform.js";
import type { Dataset } from "../sets/dataset.js";
import { Subset } from "../sets/subset.js";
import { TensorDataset } from "../sets/tensorDataset.js";
import type { Setup } from "./messages.js";

/**
 * The data set and the transforms as messages can carry them. Numbers are copied once, into memory that all workers share where
 * there is such memory (in a page: where it is cross-origin isolated).
 */
export function setupOf(dataset: Dataset<unknown>, transforms: readonly Transform[]): Setup {
  const part = dataset instanceof Subset ? (dataset as Subset<unknown>) : null;
  return {
    source: sourceOf(part?.dataset ?? dataset),
    indices: part?.indices ?? null,
    transforms: transforms.map(({ name, options }) => ({ name, options })),
  };
}

function sourceOf(dataset: Dataset<unknown>): Setup["source"] {
  const { module } = dataset as { readonly module?: unknown };
  if (typeof module === "string") return { kind: "module", address: module };
  if (dataset instanceof TensorDataset) {
    const { source } = dataset as TensorDataset<unknown>;
    return { kind: "numbers", data: shared(Tensor.isTensor(source) ? source.data : source.data), shape: source.shape };
  }
  throw new ArgumentError(
    `DataLoader: expected a TensorDataset, a moduleDataset or a part of one for workers, got ${show(dataset)} (put it into a ` +
      "module, or leave numWorkers at 0: data sets with promises are read ahead without workers, too).",
  );
}

function shared<A extends FloatArray | Uint8Array>(data: A): A {
  if (typeof SharedArrayBuffer === "undefined") return data;
  const copy = new (data.constructor as new (buffer: SharedArrayBuffer) => A)(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return copy;
}
