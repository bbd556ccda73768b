// Layer: what every layer shares, also a user's own. Names of parameters come from public fields, what forward keeps has a
// definite life, predict leaves no trace. No maths here; how this package's own layers run is in builtin.ts.
import { PLAIN, copyInto } from "../backend/memory.js";
import { flag, knownKeys } from "../base/check.js";
import { LAYER, STATE_BUFFER, isBranded } from "../base/copies.js";
import { ArgumentError, ShapeError, StateError } from "../base/errors.js";
import { checkShape, formatShape, sameShape, sizeOf, type Shape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import type { LayerConfig } from "./config.js";
import { refuseForeign, refuseHidden } from "./findable.js";
import { LayerMemory } from "./layerMemory.js";
import { Parameter } from "./parameter.js";
import { Pass, asGuest, passAround } from "./pass.js";
import { blame, inside, insideBack, memory, run, runBack, setAside, shapeOf, spec } from "./protocol.js";
import { readsBatch, trait, typeName, walkShapes } from "./protocol.js";
import type { Trait } from "./runOrder.js";
import type { LayerSpec } from "./spec.js";
import { StateBuffer } from "./stateBuffer.js";
import { loadStateDict, stateDict, type LoadOptions, type LoadReport, type StateDict } from "./stateDict.js";
import { Summary } from "./summary.js";
import { allParameters, namedState } from "./walk.js";

/** Options of a backward pass. */
export interface BackwardOptions {
  /** false: the gradient of the input is not needed and not computed. Default true. */
  readonly inputGrad?: boolean;
}

/** Sees a layer inside another one, its path, and the shape of its output. */
export type SeeShape = (layer: Layer, path: string, out: Shape) => void;

// A forward in a model that waits for its backward.
interface Visit {
  readonly pass: Pass;
  readonly x: Shape;
  changed: string; // a field that a predict has changed since
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
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #memory = new LayerMemory();
  #visit: Visit | undefined;

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
    const around = passAround(this);
    const pass = new Pass("predict", PLAIN, around);
    return this.#undisturbed(() => asGuest(this, pass, () => this.forward(x)));
  }

  /**
   * The shape of the output for an input shape, both with the batch axis first. A layer of your own that does not say
   * otherwise is asked by predicting zeros.
   */
  outputShape(shape: Shape): Shape {
    const checked = checkShape(`${this[typeName]}.outputShape`, shape);
    return this.predict(new Tensor(new Float32Array(sizeOf(checked)), checked)).shape;
  }

  /**
   * The table of layers, output shapes and parameter counts for an input [C, H, W], one sample without the batch axis (no
   * weights are drawn for it). console.log shows it.
   */
  summary(shape: Shape): Summary {
    return new Summary(this, shape);
  }

  /** The layer and its options in one line. */
  describe(): string {
    return `${this[typeName]}()`;
  }

  /** What describe() says. */
  toString(): string {
    return this.describe();
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
    throw withoutConfig(this[typeName]);
  }

  /** Weights would be lost in JSON, so it is refused. @internal */
  toJSON(): never {
    throw new ArgumentError(
      `${this[typeName]}: expected to be stored by saveModel(model) of handgrad/io, got JSON.stringify, which would lose the ` +
        `weights (config() is the architecture alone).`,
    );
  }

  /** Whether the layer is in train mode (dropout on). Layers start in it. */
  get training(): boolean {
    return this.#memory.training && passAround(this)?.kind !== "predict";
  }

  /** Switches this layer and all in it to train mode, or with false to eval mode. */
  train(mode: boolean = true): this {
    flag(`${this[typeName]}.train`, "mode", mode);
    for (const layer of this.layers()) layer.#memory.training = mode;
    return this;
  }

  /** Switches this layer and all in it to eval mode. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Freezes every parameter of this layer and all in it: no gradients are computed for them and optimizers leave them alone.
   * The mode is another matter: batch norm still learns its running statistics in train mode (`layer.freeze().eval()` stops
   * that, too, until the next `train()` of the model).
   */
  freeze(): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = false;
    return this;
  }

  /** Takes {@link freeze} back. */
  unfreeze(): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = true;
    return this;
  }

  /**
   * The layers directly in this one, with their names.
   *
   * @throws ArgumentError for layers in an array or an object, where they would not be found, or of another copy of the package
   */
  namedChildren(): [name: string, layer: Layer][] {
    const all = Object.entries(this) as [string, unknown][];
    refuseHidden(() => this[typeName], all, isPart);
    refuseForeign(() => this[typeName], all, isOfThisCopy);
    return all.filter((field): field is [string, Layer] => isLayer(field[1]));
  }

  /** This layer and every layer in it, outermost first. */
  *layers(): Generator<Layer> {
    yield this;
    for (const [, child] of this.namedChildren()) yield* child.layers();
  }

  /** All parameters with their names, a shared one once under its first name. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const seen = new Set<Parameter>();
    return allParameters(this).filter(([, parameter]) => !seen.has(parameter) && seen.add(parameter));
  }

  /** All parameters, in the order of the model; what an optimizer takes. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Every parameter's and buffer's live tensor under its name ("features.3.bias"), shared ones under each name. */
  stateDict(): StateDict {
    return stateDict(namedState(this));
  }

  /**
   * Copies tensors in by name. Strict (the default) refuses a missing, unexpected or misshapen entry and then changes
   * nothing; with `{ strict: false }` what fits is loaded and the rest is reported.
   */
  loadStateDict(entries: StateDict, options: LoadOptions = {}): LoadReport {
    return loadStateDict(`${this[typeName]}.loadStateDict`, namedState(this), entries, options);
  }

  /** Sets all gradients to zeros. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Keeps what backward needs; `predict` turns it off. */
  protected save(value: Saved): void {
    const pass = passAround(this) ?? new Pass("forward", PLAIN);
    if (pass.keeps) this.#memory.keep(value, pass, []);
  }

  /**
   * What the latest forward saved; uses it up. A `check` sees it first: when that throws, for a dy of the wrong shape, nothing
   * is used up, and backward can be called again with the right one.
   */
  protected saved(check?: (value: Saved) => void): Saved {
    const around = passAround(this);
    return this.#memory.take(
      () => this[typeName],
      around,
      (value) => check?.(value as Saved),
    ) as Saved;
  }

  /** Whether this forward should keep something for backward: false inside `predict`. */
  protected get saving(): boolean {
    return passAround(this)?.kind !== "predict";
  }

  /** @internal */
  get [LAYER](): true {
    return true;
  }

  /** @internal */
  get [memory](): LayerMemory {
    return this.#memory;
  }

  /** @internal */
  get [spec](): LayerSpec | null {
    return null;
  }

  /** @internal */
  get [readsBatch](): boolean {
    return false;
  }

  /** @internal */
  get [trait](): Trait {
    return null;
  }

  /** @internal */
  get [typeName](): string {
    return this.constructor.name;
  }

  /** @internal A layer from elsewhere sees copies of its own, and what it returns is copied. */
  [run](x: Tensor, pass: Pass): Tensor {
    const input = x.clone();
    const result: unknown = pass.keeps
      ? asGuest(this, pass, () => this.forward(input))
      : asGuest(this, pass, () => this.predict(input));
    const y = checkTensor(`${this[typeName]}.forward`, "its result", result);
    if (pass.keeps) for (const layer of this.#fromElsewhere()) layer.#visit = { pass, x: x.shape, changed: "" };
    return copyInto(pass.room, y);
  }

  /** @internal */
  [runBack](dy: Tensor, pass: Pass, wanted: boolean): Tensor | undefined {
    const who = this[typeName];
    if (typeof this.backward !== "function") {
      throw new ArgumentError(`${who}: expected a layer with forward and backward, got one without backward.`);
    }
    const visit = this.#visit?.pass === pass ? this.#visit : undefined;
    for (const layer of visit === undefined ? [] : this.#fromElsewhere()) {
      const { changed = "" } = layer.#visit ?? {};
      layer.#visit = undefined;
      if (changed === "") continue;
      throw new StateError(
        `${layer[typeName]}.backward: expected no predict between forward and backward, got one that changed the field ` +
          `${changed} (keep what backward needs by this.save(...), which predict leaves alone).`,
      );
    }
    const upstream = dy.clone();
    if (!wanted) {
      asGuest(this, pass, () => this.backward(upstream, { inputGrad: false }));
      return undefined;
    }
    const result: unknown = asGuest(this, pass, () => this.backward(upstream));
    const dx = checkTensor(`${who}.backward`, "its result", result);
    if (visit !== undefined && !sameShape(dx.shape, visit.x)) {
      throw new ShapeError(
        `${who}.backward: expected its result in the input's shape ${formatShape(visit.x)}, got ${formatShape(dx.shape)}.`,
      );
    }
    return copyInto(pass.room, dx);
  }

  /** @internal */
  [inside](x: Tensor, pass: Pass): Tensor {
    return this[run](x, pass);
  }

  /** @internal */
  [insideBack](dy: Tensor, pass: Pass, wanted: boolean): Tensor | undefined {
    return this[runBack](dy, pass, wanted);
  }

  /** @internal */
  [shapeOf](shape: Shape): Shape {
    return this.outputShape(shape);
  }

  /** @internal */
  [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    const out = this.outputShape(shape);
    see(this, path, out);
    return out;
  }

  /** @internal */
  [blame](say: (who: string) => void): void {
    say(this[typeName]);
  }

  /** @internal */
  [setAside](): () => void {
    const [visit, restore] = [this.#visit, this.#memory.setAside()];
    const children = this.namedChildren().map(([, child]) => child[setAside]());
    return () => {
      this.#visit = visit;
      restore();
      children.forEach((each) => each());
    };
  }

  // This layer and those in it that are from elsewhere, too, and so run by its code and not through the door.
  *#fromElsewhere(): Generator<Layer> {
    yield this;
    for (const [, child] of this.namedChildren()) if (child[spec] === null) yield* child.#fromElsewhere();
  }

  // A prediction that writes into a field would spoil a backward that reads it: it is remembered which one.
  #undisturbed<T>(work: () => T): T {
    if (this.#visit === undefined) return work();
    const before = [...this.#fromElsewhere()].map((layer) => [layer, new Map(Object.entries(layer))] as const);
    try {
      return work();
    } finally {
      for (const [layer, fields] of before) {
        const changed = Object.entries(layer).find(([name, value]) => fields.get(name) !== value);
        if (changed !== undefined && layer.#visit !== undefined) [layer.#visit.changed] = changed;
      }
    }
  }
}

/** Whether a value belongs to a model: a layer, a parameter, a buffer; of any copy of the package. */
export function isPart(value: unknown): boolean {
  return isBranded(value, LAYER) || isBranded(value, STATE_BUFFER) || Parameter.isParameter(value);
}

// Outside the class: one that names itself is renamed by the build.
function isLayer(value: unknown): value is Layer {
  return value instanceof Layer;
}

// Parameters are taken from every copy.
function isOfThisCopy(value: unknown): boolean {
  return isLayer(value) || value instanceof StateBuffer || Parameter.isParameter(value);
}

/** The error of a layer that says no config. */
export function withoutConfig(who: string): ArgumentError {
  return new ArgumentError(
    `${who}: expected a layer that can be written down, got a class without a config() of its own (give it one that returns ` +
      `{ type, args, options }).`,
  );
}

/** Reads the options of a backward: whether the input's gradient is wanted. */
export function wantsInputGrad(who: string, options: BackwardOptions = {}): boolean {
  knownKeys(who, options, ["inputGrad"]);
  const { inputGrad = true } = options;
  return flag(who, "inputGrad", inputGrad);
}
