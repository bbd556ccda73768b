// Small sums written out: which products a number of the page is made of, as data. Words and markup are elsewhere.
import type { Share, Trace } from "../math/trace.js";
import type { Cell, StepState } from "./state.js";

/** A product in a sum: its two numbers and whose they are. */
export interface Term {
  readonly a: number;
  readonly of: "x" | "w" | "y";
  readonly b: number;
  readonly by: "x" | "w" | "y";
}

/** A number as the sum of products, and what is added at the end. */
export interface Sum {
  readonly name: string;
  readonly terms: readonly Term[];
  /** A convolution's bias; 0 elsewhere. */
  readonly bias: number;
  /** Of a max pooling: the numbers of which the largest is taken. */
  readonly largestOf: readonly number[] | undefined;
  readonly value: number;
}

/** "y[0, 1, 2]": the name of an entry with its indices. */
export function nameOf(s: StepState, size: readonly [number, number], { grid, index }: Cell): string {
  const shape = shapeOf(s, size, grid);
  const at: number[] = [];
  let rest = index;
  for (const length of [...shape].reverse()) {
    at.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `${grid}[${at.join(", ")}]`;
}

/** The shape of a grid's array, without the batch. */
export function shapeOf(s: StepState, size: readonly [number, number], grid: Cell["grid"]): number[] {
  if (grid === "x" || grid === "dx") return [s.C, s.H, s.W];
  if (grid === "w" || grid === "dw") return [s.O, s.C / s.groups, ...s.kernel];
  return [s.O, ...size];
}

/** The sum behind an entry of y, dx or dw. */
export function sumOf(s: StepState, run: Trace, cell: Cell): Sum {
  const name = nameOf(s, run.size, cell);
  const none = { bias: 0, largestOf: undefined };
  if (cell.grid === "y") return { name, ...ofOutput(s, run, cell.index), value: run.y[cell.index] };
  if (cell.grid === "dx") {
    const terms = run.toX[cell.index].map((share) => flowing(s, share));
    return { name, ...none, terms, value: run.dx[cell.index] };
  }
  if (cell.grid === "dw") {
    const terms = run.toW[cell.index].map((share): Term => ({
      a: share.x < 0 ? 0 : s.x[share.x],
      of: "x",
      b: s.dy[share.y],
      by: "y",
    }));
    return { name, ...none, terms, value: run.dw[cell.index] };
  }
  return { name, ...none, terms: [], value: s[cell.grid][cell.index] };
}

function flowing(s: StepState, share: Share): Term {
  return { a: s.dy[share.y], of: "y", b: share.factor, by: "w" };
}

function ofOutput(s: StepState, run: Trace, n: number): Pick<Sum, "terms" | "bias" | "largestOf"> {
  const window = run.windows[n];
  const value = (x: number): number => (x < 0 ? 0 : s.x[x]);
  if (s.op === "max") {
    const largestOf = window.map(({ x }) => (x < 0 ? -Infinity : s.x[x]));
    return { terms: [], bias: 0, largestOf };
  }
  const terms = window.map(({ x }, k): Term => ({ a: value(x), of: "x", b: run.factors[n][k], by: "w" }));
  const bias = s.op === "conv" ? s.b[Math.floor(n / (run.size[0] * run.size[1]))] : 0;
  return { terms, bias, largestOf: undefined };
}

/** Which entry a step of the slider computes. */
export function cellOfStep(s: StepState, run: Trace): Cell {
  const n = s.t - 1;
  if (s.view === "windows" || n < run.y.length) return { grid: "y", index: Math.min(n, run.y.length - 1) };
  if (n < run.y.length + run.dx.length) return { grid: "dx", index: n - run.y.length };
  return { grid: "dw", index: n - run.y.length - run.dx.length };
}
