// DataLoader: each sample once an epoch, a position that goes on, promises, workers that give the same bits and end with the loop.
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  DataLoader,
  TensorDataset,
  alternatingHorizontalFlip,
  batches,
  colorJitter,
  cutMix,
  mixUp,
  moduleDataset,
  normalize,
  randomAffine,
  randomCrop,
  randomErasing,
  randomHorizontalFlip,
  subset,
  weightedRandomSampler,
  type BatchesPosition,
  type DataLoaderOptions,
  type Dataset,
} from "../../src/entries/data.js";
import { decodeCheckpoint, encodeCheckpoint, restoreCheckpoint } from "../../src/entries/io.js";
import { ArgumentError, StateError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { manualSeed } from "../../src/numbers/random.js";
import { throwsExactly } from "../support/errors.js";

/** N color images of 6 x 5 from 0 to 1; sample i has label i. */
function images(n: number): TensorDataset {
  const data = Uint8Array.from({ length: n * 90 }, (_, i) => (37 * i + 11 * Math.floor(i / 90)) % 256);
  return new TensorDataset(
    { data, shape: [n, 3, 6, 5] },
    Array.from({ length: n }, (_, i) => i),
  );
}

const augmentation = [
  alternatingHorizontalFlip(),
  randomCrop([6, 5], { padding: 2, paddingMode: "reflect" }),
  randomAffine({ degrees: 20, scale: [0.8, 1.2], interpolation: "bilinear" }),
  colorJitter({ brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 }),
  randomErasing({ value: "random" }),
  normalize([0.4, 0.5, 0.6], 0.2),
];

type Got = readonly [x: number[], y: number[]];

function epochOf<Y extends Int32Array | Tensor>(loader: DataLoader<Y>): Got[] {
  return Array.from(loader, ([x, y]) => [[...x.data], [...(Tensor.isTensor(y) ? y.data : (y as Int32Array))]] as const);
}

async function asyncEpochOf<Y extends Int32Array | Tensor>(loader: DataLoader<Y>): Promise<Got[]> {
  const got: Got[] = [];
  for await (const [x, y] of loader) {
    got.push([[...x.data], [...(Tensor.isTensor(y) ? y.data : (y as Int32Array))]]);
  }
  return got;
}

const labelsOf = (epoch: readonly Got[]): number[][] => epoch.map(([, y]) => y);
const stored = (position: BatchesPosition): BatchesPosition => JSON.parse(JSON.stringify(position)) as BatchesPosition;
const over = (n: number, options: Partial<DataLoaderOptions> = {}): DataLoader =>
  new DataLoader(images(n), { batchSize: 4, ...options });

/** The same samples one by one, by promises that resolve in another order than they are asked for. */
function slow(set: TensorDataset): Dataset & { asked: number } {
  const result = {
    length: set.length,
    asked: 0,
    get: async (index: number) => {
      result.asked++;
      await new Promise((resolve) => setTimeout(resolve, (7 * index) % 5));
      return set.get(index);
    },
  };
  return result;
}

describe("DataLoader without workers", () => {
  it("gives what batches gives, in the order of the data or shuffled", () => {
    const set = images(10);
    const [x, y] = set.all();
    for (const options of [{}, { dropLast: true }, { shuffle: true, seed: 3 }]) {
      const loader = over(10, options);
      const plain = batches(x, y, { size: 4, ...options });
      expect([loader.length, loader.size, loader.samples]).toEqual([plain.length, plain.size, plain.samples]);
      for (let epoch = 0; epoch < 2; epoch++) {
        expect(epochOf(loader)).toEqual(Array.from(plain, ([a, b]) => [[...a.data], [...b]]));
      }
    }
  });

  it("gives every sample once an epoch, in an order that changes", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(99),
      (n, size, seed) => {
        const loader = over(n, { batchSize: size, shuffle: true, seed });
        const epochs = [epochOf(loader), epochOf(loader)].map((epoch) => labelsOf(epoch).flat());
        for (const epoch of epochs)
          expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        if (n > 20) expect(epochs[0]).not.toEqual(epochs[1]);
      },
    );
    fc.assert(property, { numRuns: 50, seed: 1 });
  });

  it("draws the augmentation of a sample from seed, epoch and sample alone", () => {
    const bySample = (options: Partial<DataLoaderOptions>, epochs = 1): Map<number, number[]> => {
      const loader = over(12, { transform: augmentation, seed: 5, ...options });
      let got: Got[] = [];
      for (let epoch = 0; epoch < epochs; epoch++) got = epochOf(loader);
      return new Map(
        got.flatMap(([x, y]) => y.map((label, i): [number, number[]] => [label, x.slice(i * 90, (i + 1) * 90)])),
      );
    };
    const plain = bySample({});
    for (const [label, x] of bySample({ batchSize: 5, shuffle: true })) expect(x).toEqual(plain.get(label));
    for (const [label, x] of bySample({ seed: 6 })) expect(x).not.toEqual(plain.get(label));
    for (const [label, x] of bySample({}, 2)) expect(x).not.toEqual(plain.get(label));
    for (const [label, x] of bySample({ batchSize: 3 }, 2)) expect(x).toEqual(bySample({}, 2).get(label));
  });

  it("gives the same bits for data sets with take and with get alone", () => {
    const set = images(9);
    const single = { length: 9, get: (i: number) => set.get(i) };
    const options = { batchSize: 4, transform: augmentation, seed: 2 };
    expect(epochOf(new DataLoader(single, options))).toEqual(epochOf(new DataLoader(set, options)));
  });

  it("takes functions as transforms, each with a stream of its own", () => {
    const transform = [
      randomHorizontalFlip(),
      (x: Tensor, random: { uniform(): number }) => new Tensor([x.at(0, 0, 0), random.uniform()]),
    ];
    const [first] = over(3, { transform, seed: 1 });
    const [again] = over(3, { transform, seed: 1, batchSize: 3 });
    expect(first[0].shape).toEqual([3, 2]);
    expect(first[0]).toEqual(again[0]);
    expect(new Set([0, 1, 2].map((i) => first[0].at(i, 1))).size).toBe(3);
  });

  it("mixes batches behind the transforms, with targets that are probabilities", () => {
    const set = new TensorDataset(images(8).all()[0], [0, 1, 2, 0, 1, 2, 0, 1]);
    for (const batchTransform of [mixUp({ numClasses: 3 }), cutMix({ numClasses: 3, alpha: 0.5 })]) {
      const loader = new DataLoader(set, { batchSize: 4, seed: 1, batchTransform });
      expectTypeOf(loader).toEqualTypeOf<DataLoader<Tensor>>();
      const [a, b] = Array.from(loader);
      expect([a[0].shape, a[1].shape]).toEqual([
        [4, 3, 6, 5],
        [4, 3],
      ]);
      for (const row of [0, 1, 2, 3]) expect(a[1].at(row, 0) + a[1].at(row, 1) + a[1].at(row, 2)).toBeCloseTo(1, 6);
      expect(a[1]).not.toEqual(b[1]);
      expect(epochOf(new DataLoader(set, { batchSize: 4, seed: 1, batchTransform }))[0][0]).toEqual([...a[0].data]);
    }
  });

  it("draws by a sampler", () => {
    const sampler = weightedRandomSampler([0, 1, 0, 1], { numSamples: 10 });
    const loader = over(4, { sampler, seed: 1 });
    expect([loader.samples, loader.length]).toEqual([10, 3]);
    expect(new Set(labelsOf(epochOf(loader)).flat())).toEqual(new Set([1, 3]));
  });

  it("has types that follow the data set", () => {
    expectTypeOf(over(3)).toEqualTypeOf<DataLoader<Int32Array>>();
    const soft = new TensorDataset<Tensor>(new Tensor([[1]]), new Tensor([[1]]));
    for (const [x, y] of new DataLoader(soft, { batchSize: 1 })) {
      expectTypeOf(x).toEqualTypeOf<Tensor>();
      expectTypeOf(y).toEqualTypeOf<Tensor>();
    }
  });
});

