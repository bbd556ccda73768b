import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  batches,
  permutation,
  type Batches,
  type BatchesOptions,
  type BatchesPosition,
} from "../../src/entries/data.js";
import { ArgumentError, ShapeError, StateError } from "../../src/base/errors.js";
import { manualSeed } from "../../src/numbers/random.js";
import { Tensor } from "../../src/base/tensor.js";

/** N samples [N, 1, 2]: sample i holds 10 i and 10 i + 1, its label is i. */
function numbered(n: number): { x: Tensor; y: Int32Array } {
  const x = new Tensor(
    Array.from({ length: 2 * n }, (_, i) => 10 * Math.floor(i / 2) + (i % 2)),
    [n, 1, 2],
  );
  return { x, y: Int32Array.from({ length: n }, (_, i) => i) };
}

function over(n: number, options: Partial<BatchesOptions> = {}): Batches {
  const { x, y } = numbered(n);
  return batches(x, y, { size: 1, ...options });
}

/** One loop: the labels of each batch. Labels are sample numbers here. */
function epochOf(data: Batches): number[][] {
  return Array.from(data, ([, y]) => [...y]);
}

function epochsOf(data: Batches, count: number): number[][][] {
  return Array.from({ length: count }, () => epochOf(data));
}

/** Begins a loop and leaves it after `count` batches, as `break` does. */
function leaveAfter(data: Batches, count: number): void {
  const loop = data[Symbol.iterator]();
  for (let i = 0; i < count; i++) loop.next();
  loop.return?.();
}

/** What is left of a position after it went to a file and back. */
function stored(position: BatchesPosition): BatchesPosition {
  return JSON.parse(JSON.stringify(position)) as BatchesPosition;
}

function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, got a result");
}

