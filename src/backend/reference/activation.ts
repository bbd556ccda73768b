// Activation functions y = f(x) and their gradients dx = dy f'(x), each function by a pair of formulas. `kept` is the input or
// the output, as ACTIVATIONS of the contract says.
import type { FloatArray } from "../../base/tensor.js";
import * as math from "../../numbers/math.js";
import type { Activation, ActivationName } from "../kernels.js";

interface Formulas {
  y(x: number): number;
  dx(kept: number, dy: number): number;
}

const FORMULAS: Readonly<Record<ActivationName, Formulas>> = {
  // y = x > 0 ? x : 0, asked the other way round, so that NaN stays NaN
  relu: { y: (x) => (x <= 0 ? 0 : x), dx: (y, dy) => (y <= 0 ? 0 : dy) },
  sigmoid: { y: (x) => math.sigmoid(x), dx: (y, dy) => dy * y * (1 - y) },
  tanh: { y: (x) => math.tanh(x), dx: (y, dy) => dy * (1 - y * y) },
};

// y = f(x)
export function activation({ f }: Activation, x: FloatArray, y: FloatArray): void {
  const formulas = FORMULAS[f];
  for (let i = 0; i < y.length; i++) y[i] = formulas.y(x[i]);
}

// dx = dy f'(x)
export function activationInputGrad(g: Activation, kept: FloatArray, dy: FloatArray, dx: FloatArray): void {
  const formulas = FORMULAS[g.f];
  for (let i = 0; i < dx.length; i++) dx[i] = formulas.dx(kept[i], dy[i]);
}