describe("the position of a DataLoader", () => {
  it("stored in the middle and resumed gives the same rest and the same later epochs, augmentation included", () => {
    for (const options of [{ shuffle: true }, {}, { sampler: weightedRandomSampler(new Array<number>(11).fill(1)) }]) {
      manualSeed(4);
      const loader = over(11, { transform: augmentation, ...options });
      const all = [epochOf(loader)];
      const positions: BatchesPosition[] = [];
      const second: Got[] = [];
      for (const [x, y] of loader) {
        second.push([[...x.data], [...y]]);
        positions.push(stored(loader.position));
      }
      all.push(second, epochOf(loader));
      positions.forEach((position, i) => {
        manualSeed(99);
        const other = over(11, { transform: augmentation, ...options });
        other.position = position;
        expect(epochOf(other)).toEqual(second.slice(i + 1));
        expect(epochOf(other)).toEqual(all[2]);
      });
    }
  });

  it("is part of a checkpoint", () => {
    manualSeed(4);
    const model = new Sequential(new Linear(1, 1));
    const loader = over(11, { shuffle: true, transform: augmentation });
    const loop = loader[Symbol.iterator]();
    loop.next();
    const bytes = encodeCheckpoint({ model, batches: loader });
    const rest = [loop.next().value, loop.next().value];
    manualSeed(5);
    const fresh = {
      model: new Sequential(new Linear(1, 1)),
      batches: over(11, { shuffle: true, transform: augmentation }),
    };
    restoreCheckpoint(fresh, decodeCheckpoint(bytes));
    expect(Array.from(fresh.batches)).toEqual(rest);
  });

  it("is refused in JSON as data, and for another loader", () => {
    throwsExactly(
      () => JSON.stringify(over(3)),
      ArgumentError,
      "DataLoader: expected their position in JSON, got the data themselves (write loader.position).",
    );
    const other = over(9, { shuffle: true });
    const position = { ...other.position, batch: 1 };
    throwsExactly(
      () => (over(8, { shuffle: true }).position = position),
      ArgumentError,
      "DataLoader.position: expected a position inside an epoch of 8 samples by 4, got one of 9 by 4 (use the same data and " +
        "size, or start at batch 0).",
    );
  });

  it("of a loop with batches made ahead is that of the batch that was given out", async () => {
    const loader = new DataLoader(slow(images(20)), { batchSize: 3, shuffle: true, seed: 1, transform: augmentation });
    const whole = await asyncEpochOf(
      new DataLoader(images(20), { batchSize: 3, shuffle: true, seed: 1, transform: augmentation }),
    );
    for await (const [, y] of loader) if (y.includes(whole[2][1][0])) break;
    expect(loader.position.batch).toBe(3);
    const other = new DataLoader(images(20), { batchSize: 3, shuffle: true, seed: 7, transform: augmentation });
    other.position = stored(loader.position);
    expect(epochOf(other)).toEqual(whole.slice(3));
  });
});

