// Initial weights that hand their input on: dirac for filters, the identity for matrices.
import { knownKeys, whole } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { stridesOf } from "../base/tensor.js";
import type { Initializer } from "./initializer.js";

/** Options of {@link diracInit}. */
export interface DiracOptions {
  /** The groups of the convolution, of which each hands its own channels on. Default 1. */
  readonly groups?: number;
}

/**
 * Filters [O, I, KH, KW] (or [O, I, K]) that hand channels on: 1 in the middle of channel d of filter d of each group, 0 elsewhere;
 * with odd kernels and "same" padding the first min(O / groups, I) output channels are the input's. PyTorch: dirac_.
 *
 * @example
 * conv.weight.initialize(diracInit());
 *
 * @throws ShapeError when the tensor has no filters, or `groups` does not divide their number
 */
export function diracInit(options: DiracOptions = {}): Initializer {
  knownKeys("diracInit", options, ["groups"]);
  const { groups = 1 } = options;
  whole("diracInit", "groups", groups, 1);
  return (tensor) => {
    const { shape, data } = tensor;
    if (shape.length < 3 || shape[0] % groups !== 0) {
      throw new ShapeError(
        `diracInit: expected filters [O, I, KH, KW] with O divisible by groups ${groups}, got ${formatShape(shape)}.`,
      );
    }
    const [outputs, inputs, ...kernel] = shape;
    const strides = stridesOf(shape);
    const middle = kernel.reduce((sum, size, axis) => sum + Math.floor(size / 2) * strides[axis + 2], 0);
    const each = outputs / groups;
    data.fill(0);
    for (let o = 0; o < outputs; o++) {
      const d = o % each;
      if (d < inputs) data[o * strides[0] + d * strides[1] + middle] = 1;
    }
  };
}

/**
 * The identity matrix, as far as a matrix [O, I] has room for it: 1 on the diagonal, 0 elsewhere. PyTorch: eye_.
 *
 * @example
 * linear.weight.initialize(eyeInit());
 *
 * @throws ShapeError when the tensor is no matrix
 */
export function eyeInit(): Initializer {
  return (tensor) => {
    const { shape, data } = tensor;
    if (shape.length !== 2) {
      throw new ShapeError(`eyeInit: expected a matrix [O, I], got ${formatShape(shape)} (for filters use diracInit).`);
    }
    data.fill(0);
    for (let i = 0; i < Math.min(...shape); i++) data[i * shape[1] + i] = 1;
  };
}
