// Sequential: layers one after the other. It walks them forth and back and names them; how one of them runs is the door's.
import { nearestHint, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { Builtin } from "../builtin.js";
import type { Json, LayerConfig } from "../config.js";
import { step, stepBack } from "../door.js";
import type { Layer, SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { inPlace, placed } from "../place.js";
import { backward, blame, forward, memory, shapeOf, walkShapes } from "../protocol.js";
import { runOrder, type NamedLayer } from "../runOrder.js";
import type { LayerSpec } from "../spec.js";
import { learns } from "../walk.js";
import { watcher } from "../watcher.js";
import { checkUnique, readEntry, type LayerLike, type SequentialEntry } from "./entries.js";

const SPEC = { type: "Sequential", args: {} } as const satisfies LayerSpec;

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
export class Sequential extends Builtin<readonly NamedLayer[], typeof SPEC> implements Iterable<Layer> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #children: [name: string, layer: Layer][] = [];

  constructor(...entries: SequentialEntry[]) {
    super(SPEC, []);
    entries.forEach((entry) => this.#append(entry));
    checkUnique("Sequential", this);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    if (pass.keeps) this[memory].forget(); // if a layer fails, those before it have already kept other inputs than those behind it
    const order = watcher() === null ? runOrder(this.#children) : this.#children;
    let [y, place] = [x, ""];
    try {
      for (const [name, layer] of order) {
        place = name;
        y = step(layer, y, pass);
      }
    } catch (error) {
      throw placed(error, place);
    }
    pass.keep(order);
    return y;
  }

  [backward](dy: Tensor, order: readonly NamedLayer[], pass: Pass): Tensor | undefined {
    const wanted = pass.inputGrad;
    const lowest = wanted ? 0 : order.findIndex(([, layer]) => learns(layer)); // nothing before it wants a gradient
    let [gradient, place]: [Tensor | undefined, string] = [dy, ""];
    try {
      for (let i = order.length - 1; i >= lowest && gradient !== undefined; i--) {
        const [name, layer] = order[i];
        place = name;
        gradient = stepBack(layer, gradient, pass, wanted || i > lowest);
      }
    } catch (error) {
      throw placed(error, place);
    }
    return gradient;
  }

  /** Appends a layer, with a name or under its place. */
  add(layer: LayerLike, name?: string): this {
    this.#append(name === undefined ? layer : [name, layer]);
    try {
      checkUnique("Sequential", this);
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

  override [shapeOf](shape: Shape): Shape {
    return this[walkShapes](shape, () => undefined, "");
  }

  override [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    return this.#children.reduce(
      (current, [name, layer]) =>
        inPlace(name, () => layer[walkShapes](current, see, path === "" ? name : `${path}.${name}`)),
      shape,
    );
  }

  override [blame](say: (who: string) => void): void {
    const last = this.#children.at(-1);
    if (last === undefined) super[blame](say);
    else inPlace(last[0], () => last[1][blame](say));
  }

  /** The container as plain JSON, with those of the layers in it. */
  override config(): LayerConfig {
    const entry = ([name, layer]: [string, Layer]): Json => [name, inPlace(name, () => ({ ...layer.config() }))];
    return { ...super.config(), args: this.#children.map(entry) };
  }

  /** The layers inside, by name. */
  override describe(): string {
    return `Sequential(${this.#children.map(([name, layer]) => `${name}: ${layer.describe()}`).join(", ")})`;
  }

  #append(entry: unknown): void {
    this.#children.push(readEntry("Sequential", entry, this.#children));
  }
}