describe("data sets with promises", () => {
  it("give the same batches in the same order, with some of them read ahead", async () => {
    const set = slow(images(20));
    const options = { batchSize: 4, shuffle: true, seed: 1, transform: augmentation };
    const expected = epochOf(new DataLoader(images(20), options));
    const loader = new DataLoader(set, { ...options, prefetchFactor: 3 });
    const got: Got[] = [];
    for await (const [x, y] of loader) {
      if (got.length === 0) expect(set.asked).toBe(12);
      got.push([[...x.data], [...y]]);
    }
    expect(got).toEqual(expected);
    expect(set.asked).toBe(20);
  });

  it("say so in a plain loop", () => {
    throwsExactly(
      () => epochOf(new DataLoader(slow(images(4)), { batchSize: 4 })),
      StateError,
      "DataLoader: expected for await (const [x, y] of loader) with samples that come by promises, got a plain loop.",
    );
  });

  it("hand on an error at the batch that has it, and nothing hangs or stays unhandled", async () => {
    const set = images(20);
    const failing = {
      length: 20,
      get: async (i: number) => {
        if (i === 9) throw new Error("sample 9 is broken");
        return set.get(i);
      },
    };
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const [, y] of new DataLoader(failing, { batchSize: 4, prefetchFactor: 5 })) seen.push(...y);
    };
    await expect(loop()).rejects.toThrow("sample 9 is broken");
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("end by a signal with its reason, at once", async () => {
    const control = new AbortController();
    const never = { length: 8, get: (i: number) => (i < 4 ? images(8).get(i) : new Promise<never>(() => undefined)) };
    const loop = async (): Promise<void> => {
      for await (const [x] of new DataLoader(never, { batchSize: 4, signal: control.signal })) {
        void x;
        setTimeout(() => control.abort(new Error("enough")), 5);
      }
    };
    await expect(loop()).rejects.toThrow("enough");
    expect(() => epochOf(over(4, { signal: control.signal }))).toThrow("enough");
  });
});

