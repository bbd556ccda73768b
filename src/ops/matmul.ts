// The matrix product of vectors, matrices and stacks of matrices. The loop of one product is in the backend.
import type { MatmulGeometry } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import { ShapeError } from "../base/errors.js";
import { broadcastShapes, formatShape, sizeOf, type Shape } from "../base/shape.js";
import { checkFormats, checkTensor, stridesOf, type FloatArray, type Tensor } from "../base/tensor.js";
import { broadcastStrides } from "./operands.js";

/**
 * Matrix product y[m, n] = sum over k of a[m, k] * b[k, n] (PyTorch: `torch.matmul`).
 *
 * Shapes: [M, K] and [K, N] give [M, N]. Axes before the last two are batch axes and broadcast: [B, M, K] and [K, N]
 * give [B, M, N]. A vector is a row on the left and a column on the right, and its axis is not in the result: [K] and
 * [K] give the dot product, of rank 0; [M, K] and [K] give [M].
 *
 * @throws ShapeError when an operand has no axes, the inner sizes K differ, or the batch axes do not broadcast.
 * @throws ArgumentError when an operand is not a Tensor, or one is float32 and the other float64.
 *
 * @example
 * matmul(new Tensor([[1, 2], [3, 4]]), new Tensor([[1], [10]])); // [[21], [43]]
 */
export function matmul<A extends FloatArray>(a: Tensor<A>, b: Tensor<A>): Tensor<A> {
  checkTensor("matmul", "a", a);
  checkTensor("matmul", "b", b);
  checkFormats("matmul", a, b);
  if (a.rank === 0 || b.rank === 0) {
    throw new ShapeError(
      `matmul: expected operands with at least one axis, got ${formatShape(a.shape)} and ${formatShape(b.shape)} ` +
        `(use multiply for a number).`,
    );
  }
  const [M, K] = a.rank === 1 ? [1, a.shape[0]] : a.shape.slice(-2);
  const [rows, N] = b.rank === 1 ? [b.shape[0], 1] : b.shape.slice(-2);
  if (K !== rows) {
    throw new ShapeError(
      `matmul: expected the last size of a to be the ${b.rank === 1 ? "size" : "last but one size"} of b, got ` +
        `${formatShape(a.shape)} and ${formatShape(b.shape)} (permute swaps axes).`,
    );
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes("matmul (batch axes)", batchA, batchB);
  const y = a.like([...batch, ...(a.rank === 1 ? [] : [M]), ...(b.rank === 1 ? [] : [N])]);
  const { matmul: kernel } = kernelsFor("matmul", a);
  const g: MatmulGeometry = { M, N, K, transA: false, transB: false };

  // One matrix on the right: the rows of all matrices on the left are the rows of one product.
  if (sizeOf(batchB) === 1) {
    kernel({ ...g, M: sizeOf(batch) * M }, a.data, b.data, null, y.data);
    return y;
  }
  const startsA = matrixIndices(batchA, batch);
  const startsB = matrixIndices(batchB, batch);
  startsA.forEach((matrixA, i) => {
    const matrixB = startsB[i];
    kernel(
      g,
      a.data.subarray(matrixA * M * K, (matrixA + 1) * M * K),
      b.data.subarray(matrixB * K * N, (matrixB + 1) * K * N),
      null,
      y.data.subarray(i * M * N, (i + 1) * M * N),
    );
  });
  return y;
}

// For each matrix of the result, which matrix of an operand with batch axes `shape` it comes from.
function matrixIndices(shape: Shape, batch: Shape): number[] {
  const steps = broadcastStrides(shape, batch);
  const strides = stridesOf(batch);
  return Array.from({ length: sizeOf(batch) }, (_, i) =>
    steps.reduce((index, step, axis) => index + step * (Math.floor(i / strides[axis]) % batch[axis]), 0),
  );
}
