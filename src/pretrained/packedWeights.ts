// Weights as a short text: 8 bits a number, in base64. What the text belongs to is not in it: the model has to be the same.
//
// For each parameter in the model's order: one of rank 1 as float32 numbers, all others row by row (an output channel each): the
// float32 factor of the row, then its numbers as signed bytes from -127 to 127, each times the factor. Little-endian.
import { FormatError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";

const LEVELS = 127;

/** What is packed: all that a layer's parameters are here. */
interface HasParameters {
  parameters(): readonly {
    readonly value: {
      readonly data: Float32Array;
      readonly shape: Shape;
      readonly size: number;
      readonly rank: number;
    };
  }[];
}

/** The text of a model's parameters; `unpackWeights` gives each number back to within half of 1/127 of its row's largest. */
export function packWeights(model: HasParameters): string {
  const parts: Uint8Array[] = [];
  for (const { value } of model.parameters()) {
    if (value.rank < 2) {
      parts.push(floats(value.data));
      continue;
    }
    const rowSize = value.size / value.shape[0];
    for (let from = 0; from < value.size; from += rowSize) {
      const row = value.data.subarray(from, from + rowSize);
      const largest = row.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
      const factor = Math.fround(largest / LEVELS);
      const levels = Int8Array.from(row, (weight) =>
        factor === 0 ? 0 : Math.max(-LEVELS, Math.min(LEVELS, Math.round(weight / factor))),
      );
      parts.push(floats([factor]), new Uint8Array(levels.buffer));
    }
  }
  let text = "";
  for (const part of parts) for (const byte of part) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * Puts packed weights into a model.
 *
 * @throws FormatError when the text is of another number of weights; nothing has changed then
 */
export function unpackWeights(model: HasParameters, text: string): void {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const parameters = model.parameters();
  const size = parameters.reduce((sum, { value: { rank, size: count, shape } }) => {
    return sum + (rank < 2 ? 4 * count : 4 * shape[0] + count);
  }, 0);
  if (bytes.length !== size) {
    throw new FormatError(`unpackWeights: expected ${size} bytes for the model's parameters, got ${bytes.length}.`);
  }
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { value } of parameters) {
    const { data } = value;
    const rowSize = value.rank < 2 ? 1 : value.size / value.shape[0];
    for (let from = 0; from < data.length; from += rowSize) {
      const factor = view.getFloat32(at, true);
      at += 4;
      if (value.rank < 2) data[from] = factor;
      else for (let n = 0; n < rowSize; n++) data[from + n] = factor * view.getInt8(at++);
    }
  }
}

function floats(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let n = 0; n < values.length; n++) view.setFloat32(4 * n, values[n], true);
  return new Uint8Array(view.buffer);
}
