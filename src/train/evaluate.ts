// evaluate and predict: a model over all batches of a loader, in eval mode, without gradients.
import { whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import { Loss } from "../loss/loss.js";
import type { Layer } from "../nn/layer.js";
import { concat } from "../ops/layout.js";
import { Breath } from "./breath.js";
import { checkReadModel, checkSignal } from "./checks.js";
import { Measure, checkLoss, checkMetrics, lossOf, type Metrics, type Results, type TrainLoss } from "./measure.js";
import { Source, isThenable, type DataSource, type TrainBatch } from "./source.js";

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Its mean over all samples is `loss` in the results. Default: no loss. */
  readonly loss?: TrainLoss;
  /** Metrics by the names of their results. Default: none. */
  readonly metrics?: Metrics;
  /** Ends it: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds of work between two moments in which others may run. Default 16. */
  readonly yieldEvery?: number;
}

/** Options of {@link predict}. */
export type PredictOptions = Pick<EvaluateOptions, "signal" | "yieldEvery">;

const COMMON = {
  signal: { check: checkSignal }, // none
  yieldEvery: { check: (who: string, name: string, value: unknown) => whole(who, name, value, 0), default: 16 },
};
const PREDICT: OptionTable<{ signal: AbortSignal | undefined; yieldEvery: number }> = COMMON;
const EVALUATE: OptionTable<{
  loss: TrainLoss | undefined;
  metrics: Metrics;
  signal: AbortSignal | undefined;
  yieldEvery: number;
}> = {
  loss: { check: checkLoss }, // none
  metrics: { check: checkMetrics, default: {} },
  ...COMMON,
};

/**
 * Loss and metrics of a model over all batches of an epoch, each sample counting the same, whatever the last batch holds. The
 * model runs in eval mode and comes back to the mode it was in. A metric that is a function gives the mean of its batches: for
 * those that are no mean of samples, such as an F1 score, give an object with `update`, `compute` and `reset`.
 * What `loadModel` returns may stand for its model.
 *
 * @example
 * const { loss, accuracy: share } = await evaluate(model, batches(images, labels, { size: 500 }), {
 *   loss: new CrossEntropy(),
 *   metrics: { accuracy },
 * });
 *
 * @throws ArgumentError for an unusable option, and when there is no batch
 */
export async function evaluate(
  model: Layer | { readonly model: Layer },
  data: DataSource,
  options: EvaluateOptions = {},
): Promise<Results> {
  const who = "evaluate";
  const layer = checkReadModel(who, model);
  const source = new Source(who, "data", data);
  const { loss, metrics, signal, yieldEvery } = readOptions(who, EVALUATE, options);
  if (loss === undefined && Object.keys(metrics).length === 0) {
    throw new ArgumentError(`${who}: expected a loss or metrics, got none of them (for outputs alone use predict).`);
  }
  const measure = new Measure(who, metrics);
  await measureAll(who, layer, source, { measure, loss, signal, breath: new Breath(yieldEvery) });
  return measure.results("");
}

/**
 * The outputs of a model for all batches of an epoch, one below the other, as one tensor [samples, ...]. Batches may be those of
 * training, or tensors alone. The model runs in eval mode and comes back to the mode it was in.
 *
 * @example
 * const logits = await predict(model, batches(images, labels, { size: 500 }));
 * const classes = logits.argmax(1);
 *
 * @throws ArgumentError for an unusable option, and when there is no batch
 */
export async function predict(
  model: Layer | { readonly model: Layer },
  data: DataSource<TrainBatch | Tensor>,
  options: PredictOptions = {},
): Promise<Tensor> {
  const who = "predict";
  const layer = checkReadModel(who, model);
  const source = new Source(who, "data", data);
  const { signal, yieldEvery } = readOptions(who, PREDICT, options);
  const outputs: Tensor[] = [];
  await eachBatch(source, signal, new Breath(yieldEvery), (batch) => {
    outputs.push(layer.predict(source.readInputs(batch)));
  });
  return outputs.length === 1 ? outputs[0] : concat(outputs);
}

/** @internal Gathers loss and metrics over an epoch of a source. */
export async function measureAll(
  who: string,
  model: Layer,
  source: Source,
  use: {
    readonly measure: Measure;
    readonly loss: TrainLoss | undefined;
    readonly signal: AbortSignal | undefined;
    readonly breath: Breath;
    readonly most?: number;
  },
): Promise<void> {
  const { measure, loss, signal, breath, most } = use;
  measure.reset();
  await eachBatch(
    source,
    signal,
    breath,
    (batch) => {
      const { x, y } = source.read(batch);
      const outputs = model.predict(x);
      if (loss !== undefined) {
        const putBack = loss instanceof Loss ? loss.snapshot() : undefined; // a backward may be waiting
        measure.addLoss(loss, lossOf(who, loss, outputs, y), x.shape[0]);
        putBack?.();
      }
      measure.add(outputs, y, x.shape[0]);
    },
    most,
  );
}

/** @internal Each batch of an epoch, giving way in between. */
export async function eachBatch(
  source: Source,
  signal: AbortSignal | undefined,
  breath: Breath,
  use: (batch: unknown) => void,
  most: number = Infinity,
): Promise<void> {
  signal?.throwIfAborted();
  const feed = await source.open();
  let count = 0;
  try {
    while (count < most) {
      const asked = feed.next();
      const { done, value } = (isThenable(asked) ? await asked : asked) as IteratorResult<unknown>;
      if (done === true) break;
      use(value);
      count++;
      if (breath.due) await breath.take();
      signal?.throwIfAborted();
    }
  } finally {
    await feed.close();
  }
  if (count === 0) source.refuseEmpty(false);
}
