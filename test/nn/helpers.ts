// What the layer tests share: PyTorch's cases run through a layer on every backend, each number within the stated
// bound.
import { describe, expect, it } from "vitest";
import { reference } from "../../src/backend/reference/backend.js";
import { setBackend } from "../../src/backend/select.js";
import { HandgradError } from "../../src/base/errors.js";
import type { AlphaDropout } from "../../src/nn/dropout/alphadropout.js";
import type { Dropout } from "../../src/nn/dropout/dropout.js";
import type { Dropout2d } from "../../src/nn/dropout/dropout2d.js";
import type { Layer } from "../../src/nn/layer.js";
import type { Parameter } from "../../src/nn/parameter.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { onEachBackend, type BackendCase } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { loadFixture, type FixtureCase, type FixtureTensor } from "../support/fixtures.js";

export type AnyTensor = Tensor<FloatArray>;
export type Op = (...inputs: AnyTensor[]) => AnyTensor;
export type Bound = number | ((i: number) => number);

/** A layer whose gradients PyTorch knows. */
export interface LayerFixture {
  /** Name of the fixture file. */
  readonly op: string;
  /** How many cases it has at least. */
  readonly atLeast: number;
  make(options: never, fixtureCase: FixtureCase): Layer;
  /** The allowed errors of the outputs by name: "y", "dx", "dweight", "dbias", for a case and a machine epsilon. */
  bounds(fixtureCase: FixtureCase, eps: number): Readonly<Record<string, Bound>>;
  /** Cases that PyTorch allows and this library refuses, with the text of the error. */
  refuses?(fixtureCase: FixtureCase): string | undefined;
}

/** Runs every case of the fixture on every backend: output, input gradient, weight and bias gradients. */
export function matchesPyTorch(layerFixture: LayerFixture): void {
  const { op, atLeast } = layerFixture;
  const { cases, refused, refusedDraws } = loadFixture(op);

  it(`has at least ${atLeast} cases by PyTorch`, () => {
    expect(cases.length).toBeGreaterThanOrEqual(atLeast);
    expect(refusedDraws.length).toBe(refused);
  });

  onEachBackend((context) => {
    it.each(cases)("agrees with PyTorch: $name", (fixtureCase) => {
      const layer = layerFixture.make(fixtureCase.options as never, fixtureCase);
      const x = tensorOf(context, fixtureCase.tensors.x);
      const refusal = layerFixture.refuses?.(fixtureCase);
      if (refusal !== undefined) {
        expect(() => layer.forward(x as Tensor)).toThrow(refusal);
        return;
      }
      const bounds = layerFixture.bounds(fixtureCase, context.eps);
      const parameters = layer.namedParameters();
      for (const [name, parameter] of parameters) give(parameter, tensorOf(context, fixtureCase.tensors[name]));
      const y = layer.forward(x as Tensor);
      const dx = layer.backward(tensorOf(context, fixtureCase.tensors.dy) as Tensor);
      expect(y.dtype).toBe(context.dtype);
      const results = { y, dx, ...Object.fromEntries(parameters.map(([name, { grad }]) => [`d${name}`, grad])) };
      // Nothing that PyTorch computed is left out.
      const computed = Object.keys(fixtureCase.tensors).filter((name) => name in bounds);
      expect(Object.keys(results).sort()).toEqual(computed.sort());
      for (const [name, result] of Object.entries(results)) {
        compare(name, result, fixtureCase.tensors[name], bounds[name], fixtureCase.flags.includes("nan"));
      }
    });
  });

  if (refused > 0) {
    describe("refuses what PyTorch refuses", () => {
      it.each(refusedDraws.map((draw, i) => ({ ...draw, title: `${i} ${JSON.stringify(draw.options)}` })))(
        "$title on $shapes.x: $message",
        ({ options, shapes }) => {
          const run = (): unknown => {
            const layer = layerFixture.make(options as never, { options, tensors: {} } as unknown as FixtureCase);
            return layer.forward(new Tensor(new Float32Array(shapes.x.reduce((a, b) => a * b, 1)), shapes.x));
          };
          expect(run).toThrow(HandgradError);
        },
      );
    });
  }
}

/** A tensor of the fixture in the format of the backend's case. */
export function tensorOf(context: BackendCase, { data, shape }: FixtureTensor): AnyTensor {
  return context.make(data, shape);
}

/** Puts a copy of a tensor, also of a float64 one, in the place of a parameter's value. */
export function give(parameter: Parameter, value: AnyTensor): void {
  expect(value.shape).toEqual(parameter.shape);
  parameter.substitute(value.clone() as Tensor); // an optimizer writes into it
}

/** Shapes equal, values within the bound; where PyTorch has a NaN, only a NaN will do. */
export function compare(name: string, actual: AnyTensor, expected: FixtureTensor, bound: Bound, nan = false): void {
  expect(actual.shape, name).toEqual(expected.shape);
  const allowed = (i: number): number => {
    const value = typeof bound === "number" ? bound : bound(i);
    // Infinite or NaN terms give no bound: there only the equal number will do.
    return Number.isFinite(value) ? value : 0;
  };
  // What is too large for float32 is infinite there.
  const fits = (value: number): number => (Number.isFinite(Math.fround(value)) ? value : Math.fround(value));
  const values = actual.dtype === "float32" ? Array.from(expected.data, fits) : expected.data;
  expectClose(actual.data, values, allowed, { name, nan });
}

/**
 * 4 * eps * sqrt(n) * sum of |terms| of each output of an op that is linear in each of its inputs: n and the sum come
 * from the op itself, on ones and on absolute values, in float64 on the reference.
 */
export function sumBounds(
  eps: number,
  op: Op,
  inputs: readonly FixtureTensor[],
  countOp: Op = op,
): (i: number) => number {
  const [sums, counts] = onReference(() => [
    op(...inputs.map((input) => mapped(input, Math.abs))).data,
    countOp(...inputs.map((input) => mapped(input, () => 1))).data,
  ]);
  return (i) => sumBound(counts[i], sums[i], eps);
}

export function onReference<R>(work: () => R): R {
  const before = setBackend(reference);
  try {
    return work();
  } finally {
    setBackend(before);
  }
}

export function mapped(
  { data, shape }: { data: ArrayLike<number>; shape: readonly number[] },
  f: (x: number) => number,
): AnyTensor {
  return Tensor.float64(Float64Array.from(data, f), shape);
}

/** The lines of x along an axis: their length, |x - max| + 1 of each number, and sums over the line of a number. */
export function alongLines(
  { data, shape }: FixtureTensor,
  dim: number,
): { size: number; reach: (i: number) => number; over: (i: number, term: (k: number) => number) => number } {
  const axis = dim < 0 ? dim + shape.length : dim;
  const size = shape[axis];
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const places = (i: number): number[] => {
    const first = Math.floor(i / (size * inner)) * size * inner + (i % inner);
    return Array.from({ length: size }, (_, c) => first + c * inner);
  };
  return {
    size,
    reach: (i) => 1 + Math.abs(data[i] - Math.max(...places(i).map((k) => data[k]))),
    over: (i, term) => places(i).reduce((sum, k) => sum + term(k), 0),
  };
}

/** A dropout layer that keeps what is 1 in the mask and drops what is 0, in place of its own draws. */
export function withMask<D extends Dropout | Dropout2d | AlphaDropout>(layer: D, mask: ArrayLike<number>): D {
  let at = 0;
  // A draw below p drops.
  const generator = { uniform: () => (mask[at++] === 0 ? 0 : 1 - 2 ** -32) };
  return Object.defineProperty(layer, "generator", { value: generator });
}
