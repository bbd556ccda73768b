// Ten training steps of the lessons' networks and of two with batch norm from PyTorch's initial weights, dropout off, against PyTorch's float32
// run: losses within 2e-6 (relative), weights within 1e-6 with SGD and momentum and within 5e-5 with Adam at 1e-3.
//
// The default kernels, which use Winograd's algorithm where it serves, and the same with direct sums only.
//
// The fixture also holds PyTorch's float64 run from the same numbers. Its distance from the float32 run is the noise
// that no other order of summation can get below; HANDGRAD_REPORT=1 prints the measured distances beside it.
import { describe, expect, it } from "vitest";
import { reference } from "../src/backend/reference/backend.js";
import { setBackend } from "../src/backend/select.js";
import { wasm } from "../src/backend/wasm/backend.js";
import { setConvAlgorithm } from "../src/backend/convAlgorithm.js";
import { CrossEntropy } from "../src/loss/crossEntropy.js";
import type { Sequential } from "../src/nn/container/sequential.js";
import { Adam } from "../src/optim/adam.js";
import { SGD } from "../src/optim/sgd.js";
import { Tensor } from "../src/base/tensor.js";
import { NETWORKS as LESSONS, NORM_NETWORKS } from "./support/lessons.js";
import { loadTraining, trainingBatch, type TrainingModel } from "./support/fixtures.js";

const NETWORKS: Readonly<Record<TrainingModel, () => Sequential>> = { ...LESSONS, ...NORM_NETWORKS };
const LOSS_BOUND = 2e-6;
const WEIGHT_BOUND = { sgd: 1e-6, adam: 5e-5 };

/** Largest of the numbers; NaN if one is NaN. */
function largest(numbers: Iterable<number>): number {
  let most = 0;
  for (const value of numbers) {
    if (Number.isNaN(value)) return NaN;
    most = Math.max(most, value);
  }
  return most;
}

/** Absolute up to a size of 1, beyond it relative: running variances are no weights. */
function distance(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
}

interface Distances {
  readonly losses: readonly number[];
  readonly loss: number;
  readonly weight: number;
}

type Kernels = "direct" | "default" | "reference";

function train(network: TrainingModel, kind: "sgd" | "adam", kernels: Kernels, change: object = {}): Distances {
  const before = setBackend(kernels === "reference" ? reference : wasm);
  setConvAlgorithm(kernels === "direct" ? "direct" : "auto");
  try {
    const training = loadTraining(network);
    const run = training.optimizers[kind];
    const model = NETWORKS[network]();
    const tensors = Object.entries(training.initial).map(([name, { data, shape }]) => [name, new Tensor(data, shape)]);
    model.loadStateDict(Object.fromEntries(tensors));
    const loss = new CrossEntropy();
    const options = { ...run.options, ...change };
    const optimizer = kind === "sgd" ? new SGD(model.parameters(), options) : new Adam(model.parameters(), options);
    const losses = Array.from({ length: training.steps }, (_, step) => {
      const { x, labels } = trainingBatch(training, step);
      const value = loss.forward(model.forward(new Tensor(x.data, x.shape)), labels);
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      return value;
    });
    const state = Object.entries(model.stateDict());
    expect(state.map(([name]) => name)).toEqual(Object.keys(run.final));
    return {
      losses,
      loss: largest(losses.map((value, step) => Math.abs(value - run.losses[step]) / run.losses[step])),
      weight: largest(
        state.map(([name, { data }]) => largest(data.map((value, i) => distance(value, run.final[name].data[i])))),
      ),
    };
  } finally {
    setConvAlgorithm("auto");
    setBackend(before);
  }
}

function report(title: string, { loss, weight }: Distances, floor: { lossRelative: number; weight: number }): void {
  if (process.env.HANDGRAD_REPORT === undefined) return;
  const e = (value: number): string => value.toExponential(2);
  console.log(
    `${title}: loss ${e(loss)}, weight ${e(weight)}; ` +
      `PyTorch's float32 from its float64: loss ${e(floor.lossRelative)}, weight ${e(floor.weight)}`,
  );
}

describe("Ten training steps give PyTorch's losses and weights", () => {
  const networks = Object.keys(NETWORKS) as TrainingModel[];
  const kinds = ["sgd", "adam"] as const;
  const cases: { network: TrainingModel; kind: "sgd" | "adam"; kernels: Kernels }[] = [
    ...networks.flatMap((network) => kinds.map((kind) => ({ network, kind, kernels: "default" as const }))),
    ...networks.flatMap((network) => kinds.map((kind) => ({ network, kind, kernels: "direct" as const }))),
    // The reference takes minutes for the others.
    ...kinds.map((kind) => ({ network: "lesson4" as const, kind, kernels: "reference" as const })),
  ];

  it.each(cases)(
    "$network with $kind on $kernels kernels",
    ({ network, kind, kernels }) => {
      const { optimizers, parameterCount, inputShape } = loadTraining(network);
      const { losses, float32VsFloat64 } = optimizers[kind];
      expect(NETWORKS[network]().summary(inputShape).totalParameters).toBe(parameterCount);
      const distances = train(network, kind, kernels);
      report(`${network} ${kind} ${kernels}`, distances, float32VsFloat64);
      expect(distances.losses.length).toBe(losses.length);
      expect(distances.loss).toBeLessThanOrEqual(LOSS_BOUND);
      expect(distances.weight).toBeLessThanOrEqual(WEIGHT_BOUND[kind]);
    },
    300_000,
  );

  it.each([
    ["sgd", { lr: 0.05005 }],
    ["sgd", { momentum: 0.8999 }],
    ["adam", { eps: 1e-6 }],
    ["adam", { betas: [0.9, 0.9989] }],
  ] as const)("and not with %s when an option is a little wrong: %j", (kind, change) => {
    const { loss, weight } = train("lesson4", kind, "direct", change);
    expect(loss > LOSS_BOUND || weight > WEIGHT_BOUND[kind]).toBe(true);
  });

  it("and the comparison sees a NaN and a wrong number", () => {
    expect(largest([1e-9, NaN, 1e-9])).toBeNaN();
    expect(largest([1e-9, 2, 1e-9])).toBe(2);
  });
});
