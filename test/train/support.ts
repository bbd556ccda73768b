// What the tests of training share: a small model with dropout and batch norm, data that it can learn, and its plain loop.
import { createHash } from "node:crypto";
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  CrossEntropy,
  Dropout,
  Flatten,
  Generator,
  Linear,
  ReLU,
  Sequential,
  Tensor,
  fillNormal,
  manualSeed,
  type Layer,
} from "../../src/index.js";
import { batches, type Batches } from "../../src/entries/data.js";
import type { CheckpointStore } from "../../src/entries/io.js";

export interface Parts {
  readonly model: Sequential;
  readonly optimizer: Adam;
  readonly data: Batches;
  readonly validation: Batches;
}

export const CLASSES = 3;

/** Images [n, 1, 6, 6] of three classes: noise with a bright row, whose place is the class. */
export function images(n: number, seed: number): { x: Tensor; y: Int32Array } {
  const draws = new Generator("draw", { seed });
  const x = new Tensor(new Float32Array(n * 36), [n, 1, 6, 6]);
  fillNormal(draws, x.data, 0, 0.6);
  const y = Int32Array.from({ length: n }, () => draws.integer(CLASSES));
  y.forEach((label, i) => {
    for (let w = 0; w < 6; w++) x.data[i * 36 + label * 12 + w] += 1;
  });
  return { x, y };
}

/** The same model, optimizer and data for the same seed. */
export function make(seed: number = 1, size: number = 8, samples: number = 29): Parts {
  manualSeed(seed);
  const model = new Sequential(
    new Conv2d(1, 4, 3),
    new BatchNorm2d(4),
    new ReLU(),
    new Flatten(),
    new Dropout(0.25),
    new Linear(64, CLASSES),
  );
  const train = images(samples, 5);
  const held = images(17, 6);
  return {
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    data: batches(train.x, train.y, { size, shuffle: true }),
    validation: batches(held.x, held.y, { size: 5 }),
  };
}

/** The loop that everybody writes. */
export function plainLoop({ model, optimizer, data }: Parts, epochs: number): number[] {
  const loss = new CrossEntropy();
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y] of data) {
      losses.push(loss.forward(model.forward(x), y));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
  }
  return losses;
}

/** A digest of all weights and buffers. */
export function digest(model: Layer): string {
  const hash = createHash("sha256");
  for (const { data } of Object.values(model.stateDict())) hash.update(new Uint8Array(data.slice().buffer));
  return hash.digest("hex");
}

/** Records without what a clock says. */
export function timeless(records: readonly object[]): object[] {
  return records.map((record) => ({ ...record, seconds: 0 }));
}

/** A place for checkpoints in memory; a slow one answers later. */
export function memoryStore(slow: boolean = false): CheckpointStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const later = <T>(work: () => T): T | Promise<T> =>
    slow ? new Promise((resolve) => setTimeout(() => resolve(work()), 5)) : work();
  return {
    files,
    list: () => later(() => [...files.keys()]),
    read: (name) => later(() => files.get(name) ?? null),
    write: (name, bytes) => later(() => void files.set(name, bytes)),
    remove: (name) => later(() => void files.delete(name)),
  };
}
