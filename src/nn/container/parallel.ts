// Parallel: several layers on one input, their outputs one after the other or added up.
import { oneOf, show } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import type { Option } from "../../base/options.js";
import { formatShape, sameShape, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { addIn } from "../../ops/arithmetic.js";
import { concatInto, partOf } from "../../ops/join.js";
import { Builtin } from "../builtin.js";
import type { Json, LayerConfig } from "../config.js";
import { step, stepBack } from "../door.js";
import type { Layer, SeeShape } from "../layer.js";
import type { Pass } from "../pass.js";
import { inPlace } from "../place.js";
import { backward, forward, memory, shapeOf, walkShapes } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { learns } from "../walk.js";
import { checkUnique, readEntry, type SequentialEntry } from "./entries.js";

/** Options of {@link Parallel}. */
export interface ParallelOptions {
  /** "concatenate" (default): the outputs one after the other along axis 1, the channels or features; "add": their sum. */
  readonly mode?: "concatenate" | "add";
}

const mode: Option<"concatenate" | "add"> = {
  check: (who, name, value) => oneOf<"concatenate" | "add">(who, name, value, ["concatenate", "add"]),
  default: "concatenate",
};
const SPEC = { type: "Parallel", args: {}, options: { mode } } as const satisfies LayerSpec;

/**
 * y = [a(x), b(x), ...] along axis 1, or with mode "add" y = a(x) + b(x) + ...; dx is the sum of all branches' gradients.
 *
 * Input of whatever shape all branches take. Their outputs are of one shape, but for the size of axis 1 where they are
 * concatenated. A branch is named by its place ("0", "1", ...) or by the name given with it.
 *
 * @example
 * // An Inception block: each pixel looks near, farther, and at what is largest around it.
 * const block = new Parallel([
 *   ["1x1", new Conv2d(16, 8, 1)],
 *   ["3x3", new Sequential(new Conv2d(16, 8, 1), new ReLU(), new Conv2d(8, 12, 3, { padding: 1 }))],
 *   ["pool", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), new Conv2d(16, 4, 1))],
 * ]);
 *
 * @throws ArgumentError when a branch is no layer, or stands twice
 * @throws ShapeError when their outputs do not fit each other
 * @see Szegedy et al., "Going deeper with convolutions", CVPR 2015
 */
export class Parallel extends Builtin<readonly Shape[], typeof SPEC> implements Iterable<Layer> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #branches: readonly [name: string, layer: Layer][];

  constructor(branches: readonly SequentialEntry[], options: ParallelOptions = {}) {
    super(SPEC, [], options);
    if (!Array.isArray(branches) || branches.length === 0) {
      const form =
        "an array of at least one branch, such as [new Conv2d(8, 4, 1), new Conv2d(8, 4, 3, { padding: 1 })]";
      throw new ArgumentError(`Parallel: expected ${form}, got ${show(branches)}.`);
    }
    const read: [string, Layer][] = [];
    for (const branch of branches) read.push(readEntry("Parallel", branch, read));
    this.#branches = read;
    checkUnique("Parallel", this);
  }

  /** The layers in order. */
  *[Symbol.iterator](): Iterator<Layer> {
    for (const [, layer] of this.#branches) yield layer;
  }

  override namedChildren(): [name: string, layer: Layer][] {
    return [...this.#branches];
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    if (pass.keeps) this[memory].forget();
    const last = this.#branches.length - 1;
    pass.hold(x); // all branches read it
    const ys = this.#branches.map(([name, layer], i) => {
      if (i === last) pass.release(x);
      const y = inPlace(name, () => step(layer, x, pass));
      pass.hold(y); // another branch may be given the same numbers
      return y;
    });
    for (const y of ys) pass.release(y);
    const shapes = ys.map((y) => y.shape);
    const shape = this.#joined(shapes);
    pass.keep(shapes);
    if (this.settings.mode === "add") return ys.reduce((sum, y) => addIn(pass.room, sum, y));
    return ys.length === 1 ? ys[0] : concatInto(ys, 1, pass.room.tensor(ys[0], shape));
  }

  [backward](dy: Tensor, shapes: readonly Shape[], pass: Pass): Tensor | undefined {
    const { inputGrad: wanted } = pass;
    let dx: Tensor | undefined;
    let from = 0;
    this.#branches.forEach(([name, layer], i) => {
      const [start, shape] = [from, shapes[i]];
      from += shape[1];
      if (!wanted && !learns(layer)) return;
      const isWhole = this.settings.mode === "add" || shapes.length === 1;
      const part = isWhole ? dy : partOf(pass.room, dy, shape, 1, start);
      const gradient = inPlace(name, () => stepBack(layer, part, pass, wanted));
      if (gradient !== undefined) dx = dx === undefined ? gradient : addIn(pass.room, dx, gradient);
    });
    return dx;
  }

  override [shapeOf](shape: Shape): Shape {
    return this[walkShapes](shape, () => undefined, "");
  }

  override [walkShapes](shape: Shape, see: SeeShape, path: string): Shape {
    const along = ([name, layer]: [string, Layer]): Shape =>
      inPlace(name, () => layer[walkShapes](shape, see, path === "" ? name : `${path}.${name}`));
    return this.#joined(this.#branches.map(along));
  }

  /** The container as plain JSON, with those of the layers in it. */
  override config(): LayerConfig {
    const branch = ([name, layer]: [string, Layer]): Json => [name, inPlace(name, () => ({ ...layer.config() }))];
    return { ...super.config(), args: [this.#branches.map(branch)] };
  }

  /** The branches, by name, and the mode where it is not the default. */
  override describe(): string {
    const branches = this.#branches.map(([name, layer]) => `${name}: ${layer.describe()}`).join(", ");
    return `Parallel([${branches}]${this.settings.mode === "add" ? `, { mode: "add" }` : ""})`;
  }

  #joined(shapes: readonly Shape[]): Shape {
    const [first] = shapes;
    const isSum = this.settings.mode === "add";
    const fits = isSum
      ? shapes.every((shape) => sameShape(shape, first))
      : first.length > 1 && shapes.every((shape) => sameShape(withoutChannels(shape), withoutChannels(first)));
    if (!fits) {
      const got = shapes.map((shape, i) => `${formatShape(shape)} from ${this.#branches[i][0]}`).join(" and ");
      const expected = isSum ? "of one shape" : "that differ in axis 1 alone";
      throw new ShapeError(`Parallel: expected outputs ${expected}, got ${got}.`);
    }
    if (isSum) return first;
    return [first[0], shapes.reduce((sum, shape) => sum + shape[1], 0), ...first.slice(2)];
  }
}

// With a mark where axis 1 is, so that ranks still count.
function withoutChannels([batch, , ...others]: Shape): Shape {
  return [batch, -1, ...others];
}
