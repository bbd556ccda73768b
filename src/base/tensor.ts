// Tensor: a typed array and a shape, row-major. Access to the data only; maths are functions in ops/.
import { show, whole } from "./check.js";
import { ArgumentError, MemoryError, ShapeError } from "./errors.js";
import { flattenNested, formatTensor, nest, type NestedNumbers } from "./nested.js";
import { checkAxis, checkShape, checkSize, formatShape, noRoom, sizeOf, type Shape } from "./shape.js";
import type { Stored } from "./stored.js";

/** The number formats that a tensor can have. The default backend computes in float32, the reference in both. */
export type FloatArray = Float32Array | Float64Array;

/** Numeric typed arrays, or lists of them. */
export type TypedRows = ArrayBufferView | readonly TypedRows[];

/** What a tensor can be made from: flat or nested numbers, typed arrays, lists of these, or what JSON or a clone made of one. */
export type TensorSource = NestedNumbers | TypedRows | TensorJson | TensorCopy;

/** A tensor as JSON has it: see {@link Tensor.toJSON}. */
export interface TensorJson {
  /** The number format. */
  readonly dtype: "float32" | "float64";
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** The numbers in row-major order; those that JSON does not know are the texts "NaN", "Infinity", "-Infinity" and "-0". */
  readonly numbers: readonly (number | string)[];
}

/** What structuredClone, postMessage and spreads make of a tensor. */
export interface TensorCopy {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** The numbers in row-major order. */
  readonly numbers: FloatArray;
}

/** One axis of {@link Tensor.slice}: an index keeps one entry (and drops the axis), [start, end, step] a range, null all. */
export type SliceRange = number | null | readonly [start: number, end?: number | null, step?: number];

const BRAND = Symbol.for("handgrad.Tensor");
const CHECKED: unique symbol = Symbol("checked");
const STORED: unique symbol = Symbol("stored");
const TEXTS = ["NaN", "Infinity", "-Infinity", "-0"]; // of numbers that JSON does not know

/**
 * An n-dimensional array of float32 (or, for checking, float64) numbers in row-major order: the last axis is contiguous.
 *
 * `new Tensor(data, shape)` adopts a Float32Array without copying and copies anything else; without a shape it takes the
 * shape of nested arrays, or one axis for flat data. It can be looped over, by its rows (see `toArray` for numbers).
 *
 * @example
 * const x = new Tensor([[1, 2, 3], [4, 5, 6]]);
 * x.shape;    // [2, 3]
 * x.at(1, 0); // 4
 *
 * @throws ShapeError when the data's length is not the product of the shape, or nested arrays are ragged.
 * @throws ArgumentError when the data are not numbers.
 */
export class Tensor<A extends FloatArray = Float32Array> {
  /** Sizes of the axes, outermost first; frozen. */
  readonly shape: Shape;
  /**
   * @internal An own property, as structuredClone, postMessage, spreads and deep comparisons see no other. Of stored numbers it
   * is a getter, so that there is an ordinary array only if somebody asks for one.
   */
  declare protected readonly numbers: A;
  /** @internal Not private, so that a tensor also works inside a Proxy, as reactive state of an app is. */
  declare readonly [STORED]?: Stored;

  constructor(data: TensorSource, shape?: Shape);
  /** @internal Adopts checked data, or stored numbers, and a frozen shape. */
  constructor(data: FloatArray | Stored, shape: Shape, checked: typeof CHECKED);
  constructor(data: TensorSource | Stored, shape?: Shape, checked?: typeof CHECKED) {
    if (checked === CHECKED) {
      this.shape = shape as Shape;
      if (ArrayBuffer.isView(data)) {
        this.numbers = data as A;
      } else {
        Object.defineProperty(this, "numbers", STORED_NUMBERS);
        Object.defineProperty(this, STORED, { value: data });
      }
      return;
    }
    const { flat, nestedShape } = readSource("Tensor", data);
    const numbers = (isFloat32Array(flat) ? flat : toFloatArray("Tensor", flat, Float32Array)) as A;
    this.shape = checkLength("Tensor", numbers.length, shape === undefined ? nestedShape : shape);
    this.numbers = numbers;
  }

  /** A float64 tensor, for gradient checks on the reference backend. A Float64Array is adopted, all else is copied. */
  static float64(data: TensorSource, shape?: Shape): Tensor<Float64Array> {
    const { flat, nestedShape } = readSource("Tensor.float64", data);
    const array = isFloat64Array(flat) ? flat : toFloatArray("Tensor.float64", flat, Float64Array);
    return wrap(array, checkLength("Tensor.float64", array.length, shape === undefined ? nestedShape : shape));
  }

