// Sequential: layers one after the other. It walks them forth and back, names them, and finds a wrong size early.
import { nearestHint, show } from "../../base/check.js";
import { copyIn, copyOut, within } from "../../backend/memory.js";
import { ArgumentError } from "../../base/errors.js";
import { checkShape, checkUpstream, sizeOf, type Shape } from "../../base/shape.js";
import { Tensor, checkTensor } from "../../base/tensor.js";
import type { Json, LayerConfig } from "../config.js";
import { typeOf } from "../describe.js";
import { Layer, inPlace, placed, wantsInputGrad, type BackwardOptions } from "../layer.js";
import { PassMemory } from "../passMemory.js";
import { PlainLayer, isPlainLayer, type ForwardBackward } from "../plainLayer.js";
import { runOrder, type NamedLayer, type RunOrder } from "../runOrder.js";
import { Summary } from "../summary.js";

/** A layer, or an object with `forward` and `backward`; or one of them with a name. */
export type SequentialEntry = Layer | ForwardBackward | readonly [name: string, layer: Layer | ForwardBackward];

// What a forward leaves for its backward: the layers in the order in which they ran, and the shape of the output.
interface Run {
  readonly order: readonly NamedLayer[];
  readonly shape: Shape;
}

/**
 * Layers one after the other: y = last(... second(first(x))).
 *
 * A layer is named by its place ("0", "1", ...) or by the name given with it; the names lead the state dict
 * ("features.3.bias") and every error message. A ReLU right before a max pooling runs behind it, which gives the same bits for a
 * quarter of the work.
 *
 * @example
 * const model = new Sequential(new Conv2d(1, 16, 3), new ReLU(), new Flatten(), new Linear(16 * 26 * 26, 10));
 * const named = new Sequential(["conv1", new Conv2d(1, 16, 3)], ["relu1", new ReLU()]);
 * const logits = model.forward(images);
 *
 * @throws ArgumentError when an entry is no layer, or stands twice
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Layer<Run> implements Iterable<Layer> {
  readonly #children: [name: string, layer: Layer][] = [];
  readonly #memory = new PassMemory(this);
  #plan: RunOrder | undefined; // made at the first pass

  constructor(...entries: SequentialEntry[]) {
    super();
    entries.forEach((entry) => this.#append(entry));
    this.#checkUnique();
  }

  /** Appends a layer, with a name or under its place. */
  add(layer: Layer | ForwardBackward, name?: string): this {
    this.#append(name === undefined ? layer : [name, layer]);
    try {
      this.#checkUnique();
    } catch (error) {
      this.#children.pop();
      throw error;
    }
    return this;
  }

  /** How many layers it has. */
  get length(): number {
    return this.#children.length;
  }

  /** The layer at this place (negative from the end) or of this name. */
  get(key: number | string): Layer {
    const names = this.#children.map(([name]) => name);
    const place = typeof key === "number" ? (key < 0 ? key + this.length : key) : names.indexOf(key);
    const child = this.#children[place];
    if (child !== undefined) return child[1];
    if (this.length === 0) throw new ArgumentError(`Sequential.get: expected a model with layers, got an empty one.`);
    const hint = typeof key === "string" ? nearestHint(key, names) : "";
    const given = names.filter((name, place) => name !== String(place));
    const orName = given.length > 0 ? ` or a name (${given.join(", ")})` : "";
    throw new ArgumentError(
      `Sequential.get: expected a place from ${-this.length} to ${this.length - 1}${orName}, got ${show(key)}` +
        `${hint === "" ? "." : hint}`,
    );
  }

  /** The layers in order. */
  *[Symbol.iterator](): Iterator<Layer> {
    for (const [, layer] of this.#children) yield layer;
  }

  override namedChildren(): [name: string, layer: Layer][] {
    return [...this.#children];
  }

  forward(x: Tensor): Tensor {
    checkTensor("Sequential", "input", x);
    return this.#memory.forward(x, this.training ? "train" : "eval", (input) => this.forwardInside(input));
  }

  backward(dy: Tensor, options: BackwardOptions & { readonly inputGrad: false }): void;
  backward(dy: Tensor, options?: BackwardOptions): Tensor;
  backward(dy: Tensor, options?: BackwardOptions): Tensor | undefined {
    const needed = wantsInputGrad("Sequential.backward", options);
    checkTensor("Sequential.backward", "dy", dy);
    const { order } = this.saved(({ shape }) => this.#checkLast(shape, dy)); // before any layer has used up what it saved
    return this.#memory.backward(dy, (gradient) => walkBack(order, gradient, needed));
  }

  override predict(x: Tensor): Tensor {
    checkTensor("Sequential", "input", x);
    const rows = this.#rowsAtOnce(x.shape);
    const part = (input: Tensor): Tensor => this.#memory.predict(input, (inside) => this.predictInside(inside));
    return rows >= (x.shape[0] ?? 0) ? part(x) : predictInParts(x, rows, part);
  }

  // How many samples are predicted at once: as many as keep all layers' outputs within PREDICT_BYTES. A row's numbers do not
  // depend on its neighbors, so cutting changes nothing; with layers from elsewhere that is not known, and nothing is cut.
  #rowsAtOnce(shape: Shape): number {
    const [count, ...sample] = shape;
    if (count === undefined || count <= SMALL_BATCH) return Infinity;
    let bytes = 0;
    for (const layer of this.layers()) {
      if (Object.hasOwn(layer, "forward") || (!isPlain(layer) && !isInternal(layer))) return Infinity;
    }
    try {
      this.batchShape([1, ...sample], (out) => (bytes += 4 * sizeOf(out)));
    } catch {
      return Infinity; // the pass itself says what is wrong
    }
    return Math.max(SMALL_BATCH, Math.floor(PREDICT_BYTES / bytes / SMALL_BATCH) * SMALL_BATCH);
  }

  // The layers as they are run. Where somebody has put other functions in the place of a layer's own, as detectAnomaly does,
  // they run as they stand.
  #order(): readonly NamedLayer[] {
    this.#plan ??= runOrder(this.#children, isInternal);
    return this.#plan.traded.every(hasOwnPasses) ? this.#plan.order : this.#children;
  }

  /** @internal The walk forth, on windows where the layers allow it. */
  forwardInside(x: Tensor): Tensor {
    this.forget(); // if a layer fails, those before it have already saved other inputs than those behind it
    const order = this.#order();
    const y = walk(order, x, (layer, input) =>
      isPlain(layer) ? layer.forwardInside(input) : visit(layer, "forward", input),
    );
    this.save({ order, shape: y.shape });
    return y;
  }

  /** @internal The walk back; the first layer's input gradient only if it is needed. */
  backwardInside(dy: Tensor, inputGrad: boolean): Tensor | undefined {
    return walkBack(this.saved().order, dy, inputGrad);
  }

  /** @internal The walk forth in eval mode that saves nothing. */
  predictInside(x: Tensor): Tensor {
    return walk(this.#order(), x, (layer, input) =>
      isPlain(layer) ? layer.predictInside(input) : visit(layer, "predict", input),
    );
  }

  /** Output shape for one sample [C, H, W], without the batch axis; a layer that does not fit is named. */
  override outputShape(shape: Shape): Shape {
    return this.batchShape([1, ...checkShape("Sequential.outputShape", shape)]).slice(1);
  }

  /** @internal Output shape with the batch axis first, as every other layer's outputShape. */
  batchShape(shape: Shape, see?: (out: Shape) => void): Shape {
    let current = shape;
    for (const [name, layer] of this.#children) {
      const input = current;
      current = inPlace(name, () =>
        layer instanceof Sequential ? layer.batchShape(input, see) : layer.outputShape(input),
      );
      see?.(current);
    }
    return current;
  }

  /**
   * The table of layers, output shapes and parameter counts for an input [C, H, W] (no weights are drawn for it).
   * console.log shows it.
   */
  summary(shape: Shape): Summary {
    return new Summary(this, shape);
  }

  override snapshot(): () => void {
    const [restore, restoreMemory] = [super.snapshot(), this.#memory.setAside()];
    return () => {
      restore();
      restoreMemory();
    };
  }

  override config(): LayerConfig {
    const entry = ([name, layer]: [string, Layer]): Json => [name, inPlace(name, () => ({ ...layer.config() }))];
    return { type: "Sequential", args: this.#children.map(entry) };
  }

  override describe(): string {
    return `Sequential(${this.#children.map(([name, layer]) => `${name}: ${layer.describe()}`).join(", ")})`;
  }

  // What the last layer would say of a gradient that does not have the shape of its output.
  #checkLast(shape: Shape, dy: Tensor): void {
    const last = this.#children.at(-1);
    if (last === undefined) return checkUpstream("Sequential.backward", shape, dy.shape);
    const [name, layer] = last;
    inPlace(name, () =>
      isPlain(layer) ? layer.#checkLast(shape, dy) : checkUpstream(`${typeOf(layer)}.backward`, shape, dy.shape),
    );
  }

  #append(entry: unknown): void {
    this.#plan = undefined;
    const named = Array.isArray(entry);
    const name: unknown = named ? entry[0] : String(this.length);
    const layer: unknown = named ? entry[1] : entry;
    if (typeof name !== "string" || (named && entry.length !== 2)) {
      throw new ArgumentError(
        `Sequential: expected a named layer as ["name", layer], got ${show(entry)} (layers without names stand ` +
          `one by one, ` +
          `without brackets).`,
      );
    }
    if (name === "" || name.includes(".")) {
      throw new ArgumentError(
        `Sequential: expected a name without dots, got ${show(name)} (a dot leads into a layer: "features.0.weight").`,
      );
    }
    if (this.#children.some(([other]) => other === name)) {
      throw new ArgumentError(`Sequential: expected each name once, got "${name}" twice.`);
    }
    if (layer instanceof Layer) this.#children.push([name, layer]);
    else if (isPlainLayer(layer)) this.#children.push([name, new PlainLayer(layer)]);
    else {
      const shown = show(layer);
      const remedy = layerRemedy(layer);
      throw new ArgumentError(
        `Sequential: expected layer ${name} to be a layer, or an object with forward and backward, got ` +
          `${shown}${remedy}.`,
      );
    }
  }

  // A layer keeps what its latest forward saved, so it can stand in one place only.
  #checkUnique(): void {
    const places = new Map<unknown, string>();
    const visit = (layer: Layer, path: string): void => {
      if (layer === this) throw new ArgumentError("Sequential: expected layers, got the model itself among them.");
      const object = layer instanceof PlainLayer ? layer.wrapped : layer;
      const before = places.get(object);
      if (before !== undefined) {
        const type = typeOf(layer);
        const remedy = type === "Layer" ? "make one" : `write new ${type}()`;
        throw new ArgumentError(
          `Sequential: expected each layer once, layers ${before} and ${path} are the same ${type} object; ` +
            `${remedy} for ` +
            `each (weights are shared by sharing Parameters).`,
        );
      }
      places.set(object, path);
      for (const [name, child] of layer.namedChildren()) visit(child, `${path}.${name}`);
    };
    for (const [name, layer] of this.#children) visit(layer, name);
  }
}

