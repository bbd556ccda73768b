// Descents by handgrad's own optimizers and schedules: a point on a surface, and a small network that tells two spirals apart.
import {
  Adam, CosineAnnealingLR, CrossEntropy, Linear, OneCycleLR, Parameter, SGD, Sequential, StepLR, Tanh, Tensor, accuracy, manualSeed, type Optimizer,
} from "handgrad"; // prettier-ignore

export const SURFACES = {
  bowl: { f: (x: number, y: number) => 0.5 * x * x + 8 * y * y, df: (x: number, y: number) => [x, 16 * y], start: [-1.8, 0.9] },
  valley: {
    f: (x: number, y: number) => 0.3 * (1 - x) ** 2 + 3 * (y - x * x * 0.5) ** 2,
    df: (x: number, y: number) => [-0.6 * (1 - x) - 6 * x * (y - x * x * 0.5), 6 * (y - x * x * 0.5)],
    start: [-1.7, 0.4],
  },
  saddle: {
    f: (x: number, y: number) => 0.5 * x * x - 0.5 * y * y + 0.15 * y ** 4,
    df: (x: number, y: number) => [x, -y + 0.6 * y ** 3],
    start: [-1.8, 0.01],
  },
  waves: {
    f: (x: number, y: number) => 0.4 * (x * x + y * y) + 0.5 * (1 - Math.cos(4 * x)) + 0.5 * (1 - Math.cos(4 * y)),
    df: (x: number, y: number) => [0.8 * x + 2 * Math.sin(4 * x), 0.8 * y + 2 * Math.sin(4 * y)],
    start: [-1.7, 1.6],
  },
} as const; // prettier-ignore
export type SurfaceName = keyof typeof SURFACES;
/** The surfaces are shown from -EDGE to EDGE. */
export const EDGE = 2;

export const RULES = ["sgd", "momentum", "adam"] as const;
export type RuleName = (typeof RULES)[number];
export const SCHEDULES = ["none", "step", "cosine", "oneCycle"] as const;
export type ScheduleName = (typeof SCHEDULES)[number];
export type Rates = Readonly<Record<RuleName, number>>;

function make(rule: RuleName, parameters: readonly Parameter[], lr: number): Optimizer & { lr: number } {
  if (rule === "adam") return new Adam(parameters, { lr });
  return new SGD(parameters, { lr, momentum: rule === "momentum" ? 0.9 : 0 });
}

function schedule(
  name: ScheduleName,
  optimizer: Optimizer & { lr: number },
  lr: number,
  steps: number,
): { step(): void } | undefined {
  if (name === "step") return new StepLR(optimizer, Math.max(1, Math.ceil(steps / 3)), { gamma: 0.3 });
  if (name === "cosine") return new CosineAnnealingLR(optimizer, steps);
  if (name === "oneCycle") return new OneCycleLR(optimizer, lr, { totalSteps: steps, cycleMomentum: false });
  return undefined;
}

export interface Path {
  readonly points: readonly (readonly [number, number])[];
  /** The surface's height at each point. */
  readonly values: readonly number[];
  /** The learning rate of each step. */
  readonly rates: readonly number[];
}

/** `steps` steps down a surface; points has one more entry, the start. A descent that leaves for infinity ends there. */
export function descend(
  surface: SurfaceName,
  rule: RuleName,
  lr: number,
  name: ScheduleName,
  start: readonly [number, number],
  steps: number,
): Path {
  const { f, df } = SURFACES[surface];
  const point = new Parameter(new Tensor(Float32Array.from(start), [2]));
  const optimizer = make(rule, [point], lr);
  const plan = schedule(name, optimizer, lr, steps);
  const points: [number, number][] = [];
  const rates: number[] = [];
  for (let n = 0; n <= steps; n++) {
    const [x, y] = point.value.data;
    points.push([x, y]);
    if (n === steps || Math.abs(x) + Math.abs(y) > 1e4) break;
    optimizer.zeroGrad();
    point.accumulate(new Tensor(Float32Array.from(df(x, y)), [2]));
    rates.push(optimizer.lr);
    optimizer.step();
    plan?.step();
  }
  return { points, values: points.map(([x, y]) => f(x, y)), rates };
}

/** Two spirals of `count` points each, [2 count, 2], with their classes. */
export function spirals(count: number): { x: Tensor; labels: Int32Array } {
  const x = new Float32Array(4 * count);
  const labels = new Int32Array(2 * count);
  for (let n = 0; n < 2 * count; n++) {
    const arm = n % 2;
    const along = Math.floor(n / 2) / count;
    const angle = 4.2 * along + Math.PI * arm;
    x[2 * n] = (0.15 + along) * Math.cos(angle);
    x[2 * n + 1] = (0.15 + along) * Math.sin(angle);
    labels[n] = arm;
  }
  return { x: new Tensor(x, [2 * count, 2]), labels };
}

export interface Learned {
  readonly losses: readonly number[];
  readonly accuracy: number;
}

/** A network 2 -> 16 -> 16 -> 2 on the spirals, every rule from the same weights. */
export function learn(rule: RuleName, lr: number, name: ScheduleName, steps: number): Learned {
  manualSeed(3);
  const model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 16), new Tanh(), new Linear(16, 2));
  const { x, labels } = spirals(60);
  const loss = new CrossEntropy();
  const optimizer = make(rule, model.parameters(), lr);
  const plan = schedule(name, optimizer, lr, steps);
  const losses: number[] = [];
  for (let n = 0; n < steps; n++) {
    losses.push(loss.forward(model.forward(x), labels));
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
    plan?.step();
  }
  const logits = model.predict(x);
  losses.push(loss.forward(logits, labels));
  return { losses, accuracy: accuracy(logits, labels) };
}