describe("DataLoader with workers", () => {
  const terminated = vi.spyOn(Worker.prototype, "terminate");
  afterEach(() => terminated.mockClear());

  it("gives the same bits as without, for any number of them, also of a part of a data set", async () => {
    const options = { batchSize: 4, shuffle: true, seed: 1, transform: augmentation };
    for (const set of [
      images(22),
      subset(
        images(40),
        Array.from({ length: 22 }, (_, i) => 39 - i),
      ),
    ]) {
      const plain = new DataLoader(set, options);
      const expected = [epochOf(plain), epochOf(plain)];
      for (const numWorkers of [1, 2, 3]) {
        const loader = new DataLoader(set, { ...options, numWorkers });
        expect([await asyncEpochOf(loader), await asyncEpochOf(loader)]).toEqual(expected);
        expect(terminated).toHaveBeenCalledTimes(2 * numWorkers);
        terminated.mockClear();
      }
    }
  });

  it("runs functions of yours in the caller's thread, and keeps float64 and tensors of targets", async () => {
    const transform = [randomHorizontalFlip(), (x: Tensor, random: { uniform(): number }) => {
      x.data[0] = random.uniform();
      return x;
    }, normalize(0.5, 0.5)]; // prettier-ignore
    const set = new TensorDataset<Tensor>(
      images(9).all()[0],
      new Tensor(
        Float32Array.from({ length: 9 }, (_, i) => i),
        [9, 1],
      ),
    );
    const options = { batchSize: 4, seed: 1, transform };
    const expected = epochOf(new DataLoader(set, options));
    expect(await asyncEpochOf(new DataLoader(set, { ...options, numWorkers: 2 }))).toEqual(expected);
    const wide = new TensorDataset(Tensor.float64([[0.1], [0.2]]) as never, [0, 1]);
    for await (const [x] of new DataLoader(wide, { batchSize: 2, numWorkers: 1 })) {
      expect([x.dtype, [...x.data]]).toEqual(["float64", [0.1, 0.2]]);
    }
  });

  it("sees what was written into the data before the loop", async () => {
    const x = new Tensor(new Float32Array(4), [4, 1]);
    const loader = new DataLoader(new TensorDataset(x, [0, 1, 2, 3]), { batchSize: 4, numWorkers: 1 });
    expect((await asyncEpochOf(loader))[0][0]).toEqual([0, 0, 0, 0]);
    x.data.fill(1);
    expect((await asyncEpochOf(loader))[0][0]).toEqual([1, 1, 1, 1]);
  });

  it("ends its workers when the loop is left by break, an error or a signal", async () => {
    const loader = (signal?: AbortSignal): DataLoader =>
      over(40, { numWorkers: 2, ...(signal === undefined ? {} : { signal }) });
    for await (const [x] of loader()) if (x.size > 0) break;
    expect(terminated).toHaveBeenCalledTimes(2);
    const failing = async (): Promise<void> => {
      for await (const [x] of loader()) if (x.size > 0) throw new Error("mine");
    };
    await expect(failing()).rejects.toThrow("mine");
    expect(terminated).toHaveBeenCalledTimes(4);
    const control = new AbortController();
    const aborted = async (): Promise<void> => {
      for await (const [x] of loader(control.signal)) if (x.size > 0) control.abort(new Error("enough"));
    };
    await expect(aborted()).rejects.toThrow("enough");
    expect(terminated).toHaveBeenCalledTimes(6);
  });

  it("opens the data set of a module in each worker, and hands on its errors", async () => {
    const module = (body: string): string => `data:text/javascript,${encodeURIComponent(body)}`;
    const tensor = `({ data, shape, dtype: "float32", [Symbol.for("handgrad.Tensor")]: true })`;
    const sample = `(i) => { const [data, shape] = [Float32Array.of(i, 2 * i), [2]]; return [${tensor}, i]; }`;
    const good = await moduleDataset(module(`export default async () => ({ length: 5, get: ${sample} });`));
    expect(good.length).toBe(5);
    for (const numWorkers of [0, 2]) {
      const got = await asyncEpochOf(new DataLoader(good, { batchSize: 2, shuffle: true, seed: 1, numWorkers }));
      expect(got.map(([x]) => x.filter((_, i) => i % 2 === 0))).toEqual(labelsOf(got));
      expect(labelsOf(got).flat().sort()).toEqual([0, 1, 2, 3, 4]);
    }
    const bad = await moduleDataset(
      module(`export default { length: 5, get() { throw new RangeError("no such sample"); } };`),
    );
    const loop = async (): Promise<unknown> => asyncEpochOf(new DataLoader(bad, { batchSize: 2, numWorkers: 1 }));
    await expect(loop()).rejects.toThrow("no such sample");
    await expect(moduleDataset(module("export default 3"))).rejects.toThrow("expected a data set, got 3");
    await expect(moduleDataset("./data.js")).rejects.toThrow("expected an absolute address");
  });

  it("refuses a plain loop, and data sets that no worker can open", async () => {
    throwsExactly(
      () => epochOf(over(4, { numWorkers: 1 })),
      StateError,
      "DataLoader: expected for await (const [x, y] of loader) with workers, got a plain loop.",
    );
    const own = new DataLoader({ length: 4, get: (i: number) => images(4).get(i) }, { batchSize: 2, numWorkers: 1 });
    await expect(asyncEpochOf(own)).rejects.toThrow(
      "DataLoader: expected a TensorDataset, a moduleDataset or a part of one for workers, got an object (Object)",
    );
    expect(terminated).not.toHaveBeenCalled();
  });
});

