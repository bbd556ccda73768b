// The checkpoints of one run at one place: names and numbers, which are kept, which is taken. Bytes are made in checkpoint.ts.
import { flag, knownKeys, nearestHint, show } from "../base/check.js";
import { ArgumentError, FileError, FormatError, StateError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { decodeFor, encodeFor, type RunToSave } from "./checkpoint.js";
import { bestOf, entryOf, nameOf, outdated, type Best, type CheckpointEntry } from "./checkpointNames.js";
import type { Checkpoint } from "./checkpointState.js";
import type { Bytes } from "../files/bytes.js";
import { prepareRestore } from "./restoreCheckpoint.js";
import { readRun, type Run } from "./run.js";
import type { CheckpointStore } from "./store.js";

/** Which checkpoint is taken. */
export interface ReadOptions {
  /** "latest", "best" or a name of {@link Checkpoints.list}. Default "latest". */
  readonly which?: string;
  /** Whether a damaged or unreadable one is passed over for the next older (or next best) one. Default false: it is an error. */
  readonly fallback?: boolean;
}

/** A checkpoint that was passed over. */
export interface SkippedCheckpoint {
  /** Its name. */
  readonly name: string;
  /** What was wrong with it. */
  readonly reason: string;
}

/** A checkpoint that was found. */
export interface FoundCheckpoint {
  /** Its name. */
  readonly name: string;
  /** Its content. */
  readonly checkpoint: Checkpoint;
  /** Those that were passed over, and why. */
  readonly skipped: readonly SkippedCheckpoint[];
}

/** What {@link Checkpoints.restore} found beside the state that it put back. */
export interface RestoredRun<H = unknown, E = unknown> {
  /** Name of the checkpoint. */
  readonly name: string;
  /** The list that was saved as history: a new one, to go on with. */
  readonly history: H[];
  /** What was saved as extra. */
  readonly extra: E;
  /** The other tensors that were saved, by name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** The metric that was saved, or null. */
  readonly metric: number | null;
  /** Checkpoints that were passed over, and why. */
  readonly skipped: readonly SkippedCheckpoint[];
}

/** The checkpoints of a run at one place: what `openCheckpoints` returns. */
export class Checkpoints {
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #store: CheckpointStore;
  readonly #keep: number;
  readonly #best: Best | null;
  #last: number; // the highest number that is known
  #queue: Promise<unknown> = Promise.resolve();

  /** @internal Use {@link openCheckpoints}. */
  constructor(store: CheckpointStore, keep: number, best: Best | null, names: readonly string[]) {
    this.#store = store;
    this.#keep = keep;
    this.#best = best;
    this.#last = lastNumber(readNames(names, best));
  }

  /**
   * Saves the run as it is at the call; training may go on while it is written. Resolves to the checkpoint's name when it is
   * stored for good. Then those that are neither among the latest nor the best are deleted.
   *
   * @throws ArgumentError for what is not part of a run
   * @throws FileError when it cannot be written (a full disk); those before it are then untouched, and nothing is left behind
   * @throws StateError when somebody else writes to this place
   */
  async save(run: RunToSave): Promise<string> {
    const bytes = encodeFor("Checkpoints.save", run); // now: what is awaited comes later
    const { metric = null } = run;
    if (this.#store.sync === true) return this.#saveNow("Checkpoints.save", bytes, metric);
    const done = this.#queue.then(() => this.#saveLater(bytes, metric));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /**
   * The same at once, where the place allows it: a folder, or a store of your own that says `sync`.
   *
   * @throws ArgumentError, FileError, StateError as {@link Checkpoints.save}; ArgumentError in a browser's database
   */
  saveSync(run: RunToSave): string {
    const who = "Checkpoints.saveSync";
    if (this.#store.sync !== true) {
      throw new ArgumentError(
        `${who}: expected a place that answers at once, such as a folder, got another (await save).`,
      );
    }
    return this.#saveNow(who, encodeFor(who, run), run.metric ?? null);
  }

  /** All checkpoints of the place, the oldest first. */
  async list(): Promise<CheckpointEntry[]> {
    await this.#queue;
    return readNames(await this.#store.list(), this.#best);
  }

  /**
   * The content of a checkpoint, or null where there is none at all; for weights alone:
   * `model.loadStateDict(found.checkpoint.model)`.
   *
   * @throws FormatError for a damaged, foreign or newer file, unless `fallback` finds another
   * @throws ArgumentError for a name that does not exist, or "best" where none has a metric
   */
  async read(options: ReadOptions = {}): Promise<FoundCheckpoint | null> {
    return this.#find("Checkpoints.read", options);
  }

  /**
   * Puts a run back to where its checkpoint was taken, and returns the rest of what was saved; null where there is no
   * checkpoint at all. After an error nothing has changed. See {@link restoreCheckpoint} for what the run must be.
   *
   * @throws FormatError for a damaged, foreign or newer file, unless `fallback` finds another
   * @throws ArgumentError for a checkpoint of another model, optimizer or data, or a name that does not exist
   * @throws ShapeError when a tensor has another shape than the model's
   */
  async restore<H = unknown, E = unknown>(run: Run, options: ReadOptions = {}): Promise<RestoredRun<H, E> | null> {
    readRun("Checkpoints.restore", run);
    const found = await this.#find("Checkpoints.restore", options);
    if (found === null) return null;
    const { name, checkpoint, skipped } = found;
    prepareRestore(`Checkpoints.restore ${name}`, run, checkpoint)();
    const { history, extra, tensors = {}, metric } = checkpoint;
    return { name, history: [...history] as H[], extra: extra as E, tensors, metric, skipped };
  }

  /**
   * For JSON.stringify, which is refused.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError("Checkpoints: expected what list() or read() give in JSON, got the place itself.");
  }

  async #find(who: string, options: ReadOptions): Promise<FoundCheckpoint | null> {
    knownKeys(who, options, ["which", "fallback"]);
    const { which = "latest", fallback = false } = options;
    flag(who, "fallback", fallback);
    if (typeof which !== "string") {
      throw new ArgumentError(`${who}: expected "latest", "best" or the name of a checkpoint, got ${show(which)}.`);
    }
    const entries = await this.list();
    if (entries.length === 0) return null;
    const skipped: SkippedCheckpoint[] = [];
    for (const { name } of this.#candidates(who, which, entries)) {
      try {
        const bytes = await this.#store.read(name);
        if (bytes === null) throw new FileError(`${who} ${name}: expected the file that was listed, got none.`);
        return { name, checkpoint: decodeFor(`${who} ${name}`, bytes), skipped };
      } catch (error) {
        if (!(error instanceof FormatError || error instanceof FileError)) throw error;
        if (!fallback) throw hinted(error);
        skipped.push({ name, reason: error.message });
      }
    }
    const reasons = skipped.map(({ reason }) => reason).join(" ");
    throw new FormatError(`${who}: expected a whole checkpoint, got none of ${skipped.length}: ${reasons}`);
  }

  // The one that is asked for, then those that stand in for it.
  #candidates(who: string, which: string, entries: readonly CheckpointEntry[]): CheckpointEntry[] {
    const newestFirst = [...entries].reverse();
    if (which === "latest") return newestFirst;
    if (which === "best") {
      const ordered: CheckpointEntry[] = [];
      const left = [...entries];
      for (let best = bestOf(left, this.#best); best !== null; best = bestOf(left, this.#best)) {
        ordered.push(...left.splice(left.indexOf(best), 1));
      }
      if (ordered.length > 0) return ordered;
      const [got, remedy] =
        this.#best === null
          ? ["none", 'open with { best: "max" } or "min"']
          : [`${entries.length} without`, "save with a metric"];
      throw new ArgumentError(`${who}: expected checkpoints with a metric to choose by, got ${got} (${remedy}).`);
    }
    const place = newestFirst.findIndex(({ name }) => name === which);
    if (place >= 0) return newestFirst.slice(place);
    const hint = nearestHint(which, ["latest", "best", ...entries.map(({ name }) => name)]);
    throw new ArgumentError(
      `${who}: expected "latest", "best" or the name of a checkpoint, got ${show(which)}${hint || "."}`,
    );
  }

  #saveNow(who: string, bytes: Bytes, metric: number | null): string {
    const names = this.#store.list() as readonly string[];
    const name = this.#next(who, names, metric);
    void this.#store.write(name, bytes);
    for (const old of this.#taken(name, names)) void this.#store.remove(old);
    return name;
  }

  async #saveLater(bytes: Bytes, metric: number | null): Promise<string> {
    const names = await this.#store.list();
    const name = this.#next("Checkpoints.save", names, metric);
    await this.#store.write(name, bytes);
    for (const old of this.#taken(name, names)) await this.#store.remove(old);
    return name;
  }

  #next(who: string, names: readonly string[], metric: number | null): string {
    const last = lastNumber(readNames(names, null));
    if (last > this.#last) {
      throw new StateError(
        `${who}: expected to be the only writer of this place, got checkpoint ${last} from somewhere else (one run a place; ` +
          `open another one).`,
      );
    }
    return nameOf(this.#last + 1, metric);
  }

  // It is stored: it counts, and what it replaces can go.
  #taken(name: string, names: readonly string[]): string[] {
    this.#last += 1;
    return outdated(readNames([...names, name], this.#best), this.#keep);
  }
}

function readNames(names: readonly string[], best: Best | null): CheckpointEntry[] {
  if (!Array.isArray(names)) {
    throw new ArgumentError(`Checkpoints: expected the names of a store from its list(), got ${show(names)}.`);
  }
  const entries = names.map(entryOf).filter((entry) => entry !== null);
  entries.sort((a, b) => a.number - b.number);
  const chosen = bestOf(entries, best);
  return entries.map((entry) => ({ ...entry, best: entry === chosen }));
}

function lastNumber(entries: readonly CheckpointEntry[]): number {
  return entries.at(-1)?.number ?? 0;
}

function hinted(error: FormatError | FileError): FormatError | FileError {
  const type = error instanceof FormatError ? FormatError : FileError;
  return new type(`${error.message} With { fallback: true } the one before it is used.`, {
    cause: error.cause ?? error,
  });
}
