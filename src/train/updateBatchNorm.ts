// updateBatchNorm: the statistics of batch norm for weights that were not trained with them, such as averages.
import { readOptions, type OptionTable } from "../base/options.js";
import { whole } from "../base/check.js";
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { BatchNorm } from "../nn/norm/batchnorm.js";
import { Breath } from "./breath.js";
import { checkModel, checkSignal } from "./checks.js";
import { eachBatch, type PredictOptions } from "./evaluate.js";
import { Source, type DataSource, type TrainBatch } from "./source.js";

const OPTIONS: OptionTable<{ signal: AbortSignal | undefined; yieldEvery: number }> = {
  signal: { check: checkSignal }, // none
  yieldEvery: { check: (who, name, value) => whole(who, name, value, 0), default: 16 },
};

/**
 * Computes the running statistics of all batch norms anew, by one epoch of data: the plain means of those of its batches. The
 * batch norms are in train mode meanwhile and all other layers in eval mode (no dropout); then all come back to the mode before.
 * A model without batch norm is left alone.
 *
 * @example
 * swa.apply();
 * await updateBatchNorm(model, batches(images, labels, { size: 256 }));
 *
 * @throws ArgumentError when there is no batch
 * @see https://pytorch.org/docs/stable/optim.html#torch.optim.swa_utils.update_bn
 */
export async function updateBatchNorm(
  model: Layer,
  data: DataSource<TrainBatch | Tensor>,
  options: PredictOptions = {},
): Promise<void> {
  const who = "updateBatchNorm";
  const source = new Source(who, "data", data);
  const { signal, yieldEvery } = readOptions(who, OPTIONS, options);
  const modes = [...checkModel(who, model).layers()].map((layer): [Layer, boolean] => [layer, layer.training]);
  const norms = modes.map(([layer]) => layer).filter((layer) => layer instanceof BatchNorm);
  if (norms.length === 0) return;
  try {
    for (const norm of norms) norm.averages = true;
    await eachBatch(source, signal, new Breath(yieldEvery), (batch) => {
      model.eval();
      for (const norm of norms) norm.train();
      model.forward(source.readInputs(batch));
      setModes(modes); // whoever runs in between finds them as they were
    });
  } finally {
    for (const norm of norms) norm.averages = false;
    setModes(modes);
  }
}

/** Puts each layer into its mode; outermost first, because train() reaches all inside. */
export function setModes(modes: readonly (readonly [Layer, boolean])[]): void {
  for (const [layer, training] of modes) layer.train(training);
}