// What people give instead of a layer.
function layerRemedy(value: unknown): string {
  if (value === undefined) return " (is its import right?)";
  if (typeof value === "string") return " (the layer itself, as new ReLU())";
  if (typeof value === "function") {
    return show(value).startsWith("the class")
      ? " (write new before it)"
      : " (the layer of it, as new ReLU() for relu)";
  }
  const named =
    typeof value === "object" && value !== null && Object.values(value).some((each) => each instanceof Layer);
  return named ? ' (named layers are pairs: ["name", layer])' : "";
}

const SMALL_BATCH = 32;
const PREDICT_BYTES = 32 * 1024 * 1024;

// The rows of x in parts, one after the other; the results joined.
function predictInParts(x: Tensor, rows: number, part: (input: Tensor) => Tensor): Tensor {
  const count = x.shape[0];
  const size = x.size / count;
  let joined: Tensor | undefined;
  for (let first = 0; first < count; first += rows) {
    const now = Math.min(rows, count - first);
    const y = part(Tensor.adopt(x.data.subarray(first * size, (first + now) * size), [now, ...x.shape.slice(1)]));
    joined ??= y.like([count, ...y.shape.slice(1)]);
    joined.data.set(y.data, (joined.size / count) * first);
  }
  return joined ?? part(x);
}

