// Builtin: how this package's own layers run. The base checks, copies at the border and remembers; a layer's file has its
// maths, as two methods under the names [forward] and [backward] (protocol.ts), which see tensors of the pass alone.
import { kernelsFor } from "../backend/select.js";
import { ArgumentError } from "../base/errors.js";
import { checkShape, checkUpstream, sameShape, type Shape } from "../base/shape.js";
import { checkTensor, type Tensor } from "../base/tensor.js";
import type { LayerConfig } from "./config.js";
import { step, stepBack } from "./door.js";
import { Layer, wantsInputGrad, withoutConfig, type BackwardOptions, type SeeShape } from "./layer.js";
import { Parameter } from "./parameter.js";
import { inParts, rowsAtOnce } from "./parts.js";
import { currentGuest, passAround, type Pass } from "./pass.js";
import { PassMemory } from "./passMemory.js";
import { backward, blame, forward, home, inside, insideBack, memory, run, runBack, setAside } from "./protocol.js";
import { readsBatch, shapeOf, spec, trait, typeName, walkShapes } from "./protocol.js";
import type { Trait } from "./runOrder.js";
import { configOf, describeSpec, readSettings, type LayerSpec, type SettingsOf } from "./spec.js";
import { learns } from "./walk.js";

/** The functions by which a layer is run from outside. */
export type RunFunctions = Pick<Layer, "forward" | "backward" | "predict">;

/** Base of this package's layers: `Kept` is what forward leaves for backward. */
export abstract class Builtin<Kept, S extends LayerSpec = LayerSpec> extends Layer {
  readonly #spec: LayerSpec;
  readonly #settings: SettingsOf<S>;
  readonly #passes = new PassMemory(this);

  /** @internal */
  constructor(of: S, args: readonly unknown[], options: unknown = {}) {
    super();
    this.#spec = of;
    this.#settings = readSettings(of, args, options) as SettingsOf<S>;
  }

  /** @internal y, on tensors of the pass; `pass.keep` takes what backward needs. */
  abstract [forward](x: Tensor, pass: Pass): Tensor;

  /** @internal dx from what forward kept; adds to the gradients of the parameters. */
  abstract [backward](dy: Tensor, kept: Kept, pass: Pass): Tensor | undefined;

  forward(x: Tensor): Tensor {
    const around = enter(this, x);
    if (around === null) refuseGuest(this);
    if (around?.kind === "predict") return this.#predict(x, around);
    return this.#passes.forward(x, this.training, around, (input, pass) => step(this, input, pass, inside));
  }

  /** Adds to the gradients of the parameters alone. */
  backward(dy: Tensor, options: BackwardOptions & { readonly inputGrad: false }): void;
  /** Adds to the gradients of the parameters and returns that of the input, in its shape. */
  backward(dy: Tensor, options?: BackwardOptions): Tensor;
  backward(dy: Tensor, options?: BackwardOptions): Tensor | undefined {
    const who = `${this[typeName]}.backward`;
    const wanted = wantsInputGrad(who, options);
    checkTensor(who, "dy", dy);
    const { pass, shape } = this[memory].expect(() => this[typeName], passAround(this));
    if (!sameShape(shape, dy.shape)) this[blame]((name) => checkUpstream(`${name}.backward`, shape, dy.shape));
    return this.#passes.backward(dy, pass, (upstream) => stepBack(this, upstream, pass, wanted, insideBack));
  }

