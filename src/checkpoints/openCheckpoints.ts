// Opens a place for checkpoints: which kind of place a text means here, and the options.
import { knownKeys, oneOf, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Best } from "./checkpointNames.js";
import { Checkpoints } from "./checkpoints.js";
import { FolderStore, hasFiles } from "./folderStore.js";
import { IndexedDbStore, hasIndexedDb } from "./indexedDbStore.js";
import type { CheckpointStore } from "./store.js";

/** Options of {@link openCheckpoints}. */
export interface CheckpointsOptions {
  /** How many of the latest are kept; the best one stays beside them. Infinity keeps all. Default 3. */
  readonly keep?: number;
  /** Whether the best is the one of the largest or of the smallest metric. Default: none is kept for its metric. */
  readonly best?: Best;
}

/**
 * Opens the checkpoints of a run at a place: the path of a folder in Node (also Bun and Deno), the name of an IndexedDB database
 * in a browser, or a store of your own. One process writes to a place; others may read.
 *
 * @example
 * const checkpoints = await openCheckpoints("runs/digits", { best: "max" });
 * const losses = (await checkpoints.restore<number>({ model, optimizer, batches: data }))?.history ?? [];
 * while (data.position.epoch < 10) {
 *   for (const [x, y] of data) losses.push(train(x, y));
 *   checkpoints.saveSync({ model, optimizer, batches: data, history: losses, metric: validate() });
 * }
 *
 * @throws ArgumentError for an unusable place or option
 * @throws FileError when the folder cannot be made or the place cannot be read
 */
export async function openCheckpoints(
  place: string | CheckpointStore,
  options: CheckpointsOptions = {},
): Promise<Checkpoints> {
  knownKeys("openCheckpoints", options, ["keep", "best"]);
  const { keep = 3 } = options;
  if (keep !== Infinity) whole("openCheckpoints", "keep", keep, 1);
  const best = options.best === undefined ? null : oneOf<Best>("openCheckpoints", "best", options.best, ["max", "min"]);
  const store = typeof place === "string" ? storeAt(place) : checkStore(place);
  return new Checkpoints(store, keep, best, await store.list());
}

function storeAt(place: string): CheckpointStore {
  if (place === "") throw new ArgumentError(`openCheckpoints: expected the path of a folder, got "".`);
  if (hasFiles()) return new FolderStore(place);
  if (hasIndexedDb()) return new IndexedDbStore(place);
  throw new ArgumentError(
    `openCheckpoints: expected a runtime with files or IndexedDB, got one without (give a store of your own).`,
  );
}

function checkStore(place: unknown): CheckpointStore {
  const methods = ["list", "read", "write", "remove"] as const;
  const store = place as Partial<CheckpointStore> | null;
  const complete = typeof store === "object" && methods.every((name) => typeof store?.[name] === "function");
  if (complete) return store as CheckpointStore;
  throw new ArgumentError(
    `openCheckpoints: expected a path, a database's name, or a store with ${methods.join(", ")}, got ${show(place)}.`,
  );
}
