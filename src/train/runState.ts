// What a run stores in its checkpoints beside model, optimizers, schedules and data, and the way back: history, counters, the
// running means of the epoch at work, the best weights, averages, the states of callbacks, positions of data from elsewhere.
import { isRecord, show } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import type { RunToSave } from "../checkpoints/checkpoint.js";
import type { AnyBatches, Run } from "../checkpoints/run.js";
import { Batches } from "../data/batches.js";
import type { Json } from "../nn/config.js";
import { History, type HistoryJson } from "./history.js";
import type { MeasureState } from "./measure.js";
import type { BestEpoch } from "./result.js";
import type { Source } from "./source.js";
import type { Counts, Trainer } from "./trainer.js";

interface Extra {
  readonly fit: {
    readonly counts: Counts;
    readonly batches: HistoryJson["batches"];
    readonly running: MeasureState;
    readonly best: BestEpoch | null;
    readonly averaged: number;
    readonly callbacks: Readonly<Record<string, Json>>;
    readonly positions: readonly Json[];
  };
}

/** Reads and restores the state of a run. */
export class RunState {
  readonly #run: Trainer;

  constructor(run: Trainer) {
    this.#run = run;
  }

  /** The objects of the run that a checkpoint knows. */
  parts(): Run {
    const { model, settings } = this.#run;
    const { optimizer, batchSchedule, epochSchedule, generators } = settings;
    const schedule = [...batchSchedule, ...epochSchedule];
    return {
      model,
      optimizer,
      schedule,
      batches: this.#sources(true).map(({ data }) => data as AnyBatches),
      generators,
    };
  }

  /** Stores a checkpoint, where there is a place for it. */
  async save(): Promise<void> {
    const { checkpoints } = this.#run.settings;
    if (checkpoints === undefined) return;
    await checkpoints.save(this.#toSave());
  }

  /** Goes to the latest checkpoint, if that is wanted and there is one. */
  async resume(): Promise<void> {
    const { checkpoints, resume } = this.#run.settings;
    if (checkpoints === undefined || resume === false) return;
    const restored = await checkpoints.restore<EpochJson>(this.parts(), resume);
    if (restored === null) return;
    const { history, extra, tensors, name } = restored;
    const { fit } = isRecord(extra) ? (extra as unknown as Partial<Extra>) : {};
    if (fit === undefined) {
      throw new FormatError(`fit: expected a checkpoint by fit to resume from, got ${name} with extra ${show(extra)}.`);
    }
    const { counts, running, callbacks, settings, best } = { ...this.#run, ...fitParts(this.#run) };
    Object.assign(counts, fit.counts);
    running.restore(fit.running);
    this.#run.history = History.from({ epochs: history, batches: fit.batches });
    best?.restore(fit.best, named(tensors, "best"));
    settings.average?.loadState({ count: fit.averaged, tensors: named(tensors, "average") });
    for (const callback of callbacks) {
      const { name: key } = callback;
      if (key !== undefined && Object.hasOwn(fit.callbacks, key)) callback.restore?.(fit.callbacks[key]);
    }
    this.#sources(false).forEach((source, i) => source.moveTo(fit.positions[i]));
  }

  #toSave(): RunToSave {
    const { counts, history, running, best, settings } = this.#run;
    const { epochs, batches } = history.toJSON();
    const kept = best?.state() ?? { best: null, tensors: {} };
    const averages = settings.average?.state() ?? { count: 0, tensors: {} };
    const states = settings.callbacks.flatMap((callback): [string, Json][] => {
      return callback.state === undefined || callback.name === undefined ? [] : [[callback.name, callback.state()]];
    });
    const extra: Extra = {
      fit: {
        counts: { ...counts },
        batches,
        running: running.state(),
        best: kept.best,
        averaged: averages.count,
        callbacks: Object.fromEntries(states),
        positions: this.#sources(false).map(({ position }) => position as Json),
      },
    };
    const tensors = { ...prefixed(kept.tensors, "best"), ...prefixed(averages.tensors, "average") };
    const last = history.epochs.at(-1);
    const metric = counts.batch === 0 && last !== undefined ? settings.restoreBest?.in(last) : undefined;
    return {
      ...this.parts(),
      history: epochs,
      extra,
      tensors,
      gradients: false,
      ...(metric !== undefined && { metric }),
    };
  }

  // Those that checkpoints know themselves, or the others that have a position. A loader may serve twice.
  #sources(own: boolean): readonly Source[] {
    const { train, validation } = this.#run;
    const all = [train, ...(validation === null ? [] : [validation])];
    const once = all.filter(({ data }, i) => all.findIndex((other) => other.data === data) === i);
    return once.filter((source) => source.data instanceof Batches === own && source.hasPosition);
  }
}

type EpochJson = Json;

function fitParts(
  run: Trainer,
): Pick<Trainer, "counts" | "running" | "settings" | "best"> & {
  readonly callbacks: Trainer["settings"]["callbacks"];
} {
  const { counts, running, settings, best } = run;
  return { counts, running, settings, best, callbacks: settings.callbacks };
}

function prefixed(tensors: Readonly<Record<string, Tensor>>, prefix: string): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

function named(tensors: Readonly<Record<string, Tensor>>, prefix: string): Record<string, Tensor> {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}.`));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}
