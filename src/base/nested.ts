// Between flat data and nested arrays or text. It knows typed arrays and shapes, not Tensor.
import { show } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { formatShape, type Shape } from "./shape.js";

/** A number, or arrays of arrays ... of numbers with equal lengths on each level. */
export type NestedNumbers = number | NestedNumbers[];

/**
 * Nested arrays to flat numbers and their shape; a level may be typed arrays. Ragged arrays are a ShapeError that names the place.
 */
export function flattenNested(who: string, nested: ArrayLike<unknown>): { flat: number[]; nestedShape: Shape } {
  const shape: number[] = [];
  for (let level: unknown = nested; isList(level); level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const walk = (list: ArrayLike<unknown>, place: readonly number[]): void => {
    const depth = place.length + 1;
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      const fits = isList(value) ? value.length === shape[depth] : depth === shape.length;
      if (!fits) throw new ShapeError(raggedText(who, shape, value, [...place, i]));
      if (isList(value)) walk(value, [...place, i]);
      else if (typeof value === "number" || typeof value === "bigint") flat.push(Number(value));
      else {
        const empty = value === undefined && flat.length === 0;
        const remedy = empty ? ` (a list made by its length holds nothing: zeros(${formatShape(shape)}))` : "";
        const at = formatShape([...place, i]);
        throw new ArgumentError(`${who}: expected numbers, got ${show(value)} at ${at}${remedy}.`);
      }
    }
  };
  walk(nested, []);
  return { flat, nestedShape: shape };
}

/** True for an array and for a typed array of any realm. */
function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value); // a DataView has no length
}

function raggedText(who: string, shape: Shape, value: unknown, place: readonly number[]): string {
  const got = isList(value) ? `${value.length} entries` : show(value);
  const expected = place.length < shape.length ? `${shape[place.length]} entries` : "a number";
  return `${who}: expected equal lengths on each level, got ${got} instead of ${expected} at ${formatShape(place)}.`;
}

/** Flat row-major data as nested arrays; a plain number for rank 0. */
export function nest(data: ArrayLike<number>, shape: Shape): NestedNumbers {
  let next = 0;
  const build = (axis: number): NestedNumbers =>
    axis === shape.length ? data[next++] : Array.from({ length: shape[axis] }, () => build(axis + 1));
  return build(0);
}

const EDGE = 3; // entries shown at each end of a long axis
const LONG = 8; // an axis longer than this is cut in the middle

/** `Tensor [2, 3]` and the values in aligned columns, as `[[1, 2, 3], [4, 5, 6]]` over several lines. */
export function formatTensor(data: ArrayLike<number>, shape: Shape): string {
  const shown: number[] = [];
  visit(shape, 0, 0, (i) => shown.push(data[i]));
  const texts = formatNumbers(shown);
  const width = Math.max(0, ...texts.map((text) => text.length));
  let next = 0;
  const build = (axis: number, indent: string): string => {
    if (axis === shape.length) return texts[next++].padStart(width);
    const separator = axis === shape.length - 1 ? ", " : `,\n${indent} `;
    const parts = shownIndices(shape[axis]).map((i) => (i < 0 ? "..." : build(axis + 1, `${indent} `)));
    return `[${parts.join(separator)}]`;
  };
  return `Tensor ${formatShape(shape)}${shape.length > 1 ? "\n" : " "}${build(0, "")}`;
}

// Indices of an axis that are shown; -1 stands for the dots.
function shownIndices(length: number): number[] {
  const all = Array.from({ length }, (_, i) => i);
  return length <= LONG ? all : [...all.slice(0, EDGE), -1, ...all.slice(length - EDGE)];
}

function visit(shape: Shape, axis: number, offset: number, see: (index: number) => void): void {
  if (axis === shape.length) return see(offset);
  for (const i of shownIndices(shape[axis])) if (i >= 0) visit(shape, axis + 1, offset * shape[axis] + i, see);
}

// Whole numbers as they are, everything else with four decimals, or in powers of ten where that would hide digits.
function formatNumbers(values: readonly number[]): string[] {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.every((value) => Number.isInteger(value) && Math.abs(value) < 1e9)) return values.map(String);
  const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const power = largest >= 1e6 || largest < 1e-3;
  return values.map((value) => {
    if (!Number.isFinite(value)) return String(value);
    return power ? value.toExponential(4) : value.toFixed(4);
  });
}
