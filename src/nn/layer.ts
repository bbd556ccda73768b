// Layer: what every layer shares. Names of parameters come from public fields, saved inputs have a definite life,
// predict saves nothing. No maths here.
import { flag, knownKeys } from "../base/check.js";
import { ArgumentError, HandgradError, StateError } from "../base/errors.js";
import { checkShape, checkUpstream, sizeOf, type Shape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import type { LayerConfig } from "./config.js";
import { typeOf } from "./describe.js";
import { refuseHidden } from "./hiddenState.js";
import { Parameter } from "./parameter.js";
import { loadStateDict, stateDict, type LoadOptions, type LoadReport, type StateDict } from "./stateDict.js";

/** Options of a backward pass. */
export interface BackwardOptions {
  /** false: the gradient of the input is not needed and not computed. Default true. */
  readonly inputGrad?: boolean;
}

/** A tensor that belongs to a layer's state but is not learned (running statistics). */
export class StateBuffer {
  #value: Tensor;

  constructor(value: Tensor) {
    this.#value = checkTensor("StateBuffer", "value", value);
  }

  /** The numbers; write into `value.data` to change them. */
  get value(): Tensor {
    return this.#value;
  }

  /** @internal Puts another tensor in the place of the value (float64 for gradCheck) and returns the way back. */
  substitute(value: Tensor): () => void {
    const before = this.#value;
    this.#value = value;
    return () => {
      this.#value = before;
    };
  }
}

/**
 * Base of every layer, also of your own: extend it with `forward` and `backward`.
 *
 * `forward` hands what backward needs to `this.save(...)`, `backward` takes it back with `this.saved()`. The parameters,
 * buffers and sub-layers of a layer are its public fields, in order of declaration; the field's name is its name in the
 * state dict.
 *
 * @example
 * class Square extends Layer<Tensor> {
 *   forward(x: Tensor): Tensor {
 *     this.save(x);
 *     return multiply(x, x);
 *   }
 *   backward(dy: Tensor): Tensor {
 *     return multiply(multiply(this.saved(), dy), 2);
 *   }
 * }
 */
export abstract class Layer<Saved = unknown> {
  #training = true;
  #saving = true;
  #saved: { readonly value: Saved } | undefined;
  #everSaved = false;

  /**
   * The layer's output; keeps what backward needs.
   *
   * @throws ShapeError when the input does not fit
   */
  abstract forward(x: Tensor): Tensor;

  /**
   * Gradient of the layer's input from that of its output; adds to the gradients of its parameters. Uses up what the latest
   * forward saved.
   *
   * @param dy gradient of the loss for the output of the latest forward, in its shape
   * @returns gradient for the input, in its shape; nothing with `{ inputGrad: false }`
   * @throws StateError without a forward before it, or for a second backward
   */
  abstract backward(dy: Tensor, options: BackwardOptions & { readonly inputGrad: false }): void;
  abstract backward(dy: Tensor, options?: BackwardOptions): Tensor;

  /** The output in eval mode. Saves nothing, so it may run between a forward and its backward; the mode stays as it was. */
  predict(x: Tensor): Tensor {
    const layers = [...this.layers()];
    const before = layers.map((layer) => [layer.#training, layer.#saving] as const);
    for (const layer of layers) layer.#training = layer.#saving = false;
    try {
      return this.forward(x);
    } finally {
      layers.forEach((layer, i) => ([layer.#training, layer.#saving] = before[i]));
    }
  }

  /** @internal predict of a layer without layers in it, at less expense. */
  predictAlone(x: Tensor): Tensor {
    const [training, saving] = [this.#training, this.#saving];
    this.#training = this.#saving = false;
    try {
      return this.forward(x);
    } finally {
      this.#training = training;
      this.#saving = saving;
    }
  }

  /**
   * The shape of the output for an input shape, both with the batch axis first. A layer of your own that does not say
   * otherwise is asked by predicting zeros.
   */
  outputShape(shape: Shape): Shape {
    const checked = checkShape(`${typeOf(this)}.outputShape`, shape);
    return this.predict(new Tensor(new Float32Array(sizeOf(checked)), checked)).shape;
  }

  /** The layer and its options in one line. */
  describe(): string {
    return `${this.constructor.name}()`;
  }

  /**
   * The layer as plain JSON: class, arguments, options. A layer of your own that shall go into model files says it too, and
   * its class is given to `loadModel`.
   *
   * @example
   * override config(): LayerConfig {
   *   return { type: "Scale", args: [this.factor] };
   * }
   *
   * @throws ArgumentError for a layer that does not say it
   */
  config(): LayerConfig {
    throw new ArgumentError(
      `${typeOf(this)}: expected a layer that can be written down, got one without config() ` +
        `(give the class a config() that returns { type, args, options }).`,
    );
  }

  /** Whether the layer is in train mode (dropout on). Layers start in it. */
  get training(): boolean {
    return this.#training;
  }

  /** Switches this layer and all in it to train mode, or with false to eval mode. */
  train(mode: boolean = true): this {
    flag(`${typeOf(this)}.train`, "mode", mode);
    for (const layer of this.layers()) layer.#training = mode;
    return this;
  }

  /** Switches this layer and all in it to eval mode. */
  eval(): this {
    return this.train(false);
  }

  /**
   * The layers directly in this one, with their names.
   *
   * @throws ArgumentError for layers in an array or an object, where they would not be found
   */
  namedChildren(): [name: string, layer: Layer][] {
    const all = fields(this);
    refuseHidden(() => typeOf(this), all, isPart);
    return all.filter((field): field is [string, Layer] => field[1] instanceof Layer);
  }

  /** This layer and every layer in it, outermost first. */
  *layers(): Generator<Layer> {
    yield this;
    for (const [, child] of this.namedChildren()) yield* child.layers();
  }

  /** All parameters with their names, a shared one once under its first name. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const seen = new Set<Parameter>();
    return this.#walk((value): value is Parameter => Parameter.isParameter(value)).filter(
      ([, parameter]) => !seen.has(parameter) && seen.add(parameter),
    );
  }

  /** All parameters, in the order of the model; what an optimizer takes. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Every parameter's and buffer's live tensor under its name ("features.3.bias"), shared ones under each name. */
  stateDict(): StateDict {
    return stateDict(this.namedState());
  }

  /**
   * Copies tensors in by name. Strict (the default) refuses a missing, unexpected or misshapen entry and then changes
   * nothing; with `{ strict: false }` what fits is loaded and the rest is reported.
   */
  loadStateDict(entries: StateDict, options: LoadOptions = {}): LoadReport {
    return loadStateDict(`${typeOf(this)}.loadStateDict`, this.namedState(), entries, options);
  }

  /** Sets all gradients to zeros. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** @internal Parameters and buffers under all of their names. */
  namedState(): [name: string, state: Parameter | StateBuffer][] {
    return this.#walk(
      (value): value is Parameter | StateBuffer => Parameter.isParameter(value) || value instanceof StateBuffer,
    );
  }

  /** @internal Remembers modes and saved inputs of this layer and all in it, and returns the way back. */
  snapshot(): () => void {
    const [training, saving, saved, everSaved] = [this.#training, this.#saving, this.#saved, this.#everSaved];
    const children = this.namedChildren().map(([, child]) => child.snapshot());
    return () => {
      [this.#training, this.#saving, this.#saved, this.#everSaved] = [training, saving, saved, everSaved];
      children.forEach((restore) => restore());
    };
  }

  /** Keeps what backward needs; `predict` turns it off. */
  protected save(value: Saved): void {
    if (!this.#saving) return;
    this.#saved = { value };
    this.#everSaved = true;
  }

  /**
   * What the latest forward saved; uses it up. A `check` sees it first: when that throws, for a dy of the wrong shape, nothing
   * is used up, and backward can be called again with the right one.
   */
  protected saved(check?: (value: Saved) => void): Saved {
    if (this.#saved === undefined) {
      const who = `${typeOf(this)}.backward`;
      throw new StateError(
        this.#everSaved
          ? `${who}: expected one backward for each forward, got a second one (call forward again first).`
          : `${who}: expected a forward before it, got none (call forward first; predict saves nothing).`,
      );
    }
    const { value } = this.#saved;
    check?.(value);
    this.#saved = undefined;
    return value;
  }

  /** Forgets what an earlier forward saved: for a forward that may fail when some of its layers have already run. */
  protected forget(): void {
    if (!this.#saving) return;
    this.#saved = undefined;
    this.#everSaved = false;
  }

  /** Whether this forward should keep something for backward: false inside `predict`. */
  protected get saving(): boolean {
    return this.#saving;
  }

  #walk<T>(wanted: (value: unknown) => value is T): [name: string, value: T][] {
    const own = fields(this).filter((field): field is [string, T] => wanted(field[1]));
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.#walk(wanted).map(([rest, value]): [string, T] => [`${name}.${rest}`, value]),
    );
    return [...own, ...below];
  }
}

/** @internal Whether a value belongs to a model: a layer, a parameter, a buffer. */
export function isPart(value: unknown): boolean {
  return value instanceof Layer || value instanceof StateBuffer || Parameter.isParameter(value);
}

function fields(layer: object): [name: string, value: unknown][] {
  return Object.entries(layer);
}

/** Throws unless dy is a tensor of the shape that forward returned. */
export function checkGradient(who: string, expected: Shape, dy: unknown): void {
  checkUpstream(who, expected, checkTensor(who, "dy", dy).shape);
}

/** Reads the options of a backward: whether the input's gradient is wanted. */
export function wantsInputGrad(who: string, options: BackwardOptions = {}): boolean {
  knownKeys(who, options, ["inputGrad"]);
  return flag(who, "inputGrad", options.inputGrad ?? true);
}

/** Runs a child layer's call; an error gets the child's place in front. */
export function inPlace<T>(place: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw placed(error, place);
  }
}

/** @internal An error of this package with the place in the model where it happened. */
export function placed(error: unknown, place: string): unknown {
  return error instanceof HandgradError ? error.at(place) : error;
}