describe("DataLoader refuses", () => {
  const set = images(8);
  it.each<[string, () => unknown, string]>([
    [
      "no batch size",
      () => new DataLoader(set, {} as DataLoaderOptions),
      "DataLoader: expected a batchSize, got none (it has no default: new DataLoader(data, { batchSize: 64 })).",
    ],
    [
      "an unknown option",
      () => new DataLoader(set, { batchSize: 2, batch_size: 2 } as DataLoaderOptions),
      'DataLoader: unknown option "batch_size", did you mean "batchSize"? (options: batchSize, shuffle, sampler, dropLast, ' +
        "seed, transform, batchTransform, numWorkers, prefetchFactor, signal).",
    ],
    [
      "a tensor",
      () => new DataLoader(new Tensor([1]) as never, { batchSize: 2 }),
      "DataLoader: expected a data set, got an object (Tensor) (new TensorDataset(x, labels) makes one).",
    ],
    [
      "shuffle and a sampler",
      () => new DataLoader(set, { batchSize: 2, shuffle: true, sampler: weightedRandomSampler(new Array(8).fill(1)) }),
      "DataLoader: expected shuffle or a sampler, got both (a sampler has its own order).",
    ],
    [
      "a sampler for other data",
      () => new DataLoader(set, { batchSize: 2, sampler: weightedRandomSampler([1, 1]) }),
      "DataLoader: expected a sampler for 8 samples, got one for 2.",
    ],
    [
      "what is no transform",
      () => new DataLoader(set, { batchSize: 2, transform: "flip" as never }),
      'DataLoader: expected transforms such as randomCrop(32, { padding: 4 }) or functions, got "flip".',
    ],
    [
      "what is no signal",
      () => new DataLoader(set, { batchSize: 2, signal: new AbortController() as never }),
      "DataLoader: expected signal to be an AbortSignal, got an object (AbortController) (new AbortController().signal).",
    ],
    [
      "no full batch",
      () => new DataLoader(set, { batchSize: 9, dropLast: true }),
      "DataLoader: expected batchSize of at most 8 with dropLast, got 9 (not one batch is full).",
    ],
  ])("%s", (_, act, message) => throwsExactly(act, ArgumentError, message));
});
