// The kit's activation functions y = f(x) and their gradients dx = dy f'(x), each function by a pair of formulas. `kept` is the
// input or the output, as KIT_ACTIVATIONS of the contract says; a and b are the function's settings.
import type { FloatArray } from "../../base/tensor.js";
import type { KitActivation, KitActivationName } from "../kernels.js";

interface Formulas {
  y(x: number, a: number, b: number): number;
  dx(kept: number, dy: number, a: number, b: number): number;
}

const FORMULAS: Readonly<Record<KitActivationName, Formulas>> = {
  leakyRelu: { y: (x, a) => (x > 0 ? x : a * x), dx: (x, dy, a) => (x > 0 ? dy : a * dy) },
};

// y = f(x)
export function kitActivation({ f, a, b }: KitActivation, x: FloatArray, y: FloatArray): void {
  const formulas = FORMULAS[f];
  for (let i = 0; i < y.length; i++) y[i] = formulas.y(x[i], a, b);
}

// dx = dy f'(x)
export function kitActivationInputGrad(g: KitActivation, kept: FloatArray, dy: FloatArray, dx: FloatArray): void {
  const formulas = FORMULAS[g.f];
  for (let i = 0; i < dx.length; i++) dx[i] = formulas.dx(kept[i], dy[i], g.a, g.b);
}