describe("batches", () => {
  it("cuts samples and labels in the order of the data, with what is left in the last batch", () => {
    const { x, y } = numbered(5);
    const got = [...batches(x, y, { size: 2 })];
    expect(got.map(([samples]) => samples.shape)).toEqual([
      [2, 1, 2],
      [2, 1, 2],
      [1, 1, 2],
    ]);
    expect(got.map(([samples]) => [...samples.data])).toEqual([
      [0, 1, 10, 11],
      [20, 21, 30, 31],
      [40, 41],
    ]);
    expect(got.map(([, labels]) => labels)).toEqual([Int32Array.of(0, 1), Int32Array.of(2, 3), Int32Array.of(4)]);
  });

  it("makes batches of one sample unless told otherwise, as PyTorch's DataLoader does", () => {
    expect(epochOf(over(3))).toEqual([[0], [1], [2]]);
  });

  it("leaves out a batch that is not full with dropLast, and keeps a last one that is", () => {
    expect(epochOf(over(5, { size: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(epochOf(over(4, { size: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(epochOf(over(2, { size: 2, dropLast: true }))).toEqual([[0, 1]]);
  });

  it("gives all samples in one batch when size is larger than the data", () => {
    expect(epochOf(over(3, { size: 64 }))).toEqual([[0, 1, 2]]);
  });

  it("knows its number of batches, their size and the number of samples", () => {
    const lengths = [1, 2, 3, 4, 5, 6].map((size) => over(5, { size }).length);
    expect(lengths).toEqual([5, 3, 2, 2, 1, 1]);
    const data = over(5, { size: 2, dropLast: true });
    expect([data.length, data.size, data.samples]).toEqual([2, 2, 5]);
  });

  it("takes labels from any array of whole numbers", () => {
    const { x } = numbered(3);
    for (const labels of [[4, -1, 2], Int8Array.of(4, -1, 2), Float32Array.of(4, -1, 2), Int32Array.of(4, -1, 2)]) {
      const [[, y]] = [...batches(x, labels, { size: 3 })];
      expect(y).toEqual(Int32Array.of(4, -1, 2));
    }
  });

  it("keeps several labels of a sample together", () => {
    const { x } = numbered(3);
    const y = Uint8Array.of(0, 1, 2, 10, 11, 12, 20, 21, 22);
    const got = Array.from(batches(x, y, { size: 2, shuffle: true, seed: 3 }), ([, labels]) => [...labels]);
    expect(got.map((labels) => labels.length)).toEqual([6, 3]);
    const triples = [0, 3, 6].map((start) => got.flat().slice(start, start + 3));
    expect(triples.sort((a, b) => a[0] - b[0])).toEqual([
      [0, 1, 2],
      [10, 11, 12],
      [20, 21, 22],
    ]);
  });

  it("cuts a tensor of targets as it cuts the samples", () => {
    const { x } = numbered(3);
    const targets = new Tensor([
      [0.1, 0.9],
      [0.2, 0.8],
      [0.3, 0.7],
    ]);
    const got = [...batches(x, targets, { size: 2 })];
    expect(got.map(([, t]) => t.shape)).toEqual([
      [2, 2],
      [1, 2],
    ]);
    expect([...got[1][1].data]).toEqual([0.3, 0.7].map(Math.fround));
  });

  it("keeps float64 samples and targets in float64", () => {
    const x = Tensor.float64([[0.1], [0.2]]);
    const [[samples, targets]] = [...batches(x, x, { size: 2 })];
    expect([samples.dtype, targets.dtype]).toEqual(["float64", "float64"]);
    expect([...samples.data]).toEqual([0.1, 0.2]);
  });

  it("takes labels of every integer type, NumPy's int64 too", () => {
    const { x } = numbered(3);
    const types = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array];
    const lists: ArrayLike<number | bigint>[] = [
      ...[...types.map((type) => type.of(2, 0, 1)), BigInt64Array.of(2n, 0n, 1n), BigUint64Array.of(2n, 0n, 1n)],
      ...[[2, 0, 1], [2n, 0n, 1n], new Uint8ClampedArray([2, 0, 1])],
    ];
    for (const labels of lists) {
      const [[, y]] = [...batches(x, labels, { size: 3 })];
      expect(y).toEqual(Int32Array.of(2, 0, 1));
    }
  });

  it("has types that follow its arguments", () => {
    const { x, y } = numbered(2);
    expectTypeOf(batches(x, y, { size: 1 })).toEqualTypeOf<Batches<Float32Array, Int32Array>>();
    expectTypeOf(batches(x, [0, 1], { size: 1 })).toEqualTypeOf<Batches<Float32Array, Int32Array>>();
    expectTypeOf(batches(x, x.toFloat64(), { size: 1 })).toEqualTypeOf<Batches<Float32Array, Tensor<Float64Array>>>();
    for (const [samples, labels] of batches(x, y, { size: 1 })) {
      expectTypeOf(samples).toEqualTypeOf<Tensor>();
      expectTypeOf(labels).toEqualTypeOf<Int32Array>();
    }
  });

  it("gives fresh tensors: writing to a batch changes neither the data nor the next epoch", () => {
    const { x, y } = numbered(4);
    const data = batches(x, y, { size: 2 });
    for (const [samples, labels] of data) {
      samples.data.fill(-1);
      labels.fill(-1);
    }
    expect([...x.data]).toEqual([0, 1, 10, 11, 20, 21, 30, 31]);
    expect(epochOf(data)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});

describe("shuffling", () => {
  it("gives every sample once an epoch, with its own label, in an order that changes", () => {
    const { x, y } = numbered(50);
    const data = batches(x, y, { size: 8, shuffle: true, seed: 1 });
    const orders: string[] = [];
    for (let epoch = 0; epoch < 5; epoch++) {
      const seen: number[] = [];
      for (const [samples, labels] of data) {
        labels.forEach((label, i) => expect(samples.at(i, 0, 1)).toBe(10 * label + 1));
        seen.push(...labels);
      }
      orders.push(seen.join());
      expect(seen.sort((a, b) => a - b)).toEqual([...y]);
    }
    expect(new Set(orders).size).toBe(5);
  });

  it("gives no sample twice in an epoch with dropLast", () => {
    const data = over(50, { size: 8, shuffle: true, dropLast: true, seed: 1 });
    for (const epoch of epochsOf(data, 5)) expect(new Set(epoch.flat()).size).toBe(48);
  });

  it("gives the same epochs for the same seed, and others for another seed", () => {
    const epochs = (seed: number): number[][][] => epochsOf(over(20, { size: 4, shuffle: true, seed }), 3);
    expect(epochs(7)).toEqual(epochs(7));
    expect(epochs(7)).not.toEqual(epochs(8));
  });

  it("draws the order of an epoch from seed and epoch alone, not from how the epochs before it ended", () => {
    const options = { size: 4, shuffle: true, seed: 5 };
    const whole = epochsOf(over(20, options), 3);
    const data = over(20, options);
    leaveAfter(data, 1);
    for (const [, y] of data) if (y[0] === whole[1][2][0]) break;
    expect(epochOf(data)).toEqual(whole[2]);
  });

  it("follows manualSeed when it has no seed of its own, and starts over after another manualSeed", () => {
    const run = (): number[][][] => epochsOf(over(20, { size: 4, shuffle: true }), 2);
    manualSeed(3);
    const first = run();
    manualSeed(4);
    const other = run();
    manualSeed(3);
    expect(run()).toEqual(first);
    expect(other).not.toEqual(first);

    manualSeed(3);
    const data = over(20, { size: 4, shuffle: true });
    expect(epochsOf(data, 2)).toEqual(first);
    manualSeed(3);
    expect(epochsOf(data, 2)).toEqual(first);
  });

  it("gives two batches objects without a seed different orders", () => {
    manualSeed(3);
    expect(epochOf(over(20, { shuffle: true }))).not.toEqual(epochOf(over(20, { shuffle: true })));
  });

  it("does not change with manualSeed when it has a seed of its own", () => {
    const data = over(20, { size: 4, shuffle: true, seed: 5 });
    const expected = epochsOf(over(20, { size: 4, shuffle: true, seed: 5 }), 2);
    const first = epochOf(data);
    manualSeed(9);
    expect([first, epochOf(data)]).toEqual(expected);
  });
});

describe("position", () => {
  it("points at the next batch in the body of a loop, and at the next epoch after it", () => {
    const data = over(5, { size: 2 });
    const place = (): number[] => [data.position.epoch, data.position.batch];
    const places = [place()];
    places.push(...Array.from(data, place));
    places.push(place());
    places.push(...Array.from(data, place));
    expect(places).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  it("is plain data that says what it belongs to", () => {
    const plain = over(5, { size: 2 });
    expect(plain.position).toEqual({ epoch: 0, batch: 0, size: 2, samples: 5, generator: null });
    const shuffled = over(5, { size: 2, shuffle: true, seed: 9 });
    leaveAfter(shuffled, 1);
    leaveAfter(shuffled, 1);
    const generator = { seed: 9, kind: "shuffle", stream: 0, counter: 4294967296 };
    expect(shuffled.position).toEqual({ epoch: 1, batch: 1, size: 2, samples: 5, generator });
    expect(stored(shuffled.position)).toEqual(shuffled.position);
  });

  it("restored at any batch gives the same rest of the epoch and later epochs, for drawn sizes and options", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      fc.boolean(),
      fc.option(fc.nat(100), { nil: undefined }),
      (n, size, shuffle, dropLast, seed) => {
        fc.pre(!dropLast || size <= n);
        const options = { size, shuffle, dropLast, ...(seed === undefined ? {} : { seed }) };
        const data = over(n, options);
        const steps: { epoch: number; position: BatchesPosition }[] = [];
        const all: number[][][] = [];
        for (let epoch = 0; epoch < 3; epoch++) {
          steps.push({ epoch, position: stored(data.position) });
          const seen: number[][] = [];
          for (const [, y] of data) {
            seen.push([...y]);
            steps.push({ epoch, position: stored(data.position) });
          }
          all.push(seen);
        }
        for (const { epoch, position } of steps) {
          const expected = [all[epoch].slice(position.batch), ...all.slice(epoch + 1)];
          const other = over(n, shuffle ? { ...options, seed: 12345 } : options);
          for (const target of [data, other]) {
            target.position = position;
            expect(stored(target.position)).toEqual(position);
            expect(epochsOf(target, 3 - epoch)).toEqual(expected);
            expect(target.position.epoch).toBe(3);
          }
        }
      },
    );
    fc.assert(property, { numRuns: 300, seed: 1 });
  });

  it("read in the body of the last batch gives a loop without batches, and what follows the loop still happens", () => {
    const data = over(4, { size: 2, shuffle: true, seed: 1 });
    const positions = Array.from(data, () => data.position);
    const second = epochOf(data);
    data.position = positions[1];
    expect(epochsOf(data, 2)).toEqual([[], second]);
  });

  it("left by break begins a new epoch, unless it is set to itself", () => {
    const options = { size: 2, shuffle: true, seed: 1 };
    const whole = epochsOf(over(6, options), 3);
    const data = over(6, options);
    leaveAfter(data, 1);
    leaveAfter(data, 1);
    data.position = { ...data.position };
    expect(epochsOf(data, 2)).toEqual([whole[1].slice(1), whole[2]]);
  });

  it("keeps the order of its epoch when manualSeed comes between setting it and the loop", () => {
    manualSeed(1);
    const data = over(20, { size: 4, shuffle: true });
    const [first] = epochsOf(data, 1);
    manualSeed(1);
    const again = over(20, { size: 4, shuffle: true });
    leaveAfter(again, 1);
    const position = stored(again.position);
    const fresh = over(20, { size: 4, shuffle: true });
    fresh.position = position;
    manualSeed(2);
    expect(epochOf(fresh)).toEqual(first.slice(1));
  });

  it("may move to other data or another size between epochs, but not inside one", () => {
    const data = over(6, { size: 2 });
    epochOf(data);
    const between = data.position;
    leaveAfter(data, 1);
    const inside = data.position;
    const other = over(6, { size: 3 });
    other.position = between;
    expect([other.position.epoch, epochOf(other)]).toEqual([
      1,
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    ]);
    const error = errorOf(() => (other.position = inside));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe(
      "Batches.position: expected a position inside an epoch of 6 samples by 3, got one of 6 by 2 " +
        "(use the same data and size, or start at batch 0).",
    );
    expect(errorOf(() => (over(7, { size: 2 }).position = inside))).toBeInstanceOf(ArgumentError);
  });

  it("refuses what is no position and stays where it was", () => {
    const data = over(6, { size: 2, shuffle: true, seed: 1 });
    leaveAfter(data, 1);
    const before = data.position;
    const refuse = (change: object | null, message: string): void => {
      const position = change === null ? null : { ...before, ...change };
      const error = errorOf(() => (data.position = position as BatchesPosition));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toBe(message);
      expect(data.position).toEqual(before);
    };
    const who = "Batches.position: expected";
    refuse(null, `${who} an options object such as { epoch: ... }, got null.`);
    refuse({ epoch: -1 }, `${who} epoch to be a whole number of at least 0, got -1.`);
    refuse({ batch: 4 }, `${who} batch to be a whole number from 0 to 3, got 4.`);
    refuse({ batch: undefined }, `${who} batch to be a whole number from 0 to 3, got undefined.`);
    const state = "generator to be a state, for shuffled batches,";
    refuse({ generator: null }, `${who} ${state} got null (use the same options).`);
    refuse({ generator: undefined }, `${who} ${state} got undefined (use the same options).`);
    refuse({ step: 1 }, 'Batches.position: unknown option "step" (options: epoch, batch, size, samples, generator).');
    const generator = { ...before.generator, counter: -1 };
    refuse({ generator }, "Generator.state: expected counter to be a whole number from 0 to 9007199254740991, got -1.");
    expect(errorOf(() => (over(6, { size: 2 }).position = before)).message).toBe(
      `${who} generator to be null, for batches without shuffle, got an object (Object) (use the same options).`,
    );
  });
});

describe("one loop at a time", () => {
  const message =
    "Batches: expected one loop at a time, got a newer loop or a set position during this one " +
    "(break first, or make two batches objects).";

  it("refuses to go on with a loop after a newer one has begun", () => {
    const data = over(4);
    const error = errorOf(() => Array.from(data, () => leaveAfter(data, 1)));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toBe(message);
  });

  it("refuses to go on with a loop after a position was set", () => {
    const data = over(4);
    const start = data.position;
    const error = errorOf(() => Array.from(data, () => (data.position = start)));
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toBe(message);
    expect(epochOf(data)).toEqual([[0], [1], [2], [3]]);
  });
});

describe("bad calls of batches", () => {
  const { x, y } = numbered(4);
  const ONE = { size: 1 };
  type Call = readonly [title: string, type: typeof ArgumentError, call: () => unknown, message: string];
  const wrong = (value: unknown): never => value as never;
  const options = (value: unknown) => (): unknown => batches(x, y, wrong(value));
  const calls: Call[] = [
    [
      "no samples",
      ShapeError,
      () => batches(new Tensor([], [0, 3]), [], ONE),
      "batches: expected at least one sample, got x [0, 3].",
    ],
    [
      "rank 0",
      ShapeError,
      () => batches(new Tensor(3), [1], ONE),
      "batches: expected x of shape [N, ...], got a tensor of rank 0.",
    ],
    [
      "an array for x",
      ArgumentError,
      () => batches(wrong([1, 2]), y, ONE),
      "batches: expected x to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "too few labels",
      ShapeError,
      () => batches(x, [1, 2, 3], ONE),
      "batches: expected 4 labels for 4 samples (or a multiple of it), got 3 (x and labels must be cut alike).",
    ],
    [
      "too many labels",
      ShapeError,
      () => batches(x, new Uint8Array(6), ONE),
      "batches: expected 4 labels for 4 samples (or a multiple of it), got 6 (x and labels must be cut alike).",
    ],
    [
      "no labels",
      ShapeError,
      () => batches(x, [], ONE),
      "batches: expected 4 labels for 4 samples (or a multiple of it), got 0 (x and labels must be cut alike).",
    ],
    [
      "targets of another length",
      ShapeError,
      () => batches(x, new Tensor([[1, 2]]), ONE),
      "batches: expected targets [4, ...] for 4 samples, got [1, 2] (x and targets must be cut alike).",
    ],
    [
      "labels that are not whole",
      ArgumentError,
      () => batches(x, [0, 1, 1.5, 2], ONE),
      "batches: expected label 2 to be a whole number from -2147483648 to 2147483647, got 1.5.",
    ],
    [
      "labels beyond int32",
      ArgumentError,
      () => batches(x, [0, 1, 2, 3e9], ONE),
      "batches: expected label 3 to be a whole number from -2147483648 to 2147483647, got 3000000000.",
    ],
    [
      "NaN labels",
      ArgumentError,
      () => batches(x, Float32Array.of(0, NaN, 1, 2), ONE),
      "batches: expected label 1 to be a whole number from -2147483648 to 2147483647, got NaN.",
    ],
    [
      "bigint labels beyond int32",
      ArgumentError,
      () => batches(x, BigInt64Array.of(0n, 1n, 2n ** 40n, 3n), ONE),
      "batches: expected label 2 to be a whole number from -2147483648 to 2147483647, got 1099511627776.",
    ],
    [
      "one-hot rows",
      ArgumentError,
      () =>
        batches(
          x,
          wrong([
            [0, 1],
            [1, 0],
            [0, 1],
            [1, 0],
          ]),
          ONE,
        ),
      "batches: expected labels as whole numbers, got [0, 1] at index 0 (for one-hot targets use a Tensor of probabilities: " +
        "new Tensor(labels)).",
    ],
    [
      "one-hot rows of typed arrays",
      ArgumentError,
      () => batches(x, wrong([Uint8Array.of(1), Uint8Array.of(1), Uint8Array.of(1), Uint8Array.of(1)]), ONE),
      "batches: expected labels as whole numbers, got Uint8Array(1) at index 0 (for one-hot targets use a Tensor of " +
        "probabilities: new Tensor(labels)).",
    ],
    [
      "no size",
      ArgumentError,
      () => batches(x, y, {} as never),
      "batches: expected a size, got none (samples in a batch, it has no default: batches(x, labels, { size: 64 })).",
    ],
    [
      "no options",
      ArgumentError,
      () => batches(x, y, undefined as never),
      "batches: expected a size, got none (samples in a batch, it has no default: batches(x, labels, { size: 64 })).",
    ],
    [
      "a size that is null",
      ArgumentError,
      options({ size: null }),
      "batches: expected size to be a whole number of at least 1, got null.",
    ],
    [
      "missing labels",
      ArgumentError,
      () => batches(x, wrong(undefined), ONE),
      "batches: expected labels (numbers) or a Tensor of targets, got undefined.",
    ],
    [
      "a string for labels",
      ArgumentError,
      () => batches(x, wrong("0123"), ONE),
      'batches: expected labels (numbers) or a Tensor of targets, got "0123".',
    ],
    [
      "size 0",
      ArgumentError,
      options({ size: 0 }),
      "batches: expected size to be a whole number of at least 1, got 0.",
    ],
    [
      "size 1.5",
      ArgumentError,
      options({ size: 1.5 }),
      "batches: expected size to be a whole number of at least 1, got 1.5.",
    ],
    [
      "no full batch",
      ArgumentError,
      options({ size: 5, dropLast: true }),
      "batches: expected size of at most 4 with dropLast, got 5 (not one batch is full).",
    ],
    [
      "shuffle 1",
      ArgumentError,
      options({ size: 1, shuffle: 1 }),
      "batches: expected shuffle to be true or false, got 1.",
    ],
    [
      "dropLast null",
      ArgumentError,
      options({ size: 1, dropLast: null }),
      "batches: expected dropLast to be true or false, got null.",
    ],
    [
      "a negative seed",
      ArgumentError,
      options({ size: 1, shuffle: true, seed: -1 }),
      "batches: expected seed to be a whole number from 0 to 9007199254740991, got -1.",
    ],
    [
      "PyTorch's name",
      ArgumentError,
      options({ drop_last: true }),
      'batches: unknown option "drop_last", did you mean "dropLast"? (options: size, shuffle, dropLast, seed).',
    ],
    [
      "a number for options",
      ArgumentError,
      options(64),
      "batches: expected an options object such as { size: ... }, got 64.",
    ],
  ];

  it.each(calls)("%s is an error that says why", (_, type, call, message) => {
    const error = errorOf(call);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toBe(message);
  });
});

describe("permutation", () => {
  it("holds each number once", () => {
    for (const n of [1, 2, 3, 100, 1001]) {
      const order = permutation(n, { seed: 1 });
      expect(order).toBeInstanceOf(Int32Array);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  it("is the same for the same seed and changes with the seed", () => {
    expect(permutation(100, { seed: 1 })).toEqual(permutation(100, { seed: 1 }));
    expect(permutation(100, { seed: 1 })).not.toEqual(permutation(100, { seed: 2 }));
  });

  it("is another one at each call without a seed, and the same sequence after the same manualSeed", () => {
    const draw = (): Int32Array[] => [permutation(100), permutation(100)];
    manualSeed(5);
    const [a, b] = draw();
    expect(a).not.toEqual(b);
    manualSeed(5);
    expect(draw()).toEqual([a, b]);
  });

  it("puts each number in each place about equally often", () => {
    const counts = new Array<number>(16).fill(0);
    for (let seed = 0; seed < 4000; seed++) permutation(4, { seed }).forEach((number, i) => counts[4 * i + number]++);
    // Each count is binomial(4000, 1/4): mean 1000, standard deviation 27.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * 27);
  });

  it("refuses what is no number of things", () => {
    const refuse = (n: unknown, options: unknown, message: string): void => {
      const error = errorOf(() => permutation(n as number, options as { seed?: number }));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toBe(message);
    };
    refuse(0, {}, "permutation: expected n to be a whole number from 1 to 2147483647, got 0.");
    refuse(2.5, {}, "permutation: expected n to be a whole number from 1 to 2147483647, got 2.5.");
    refuse(5, 1, "permutation: expected an options object such as { seed: ... }, got 1.");
    refuse(5, { seed: 0.5 }, "permutation: expected seed to be a whole number from 0 to 9007199254740991, got 0.5.");
    refuse(5, { seeds: 1 }, 'permutation: unknown option "seeds", did you mean "seed"? (options: seed).');
  });
});