  override predict(x: Tensor): Tensor {
    if (!this.#runsAsItIs()) return super.predict(x);
    return this.#predict(x, enter(this, x));
  }

  /** The shape of the output for an input shape, both with the batch axis first. */
  override outputShape(shape: Shape): Shape {
    return this[shapeOf](checkShape(`${this[typeName]}.outputShape`, shape));
  }

  override config(): LayerConfig {
    if (!Object.hasOwn(this.constructor, "spec") && inheritsConfig(this)) throw withoutConfig(this.constructor.name);
    return configOf(this.#spec, this.#current());
  }

  override describe(): string {
    return describeSpec(this.#spec, this.#current());
  }

  /** What the constructor was given, checked and in full. @internal */
  protected get settings(): SettingsOf<S> {
    return this.#settings;
  }

  /** @internal */
  override get [typeName](): string {
    return this.#spec.type;
  }

  /** @internal The output's shape, for elementwise layers that of the input. */
  override [shapeOf](shape: Shape): Shape {
    return shape;
  }

  /** @internal */
  override get [trait](): Trait {
    return this.#spec.trait !== undefined && this.#runsAsItIs() ? this.#spec.trait(this.#settings) : null;
  }

  /** @internal */
  override get [readsBatch](): boolean {
    return this.#spec.readsBatch?.(this.#settings) === true;
  }

  /** @internal */
  override get [spec](): LayerSpec | null {
    return this.#runsAsItIs() ? this.#spec : null;
  }

  /** @internal */
  override [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    const out = this[shapeOf](shape);
    see(this, path, out);
    return out;
  }

  /** @internal */
  override [run](x: Tensor, pass: Pass): Tensor {
    return this.#runsAsItIs() ? this[inside](x, pass) : super[run](x, pass);
  }

  /** @internal */
  override [inside](x: Tensor, pass: Pass): Tensor {
    const y = this[forward](x, pass);
    if (pass.keeps) this[memory].keep(pass.takeKept(), pass, y.shape);
    return y;
  }

  /** @internal */
  override [runBack](dy: Tensor, pass: Pass, wanted: boolean): Tensor | undefined {
    return this.#runsAsItIs() ? this[insideBack](dy, pass, wanted) : super[runBack](dy, pass, wanted);
  }

  /** @internal */
  override [insideBack](dy: Tensor, pass: Pass, wanted: boolean): Tensor | undefined {
    const kept = this[memory].take(() => this[typeName], pass) as Kept;
    if (!wanted && !learns(this)) return undefined;
    pass.inputGrad = wanted;
    const dx = this[backward](dy, kept, pass);
    return wanted ? dx : undefined;
  }

  /** @internal */
  override [setAside](): () => void {
    const [restore, restorePasses] = [super[setAside](), this.#passes.setAside()];
    return () => {
      restore();
      restorePasses();
    };
  }

  /** For subclasses. A layer of this package keeps nothing by it, so a call from outside is a mistake. @internal */
  protected override save(value: unknown): void {
    if (this.#runsAsItIs()) {
      throw new ArgumentError(
        `${this[typeName]}.save: expected to be called by the forward of a layer of your own, got a call from elsewhere (to write a ` +
          `model, saveModel(model) of handgrad/io gives the bytes of a file).`,
      );
    }
    super.save(value);
  }

  // The settings as they are now: an option that has the name of a parameter tells whether there is one, and parameters can be
  // given and taken.
  #current(): Readonly<Record<string, unknown>> {
    const fields = Object.fromEntries(Object.entries(this)) as Readonly<Record<string, unknown>>;
    const settings: Record<string, unknown> = { ...this.#settings };
    for (const name of Object.keys(this.#spec.options ?? {})) {
      if (fields[name] === null || Parameter.isParameter(fields[name])) settings[name] = fields[name] !== null;
    }
    return settings;
  }

  /** Where the three functions stand that this package has written for the class. @internal */
  get [home](): RunFunctions {
    return HOME;
  }

  // A subclass or somebody's replacement of these functions is run as a layer from elsewhere.
  #runsAsItIs(): boolean {
    const { forward, backward, predict } = this[home];
    return this.forward === forward && this.backward === backward && this.predict === predict;
  }

  #predict(x: Tensor, around: Pass | null): Tensor {
    const part = (input: Tensor): Tensor =>
      this.#passes.predict(input, around, (own, pass) => step(this, own, pass, inside));
    const rows = rowsAtOnce(this, x.shape[0] ?? 0, (see) => this[walkShapes]([1, ...x.shape.slice(1)], see, ""));
    return rows >= (x.shape[0] ?? 0) ? part(x) : inParts([x], rows, ([rowsOfX]) => [part(rowsOfX)])[0];
  }
}

const HOME = functionsOf(Builtin.prototype);

/** The three functions as they are now. */
export function functionsOf({ forward, backward, predict }: RunFunctions): RunFunctions {
  return { forward, backward, predict };
}

/** The pass that a call of a layer from outside belongs to; checks what it is given. */
export function enter(layer: Layer, x: Tensor): Pass | null {
  if (checkTensor(layer[typeName], "input", x).dtype === "float64") kernelsFor(layer[typeName], x);
  return passAround(layer);
}

/** Throws in the forward of a layer from elsewhere, for one that it runs and that is not found in it. */
export function refuseGuest(layer: Layer): void {
  const guest = currentGuest();
  if (guest !== null) throw notFound(layer[typeName], guest[typeName]);
}

// A subclass that inherits config() would be written down as its parent.
function inheritsConfig(layer: object): boolean {
  if (Object.hasOwn(layer, "config")) return false;
  let prototype = Object.getPrototypeOf(layer) as object;
  while (!Object.hasOwn(prototype, "config")) prototype = Object.getPrototypeOf(prototype) as object;
  return prototype === Builtin.prototype || Object.hasOwn(prototype.constructor, "spec");
}

function notFound(type: string, guest: string): ArgumentError {
  return new ArgumentError(
    `${guest}: expected the layers it runs as public fields of its own, got a ${type} that is not found in it, so that it would ` +
      `not be trained, stored or switched to eval mode (this.name = layer, without #; a fixed model is asked by predict).`,
  );
}
