// Orthogonal initial weights.
import { finite } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { fillNormal } from "../numbers/normal.js";
import type { Initializer } from "./initializer.js";

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; filters count as one row for each output
 * channel. It is the orthogonal part of a matrix of normal numbers (its QR decomposition with a positive diagonal), which makes
 * all such matrices equally likely. PyTorch: orthogonal_.
 *
 * @example
 * linear.weight.initialize(orthogonalInit(Math.SQRT2));
 *
 * @throws ShapeError when the tensor has fewer than two axes
 * @see Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014
 */
export function orthogonalInit(gain: number = 1): Initializer {
  finite("orthogonalInit", "gain", gain);
  return (tensor, generator) => {
    const { shape, data } = tensor;
    if (shape.length < 2) {
      throw new ShapeError(`orthogonalInit: expected a weight of at least two axes, got ${formatShape(shape)}.`);
    }
    const [rows, cols] = [shape[0], data.length / shape[0]];
    const [count, length] = [Math.min(rows, cols), Math.max(rows, cols)];
    // The vectors stand one behind the other: rows of a wide matrix, columns of a tall one.
    const vectors = new Float64Array(data.length);
    fillNormal(generator, vectors, 0, 1);
    for (let k = 0; k < count; k++) {
      const v = vectors.subarray(k * length, (k + 1) * length);
      // Twice is enough: what rounding left of the others is then gone, too.
      for (let round = 0; round < 2; round++) {
        for (let j = 0; j < k; j++) subtractProjection(v, vectors.subarray(j * length, (j + 1) * length));
      }
      const size = Math.sqrt(dot(v, v));
      for (let i = 0; i < length; i++) v[i] /= size;
    }
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        data[r * cols + c] = gain * (rows <= cols ? vectors[r * length + c] : vectors[c * length + r]);
      }
    }
  };
}

function subtractProjection(v: Float64Array, unit: Float64Array): void {
  const along = dot(v, unit);
  for (let i = 0; i < v.length; i++) v[i] -= along * unit[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