  /** True for every handgrad tensor, also one from another copy of the package or another realm. */
  static isTensor(value: unknown): value is Tensor {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  /** @internal Adopts an array whose length is known to fit the shape; no checks. */
  static adopt<T extends FloatArray>(data: T, shape: Shape): Tensor<T> {
    return wrap(data, Object.freeze(shape.slice()));
  }

  /** @internal A tensor of numbers that a backend keeps, as many as the shape has. */
  static stored(numbers: Stored, shape: Shape): Tensor {
    return wrap<Float32Array>(numbers, Object.freeze(shape.slice()));
  }

  /**
   * The numbers in row-major order, in an ordinary array. Writing to them changes the tensor. The array of a parameter (of its
   * gradient) is live: a pass sees what was written, and a step shows in an array that was taken before it.
   */
  get data(): A {
    return this.numbers;
  }

  /** How many numbers there are. */
  get size(): number {
    return this[STORED]?.length ?? this.numbers.length;
  }

  /** How many axes there are. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number format, "float32" or "float64". */
  get dtype(): "float32" | "float64" {
    return this[STORED] === undefined && this.numbers.BYTES_PER_ELEMENT === 8 ? "float64" : "float32";
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** The number at these indices, one for each axis; negative ones count from the end. */
  at(...indices: number[]): number {
    if (indices.length !== this.rank) {
      throw new ArgumentError(
        `Tensor.at: expected ${this.rank} indices for shape ${formatShape(this.shape)}, got ${indices.length}.`,
      );
    }
    let offset = 0;
    indices.forEach((index, axis) => {
      offset = offset * this.shape[axis] + checkIndex("Tensor.at", index, this.shape[axis], axis);
    });
    return numbersNow(this)[offset];
  }

  /** The only number of a tensor of size 1. */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`Tensor.item: expected a tensor of size 1, got ${formatShape(this.shape)}.`);
    return numbersNow(this)[0];
  }

  /** The numbers as nested arrays of this shape (a plain number for rank 0). */
  toArray(): NestedNumbers {
    return nest(numbersNow(this), this.shape);
  }

  /** Shape and values in rows, long axes cut in the middle. */
  toString(): string {
    return formatTensor(numbersNow(this), this.shape);
  }

  /** What console.log of Node shows: the same as toString. @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /**
   * What JSON.stringify writes: every number exactly, so that `new Tensor(JSON.parse(text))` is the same tensor, bit for bit but
   * for the payload of a NaN. For many numbers there are smaller files: see `handgrad/io`.
   */
  toJSON(): TensorJson {
    const numbers = Array.from(numbersNow(this), (value) => {
      const text = Object.is(value, -0) ? "-0" : String(value);
      return TEXTS.includes(text) ? text : value;
    });
    return { dtype: this.dtype, shape: this.shape, numbers };
  }

  /**
   * The entries of the first axis, one after the other: numbers of a tensor of rank 1, else copies of the rows.
   *
   * @throws ShapeError for a tensor of rank 0
   */
  *[Symbol.iterator](): IterableIterator<number | Tensor<A>> {
    if (this.rank === 0)
      throw new ShapeError("Tensor: expected at least one axis to loop over, got rank 0 (use item()).");
    for (let i = 0; i < this.shape[0]; i++) yield this.rank === 1 ? numbersNow(this)[i] : this.slice(i);
  }

  /** Text where JavaScript wants text, the number of a tensor of size 1 where it wants a number. @internal */
  [Symbol.toPrimitive](hint: string): string | number {
    if (hint !== "number") return this.toString();
    if (this.size === 1) return numbersNow(this)[0];
    throw new ArgumentError(
      `Tensor: expected a function such as add or multiply for a tensor ${formatShape(this.shape)}, got an operator.`,
    );
  }

  /** A new tensor of zeros with this tensor's number format and, unless given, its shape. */
  like(shape: Shape = this.shape): Tensor<A> {
    const checked = checkShape("Tensor.like", shape);
    return wrap(allocateLike(this, checked), checked);
  }

  /** A copy with data of its own. */
  clone(): Tensor<A> {
    return wrap(numbersNow(this).slice() as A, this.shape);
  }

  /** A float64 copy. */
  toFloat64(): Tensor<Float64Array> {
    return wrap(Float64Array.from(numbersNow(this)), this.shape);
  }

  /** A float32 copy, each number rounded to the nearest. */
  toFloat32(): Tensor {
    return wrap(Float32Array.from(numbersNow(this)), this.shape);
  }

