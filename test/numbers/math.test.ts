import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exp, log, pow, sigmoid, tanh } from "../../src/numbers/math.js";
import { cos, sin } from "../../src/numbers/trig.js";

type RealFunction = (x: number, y: number) => number;
interface Row {
  readonly x: number;
  readonly y: number; // second argument of pow, else NaN
  readonly value: number; // the exact result, correctly rounded
  readonly rest: number; // what is left of it, in ulp of value
}

// Made by test/fixtures/make_math.py, which defines the rows. It also has huge angles, which src has no use for.
const fixture = readFixture();
const REACH = 2 ** 20; // of sine and cosine

describe("elementary functions", () => {
  it.each<[string, RealFunction, number]>([
    ["exp", exp, 0.9],
    ["log", log, 0.51],
    ["pow", pow, 0.9],
    ["tanh", tanh, 1.5],
    ["sigmoid", sigmoid, 2.4],
    ["sin", sin, 0.8],
    ["cos", cos, 0.8],
  ])("%s is within its documented error of the exact value over the whole range", (name, f, bound) => {
    const rows = rowsOf(name);
    expect(rows.length).toBeGreaterThan(300);
    const worst = worstOf(f, rows);
    expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(bound);
  });

  it("have fixtures with subnormal arguments, subnormal results and angles close to a multiple of pi / 2", () => {
    expect(rowsOf("log").filter(({ x }) => isSubnormal(x)).length).toBeGreaterThan(20);
    for (const name of ["exp", "sigmoid", "pow"]) {
      expect(rowsOf(name).filter(({ value }) => isSubnormal(value)).length).toBeGreaterThan(20);
    }
    for (const name of ["sin", "cos"]) {
      expect(rowsOf(name).filter(({ x }) => Math.abs(x) > 1e5).length).toBeGreaterThan(10);
      expect(rowsOf(name).filter(({ x, value }) => x > 1 && Math.abs(value) < 1e-12).length).toBeGreaterThan(1);
    }
  });

  it("are checked by a measure that rejects NaN, infinities, neighbors and the wrong sign", () => {
    const value = 1.5;
    expect(ulpError(value, value, 0.25)).toBe(0.25);
    expect(ulpError(1.5 + 2 ** -52, value, 0.25)).toBe(0.75);
    expect(ulpError(1.5 - 2 ** -51, value, 0.25)).toBe(2.25);
    expect(ulpError(-1.5, value, 0)).toBeGreaterThan(1e15);
    expect(ulpError(Infinity, value, 0)).toBe(Infinity);
    expect(ulpError(Number.MAX_VALUE, Infinity, 0)).toBe(Infinity);
    expect(ulpError(NaN, Infinity, 0)).toBe(Infinity);
    expect(worstOf(() => NaN, rowsOf("exp")).error).toBeNaN();
    expect(NaN <= 0.8).toBe(false);
    expect(() => expect(NaN).toBeLessThanOrEqual(0.8)).toThrow();
    // A function that is wrong at one point only.
    const wrongOnce = (x: number): number => (x === rowsOf("exp")[7].x ? exp(x) * (1 + 2 ** -50) : exp(x));
    expect(worstOf(wrongOnce, rowsOf("exp")).error).toBeGreaterThan(2);
  });

  it("give the bits on record, in whatever engine this runs", () => {
    // A change here is a change of values: say so under "Numerics" in CHANGELOG.md.
    const digests = Object.entries({ exp, log, pow, tanh, sigmoid, sin, cos }).map(
      ([name, f]: [string, RealFunction]) => `${name} ${digest(rowsOf(name).map(({ x, y }) => f(x, y)))}`,
    );
    expect(digests).toMatchInlineSnapshot(`
      [
        "exp a6226048",
        "log a4e7b202",
        "pow b8cd33c4",
        "tanh 910da220",
        "sigmoid 90d9a851",
        "sin 4abbe668",
        "cos 6dc9fbb1",
      ]
    `);
  });

  it("give exact values at zeros, infinities, NaN and where they overflow", () => {
    same(exp(0), 1);
    same(exp(-0), 1);
    same(exp(Infinity), Infinity);
    same(exp(-Infinity), 0);
    same(exp(NaN), NaN);
    expect(exp(709.782712893384)).toBeLessThan(Infinity);
    same(exp(709.7827128933841), Infinity);
    same(exp(-745.1332191019411), 5e-324);
    same(exp(-745.1332191019412), 0);

    same(log(1), 0);
    same(log(0), -Infinity);
    same(log(-0), -Infinity);
    same(log(Infinity), Infinity);
    same(log(-1), NaN);
    same(log(-Infinity), NaN);
    same(log(-5e-324), NaN);
    same(log(NaN), NaN);

    same(tanh(0), 0);
    same(tanh(-0), -0);
    same(tanh(5e-324), 5e-324);
    same(tanh(-5e-324), -5e-324);
    same(tanh(Infinity), 1);
    same(tanh(-Infinity), -1);
    same(tanh(NaN), NaN);

    same(sigmoid(0), 0.5);
    same(sigmoid(-0), 0.5);
    same(sigmoid(Infinity), 1);
    same(sigmoid(-Infinity), 0);
    same(sigmoid(-745), 5e-324);
    same(sigmoid(-746), 0);
    same(sigmoid(NaN), NaN);

    same(sin(0), 0);
    same(sin(-0), -0);
    same(sin(5e-324), 5e-324);
    same(sin(-5e-324), -5e-324);
    same(cos(0), 1);
    same(cos(-0), 1);
    for (const x of [REACH, -REACH, 1e300, Infinity, -Infinity, NaN]) {
      same(sin(x), NaN);
      same(cos(x), NaN);
    }
  });

  it("keep the symmetry of tanh, sin and cos to the bit", () => {
    for (const { x } of rowsOf("tanh")) same(tanh(-x), -tanh(x));
    for (const { x } of rowsOf("sin")) {
      same(sin(-x), -sin(x));
      same(cos(-x), cos(x));
    }
  });
});

