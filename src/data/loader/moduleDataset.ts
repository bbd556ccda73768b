// A data set that a module of yours exports, so that workers can open it, too.
import { show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { checkDataset, type Dataset } from "../sets/dataset.js";

/** A data set of a module; workers of a `DataLoader` import the module again. */
export interface ModuleDataset<Y = Int32Array> extends Dataset<Y> {
  /** The address of the module. */
  readonly module: string;
}

/**
 * The data set that a module exports as `default`, itself or as a function that makes it (also async). It is for data that are
 * not in memory: a `DataLoader` with `numWorkers` lets each worker import the module, and so reads and decodes in parallel.
 *
 * The module must make the same data set each time, and needs an absolute address: `new URL("./pets.js", import.meta.url)`.
 *
 * @throws ArgumentError when the module exports no data set
 */
export async function moduleDataset<Y = Int32Array>(module: URL | string): Promise<ModuleDataset<Y>> {
  const address = String(module);
  if (!/^[a-z]+:/i.test(address)) {
    throw new ArgumentError(
      `moduleDataset: expected an absolute address, got ${show(module)} (new URL("./data.js", import.meta.url)).`,
    );
  }
  const dataset = await importDataset<Y>(address);
  return {
    module: address,
    length: dataset.length,
    ...(dataset.labels !== undefined && { labels: dataset.labels }),
    ...(dataset.classes !== undefined && { classes: dataset.classes }),
    ...(dataset.get !== undefined && { get: (index: number) => (dataset as Required<Dataset<Y>>).get(index) }),
    ...(dataset.take !== undefined && { take: (rows: Int32Array) => (dataset as Required<Dataset<Y>>).take(rows) }),
  };
}

/** @internal Imports the module and opens its data set. */
export async function importDataset<Y>(address: string): Promise<Dataset<Y>> {
  const { default: exported } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ address)) as {
    readonly default?: unknown;
  };
  const made: unknown = typeof exported === "function" ? await (exported as () => unknown)() : exported;
  return checkDataset<Y>(`moduleDataset: ${address}`, made);
}