// A layer of this package works on windows; any other gets a copy of its own, and its result is copied in again.
function visit(layer: Layer, pass: "forward" | "predict", x: Tensor): Tensor {
  if (isInternal(layer)) return pass === "predict" ? layer.predictAlone(x) : layer.forward(x);
  return copyIn(within(null, () => checkResult(layer, "forward", layer[pass](copyOut(x)))));
}

// From layer to layer; an error tells in which one it happened.
function walk(order: readonly NamedLayer[], x: Tensor, pass: (layer: Layer, x: Tensor) => Tensor): Tensor {
  let y = x;
  let place = "";
  try {
    for (const [name, layer] of order) {
      place = name;
      y = pass(layer, y);
    }
  } catch (error) {
    throw placed(error, place);
  }
  return y;
}

function walkBack(order: readonly NamedLayer[], dy: Tensor, inputGrad: boolean): Tensor | undefined {
  if (order.length === 0) return inputGrad ? dy : undefined;
  const [[name, first], ...rest] = order;
  const gradient = walk(rest.reverse(), dy, (layer, upstream) => visitBack(layer, upstream, true) ?? upstream);
  return inPlace(name, () => visitBack(first, gradient, inputGrad));
}

function visitBack(layer: Layer, dy: Tensor, inputGrad: boolean): Tensor | undefined {
  if (isPlain(layer)) return layer.backwardInside(dy, inputGrad);
  const internal = isInternal(layer);
  if (typeof layer.backward !== "function") {
    throw new ArgumentError(`${typeOf(layer)}: expected a layer with forward and backward, got one without backward.`);
  }
  if (!inputGrad) {
    if (internal) layer.backward(dy, { inputGrad });
    else within(null, () => layer.backward(copyOut(dy), { inputGrad }));
    return undefined;
  }
  if (internal) return layer.backward(dy);
  return copyIn(within(null, () => checkResult(layer, "backward", layer.backward(copyOut(dy)))));
}

/** @internal Whether it is a Sequential whose passes are this file's own. */
export function isPlain(layer: Layer): layer is Sequential {
  const { prototype } = Sequential;
  if (!(layer instanceof Sequential) || layer.forward !== prototype.forward) return false;
  return layer.backward === prototype.backward && layer.predict === prototype.predict;
}

// A subclass made elsewhere inherits the mark but does not own it.
function isInternal(layer: Layer): boolean {
  return Object.hasOwn(layer.constructor, "internal");
}

function hasOwnPasses(layer: Layer): boolean {
  return !Object.hasOwn(layer, "forward") && !Object.hasOwn(layer, "backward");
}

function checkResult(layer: Layer, method: "forward" | "backward", result: unknown): Tensor {
  return checkTensor(`${typeOf(layer)}.${method}`, "its result", result);
}
