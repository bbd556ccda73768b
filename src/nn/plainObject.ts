// A plain object with forward and backward, made into a Layer.
import { ArgumentError, StateError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import type { LayerConfig } from "./config.js";
import { Layer, isPart } from "./layer.js";
import { typeName } from "./protocol.js";

/** The least that a model accepts as a layer; it has no parameters. */
export interface ForwardBackward {
  /** The output; keeps what backward needs. */
  forward(x: Tensor): Tensor;
  /** The gradient for the input of the latest forward. */
  backward(dy: Tensor): Tensor;
  /** The output without keeping anything. */
  predict?(x: Tensor): Tensor;
}

/** True for an object that has both functions. */
export function isForwardBackward(value: unknown): value is ForwardBackward {
  const object = value as Partial<ForwardBackward> | null;
  return typeof object === "object" && typeof object?.forward === "function" && typeof object.backward === "function";
}

/**
 * Calls through to the object. Without a `predict` of its own, predicting runs its forward, which overwrites what an
 * earlier forward kept: a backward after that would be wrong, so it is refused.
 */
export class PlainObject extends Layer<object> {
  // Stands for the latest run of the object's forward: what the object keeps belongs to that one.
  #latest: object = {};

  constructor(readonly wrapped: ForwardBackward) {
    super();
    const [name] = Object.entries(wrapped).find(([, value]) => isPart(value)) ?? [];
    if (name === undefined) return;
    throw new ArgumentError(
      `${this[typeName]}: expected an object without parameters, got a layer or parameter in ${name}, where it is not found ` +
        `(make it a class that extends Layer).`,
    );
  }

  forward(x: Tensor): Tensor {
    if (!this.saving && this.wrapped.predict !== undefined) return this.wrapped.predict(x);
    const run = {};
    this.#latest = run;
    const y = this.wrapped.forward(x);
    this.save(run);
    return y;
  }

  backward(dy: Tensor): Tensor {
    if (this.saved() !== this.#latest) {
      throw new StateError(
        `${this[typeName]}.backward: expected no predict between forward and backward, got one that ran the ` +
          `object's ` +
          `forward (give it a predict function, or extend Layer).`,
      );
    }
    return this.wrapped.backward(dy);
  }

  override config(): LayerConfig {
    throw new ArgumentError(
      `${this[typeName]}: expected a layer that can be written down, got an object with forward and backward (make it a class ` +
        `that extends Layer and has config()).`,
    );
  }

  /** @internal */
  override get [typeName](): string {
    const name: string = Object.getPrototypeOf(this.wrapped)?.constructor.name ?? "Object";
    return name === "Object" ? "Layer" : name;
  }
}
