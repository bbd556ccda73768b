// The kit's activation functions y = f(x) and their gradients dx = dy f'(x), each function by a pair of formulas. `kept` is the
// input or the output, as KIT_ACTIVATIONS of the contract says; a and b are the function's settings.
import type { FloatArray } from "../../base/tensor.js";
import { exp, sigmoid, tanh } from "../../numbers/math.js";
import { expm1, log1p, normalDensity, normalDistribution } from "../../numbers/special.js";
import type { KitActivation, KitActivationName } from "../kernels.js";

interface Formulas {
  y(x: number, a: number, b: number): number;
  dx(kept: number, dy: number, a: number, b: number): number;
}

const FORMULAS: Readonly<Record<KitActivationName, Formulas>> = {
  leakyRelu: { y: (x, a) => (x > 0 ? x : a * x), dx: (x, dy, a) => (x > 0 ? dy : a * dy) },
  elu: { y: (x, a, b) => b * (x > 0 ? x : a * expm1(x)), dx: (x, dy, a, b) => b * (x > 0 ? dy : a * exp(x) * dy) },
  gelu: {
    y: (x) => x * normalDistribution(x),
    dx: (x, dy) => dy * (normalDistribution(x) + within(x) * normalDensity(x)),
  },
  geluTanh: {
    y: (x) => x * sigmoid(bent(x, 0.044715)),
    dx: (x, dy) => {
      const s = sigmoid(bent(x, 0.044715));
      return dy * (s + bent(x, 3 * 0.044715) * s * (1 - s)); // x u' = bent with three times the cube
    },
  },
  silu: { y: (x) => x * sigmoid(x), dx: (x, dy) => dy * sigmoid(x) * (1 + x * (1 - sigmoid(x))) },
  mish: {
    y: (x) => x * tanh(softplus(x)),
    dx: (x, dy) => {
      const t = tanh(softplus(x));
      return dy * (t + x * sigmoid(x) * (1 - t * t));
    },
  },
  // Asked so that NaN stays NaN, and dy passes there.
  hardtanh: { y: (x, a, b) => (x < a ? a : x > b ? b : x), dx: (x, dy, a, b) => (x <= a || x >= b ? 0 : dy) },
  hardswish: { y: (x) => x * ramp(x), dx: (x, dy) => (x <= -3 ? 0 : x >= 3 ? dy : dy * (x / 3 + 0.5)) },
  hardsigmoid: { y: (x) => ramp(x), dx: (x, dy) => (Math.abs(x) >= 3 ? 0 : dy / 6) },
  softplus: {
    y: (x, a, b) => (a * x > b ? x : softplus(a * x) / a),
    dx: (x, dy, a, b) => (a * x > b ? dy : dy * sigmoid(a * x)),
  },
};

// ln(1 + e^x), which does not overflow
function softplus(x: number): number {
  return Math.max(x, 0) + log1p(exp(-Math.abs(x)));
}

// min(max(x + 3, 0), 6) / 6
function ramp(x: number): number {
  return Math.min(Math.max(x + 3, 0), 6) / 6;
}

// Beyond, the slope of the sigmoid or of the normal distribution is 0 in either precision, and x times it is 0 and not NaN.
function within(x: number): number {
  return Math.min(Math.max(x, -40), 40);
}

// 2 sqrt(2 / pi) (x + c x^3)
function bent(x: number, c: number): number {
  const v = within(x);
  return 1.5957691216057308 * (v + c * v * v * v);
}

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
