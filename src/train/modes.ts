// The modes of a model's layers during training. A model in eval mode is put into train mode, and back at the end; parts that
// are in eval mode in a model in train mode (a frozen backbone) stay so. A callback that looks at something in eval mode and
// leaves it there does not stop the learning of batch norm or dropout unnoticed.
import type { Layer } from "../nn/layer.js";
import { setModes } from "./updateBatchNorm.js";

type LayerModes = readonly (readonly [Layer, boolean])[];

/** The modes of a model in training. */
export class Modes {
  readonly #model: Layer;
  readonly #before: LayerModes | undefined; // of a model that was in eval mode
  #own: LayerModes = [];

  constructor(model: Layer) {
    this.#model = model;
    this.#before = model.training ? undefined : modesOf(model);
  }

  /** Training begins. */
  begin(): void {
    if (!this.#model.training) this.#model.train();
    this.#own = modesOf(this.#model);
  }

  /** After others had the model: their changes of parts stand, but a model that was left in eval mode gets its modes back. */
  check(): void {
    if (this.#model.training) this.#own = modesOf(this.#model);
    else setModes(this.#own);
  }

  /** Training is over. */
  end(): void {
    if (this.#before !== undefined) setModes(this.#before);
    else if (!this.#model.training) setModes(this.#own);
  }
}

function modesOf(model: Layer): LayerModes {
  return [...model.layers()].map((layer) => [layer, layer.training]);
}
