// The correlations against SciPy's values (test/fixtures/make_scipy.py), on every backend.
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.js";
import { autocorrelate } from "../../src/signals/autocorrelate.js";
import { convolve1d } from "../../src/signals/convolve1d.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate1d } from "../../src/signals/correlate1d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import type { SignalMode } from "../../src/signals/signal.js";
import type { FloatArray, Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { loadFixture, type FixtureTensor } from "../support/fixtures.js";

type Any = Tensor<FloatArray>;
type Operation = (x: Any, w: Any, mode: SignalMode) => Any;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  correlate1d: (x, w, mode) => correlate1d(x, w, { mode }),
  convolve1d: (x, w, mode) => convolve1d(x, w, { mode }),
  correlate2d: (x, w, mode) => correlate2d(x, w, { mode }),
  convolve2d: (x, w, mode) => convolve2d(x, w, { mode }),
  autocorrelate1d: (x, _, mode) => autocorrelate(x, { mode }),
  autocorrelate2d: (x, _, mode) => autocorrelate(x, { mode }),
};

const fixture = loadFixture("signals", "scipy");

onEachBackend(({ make, eps }) => {
  const tensor = ({ data, shape }: FixtureTensor): Any => make(Array.from(data), shape);

  it.each(fixture.cases.map((given) => [given.name, given] as const))("%s", (_, { options, tensors, flags }) => {
    const { x, w = x, y } = tensors;
    const mode = options.mode as SignalMode;
    const run = (): Any => OPERATIONS[options.op as string](tensor(x), tensor(w), mode);
    if (mode === "valid" && flags.includes("kernelLarger")) {
      // SciPy swaps the two.
      expect(run).toThrow(ShapeError);
      return;
    }
    const largest = Math.max(...Array.from(x.data, Math.abs));
    const absolute = Array.from(w.data, Math.abs).reduce((total, value) => total + value * largest, 0);
    const actual = run();
    expect(actual.shape).toEqual(y.shape);
    expectClose(actual.data, y.data, sumBound(w.data.length, absolute, eps));
  });

  describe("What SciPy refuses", () => {
    it("is refused", () => {
      expect(fixture.refusedDraws.length).toBe(4);
      for (const { options, shapes } of fixture.refusedDraws) {
        const [x, w] = [shapes.x, shapes.w].map((shape) => make(0).like(shape));
        expect(() => OPERATIONS[options.op as string](x, w, options.mode as SignalMode)).toThrow(ShapeError);
      }
    });
  });
});
