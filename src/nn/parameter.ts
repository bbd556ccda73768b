// Parameter: weights that are learned, beside their gradient. Both are made when they are first looked at.
import { flag } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Initializer } from "../init/initializer.js";
import { keep, kept, zerosBeside } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { Generator } from "../numbers/random.js";
import { checkSize, checkShape, formatShape, sameShape, sizeOf, type Shape } from "../base/shape.js";
import { Tensor, allocateZeros, checkTensor, numbersNow } from "../base/tensor.js";
import { UNCLONEABLE } from "../base/uncloneable.js";

const BRAND = Symbol.for("handgrad.Parameter");

/**
 * A learned tensor and its gradient.
 *
 * Made from a tensor, whose numbers are copied, or from a shape and an initializer; the latter draws its numbers when
 * `value` is first read, so that a large model can be built and counted without its weights. The numbers depend on
 * the seed that was in force at construction and on how many parameters were made before it, not on when they are
 * drawn.
 *
 * @example
 * const weight = new Parameter([10, 32], kaimingNormal());
 * weight.value.shape; // [10, 32]
 * weight.grad;        // zeros before the first backward
 */
export class Parameter {
  /** Sizes of the axes; known before the numbers exist. */
  readonly shape: Shape;
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  #requiresGrad = true;
  #initializer: Initializer | undefined;
  readonly #generator: Generator;
  #value: Tensor | undefined;
  #grad: Tensor | undefined;

  constructor(source: Tensor | Shape, initializer?: Initializer) {
    this.#generator = new Generator("init");
    if (Tensor.isTensor(source)) {
      this.shape = source.shape;
      this.#value = keep(source.clone()); // an optimizer writes into it
      return;
    }
    this.shape = checkShape("Parameter", source);
    if (typeof initializer !== "function") {
      throw new ArgumentError(`Parameter: expected an initializer with the shape, such as zerosInit(), got none.`);
    }
    this.#initializer = initializer;
  }

  /** True for every handgrad parameter, also one from another copy of the package. */
  static isParameter(value: unknown): value is Parameter {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** What JSON.stringify writes: the numbers, and the gradient if there is one. */
  toJSON(): Readonly<Record<"value" | "grad", Tensor | null>> {
    return { value: this.value, grad: this.#grad ?? null };
  }

  /** Shape and numbers in rows. */
  toString(): string {
    return String(this.value).replace("Tensor", "Parameter");
  }

  /** What console.log of Node shows: the same as toString. @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** How many numbers it holds. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * Whether it is learned. false freezes it: backward computes no gradient for it, optimizers leave it alone, and a backward
   * stops where nothing below learns.
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  /** Checked when it is set. */
  set requiresGrad(value: boolean) {
    this.#requiresGrad = flag("Parameter", "requiresGrad", value);
  }

  /** The numbers; drawn when they are first read. Assigning copies another tensor's numbers in. */
  get value(): Tensor {
    if (this.#value === undefined) {
      checkSize("Parameter", this.shape);
      const value = zerosOf(this.shape);
      // From the stream's start, so that it does not matter what was drawn by a rule before this one.
      this.#generator.state = { ...this.#generator.state, counter: 0 };
      const result: unknown = this.#initializer?.(value, this.#generator);
      if (typeof result === "function") {
        throw new ArgumentError(
          `Parameter: expected an initializer such as onesInit(), got a function that makes one (call it, with ` +
            `parentheses).`,
        );
      }
      this.#value = keep(value);
    }
    return this.#value.size > 0 ? this.#value : checkTensor("Parameter", "value", this.#value);
  }

  /** Checked when it is set. */
  set value(tensor: Tensor) {
    checkTensor("Parameter.value", "the new value", tensor);
    if (!sameShape(tensor.shape, this.shape)) {
      throw new ShapeError(
        `Parameter.value: expected shape ${formatShape(this.shape)}, got ${formatShape(tensor.shape)}.`,
      );
    }
    this.prepare(tensor)();
  }

  /** @internal Makes room for a tensor's numbers; what is returned copies them in and cannot fail. */
  prepare(tensor: Tensor): () => void {
    const room = this.#value ?? keep(zerosOf(this.shape)); // not this.value: nothing is drawn just to be overwritten
    return () => {
      numbersNow(room).set(numbersNow(tensor));
      this.#value = room;
    };
  }

  /** Sum of the gradients since the last `zeroGrad`; zeros before the first backward. */
  get grad(): Tensor {
    return (this.#grad ??= zerosBeside(this.value));
  }

  /** Whether a gradient exists. Optimizers leave a parameter without one alone. */
  get hasGrad(): boolean {
    return this.#grad !== undefined;
  }

  /** Adds to the gradient: what every `backward` does for its parameters. */
  accumulate(grad: Tensor): void {
    checkTensor("Parameter.accumulate", "the gradient", grad);
    if (!sameShape(grad.shape, this.shape)) {
      throw new ShapeError(
        `Parameter.accumulate: expected a gradient of shape ${formatShape(this.shape)}, got ` +
          `${formatShape(grad.shape)}.`,
      );
    }
    kernelsFor("Parameter.accumulate", grad).accumulate(grad.data, kept(this.grad));
  }

  /** Sets the gradient to zeros. */
  zeroGrad(): void {
    if (this.#grad !== undefined) numbersNow(this.#grad).fill(0);
  }

  /** Draws the numbers anew by another rule (when they are next read). */
  initialize(initializer: Initializer): this {
    if (typeof initializer !== "function") {
      throw new ArgumentError(`Parameter.initialize: expected an initializer such as kaimingNormal(), got none.`);
    }
    this.#initializer = initializer;
    this.#value = undefined;
    this.#grad = undefined;
    return this;
  }

  /** @internal Where its first numbers are drawn from. */
  get generator(): Generator {
    return this.#generator;
  }

  /** @internal Makes room for these gradients, or for none, and returns the rest of the work, which cannot fail. */
  prepareGrad(grad: Tensor | null): () => void {
    const room = grad === null ? undefined : (this.#grad ?? zerosBeside(this.value));
    return () => {
      if (grad !== null && room !== undefined) numbersNow(room).set(numbersNow(grad));
      this.#grad = room;
    };
  }

  /**
   * @internal Puts other tensors in the place of value and gradient (float64 for gradCheck) and returns the way back.
   */
  substitute(value: Tensor): () => void {
    const [before, grad] = [this.value, this.#grad];
    this.#value = value;
    this.#grad = undefined;
    return () => {
      this.#value = before;
      this.#grad = grad;
    };
  }
}

function zerosOf(shape: Shape): Tensor {
  return Tensor.adopt(allocateZeros("Parameter", Float32Array, shape), shape);
}
