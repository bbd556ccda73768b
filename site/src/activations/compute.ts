// Values and derivatives of activation functions, and what becomes of a gradient in a stack: by handgrad's own layers.
import {
  ELU, GELU, LeakyReLU, Linear, Parameter, ReLU, Sequential, SiLU, Sigmoid, Tanh, Tensor, glorotUniform, kaimingNormal, manualSeed, normalInit, randn, type Layer,
} from "handgrad"; // prettier-ignore

export const FUNCTIONS = {
  sigmoid: () => new Sigmoid(),
  tanh: () => new Tanh(),
  relu: () => new ReLU(),
  leaky: () => new LeakyReLU(),
  elu: () => new ELU(),
  gelu: () => new GELU(),
  silu: () => new SiLU(),
} as const;
export type FunctionName = keyof typeof FUNCTIONS;
export const INITS = {
  glorot: () => glorotUniform(),
  kaiming: () => kaimingNormal(),
  small: () => normalInit(0, 0.05),
} as const;
export type InitName = keyof typeof INITS;

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly dy: number;
}

/** f(x) and f'(x): a layer's forward, and its backward of ones. */
export function curve(name: FunctionName, xs: readonly number[]): Point[] {
  const layer: Layer = FUNCTIONS[name]();
  const x = new Tensor(Float32Array.from(xs), [1, xs.length]);
  const y = layer.forward(x);
  const dy = layer.backward(new Tensor(new Float32Array(xs.length).fill(1), x.shape)) as Tensor;
  return xs.map((at, n) => ({ x: at, y: y.data[n], dy: dy.data[n] }));
}

/** The width of the stack's layers. */
export const STACK_WIDTH = 32;

/**
 * Root mean square of dL/dx behind each activation of a stack of Linear and activation, the first layer first, for a batch
 * of normal numbers and a gradient of normal numbers at the top.
 */
export function gradients(name: FunctionName, depth: number, init: InitName): number[] {
  manualSeed(1);
  const layers: Layer[] = [];
  for (let n = 0; n < depth; n++) {
    const linear = new Linear(STACK_WIDTH, STACK_WIDTH);
    linear.weight.value = new Parameter(linear.weight.shape, INITS[init]()).value;
    layers.push(new Sequential(linear, FUNCTIONS[name]()));
  }
  let x = randn([64, STACK_WIDTH], { seed: 1 });
  for (const layer of layers) x = layer.forward(x);
  let dy = randn([64, STACK_WIDTH], { seed: 2 });
  const sizes: number[] = [];
  for (const layer of [...layers].reverse()) {
    dy = layer.backward(dy) as Tensor;
    sizes.unshift(Math.sqrt(dy.data.reduce((sum, value) => sum + value * value, 0) / dy.size));
  }
  return sizes;
}
