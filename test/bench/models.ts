// The networks that are timed, named after the lesson they come from, and what one timed call is.
import {
  AdaptiveAvgPool2d,
  Adam,
  BatchNorm2d,
  Conv2d,
  CrossEntropy,
  Dropout,
  Dropout2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
  manualSeed,
  randn,
} from "handgrad";

export type ModelName = "seed3" | "seed2" | "seed0" | "vggblock" | "resnet18";

interface Network {
  readonly model: Sequential;
  readonly shape: readonly number[];
}

const MAKE: Record<ModelName, () => Network> = {
  // lesson 4: 55,338 parameters
  seed3: () => ({
    model: new Sequential(
      ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
    ),
    shape: [1, 28, 28],
  }),
  // lesson 3: 119,530 parameters
  seed2: () => ({
    model: new Sequential(
      ...[new Conv2d(1, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
      ...[new Conv2d(32, 64, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
      ...[new Flatten(), new Linear(3136, 32), new ReLU(), new Linear(32, 10)],
    ),
    shape: [1, 28, 28],
  }),
  // lesson 1: 241,802 parameters, 5x5 kernels
  seed0: () => ({
    model: new Sequential(
      ...[new Conv2d(3, 64, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Conv2d(64, 128, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(128 * 5 * 5, 10)],
    ),
    shape: [3, 32, 32],
  }),
  vggblock: () => ({
    model: new Sequential(
      ...[new Conv2d(64, 128, 3, { padding: 1 }), new ReLU(), new Conv2d(128, 128, 3, { padding: 1 }), new ReLU()],
      ...[new MaxPool2d(2), new Flatten(), new Linear(128 * 8 * 8, 10)],
    ),
    shape: [64, 16, 16],
  }),
  // ResNet-18 for CIFAR at half of its width: 2,797,610 parameters
  resnet18: () => {
    const conv = (C: number, O: number, kernel: number, stride = 1): Conv2d[] => [
      new Conv2d(C, O, kernel, { stride, padding: kernel >> 1, bias: false }),
    ];
    const block = (C: number, O: number, stride: number): Residual =>
      new Residual(
        new Sequential(
          ...[...conv(C, O, 3, stride), new BatchNorm2d(O), new ReLU(), ...conv(O, O, 3), new BatchNorm2d(O)],
        ),
        C === O && stride === 1 ? null : new Sequential(...conv(C, O, 1, stride), new BatchNorm2d(O)),
      );
    const blocks = [32, 64, 128, 256].flatMap((O, i) => [
      ...[block(i === 0 ? O : O / 2, O, i === 0 ? 1 : 2), new ReLU(), block(O, O, 1), new ReLU()],
    ]);
    const head = [...conv(3, 32, 3), new BatchNorm2d(32), new ReLU()];
    const tail = [new AdaptiveAvgPool2d(1), new Flatten(), new Linear(256, 10)];
    return { model: new Sequential(...head, ...blocks, ...tail), shape: [3, 32, 32] };
  },
};

/** The lessons' networks and one block of a larger one. */
export const MODEL_NAMES: readonly ModelName[] = ["seed3", "seed2", "seed0", "vggblock"];

/** A new network of this name, and the shape of one sample. */
export function makeNetwork(name: ModelName): Network {
  return MAKE[name]();
}

/** One training step with Adam (no input gradient of the first layer), or one prediction, on seeded data. */
export function makeCall(name: ModelName, batch: number, mode: "train" | "predict"): { call: () => void } & Network {
  manualSeed(1);
  const { model, shape } = MAKE[name]();
  const x = randn([batch, ...shape], { seed: 2 });
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const loss = new CrossEntropy();
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const train = (): void => {
    loss.forward(model.forward(x), labels);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  };
  return { model, shape, call: mode === "train" ? train : () => void model.predict(x) };
}

/** Times of a call in milliseconds, sorted, for at least `seconds` and three calls, after a warm-up. */
export function timesOf(call: () => void, seconds: number): number[] {
  const warm = performance.now() + 1500;
  for (let i = 0; i < 5 && (i < 2 || performance.now() < warm); i++) call();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end || times.length < 3) {
    const start = performance.now();
    call();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

/** The value below which this share of sorted numbers lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
