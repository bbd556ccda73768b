// fit: trains a model. This is the door: options are checked here, a model is trained once at a time, and what is returned is a
// promise that can be told to pause or stop. The loop is in trainer.ts.
import { ArgumentError, StateError } from "../base/errors.js";
import type { Layer } from "../nn/layer.js";
import { checkModel } from "./checks.js";
import { readFitOptions, type FitOptions } from "./fitOptions.js";
import { withHandle, type TrainingHandle } from "./handle.js";
import { claim } from "./inTraining.js";
import type { FitResult } from "./result.js";
import type { DataSource } from "./source.js";
import { Trainer } from "./trainer.js";

/** What {@link fit} returns: the promise of its result, which can be looked at and told to pause, go on or stop meanwhile. */
export type Training = Promise<FitResult> & TrainingHandle;

/**
 * Trains a model: for each epoch all batches of the data (forward, loss, backward, step), then the validation data, the records
 * of the history, the best weights so far. It is the plain loop with what one otherwise writes around it; the weights after it
 * are those of that loop, bit for bit.
 *
 * It lets others run by time (every 16 ms): a page stays alive, a server answers. Training ends after its epochs, by `stop`
 * (also of a callback, such as `earlyStopping`), by the signal, or by an error; in each case the best weights are put back.
 *
 * @param data what `batches` returns, a list of batches, any object that can be looped over, or a function that makes one
 * @returns a promise of how it ended, with the history; `training.pause()`, `training.stop()` and others are its methods
 *
 * @example
 * const result = await fit(model, batches(images, labels, { size: 64, shuffle: true }), {
 *   optimizer: new Adam(model.parameters(), { lr: 1e-3 }),
 *   epochs: 10,
 *   validation: batches(testImages, testLabels, { size: 500 }),
 *   metrics: { accuracy },
 *   callbacks: [earlyStopping({ patience: 3 }), progress()],
 * });
 * console.log(result.best, result.history.toCSV());
 *
 * @throws ArgumentError at once for unusable arguments; the promise rejects with the error that ended training, an AnomalyError
 * where a number is not finite, or the signal's reason
 * @throws StateError while another `fit` trains this model or a part of it
 */
export function fit(model: Layer, data: DataSource, options: FitOptions): Training {
  checkModel("fit", model);
  const settings = readFitOptions("fit", options);
  const { average } = settings;
  if (average !== undefined && average.model !== model) {
    throw new ArgumentError("fit: expected an average of the model that is trained, got one of another model.");
  }
  if (average?.applied === true) {
    throw new StateError("fit: expected the model's own weights in it, got its averages (average.restore() first).");
  }
  const parameters = [...new Set([...model.parameters(), ...settings.optimizer.flatMap((each) => each.parameters)])];
  const trainer = new Trainer(model, data, settings);
  const release = claim("fit", parameters);
  return withHandle(trainer.run().finally(release), trainer);
}
