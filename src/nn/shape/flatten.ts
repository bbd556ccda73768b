// Flatten: several axes become one. A view of the same numbers, so no op.
import { keep } from "../../backend/memory.js";
import { knownKeys, show } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { LatestShapes, formatShape, sizeOf, type Shape } from "../../base/shape.js";
import { checkTensor, type Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/** Options of {@link Flatten}. */
export interface FlattenOptions {
  /** First axis to flatten. Default 1: the batch axis stays. */
  readonly startDim?: number;
  /** Last axis to flatten, negative from the end. Default -1. */
  readonly endDim?: number;
}

interface SavedShapes {
  readonly from: Shape;
  readonly to: Shape;
}

/**
 * Joins the axes startDim to endDim into one: [32, 7, 7] per sample becomes [1568]. The numbers stay where they are.
 *
 * Input [N, ...], output [N, product of the others] by default.
 *
 * @throws ShapeError when the input has too few axes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Layer<SavedShapes> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  readonly #startDim: number;
  readonly #endDim: number;
  readonly #latest = new LatestShapes<Shape>();

  constructor(options: FlattenOptions = {}) {
    super();
    knownKeys("Flatten", options, ["startDim", "endDim"]);
    this.#startDim = readDim("startDim", options.startDim ?? 1);
    this.#endDim = readDim("endDim", options.endDim ?? -1);
    if (this.#startDim < 0 === this.#endDim < 0 && this.#startDim > this.#endDim) {
      throw new ArgumentError(
        `Flatten: expected startDim of at most endDim, got ${this.#startDim} and ${this.#endDim} (swap them).`,
      );
    }
  }

  forward(x: Tensor): Tensor {
    checkTensor("Flatten", "input", x);
    const to = this.outputShape(x.shape);
    this.save({ from: x.shape, to });
    return keep(x).reshape(to);
  }

  backward(dy: Tensor): Tensor {
    const { from } = this.saved(({ to }) => checkGradient("Flatten.backward", to, dy));
    return keep(dy).reshape(from);
  }

  override outputShape(shape: Shape): Shape {
    return this.#latest.get(shape, [], (from) => this.#joined(from));
  }

  #joined(shape: Shape): Shape {
    const start = this.#startDim < 0 ? this.#startDim + shape.length : this.#startDim;
    const end = this.#endDim < 0 ? this.#endDim + shape.length : this.#endDim;
    if (start < 0 || end < start || end >= shape.length) {
      const oneSample = shape.length === 1 && this.#startDim === 1;
      const remedy = oneSample ? "the batch axis is required: x.reshape([1, ...x.shape])" : `${shape.length} axes`;
      throw new ShapeError(
        `Flatten: expected an input that has the axes ${this.#startDim} to ${this.#endDim}, got ` +
          `${formatShape(shape)} ` +
          `(${remedy}).`,
      );
    }
    return Object.freeze([...shape.slice(0, start), sizeOf(shape.slice(start, end + 1)), ...shape.slice(end + 1)]);
  }

  override config(): LayerConfig {
    return { type: "Flatten", args: [], options: { startDim: this.#startDim, endDim: this.#endDim } };
  }

  override describe(): string {
    return describeConfig(this.config(), { startDim: 1, endDim: -1 });
  }
}

function readDim(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new ArgumentError(`Flatten: expected ${name} to be a whole number, got ${show(value)}.`);
}
