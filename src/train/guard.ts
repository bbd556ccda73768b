// The guard against numbers that are not finite. A training step looks at two numbers that are there anyway, the loss and the
// norm of the gradients; only when one is not finite the batch is run again under detectAnomaly, to name the layer.
import { AnomalyError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import { layerGenerators } from "../checkpoints/run.js";
import { detectAnomaly } from "../nn/anomaly.js";
import type { Layer } from "../nn/layer.js";
import type { Generator, GeneratorState } from "../numbers/random.js";
import type { TrainLoss } from "./measure.js";
import type { Target } from "./source.js";

/** Remembers from where a batch drew, so that it can be run again with the same dropout. */
export class Guard {
  readonly #model: Layer;
  readonly #loss: TrainLoss;
  readonly #generators: readonly Generator[];
  #states: readonly GeneratorState[] = [];

  constructor(model: Layer, loss: TrainLoss) {
    this.#model = model;
    this.#loss = loss;
    this.#generators = layerGenerators(model).map(([, generator]) => generator);
  }

  /** Before the forward of a batch. */
  remember(): void {
    this.#states = this.#generators.map(({ state }) => state);
  }

  /** The error for a batch whose loss or gradients are not finite. `place`: which batch it was. */
  explain(place: string, what: string, value: number, x: Tensor, y: Target): AnomalyError {
    this.#generators.forEach((generator, i) => (generator.state = this.#states[i]));
    try {
      detectAnomaly(this.#model, () => {
        this.#model.zeroGrad();
        this.#loss.forward(this.#model.forward(x), y as never);
        this.#model.backward(this.#loss.backward(), { inputGrad: false });
      });
    } catch (error) {
      if (!(error instanceof AnomalyError)) throw error;
      return new AnomalyError(`fit: ${place}: ${error.message}`, error);
    }
    return new AnomalyError(
      `fit: ${place}: expected ${what}, got ${value} (each batch by itself is finite: it comes from adding up; try a ` +
        `smaller learning rate, or { nanGuard: false } goes on).`,
      { pass: "loss", what, value },
    );
  }
}
