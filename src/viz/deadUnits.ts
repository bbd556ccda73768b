// deadUnits: channels of ReLU layers that are 0 whatever comes in, and so learn nothing any more.
import { ArgumentError } from "../base/errors.js";
import { Tensor } from "../base/tensor.js";
import { ReLU } from "../nn/activation/relu.js";
import { ReLU6 } from "../nn/activation/relu6.js";
import type { Layer } from "../nn/layer.js";
import { typeName } from "../nn/protocol.js";
import { tap } from "../nn/tap.js";
import { Breath } from "../train/breath.js";
import { checkModel } from "../train/checks.js";
import { eachBatch } from "../train/evaluate.js";
import { Source, type DataSource, type TrainBatch } from "../train/source.js";
import { looking } from "./probe.js";

/** A ReLU layer and its units. */
export interface DeadUnits {
  /** Place in the model. */
  readonly path: string;
  /** "ReLU" or "ReLU6". */
  readonly type: string;
  /** How many channels (or features) it has. */
  readonly units: number;
  /** Those that were 0 for every sample, at every place. */
  readonly dead: Int32Array;
  /** How many samples were looked at. */
  readonly samples: number;
}

const YIELD_EVERY = 16; // ms

/**
 * Which channels of each ReLU and ReLU6 give 0 for all of the data, at all places: their gradient is 0, too, so no step on these data
 * changes what they depend on. In eval mode; nothing of the model changes.
 *
 * @param data batches as for `evaluate`, tensors alone, or one tensor
 *
 * @throws ArgumentError for a model without such layers
 */
export async function deadUnits(model: Layer, data: DataSource<TrainBatch | Tensor> | Tensor): Promise<DeadUnits[]> {
  const who = "deadUnits";
  checkModel(who, model);
  const source = new Source(who, "data", Tensor.isTensor(data) ? [data] : data);
  const rectifiers = [...model.layers()].filter((layer) => layer instanceof ReLU || layer instanceof ReLU6);
  const alive = new Map<Layer, { readonly path: string; readonly units: Uint8Array }>();
  let samples = 0;
  const outputs = ({ layer, path }: { readonly layer: Layer; readonly path: string }, [y]: readonly Tensor[]): void => {
    const [N, C = 1] = y.shape;
    const known = alive.get(layer) ?? { path, units: new Uint8Array(C) };
    alive.set(layer, known);
    const inner = y.size / (N * C);
    for (let i = 0; i < y.data.length; i++) if (!(y.data[i] <= 0)) known.units[Math.floor(i / inner) % C] = 1;
  };
  await eachBatch(source, undefined, new Breath(YIELD_EVERY), (batch) => {
    const x = source.readInputs(batch);
    samples += x.shape[0];
    looking(model, () => {
      const stop = tap(model, { who, outputs }, new Set(rectifiers));
      try {
        model.predict(x);
      } finally {
        stop();
      }
    });
  });
  if (alive.size === 0) throw new ArgumentError(`${who}: expected a model with ReLU layers, got none that ran.`);
  return [...alive].map(([layer, { path, units }]) => {
    const dead = Int32Array.from([...units.keys()].filter((unit) => units[unit] === 0));
    return { path, type: layer[typeName], units: units.length, dead, samples };
  });
}