  /** The same data under another shape (shared, not copied); one size may be -1 and is worked out. */
  reshape(shape: Shape): Tensor<A> {
    if (!Array.isArray(shape)) checkShape("Tensor.reshape", shape); // the sizes in a row, without brackets
    const unknown = shape.indexOf(-1);
    const sizes = [...shape];
    if (unknown >= 0) {
      const known = sizeOf(sizes.filter((_, axis) => axis !== unknown));
      sizes[unknown] = known === 0 ? 0 : this.size / known;
    }
    if (!sizes.every((length) => Number.isSafeInteger(length) && length >= 0) || sizeOf(sizes) !== this.size) {
      throw new ShapeError(
        `Tensor.reshape: expected a shape for ${this.size} numbers (from ${formatShape(this.shape)}), got ${show(shape)}.`,
      );
    }
    return wrap(this[STORED] ?? this.numbers, Object.freeze(sizes));
  }

  /** A copy with the axes in another order: axis i of the result is axis `order[i]` of this tensor. */
  permute(order: readonly number[]): Tensor<A> {
    const given: unknown = order;
    const axes = Array.isArray(given) ? order.map((axis) => checkAxis("Tensor.permute", axis, this.rank)) : [];
    if (axes.length !== this.rank || new Set(axes).size !== this.rank) {
      throw new ArgumentError(`Tensor.permute: expected each of the ${this.rank} axes once, got ${show(order)}.`);
    }
    const stride = stridesOf(this.shape);
    return this.#gather(
      axes.map((axis) => this.shape[axis]),
      axes.map((axis) => stride[axis]),
      0,
    );
  }

  /**
   * A copy of a part: one entry per axis, from the first axis on; axes that are left out are kept whole. An index keeps one
   * entry and drops the axis, [start, end, step] keeps a range (end exclusive, negative ones count from the end), null keeps all.
   *
   * @example
   * x.slice(0);              // first row
   * x.slice(null, [1, 3]);   // columns 1 and 2
   */
  slice(...ranges: SliceRange[]): Tensor<A> {
    if (ranges.length > this.rank) {
      throw new ArgumentError(`Tensor.slice: expected at most ${this.rank} ranges, got ${ranges.length}.`);
    }
    const stride = stridesOf(this.shape);
    const shape: number[] = [];
    const steps: number[] = [];
    let offset = 0;
    this.shape.forEach((length, axis) => {
      const range = ranges[axis] ?? null;
      if (typeof range === "number") {
        offset += checkIndex("Tensor.slice", range, length, axis) * stride[axis];
        return;
      }
      const [start, end, step] = range === null ? [0, length, 1] : readRange(range, length, axis);
      offset += start * stride[axis];
      shape.push(Math.max(0, Math.ceil((end - start) / step)));
      steps.push(step * stride[axis]);
    });
    return this.#gather(shape, steps, offset);
  }

  /** A copy of the rows (entries of the first axis) with these indices, in this order. */
  take(indices: ArrayLike<number>): Tensor<A> {
    if (this.rank === 0) throw new ShapeError("Tensor.take: expected at least one axis, got a tensor of rank 0.");
    if (typeof indices !== "object" || typeof indices?.length !== "number") {
      throw new ArgumentError(`Tensor.take: expected a list of row indices, got ${show(indices)}.`);
    }
    const rows = this.shape[0];
    const rowSize = sizeOf(this.shape.slice(1));
    const out = allocateLike(this, [indices.length, rowSize]);
    for (let i = 0; i < indices.length; i++) {
      const row = checkIndex("Tensor.take", indices[i], rows, 0);
      out.set(numbersNow(this).subarray(row * rowSize, (row + 1) * rowSize), i * rowSize);
    }
    return wrap(out, Object.freeze([indices.length, ...this.shape.slice(1)]));
  }

  /**
   * Index of the largest number along `dim`, for all other axes in row-major order; without `dim` the flat index of the
   * largest of all. The first of equals wins; a NaN counts as larger than every number (as in PyTorch).
   */
  argmax(): number;
  argmax(dim: number): Int32Array;
  argmax(dim?: number): number | Int32Array {
    if (this.size === 0)
      throw new ShapeError(`Tensor.argmax: expected at least one number, got ${formatShape(this.shape)}.`);
    if (dim === undefined) return largestIndex(numbersNow(this), 0, this.size, 1);
    const axis = checkAxis("Tensor.argmax", dim, this.rank);
    const length = this.shape[axis];
    const inner = sizeOf(this.shape.slice(axis + 1));
    const out = new Int32Array(this.size / length);
    for (let i = 0; i < out.length; i++) {
      out[i] = largestIndex(numbersNow(this), Math.floor(i / inner) * length * inner + (i % inner), length, inner);
    }
    return out;
  }

  // Copies the numbers at offset + i0 * step0 + i1 * step1 + ... into a new tensor of `shape`.
  #gather(shape: readonly number[], steps: readonly number[], offset: number): Tensor<A> {
    const out = allocateLike(this, shape);
    const data = numbersNow(this);
    const last = shape.length - 1;
    const count = last < 0 ? 1 : shape[last];
    const step = last < 0 ? 0 : steps[last];
    const index = new Array<number>(Math.max(last, 0)).fill(0);
    let from = offset;
    for (let to = 0; to < out.length;) {
      for (let i = 0; i < count; i++) out[to++] = data[from + i * step];
      // Count up the outer axes like an odometer, `from` follows.
      for (let axis = last - 1; axis >= 0; axis--) {
        from += steps[axis];
        if (++index[axis] < shape[axis]) break;
        from -= steps[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return wrap(out, Object.freeze([...shape]));
  }
}

/** Throws unless all operands have the number format of the first. */
export function checkFormats(who: string, ...operands: readonly Pick<Tensor, "dtype">[]): void {
  const [first] = operands;
  for (const { dtype } of operands) {
    if (dtype === first.dtype) continue;
    throw new ArgumentError(
      `${who}: expected operands of one number format, got ${first.dtype} and ${dtype} (convert one with toFloat64() ` +
        `or toFloat32()).`,
    );
  }
}

/** Throws unless `value` is a tensor; returns it. */
export function checkTensor(who: string, name: string, value: unknown): Tensor {
  if (Tensor.isTensor(value)) {
    if (value.size > 0 || value.shape.includes(0)) return value;
    throw new ArgumentError(
      `${who}: expected ${name} to have its numbers, got a tensor whose buffer was transferred (transfer a copy: ` +
        `data.slice()).`,
    );
  }
  throw new ArgumentError(
    `${who}: expected ${name} to be a Tensor, got ${show(value)} (${remedyFor(who, name, value)}).`,
  );
}

// What people hold instead of a tensor, and the way from there.
function remedyFor(who: string, name: string, value: unknown): string {
  if (name === "dy" && who.endsWith(".backward") && (value === undefined || typeof value === "number"))
    return "loss.backward() gives it";
  if (value === undefined || value === null)
    return name.includes("result") ? "does it return its result?" : "the argument is missing";
  const has = (...keys: string[]): boolean =>
    typeof value === "object" && value !== null && keys.every((k) => k in value);
  if (has("then")) return "write await before it";
  if (isCopy(value)) return "new Tensor(value) makes one of this copy";
  if (has("data", "width", "height")) return "fromRgba(data, width, height) makes one of an image";
  if (has("data", "shape", "stride")) return 'fromNdarray of "handgrad/ndarray" makes one of it';
  return "wrap it: new Tensor(data, shape)";
}

/** True for a Float64Array of any realm. */
export function isFloat64Array(value: unknown): value is Float64Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "Float64Array";
}

