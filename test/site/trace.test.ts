// The sums that the page "Step through it" shows, against handgrad's kernels, the lessons, and finite differences.
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { difference, compare, isTie } from "../../site/src/math/differences.js";
import { misfit, outputSize, type Geometry, type Mode } from "../../site/src/math/geometry.js";
import { collected, trace } from "../../site/src/math/trace.js";
import { AGREES } from "../../site/src/step/agrees.js";
import { kernelDistance } from "../../site/src/step/kernels.js";
import { cellOfStep, sumOf } from "../../site/src/step/lists.js";
import { PRESETS } from "../../site/src/step/presets.js";
import { sceneOf } from "../../site/src/step/scene.js";
import { FIRST, fitted, fromQuery, stepsOf, type StepState } from "../../site/src/step/state.js";

vi.mock("handgrad", () => import("../../src/index.js"));

const preset = (name: string): StepState => fromQuery(PRESETS.find(([other]) => other === name)![1]).state;
const rows = (values: readonly number[], columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, n) => values.slice(n * columns, (n + 1) * columns));

const pair = (most: number) => fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
const side = fc.integer({ min: 0, max: 2 });

/** States of any kind of layer that fits, with whole numbers: their float32 sums are exact. */
const states: fc.Arbitrary<StepState> = fc
  .record({
    op: fc.constantFrom("conv", "conv", "max", "avg"),
    groups: fc.constantFrom(1, 1, 2),
    perGroup: fc.integer({ min: 1, max: 2 }),
    outPerGroup: fc.integer({ min: 1, max: 2 }),
    size: pair(6),
    kernel: pair(3),
    stride: pair(3),
    dilation: pair(2),
    padding: fc.tuple(side, side, side, side),
    mode: fc.constantFrom<Mode>("zeros", "circular", "reflect", "replicate"),
    flip: fc.boolean(),
    numbers: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 400, maxLength: 400 }),
  })
  .map((d) => {
    const op = d.op as Geometry["op"];
    const [C, O] = [d.groups * d.perGroup, d.groups * d.outPerGroup];
    const [top, , left] = d.padding;
    const padding = op === "conv" ? d.padding : ([top, top, left, left] as const);
    const g = {
      op,
      C,
      O,
      H: d.size[0],
      W: d.size[1],
      kernel: d.kernel,
      stride: d.stride,
      dilation: d.dilation,
      padding,
    };
    const layer = { ...FIRST, ...g, mode: d.mode, groups: d.groups, flip: d.flip };
    const s = fitted({ ...layer, x: [], w: [], b: [], dy: [] }, FIRST);
    let at = 0;
    const draw = (values: readonly number[]): number[] => values.map(() => d.numbers[at++ % d.numbers.length]);
    return { ...s, x: draw(s.x), w: draw(s.w), b: draw(s.b), dy: draw(s.dy) };
  })
  .filter((s) => misfit(s) === undefined);

