import { afterEach, describe, expect, it, vi } from "vitest";
import { ArgumentError, StateError } from "../../src/base/errors.js";
import { fillNormal, normal } from "../../src/numbers/normal.js";
import { philox } from "../../src/numbers/philox.js";
import { Generator, getSeed, manualSeed, type GeneratorState, type StreamKind } from "../../src/numbers/random.js";

const LARGEST = Number.MAX_SAFE_INTEGER;
const FOLLOWERS: readonly StreamKind[] = ["dropout", "shuffle", "draw", "augment"];

// Sums of squares that chance exceeds once in 1000 seeds. The seeds are fixed, so a test that passes goes on passing.
const CHI_SQUARE_LIMIT = new Map([
  [2, 13.82],
  [5, 20.52],
  [9, 27.88],
  [15, 37.7],
  [63, 103.4],
]);

describe("philox", () => {
  // The vectors published with Random123 (kat_vectors, philox4x32 with 10 rounds).
  it.each([
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("turns the counter %s and the key %s into the published words", (counter, key, wanted) => {
    expect(hex(block(unhex(counter), unhex(key)))).toBe(wanted);
  });

  it("fills an array with the blocks of consecutive counters", () => {
    const words = new Uint32Array(12);
    philox(words, 0xfffffffd, 2, 3, 4, 5, 6);
    const single = [0xfffffffd, 0xfffffffe, 0xffffffff].map((c0) => hex(block([c0, 2, 3, 4], [5, 6])));
    expect(hex(words)).toBe(single.join(" "));
  });

  it("gives other words when any word of counter or key changes", () => {
    const blocks = [0, 1, 2, 3, 4, 5, 6].map((changed) => {
      const words = [1, 1, 1, 1, 1, 1].map((word, i) => (i === changed ? 7 : word)); // the last map changes none
      return hex(block(words.slice(0, 4), words.slice(4)));
    });
    expect(new Set(blocks).size).toBe(7);
  });
});

describe("Generator", () => {
  it("draws the words of the Philox blocks [low, high of the block index, stream, kind] under the seed as key", () => {
    const seed = 3 * 2 ** 32 + 5;
    const generator = new Generator("shuffle", { seed, stream: 9 });
    expect(hex(words(generator, 8))).toBe(`${hex(block([0, 0, 9, 2], [5, 3]))} ${hex(block([1, 0, 9, 2], [5, 3]))}`);

    // Block 7 * 2^32 + 16, past the 32 bits of the first counter word.
    generator.state = { seed, kind: "shuffle", stream: 9, counter: 4 * (7 * 2 ** 32 + 16) };
    expect(hex(words(generator, 4))).toBe(hex(block([16, 7, 9, 2], [5, 3])));
  });

  it("gives the values on record, in whatever engine this runs", () => {
    // A change here is a change of values: say so under "Numerics" in CHANGELOG.md.
    const generator = new Generator("draw", { seed: 2024 });
    const normals = new Float64Array(5);
    fillNormal(generator, normals, 0, 1);
    expect([generator.uniform(), normal(generator), generator.integer(1000), ...normals]).toMatchInlineSnapshot(`
      [
        0.8809720014687628,
        0.4007382708739426,
        748,
        1.337342067948695,
        -1.3294341172387472,
        0.11812710611844977,
        -0.4800056897137575,
        -0.17271236622004693,
      ]
    `);
    expect([...generator.permutation(10)]).toMatchInlineSnapshot(`
      [
        0,
        3,
        1,
        4,
        7,
        8,
        9,
        5,
        2,
        6,
      ]
    `);
  });

  it("draws the same values from the same state, wherever in the stream it was read", () => {
    const generator = new Generator("draw", { seed: 11, stream: 3 });
    for (let i = 0; i < 200; i++) {
      const state = generator.state;
      const other = new Generator("draw", { seed: 999 });
      other.state = state;
      expect(other.state).toEqual(state);
      expect(everyDraw(other)).toEqual(everyDraw(generator));
      expect(other.state).toEqual(generator.state);
      generator.uint32();
    }
  });

  it("counts one word for uint32 and uniform and for an element of fillUniform, two for normal", () => {
    const generator = new Generator("draw", { seed: 1 });
    const used = (draw: () => unknown): number => {
      const before = generator.state.counter;
      draw();
      return generator.state.counter - before;
    };
    expect(used(() => generator.uint32())).toBe(1);
    expect(used(() => generator.uniform())).toBe(1);
    expect(used(() => normal(generator))).toBe(2);
    expect(used(() => generator.fillUniform(new Float32Array(77), 0, 1))).toBe(77);
    expect(used(() => fillNormal(generator, new Float32Array(77), 0, 1))).toBe(78);
    expect(used(() => generator.permutation(1))).toBe(0);
    expect(used(() => generator.fillUniform(new Float32Array(0), 0, 1))).toBe(0);
  });

  it("fills arrays with what the single draws give", () => {
    for (const counter of [0, 1, 63, 64]) {
      const [filling, drawing] = [0, 1].map(() => at({ seed: 5, kind: "draw", stream: 0, counter }));
      const array = new Float64Array(130);
      filling.fillUniform(array, -2, 6);
      expect([...array]).toEqual(Array.from(array, () => -2 + 8 * drawing.uniform()));
      const normals = new Float64Array(66);
      fillNormal(filling, normals, 10, 3);
      const every2nd = [...normals].filter((_, i) => i % 2 === 0);
      expect(every2nd).toEqual(every2nd.map(() => 10 + 3 * normal(drawing)).map((value) => expect.closeTo(value, 12)));
    }
  });

  it("stops loudly at the end of a stream", () => {
    const generator = at({ seed: 1, kind: "draw", stream: 0, counter: LARGEST });
    generator.uint32();
    expect(() => generator.uint32()).toThrow(StateError);
    expect(() => generator.uint32()).toThrow(
      "Generator: expected at most 2^53 words, got to the end of the stream (use another one).",
    );
  });
});

describe("the distributions", () => {
  it("of uniform has the moments of [0, 1) and fills 64 equal bins evenly", () => {
    const generator = new Generator("draw", { seed: 1 });
    const values = Array.from({ length: 100_000 }, () => generator.uniform());
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    near(mean(values), 0.5, 4 * Math.sqrt(1 / 12 / values.length));
    near(mean(values.map((value) => (value - 0.5) ** 2)), 1 / 12, 0.001);
    near(mean(values.map((value, i) => (value - 0.5) * (values[i + 1] ?? 0.5) - (value - 0.5) / 2)), 0, 0.001);
    expect(
      chiSquare(
        counts(
          values.map((value) => Math.floor(64 * value)),
          64,
        ),
      ),
    ).toBeLessThan(limit(64));
  });

  it("of normal has the moments of N(0, 1) and fills 16 equally likely bins evenly, in draws and in fills", () => {
    const generator = new Generator("draw", { seed: 2 });
    const filled = new Float64Array(100_000);
    fillNormal(generator, filled, 0, 1);
    for (const values of [Array.from({ length: 100_000 }, () => normal(generator)), [...filled]]) {
      near(mean(values), 0, 4 / Math.sqrt(values.length));
      near(mean(values.map((value) => value ** 2)), 1, 4 * Math.sqrt(2 / values.length));
      near(mean(values.map((value) => value ** 3)), 0, 4 * Math.sqrt(15 / values.length));
      near(mean(values.map((value) => value ** 4)), 3, 4 * Math.sqrt(96 / values.length));
      near(mean(values.map((value, i) => value * (values[i ^ 1] ?? 0))), 0, 4 * Math.sqrt(2 / values.length));
      // Quantiles of N(0, 1) at 1/16, ..., 7/16; the others by symmetry.
      const upper = [0, 0.157310685, 0.318639364, 0.488776411, 0.67448975, 0.887146559, 1.15034938, 1.534120544];
      const bins = values.map((value) => {
        const steps = upper.filter((edge) => edge <= Math.abs(value)).length; // 1 to 8
        return value < 0 ? 8 - steps : 7 + steps;
      });
      expect(chiSquare(counts(bins, 16))).toBeLessThan(limit(16));
    }
  });

  it("of integer is even, also where 2^32 is far from a multiple of n", () => {
    const generator = new Generator("draw", { seed: 3 });
    const draws = (n: number): number[] => Array.from({ length: 30_000 }, () => generator.integer(n));
    expect(chiSquare(counts(draws(10), 10))).toBeLessThan(limit(10));
    // With n = 3 * 2^30, the remainder of a word would fall in the first third half of the time.
    const thirds = draws(3 * 2 ** 30).map((value) => Math.floor(value / 2 ** 30));
    expect(chiSquare(counts(thirds, 3))).toBeLessThan(limit(3));
    expect(new Set(draws(1))).toEqual(new Set([0]));
    expect(Math.max(...draws(2 ** 32))).toBeGreaterThan(2 ** 32 * 0.999);
  });

  it("of permutation is even over the 6 orders of 3, and every result is a permutation", () => {
    const generator = new Generator("shuffle", { seed: 4 });
    const orders = Array.from({ length: 12_000 }, () => generator.permutation(3));
    expect(chiSquare(counts(orders.map(orderNumber), 6))).toBeLessThan(limit(6));
    for (const n of [1, 2, 64, 1000]) {
      const order = generator.permutation(n);
      expect(order).toBeInstanceOf(Int32Array);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
    expect([...generator.permutation(1000)]).not.toEqual([...generator.permutation(1000)]);
  });

  it("are checked by a measure that rejects a biased shuffle, a biased remainder and NaN", () => {
    const generator = new Generator("shuffle", { seed: 4 });
    const naive = (): Int32Array => {
      const order = Int32Array.of(0, 1, 2);
      for (let i = 0; i < 3; i++) {
        const j = generator.integer(3);
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    };
    const orders = Array.from({ length: 12_000 }, naive);
    expect(chiSquare(counts(orders.map(orderNumber), 6))).toBeGreaterThan(limit(6));
    const thirds = Array.from({ length: 30_000 }, () => Math.floor((generator.uint32() % (3 * 2 ** 30)) / 2 ** 30));
    expect(chiSquare(counts(thirds, 3))).toBeGreaterThan(limit(3));
    expect(() => near(NaN, 0, 1)).toThrow();
    expect(() => near(1.1, 0, 1)).toThrow();
    expect(() => counts([NaN], 3)).toThrow();
  });
});

describe("fillUniform", () => {
  it("stays in [low, high) after rounding to the array, and reaches both ends of narrow ranges", () => {
    const up = 1 + 2 ** -23;
    const ranges: [number, number, number[]?][] = [
      [-1, 1],
      [0, 1],
      [100, 101],
      [-1, 0],
      [-(2 ** -149), 0, [-(2 ** -149)]],
      [1, up, [1]],
      [1, 1 + 2 ** -22, [1, up]],
      [-up, -1, [-up]],
      [-2, -1],
      [2 ** 127, 2 ** 127 * (2 - 2 ** -23)],
    ];
    const generator = new Generator("init", { seed: 6 });
    for (const [low, high, all] of ranges) {
      const array = new Float32Array(2000);
      generator.fillUniform(array, low, high);
      expect(
        array.every((value) => value >= low && value < high),
        `[${low}, ${high})`,
      ).toBe(true);
      if (all !== undefined) expect([...new Set(array)].sort()).toEqual(all);
    }
    const doubles = new Float64Array(2000);
    generator.fillUniform(doubles, 1, 1 + 2 ** -51);
    expect([...new Set(doubles)].sort()).toEqual([1, 1 + 2 ** -52]);
  });

  it("gives the largest float32 below high for the word that would round up to it", () => {
    // A word of at least 2^32 - 2^7, over 2^32, rounds to 1. This seed has one early.
    const state: GeneratorState = { seed: 54, kind: "draw", stream: 0, counter: 762546 };
    expect(Math.fround(at(state).uniform())).toBe(1);
    const array = new Float32Array(1);
    at(state).fillUniform(array, 0, 1);
    expect(array[0]).toBe(1 - 2 ** -24);
  });

  it("fills with low when low equals high, and rounds both ends to the array first", () => {
    const generator = new Generator("init", { seed: 6 });
    const array = new Float32Array(5);
    generator.fillUniform(array, 0.7, 0.7);
    expect([...array]).toEqual(Array(5).fill(Math.fround(0.7)));
    generator.fillUniform(array, 0.1, 0.1 + 1e-12);
    expect([...array]).toEqual(Array(5).fill(Math.fround(0.1)));
  });

  it("explains what is wrong with its arguments", () => {
    const generator = new Generator("init", { seed: 6 });
    const array = new Float32Array(2);
    const message = (low: number, high: number): string => failure(() => generator.fillUniform(array, low, high));
    expect(message(2, 1)).toBe("Generator.fillUniform: expected low <= high, got 2 and 1 (swap them).");
    expect(message(NaN, 1)).toBe("Generator.fillUniform: expected low to be a finite number, got NaN.");
    expect(message(0, NaN)).toBe("Generator.fillUniform: expected high to be a finite number, got NaN.");
    expect(message(0, Infinity)).toBe("Generator.fillUniform: expected high to be a finite number, got Infinity.");
    expect(message(0, 1e39)).toBe(
      "Generator.fillUniform: expected high in the array's range to be a finite number, got Infinity.",
    );
    expect(failure(() => generator.fillUniform(new Float64Array(1), -1e308, 1e308))).toBe(
      "Generator.fillUniform: expected high - low to be a finite number, got Infinity.",
    );
    expect(failure(() => generator.fillUniform(new Int32Array(1) as never, 0, 1))).toBe(
      "Generator.fillUniform: expected array to be a Float32Array or a Float64Array, got Int32Array(1).",
    );
    expect(failure(() => fillNormal(generator, array, NaN, 1))).toBe(
      "fillNormal: expected mean to be a finite number, got NaN.",
    );
    expect(failure(() => fillNormal(generator, array, 0, -1))).toBe(
      "fillNormal: expected std to be a finite number of at least 0, got -1.",
    );
    expect(failure(() => fillNormal(generator, array, 0, 1e38))).toBe(
      "fillNormal: expected |mean| + 7 std in the array's range to be a finite number, got Infinity.",
    );
    expect([...array]).toEqual([0, 0]);
  });
});

describe("manualSeed", () => {
  it("makes the same program draw the same values, in whatever order its generators draw", () => {
    manualSeed(42);
    const [first, second, dropout] = [new Generator("init"), new Generator("init"), new Generator("dropout")];
    const inOrder = [first, second, dropout].map((generator) => words(generator, 100));
    manualSeed(42);
    const [again, second2, dropout2] = [new Generator("init"), new Generator("init"), new Generator("dropout")];
    const backwards = [dropout2, second2, again].map((generator) => words(generator, 100)).reverse();
    expect(backwards).toEqual(inOrder);
    expect(new Set(inOrder.map(hex)).size).toBe(3);
  });

  it("numbers the streams of each kind in order of construction, whatever other kinds do", () => {
    manualSeed(1);
    const streams = (["init", "init", "draw", "init", "draw"] as const).map((kind) => new Generator(kind).state);
    expect(streams.map(({ stream }) => stream)).toEqual([0, 1, 0, 2, 1]);
    expect(new Generator("init", { stream: 7 }).state).toEqual({ seed: 1, kind: "init", stream: 7, counter: 0 });
    expect(new Generator("init").state.stream).toBe(3);
    expect(new Generator("init", { seed: 5 }).state.stream).toBe(0);
    manualSeed(1);
    expect(new Generator("init").state.stream).toBe(0);
  });

  it.each(FOLLOWERS)("starts a %s generator over with the new seed and the old stream number", (kind) => {
    manualSeed(1);
    const generator = [new Generator(kind), new Generator(kind)][1];
    const before = words(generator, 10);
    manualSeed(2);
    expect(generator.state).toEqual({ seed: 2, kind, stream: 1, counter: 0 });
    expect(words(generator, 10)).not.toEqual(before);
    manualSeed(1);
    expect(words(generator, 10)).toEqual(before);
    manualSeed(1);
    expect(words(generator, 10)).toEqual(before);
  });

  it("leaves an init generator the seed that was in force when it was made", () => {
    manualSeed(1);
    const generator = new Generator("init");
    manualSeed(2);
    expect(generator.state).toEqual({ seed: 1, kind: "init", stream: 0, counter: 0 });
    generator.uint32();
    manualSeed(3);
    expect(generator.state).toEqual({ seed: 1, kind: "init", stream: 0, counter: 1 });
  });

  it("leaves a generator with its own seed alone, and re-keys a restored one only when called later", () => {
    manualSeed(1);
    const own = new Generator("dropout", { seed: 77 });
    const following = new Generator("dropout");
    own.uint32();
    manualSeed(2);
    following.state = { seed: 9, kind: "dropout", stream: 4, counter: 1000 };
    expect(own.state).toEqual({ seed: 77, kind: "dropout", stream: 0, counter: 1 });
    expect(following.state).toEqual({ seed: 9, kind: "dropout", stream: 4, counter: 1000 });
    manualSeed(3);
    expect(own.state.seed).toBe(77);
    expect(following.state).toEqual({ seed: 3, kind: "dropout", stream: 4, counter: 0 });
  });

  it("refuses everything but a whole number from 0 to 2^53 - 1 and keeps the seed in force", () => {
    manualSeed(LARGEST);
    for (const bad of [1.5, -1, 2 ** 53, NaN, Infinity, "1", undefined]) {
      expect(() => manualSeed(bad as number)).toThrow(ArgumentError);
    }
    expect(failure(() => manualSeed(1.5))).toBe(
      "manualSeed: expected the seed to be a whole number from 0 to 9007199254740991, got 1.5.",
    );
    expect(getSeed()).toBe(LARGEST);
    manualSeed(0);
    expect(getSeed()).toBe(0);
  });
});

describe("getSeed", () => {
  afterEach(() => vi.restoreAllMocks());

  it("asks the platform once, on first use and not at import, and gives 53 bits", async () => {
    const source = vi.spyOn(Math, "random").mockReturnValue(1 - 2 ** -53);
    vi.resetModules();
    const fresh = await import("../../src/numbers/random.js");
    const generator = new fresh.Generator("dropout");
    const weights = new fresh.Generator("init");
    expect(source).not.toHaveBeenCalled();
    expect(weights.uint32()).toBe(new fresh.Generator("init", { seed: LARGEST, stream: 0 }).uint32());
    expect(fresh.getSeed()).toBe(LARGEST);
    expect(generator.state.seed).toBe(LARGEST);
    expect(fresh.getSeed()).toBe(LARGEST);
    expect(source).toHaveBeenCalledTimes(1);
  });

  it("does not ask the platform after manualSeed", async () => {
    const source = vi.spyOn(Math, "random");
    vi.resetModules();
    const fresh = await import("../../src/numbers/random.js");
    fresh.manualSeed(5);
    expect(fresh.getSeed()).toBe(5);
    expect(new fresh.Generator("init").state.seed).toBe(5);
    expect(source).not.toHaveBeenCalled();
  });

  it("is kept by initial weights that were made before a manualSeed, though nobody had asked for it yet", async () => {
    vi.resetModules();
    const fresh = await import("../../src/numbers/random.js");
    const [before, beside] = [new fresh.Generator("init"), new fresh.Generator("init")];
    fresh.manualSeed(5);
    const { seed } = before.state;
    expect(seed).not.toBe(5);
    expect(beside.state.seed).toBe(seed);
    expect([fresh.getSeed(), new fresh.Generator("init").state.seed]).toEqual([5, 5]);
  });
});

describe("a Generator's errors", () => {
  const state: GeneratorState = { seed: 1, kind: "draw", stream: 0, counter: 0 };

  it.each<[string, () => unknown]>([
    [
      'Generator: expected kind to be one of "init", "dropout", "shuffle", "draw", "augment", got "drop out", did you ' +
        'mean "dropout"?',
      () => new Generator("drop out" as StreamKind),
    ],
    [
      "Generator: expected seed to be a whole number from 0 to 9007199254740991, got -1.",
      () => new Generator("draw", { seed: -1 }),
    ],
    [
      "Generator: expected stream to be a whole number from 0 to 4294967295, got 4294967296.",
      () => new Generator("draw", { stream: 2 ** 32 }),
    ],
    [
      'Generator: unknown option "sead", did you mean "seed"? (options: seed, stream).',
      () => new Generator("draw", { sead: 1 } as object),
    ],
    [
      "Generator.integer: expected n to be a whole number from 1 to 4294967296, got 0.",
      () => new Generator("draw", { seed: 1 }).integer(0),
    ],
    [
      "Generator.integer: expected n to be a whole number from 1 to 4294967296, got NaN.",
      () => new Generator("draw", { seed: 1 }).integer(NaN),
    ],
    [
      "Generator.permutation: expected n to be a whole number from 1 to 2147483647, got 0.",
      () => new Generator("draw", { seed: 1 }).permutation(0),
    ],
    [
      "Generator.state: expected counter to be a whole number from 0 to 9007199254740991, got 0.5.",
      () => at({ ...state, counter: 0.5 }),
    ],
    [
      "Generator.state: expected stream to be a whole number from 0 to 4294967295, got undefined.",
      () => at({ seed: 1, kind: "draw", counter: 0 } as GeneratorState),
    ],
  ])("%s", (message, act) => {
    expect(failure(act)).toBe(message);
  });

  it("include a state of another kind, which changes nothing", () => {
    const generator = new Generator("shuffle", { seed: 5 });
    expect(failure(() => (generator.state = state))).toBe(
      'Generator.state: expected kind to be one of "shuffle", got "draw".',
    );
    expect(generator.state).toEqual({ seed: 5, kind: "shuffle", stream: 0, counter: 0 });
  });
});

function block(counter: readonly number[], key: readonly number[]): Uint32Array {
  const out = new Uint32Array(4);
  philox(out, counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
  return out;
}

function hex(words: Iterable<number>): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join(" ");
}

function unhex(text: string): number[] {
  return text.split(" ").map((word) => Number.parseInt(word, 16));
}

function words(generator: Generator, count: number): number[] {
  return Array.from({ length: count }, () => generator.uint32());
}

function at(state: GeneratorState): Generator {
  const generator = new Generator(state.kind, { seed: 0 });
  generator.state = state;
  return generator;
}

function everyDraw(generator: Generator): unknown[] {
  const array = new Float32Array(3);
  fillNormal(generator, array, 0, 1);
  const draws = [generator.uint32(), generator.uniform(), normal(generator), generator.integer(6), [...array]];
  generator.fillUniform(array, 0, 1);
  return [...draws, [...array], [...generator.permutation(5)]];
}

// The message of the ArgumentError that `act` throws.
function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function near(value: number, wanted: number, tolerance: number): void {
  expect(Math.abs(value - wanted) <= tolerance, `expected ${wanted} +- ${tolerance}, got ${value}`).toBe(true);
}

// Which of the six orders of 0, 1, 2 this is.
function orderNumber(order: Int32Array): number {
  return 2 * order[0] + (order[1] > order[2] ? 1 : 0);
}

function counts(values: readonly number[], bins: number): number[] {
  const result = new Array<number>(bins).fill(0);
  for (const value of values) {
    if (!(value >= 0 && value < bins)) throw new Error(`${value} is in no bin`);
    result[value] += 1;
  }
  return result;
}

function chiSquare(observed: readonly number[]): number {
  const expected = mean(observed);
  return observed.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function limit(bins: number): number {
  return CHI_SQUARE_LIMIT.get(bins - 1) ?? NaN;
}