function isFloat32Array(value: unknown): value is Float32Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "Float32Array";
}

/** Zeros in the number format of a tensor. */
export function allocateLike<A extends FloatArray>(like: Tensor<A>, shape: Shape): A {
  const type: new (length: number) => FloatArray = like.dtype === "float64" ? Float64Array : Float32Array;
  return allocateZeros("Tensor", type, shape) as A;
}

/** What a backend keeps for a tensor, if it does. */
export function storedNumbers(tensor: Tensor<FloatArray>): Stored | undefined {
  return tensor[STORED];
}

/** A tensor's numbers where they are now, to be read or written at once; asking makes no array of them, as `data` does. */
export function numbersNow<A extends FloatArray>(tensor: Tensor<A>): A {
  return (tensor[STORED]?.now() as A | undefined) ?? tensor.data;
}

/** Zeros for a tensor of this shape; an error for one that no memory holds. */
export function allocateZeros<F extends FloatArray>(who: string, type: new (length: number) => F, shape: Shape): F {
  const size = checkSize(who, shape);
  try {
    return new type(size);
  } catch (cause) {
    throw new MemoryError(noRoom(who, shape), { cause });
  }
}

const STORED_NUMBERS = {
  enumerable: true,
  get(this: Tensor): Float32Array | undefined {
    return this[STORED]?.array();
  },
};

