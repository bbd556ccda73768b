// serveTraining: what a training worker runs. It waits for one run, builds it from plain data, lets fit train it, and tells the other
// side what happens. The worker of the package is this with nothing of its own (worker.ts).
import { WORKER_BUILD } from "../backend/wasm/runtime/worker.generated.js";
import type { LayerClass } from "../nn/layers.js";
import type { Layer } from "../nn/layer.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { Metric, TrainLoss } from "../train/measure.js";
import type { DataSource } from "../train/source.js";
import { knownKeys } from "../base/check.js";
import { ServedRun } from "./servedRun.js";
import type { FromWorker, ToWorker } from "./messages.js";
import { openHome, type Home } from "./home.js";

/** What a module of yours brings along, each by the name under which `trainInWorker` asks for it. */
export interface Served {
  /** Classes of layers of your own, by the type that their `config()` says. */
  readonly layers?: Readonly<Record<string, LayerClass>>;
  /** Functions that make data; they get the `args` of `{ source, args }`. */
  readonly data?: Readonly<Record<string, (args: never) => DataSource | Promise<DataSource>>>;
  /** Functions that make a loss; they get the `args` of `{ name, args }`. */
  readonly losses?: Readonly<Record<string, (args: never) => TrainLoss>>;
  /** Functions that make a metric (which may be a function itself). */
  readonly metrics?: Readonly<Record<string, (args: never) => Metric>>;
  /** Functions that make an optimizer of the model. */
  readonly optimizers?: Readonly<Record<string, (model: Layer, args: never) => Optimizer>>;
}

/**
 * Makes the module that calls it a training worker: `trainInWorker` starts it by its option `worker` and finds in it what cannot be
 * sent, layers, data, losses, metrics and optimizers of your own. One call a worker, at the top of its module.
 *
 * @example
 * // train.js
 * serveTraining({
 *   layers: { Gate },
 *   data: { pets: async ({ folder }) => new DataLoader(await imageFolder(folder), { batchSize: 32, shuffle: true }) },
 * });
 *
 * // the app
 * trainInWorker(model, { source: "pets", args: { folder: "pets" } }, {
 *   optimizer: { type: "Adam" }, epochs: 5,
 *   worker: () => new Worker(new URL("./train.js", import.meta.url), { type: "module" }),
 * });
 *
 * @throws ArgumentError for unusable arguments
 */
export function serveTraining(served: Served = {}): void {
  knownKeys("serveTraining", served, ["layers", "data", "losses", "metrics", "optimizers"]);
  serveAt(openHome(), served);
}

/** @internal The same with another line home, for tests. */
export function serveAt(home: Home, served: Served): void {
  let run: ServedRun | undefined;
  const tell = (message: FromWorker, transfer: ArrayBuffer[] = []): void => home.post(message, transfer);
  home.listen((message) => {
    const said = message as ToWorker;
    if (said.kind !== "start") run?.hear(said);
    else if (run === undefined) {
      run = new ServedRun(said.setup, served, tell);
      void run.run();
    }
  });
  tell({ kind: "ready", build: WORKER_BUILD });
}
