// A network beside PyTorch's numbers for it (test/fixtures/make_models.py): outputs, gradients, running statistics.
import type { Shape } from "../../src/base/shape.js";
import type { Tensor } from "../../src/base/tensor.js";
import type { Layer } from "../../src/index.js";
import { drawn, fillByFormula, probeOf } from "./zooFormula.js";
import { buildNetwork } from "./zooNetworks.js";

type Probe = readonly [product: number, norm: number];

export interface ParityCase {
  readonly title: string;
  readonly network: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: string;
  readonly shape: Shape;
  readonly train: boolean;
  readonly yShape: Shape;
  /** The first outputs. */
  readonly y: readonly number[];
  readonly yProbe: Probe;
  readonly gradients: Readonly<Record<string, Probe>>;
  readonly buffers: Readonly<Record<string, Probe>>;
  /** How far PyTorch's own float32 run is from its float64 run. */
  readonly float32: { readonly y: number; readonly gradients?: number };
}

/** The largest errors of a network, each by the norm of what it is an error of (see make_models.py for gradients). */
export interface Errors {
  readonly y: number;
  readonly gradients: number;
  /** The one in the middle of those of the gradients. */
  readonly median: number;
  readonly buffers: number;
  /** Names of gradients and statistics that one side lacks. */
  readonly odd: readonly string[];
}

/** The network of a case, filled by the formula. */
export function filledNetwork({ network, options, train }: ParityCase): Layer {
  const model = buildNetwork(network, options);
  fillByFormula(model);
  return model.train(train);
}

/** One forward, and one backward where PyTorch's numbers have one. */
export function errorsOf(theirs: ParityCase, model: Layer = filledNetwork(theirs)): Errors {
  const x = drawn(theirs.input, theirs.shape);
  const wantsGradients = Object.keys(theirs.gradients).length > 0;
  const y = wantsGradients ? model.forward(x) : model.predict(x);
  const found = new Map<string, Tensor>();
  if (wantsGradients) {
    found.set("input", model.backward(drawn("dy", y.shape)));
    for (const [name, parameter] of model.namedParameters()) {
      if (parameter.requiresGrad) found.set(name, parameter.grad);
    }
  }
  const statistics = new Map<string, Tensor>();
  if (theirs.train) {
    for (const [name, value] of Object.entries(model.stateDict()))
      if (name.includes("running")) statistics.set(name, value);
  }
  const errors = sortedErrors(found, theirs.gradients);
  const same = String(y.shape) === String(theirs.yShape);
  const [, norm] = theirs.yProbe;
  const first = Math.max(...theirs.y.map((value, i) => Math.abs(value - y.data[i]))) / (norm / Math.sqrt(y.size));
  return {
    y: same ? Math.max(first, error("y", y, theirs.yProbe, 0)) : Infinity,
    gradients: errors.at(-1) ?? 0,
    median: errors[Math.floor(errors.length / 2)] ?? 0,
    buffers: sortedErrors(statistics, theirs.buffers).at(-1) ?? 0,
    odd: [...oddNames(found, theirs.gradients), ...oddNames(statistics, theirs.buffers)],
  };
}

// The smallest first; a NaN counts as infinite.
function sortedErrors(ours: ReadonlyMap<string, Tensor>, theirs: Readonly<Record<string, Probe>>): number[] {
  const floor = 1e-5 * Math.max(0, ...Object.values(theirs).map(([, norm]) => norm));
  return [...ours]
    .flatMap(([name, tensor]) => {
      const probe = theirs[name] as Probe | undefined;
      return probe === undefined ? [] : [error(name, tensor, probe, floor)];
    })
    .map((each) => (Number.isNaN(each) ? Infinity : each))
    .sort((x, y) => x - y);
}

// A product with numbers from -1 to 1 shows an error e as about |e| / sqrt(3).
function error(name: string, tensor: Tensor, [product, norm]: Probe, floor: number): number {
  const [ours, ourNorm] = probeOf(name, tensor);
  return Math.max(Math.abs(ours - product) * Math.sqrt(3), Math.abs(ourNorm - norm)) / (norm + floor);
}

function oddNames(ours: ReadonlyMap<string, Tensor>, theirs: Readonly<Record<string, Probe>>): string[] {
  return [
    ...[...ours.keys()].filter((name) => !(name in theirs)),
    ...Object.keys(theirs).filter((name) => !ours.has(name)),
  ];
}