function wrap<A extends FloatArray>(data: A | Stored, shape: Shape): Tensor<A> {
  return new Tensor(data as A, shape, CHECKED) as Tensor<FloatArray> as Tensor<A>;
}

function tagOf(view: ArrayBufferView): string {
  return (view as unknown as Record<symbol, string>)[Symbol.toStringTag] ?? "";
}

interface Source {
  readonly flat: ArrayLike<number | bigint>;
  readonly nestedShape: Shape;
}

function readSource(who: string, data: unknown): Source {
  if (
    (ArrayBuffer.isView(data) && tagOf(data) !== "DataView") ||
    (Array.isArray(data) && typeof data[0] === "number")
  ) {
    const flat = data as unknown as ArrayLike<number | bigint>;
    return { flat, nestedShape: [flat.length] };
  }
  if (typeof data === "number") return { flat: [data], nestedShape: [] };
  if (Array.isArray(data)) return flattenNested(who, data);
  if (isCopy(data)) {
    const { shape, numbers } = data;
    const flat = Array.isArray(numbers)
      ? numbers.map((value) => (TEXTS.includes(value) ? Number(value) : value))
      : numbers;
    return { flat: flat as ArrayLike<number>, nestedShape: shape };
  }
  throw new ArgumentError(`${who}: expected numbers (nested arrays or a typed array), got ${show(data)}.`);
}

function isCopy(value: unknown): value is TensorJson | TensorCopy {
  const numbers: unknown = typeof value === "object" && value !== null && "numbers" in value && value.numbers;
  return (Array.isArray(numbers) || ArrayBuffer.isView(numbers)) && !Tensor.isTensor(value);
}

/** The tensor that JSON or a clone was made of; any other value as it is. */
export function revived(value: unknown): unknown {
  if (!isCopy(value)) return value;
  const wide = "dtype" in value ? value.dtype === "float64" : isFloat64Array(value.numbers);
  return wide ? Tensor.float64(value) : new Tensor(value);
}

function toFloatArray<F extends FloatArray>(
  who: string,
  flat: ArrayLike<number | bigint>,
  type: new (length: number) => F,
): F {
  const out = new type(flat.length);
  for (let i = 0; i < flat.length; i++) {
    const value: unknown = flat[i];
    if (typeof value !== "number" && typeof value !== "bigint") {
      throw new ArgumentError(`${who}: expected numbers, got ${show(value)} at index ${i}.`);
    }
    out[i] = Number(value);
  }
  return out;
}

function checkLength(who: string, length: number, shape: Shape): Shape {
  const checked = checkShape(who, shape);
  if (sizeOf(checked) === length) return checked;
  throw new ShapeError(
    `${who}: expected ${sizeOf(checked)} numbers for shape ${formatShape(checked)}, got ${length} (check the shape, or ` +
      `cut the data to it).`,
  );
}

function checkIndex(who: string, index: unknown, length: number, axis: number): number {
  if (typeof index === "number" && Number.isInteger(index) && index >= -length && index < length) {
    return index < 0 ? index + length : index;
  }
  const range = length === 0 ? "none, the axis is empty" : `${-length} to ${length - 1}`;
  throw new ArgumentError(`${who}: expected an index of axis ${axis} (${range}), got ${show(index)}.`);
}

function readRange(range: unknown, length: number, axis: number): [start: number, end: number, step: number] {
  const parts: unknown = range;
  if (!Array.isArray(parts) || parts.length < 1 || parts.length > 3) {
    throw new ArgumentError(`Tensor.slice: expected an index, [start, end, step] or null, got ${show(range)}.`);
  }
  const edge = (name: string, value: unknown): number => {
    if (typeof value === "number" && Number.isInteger(value) && value >= -length && value <= length) {
      return value < 0 ? value + length : value;
    }
    throw new ArgumentError(
      `Tensor.slice: expected ${name} of axis ${axis} from ${-length} to ${length}, got ${show(value)}.`,
    );
  };
  const step = whole("Tensor.slice", "step", parts[2] === undefined ? 1 : parts[2], 1);
  return [edge("start", parts[0]), edge("end", parts[1] ?? length), step];
}

/** Distance in the data between neighbors along each axis, for a row-major shape. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

function largestIndex(data: FloatArray, start: number, count: number, step: number): number {
  let best = 0;
  for (let i = 0; i < count; i++) {
    const value = data[start + i * step];
    if (Number.isNaN(value)) return i;
    if (value > data[start + best * step]) best = i;
  }
  return best;
}