describe("the page's sums", () => {
  it("give what handgrad's kernels give: y, dx and dw of any layer", () => {
    fc.assert(
      fc.property(states, (s) => {
        // A mean is rounded to float32 by the kernels; all else is exact.
        expect(kernelDistance(s, trace(s, s))).toBeLessThanOrEqual(s.op === "avg" ? 1e-4 : 0);
      }),
      { numRuns: 400 },
    );
  });

  it("are made of the terms that are shown: every sum is the value beside it", () => {
    fc.assert(
      fc.property(states, (s) => {
        const run = trace(s, s);
        for (const grid of ["y", "dx", "dw"] as const) {
          run[grid].forEach((value, index) => {
            const sum = sumOf(s, run, { grid, index });
            const total =
              sum.largestOf === undefined
                ? sum.terms.reduce((so, { a, b }) => so + a * b, sum.bias)
                : Math.max(...sum.largestOf);
            expect(Math.abs(total - value)).toBeLessThan(1e-9);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it("are collected window by window: after the last one the shares are the gradients", () => {
    fc.assert(
      fc.property(states, (s) => {
        const run = trace(s, s);
        const { dx, dw } = collected(run, s, run.y.length);
        dx.forEach((value, n) => expect(Math.abs(value - run.dx[n])).toBeLessThan(1e-9));
        dw.forEach((value, n) => expect(Math.abs(value - run.dw[n])).toBeLessThan(1e-9));
        expect(collected(run, s, 0).dx.every((value) => value === 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("agree with finite differences, and a wrong gradient does not", () => {
    fc.assert(
      fc.property(states, (s) => {
        const run = trace(s, s);
        expect(compare(s, s, "x", run.dx).worst).toBeLessThan(AGREES);
        expect(compare(s, s, "w", run.dw).worst).toBeLessThan(AGREES);
      }),
      { numRuns: 30 },
    );
    const { dx } = trace(FIRST, FIRST);
    const wrong = (value: number): number[] => dx.map((right, n) => (n === 4 ? value : right));
    expect(compare(FIRST, FIRST, "x", wrong(dx[4] + 0.01)).worst).toBeCloseTo(0.01, 6);
    expect(compare(FIRST, FIRST, "x", wrong(NaN)).worst).toBe(Infinity);
  });

  it("have no derivative at a tie of a max pooling, and say so", () => {
    const s = { ...preset("lesson2pool"), x: [4, 4, 2, 1] };
    expect([0, 1, 2, 3].map((n) => isTie(s, s, n))).toEqual([true, true, false, false]);
    expect(difference(s, s, "x", 0)).toBeCloseTo(0.5, 9); // neither 1, the switch's gradient, nor 0
    expect(compare(s, s, "x", trace(s, s).dx)).toMatchObject({ ties: 2, worst: expect.closeTo(0, 9) });
  });

  it("lay a gradient out as a convolution: what lies under the marks adds up to the number shown", () => {
    fc.assert(
      fc.property(states, (drawn) => {
        if (drawn.op !== "conv") return;
        const s = { ...drawn, view: "cells" as const };
        const run = trace(s, s);
        for (let t = run.y.length + 1; t <= stepsOf(s); t++) {
          const at = { ...s, t };
          const cell = cellOfStep(at, run);
          const { inputGrad, weightGrad } = sceneOf(at, run);
          const laid = cell.grid === "dx" ? inputGrad.dy : weightGrad.laid;
          const products = laid.flatMap((grid) => grid.rows.flat()).filter((c) => c.sub !== undefined);
          const number = (text: string): number => Number(text.replace("−", "-"));
          const sum = products.reduce((so, c) => so + number(c.text) * number(c.sub!.slice(1)), 0);
          expect(sum).toBe(run[cell.grid as "dx" | "dw"][cell.index]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("lessons", () => {
  it("lesson 4: the four steps give 10, 13, 19, 22", () => {
    const s = fromQuery("").state;
    const run = trace(s, s);
    expect(run.y).toEqual([10, 13, 19, 22]);
    expect(run.windows.map((window) => window.map(({ x }) => s.x[x]))).toEqual([[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]); // prettier-ignore
  });

  it("lesson 4: max pooling of the same windows takes 5, 6, 8, 9", () => {
    const s = preset("lesson4pool");
    const run = trace(s, s);
    expect(run.y).toEqual([5, 6, 8, 9]);
    expect(run.windows.map((window, n) => window[run.switches[n]].x)).toEqual([4, 5, 7, 8]);
  });

  it("lesson 5: the filter on the 5x5 image gives 8 first, and [[8,9,8],[8,9,9],[6,6,5]]", () => {
    const s = preset("lesson5");
    expect(rows(trace(s, s).y, 3)).toEqual([[8, 9, 8], [8, 9, 9], [6, 6, 5]]); // prettier-ignore
  });

  it("lesson 1: a 5x5 image with a 3x3 filter gives 2x2 at stride 2", () => {
    expect(outputSize(preset("stride"))).toEqual([2, 2]);
    expect(outputSize(preset("lesson5"))).toEqual([3, 3]);
  });

  it("lesson 2: same size with [[2,0],[0,0]] gives [[2,4,6],[8,10,12],[14,16,18]]", () => {
    const s = preset("lesson2same");
    expect(rows(trace(s, s).y, 3)).toEqual([[2, 4, 6], [8, 10, 12], [14, 16, 18]]); // prettier-ignore
    expect(rows(trace({ ...s, padding: [0, 0, 0, 0] }, s).y, 2)).toEqual([[2, 4], [8, 10]]); // prettier-ignore
  });

  it("lesson 2: the RGB image and two kernels give the two maps", () => {
    const s = preset("lesson2rgb");
    const y = rows(trace(s, s).y, 3);
    expect(y.slice(0, 3)).toEqual([[3, -1, 3], [-2, 0, 2], [1, 3, 4]]); // prettier-ignore
    expect(y.slice(3)).toEqual([[7, 5, 7], [2, 6, 7], [5, 7, 8]]); // prettier-ignore
  });

  it("lesson 2: max pooling of [[4,3],[2,1]] gives 4", () => {
    const s = preset("lesson2pool");
    expect(trace(s, s).y).toEqual([4]);
  });

  it("lesson 1: dL/dw1 = x1 d1 + x2 d2 + x3 d3", () => {
    const s = fromQuery("x=2,3,5,7&w=1,1&dy=10,20,30").state;
    const run = trace(s, s);
    expect(sumOf(s, run, { grid: "dw", index: 0 })).toMatchObject({ terms: [{ a: 2, b: 10 }, { a: 3, b: 20 }, { a: 5, b: 30 }], value: 230 }); // prettier-ignore
  });
});