describe("pow", () => {
  it("agrees with the ** operator on every pair of special values", () => {
    const sizes = [0, 5e-324, 0.5, 1, 2, 3, 9007199254740991, 9007199254740992, 1e300, Number.MAX_VALUE, Infinity];
    const special = [NaN, ...sizes, ...sizes.map((size) => -size)];
    for (const x of special) {
      for (const y of special) {
        const wanted = x ** y;
        const got = pow(x, y);
        const exactly = !Number.isFinite(wanted) || wanted === 0 || Math.abs(wanted) === 1;
        const right = exactly ? Object.is(got, wanted) : ulpError(got, wanted, 0) <= 2;
        expect(right, `pow(${x}, ${y}): expected ${wanted}, got ${got}`).toBe(true);
      }
    }
  });

  it("is exact where the result is a double", () => {
    for (let base = -20; base <= 20; base++) {
      for (let power = 0, product = 1; power <= 12; power++, product *= base) same(pow(base, power), product);
    }
    for (let power = -1074; power <= 1023; power++) same(pow(2, power), 2 ** power);
    for (const { x } of rowsOf("log")) same(pow(x, 1), x);
  });

  it("underflows to a signed zero and overflows to a signed infinity", () => {
    same(pow(-10, -401), -0);
    same(pow(-10, -400), 0);
    same(pow(-10, 401), -Infinity);
    same(pow(-10, 400), Infinity);
  });
});

function same(got: number, wanted: number): void {
  expect(Object.is(got, wanted), `expected ${wanted}, got ${got}`).toBe(true);
}

// |got - exact| in ulp, where exact is value + rest * ulp(value). NaN when got is NaN and value is finite.
function ulpError(got: number, value: number, rest: number): number {
  if (!Number.isFinite(value)) return Object.is(got, value) ? 0 : Infinity;
  return Math.abs((got - value) / ulp(value) - rest);
}

// Distance from |x| to the next larger double.
function ulp(x: number): number {
  const size = Math.abs(x);
  const bits = new BigUint64Array(new Float64Array([size]).buffer);
  bits[0] += 1n;
  return size === Number.MAX_VALUE ? 2 ** 971 : new Float64Array(bits.buffer)[0] - size;
}

function worstOf(f: RealFunction, rows: readonly Row[]): { error: number; x: number; y: number } {
  let worst = { error: -1, x: NaN, y: NaN };
  for (const { x, y, value, rest } of rows) {
    const error = ulpError(f(x, y), value, rest);
    if (Number.isNaN(error)) return { error, x, y };
    if (error > worst.error) worst = { error, x, y };
  }
  return worst;
}

function isSubnormal(x: number): boolean {
  return x !== 0 && Math.abs(x) < 2 ** -1022;
}

// FNV-1a of the numbers' bytes.
function digest(values: readonly number[]): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(new Float64Array(values).buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

function rowsOf(name: string): readonly Row[] {
  const rows = fixture.get(name) ?? [];
  return name === "sin" || name === "cos" ? rows.filter(({ x }) => Math.abs(x) < REACH) : rows;
}

function readFixture(): ReadonlyMap<string, readonly Row[]> {
  const text = readFileSync(new URL("../fixtures/math.json", import.meta.url), "utf8");
  const tables = Object.entries(JSON.parse(text) as Record<string, unknown>).filter(([, rows]) => Array.isArray(rows));
  return new Map((tables as [string, (string | number)[][]][]).map(([name, rows]) => [name, rows.map(readRow)]));
}

function readRow(row: readonly (string | number)[]): Row {
  const numbers = row.slice(0, -1).map((digits) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(`0x${digits}`));
    return view.getFloat64(0);
  });
  const value = numbers[numbers.length - 1];
  return { x: numbers[0], y: numbers.length > 2 ? numbers[1] : NaN, value, rest: Number(row[row.length - 1]) };
}
