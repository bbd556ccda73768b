// What each grid of the page shows at a step: numbers and marks, as data. Drawn by grids.ts.
import { framed, source, type Geometry } from "../math/geometry.js";
import { collected, type Trace } from "../math/trace.js";
import { num } from "../lib/format.js";
import { cellOfStep } from "./lists.js";
import type { Cell, GridName, StepState } from "./state.js";

/** under: beneath the window. now: computed at this step. later: not computed yet. ghost: padding. switch: the maximum. */
export type Mark = "under" | "now" | "later" | "ghost" | "switch" | "pinned";

export interface CellModel {
  readonly text: string;
  /** What meets this number, in small type. */
  readonly sub?: string | undefined;
  /** -1 where the cell is no entry of an array: padding, and the zeros of a spread gradient. */
  readonly index: number;
  readonly marks: readonly Mark[];
  /** 0 to 1: how strong its color is. */
  readonly heat: number;
}

export interface GridModel {
  readonly grid: GridName;
  /** Which picture of that array: as it is, or laid out for a convolution. */
  readonly kind: "plain" | "spread" | "framed";
  /** [channel], or [out, in] of a kernel. */
  readonly plane: readonly number[];
  /** Number of the first row and column: negative with padding. */
  readonly from: readonly [number, number];
  readonly rows: readonly (readonly CellModel[])[];
  /** Not concerned at this step. */
  readonly idle: boolean;
}

export interface Scene {
  readonly forward: { readonly image: GridModel[]; readonly kernels: GridModel[]; readonly output: GridModel[] };
  readonly inputGrad: { readonly dy: GridModel[]; readonly dx: GridModel[] };
  readonly weightGrad: { readonly laid: GridModel[]; readonly dw: GridModel[] };
}

/** All grids at the state's step. */
export function sceneOf(s: StepState, run: Trace): Scene {
  const cell = cellOfStep(s, run);
  const windows = s.view === "windows";
  const done = {
    y: cell.grid === "y" ? cell.index + 1 : run.y.length,
    dx: windows ? run.dx.length : cell.grid === "dx" ? cell.index + 1 : cell.grid === "dw" ? run.dx.length : 0,
    dw: windows ? run.dw.length : cell.grid === "dw" ? cell.index + 1 : 0,
  };
  const n = cell.grid === "y" ? cell.index : -1;
  const window = n < 0 ? [] : run.windows[n];
  const winner = n < 0 || s.op !== "max" ? -1 : window[run.switches[n]].x;
  const o = n < 0 ? -1 : Math.floor(n / (run.size[0] * run.size[1]));
  const grown = windows ? collected(run, s, cell.index + 1) : { dx: run.dx, dw: run.dw };
  const pin = (grid: GridName, index: number): Mark[] =>
    s.pin !== undefined && s.pin.grid === grid && s.pin.index === index ? ["pinned"] : [];
  const make = new Maker(s, run, pin);

  const underFrame = new Set(
    window.map((tap) => `${channelOf(s, o, tap.x, window.indexOf(tap))}:${tap.row}:${tap.column}`),
  );
  const touched = new Set(window.map(({ x }) => x));
  const image = make.frames(
    (c, row, column, x) =>
      underFrame.has(`${c}:${row}:${column}`) ? (x === winner && x >= 0 ? ["under", "switch"] : ["under"]) : [],
    () => undefined,
  );
  const perKernel = (s.C / s.groups) * s.kernel[0] * s.kernel[1];
  const kernels = make.plain("w", s.w, (index) => (n >= 0 && Math.floor(index / perKernel) === o ? ["under"] : []), (index) =>
    n >= 0 && Math.floor(index / perKernel) !== o,
  ); // prettier-ignore
  const output = make.plain("y", run.y, (i) => (i >= done.y ? ["later"] : i === n ? ["now"] : []));

  const isConv = s.op === "conv";
  const active = cell.grid === "dx" ? run.toX[cell.index] : [];
  const dyMarks = (i: number): Mark[] =>
    i === n && windows ? ["now"] : active.some(({ y }) => y === i) ? ["under"] : [];
  const dy = isConv && !windows ? make.spread(cell) : make.plain("dy", s.dy, dyMarks);
  // Not yet: it has no share, and a window to come still reads it.
  const pending = (index: number): boolean =>
    !run.toX[index].some(({ y }) => y <= cell.index) &&
    run.windows.slice(cell.index + 1).some((taps) => taps.some(({ x }) => x === index));
  const dx = make.plain("dx", windows ? grown.dx : run.dx, (i) => {
    if (!windows) return i >= done.dx ? ["later"] : cell.grid === "dx" && i === cell.index ? ["now"] : [];
    const here = s.op === "max" ? i === winner : touched.has(i);
    return here ? ["under"] : pending(i) ? ["later"] : [];
  });

  const seenW = (index: number): boolean => run.toW[index].some(({ y }) => y <= cell.index);
  const dw = make.plain("dw", windows ? grown.dw : run.dw, (i) => {
    if (!windows) return i >= done.dw ? ["later"] : cell.grid === "dw" && i === cell.index ? ["now"] : [];
    return Math.floor(i / perKernel) === o ? ["under"] : seenW(i) ? [] : ["later"];
  });
  const laid = isConv && !windows ? make.laid(cell) : [];
  return { forward: { image, kernels, output }, inputGrad: { dy, dx }, weightGrad: { laid, dw } };
}

// The channel of a window's tap: that of its number, or by its place where it lies in the padding.
function channelOf(s: Geometry, o: number, x: number, t: number): number {
  if (x >= 0) return Math.floor(x / (s.H * s.W));
  if (s.op !== "conv") return o;
  const perGroup = s.C / s.groups;
  return Math.floor(o / (s.O / s.groups)) * perGroup + Math.floor(t / (s.kernel[0] * s.kernel[1]));
}

class Maker {
  readonly #s: StepState;
  readonly #run: Trace;
  readonly #pin: (grid: GridName, index: number) => Mark[];

  constructor(s: StepState, run: Trace, pin: (grid: GridName, index: number) => Mark[]) {
    this.#s = s;
    this.#run = run;
    this.#pin = pin;
  }

  /** An array as it is, one grid a plane. */
  plain(
    grid: GridName,
    values: readonly number[],
    marks: (i: number) => Mark[],
    idle = (_: number): boolean => false,
  ): GridModel[] {
    const s = this.#s;
    const [H, W] =
      grid === "w" || grid === "dw" ? s.kernel : grid === "x" || grid === "dx" ? [s.H, s.W] : this.#run.size;
    const most = largestOf(values);
    return Array.from({ length: values.length / (H * W) }, (_, p) => ({
      ...{ grid, kind: "plain" as const, from: [0, 0] as const, idle: idle(p * H * W) },
      plane: grid === "w" || grid === "dw" ? [Math.floor(p / (s.C / s.groups)), p % (s.C / s.groups)] : [p],
      rows: Array.from({ length: H }, (_, i) =>
        Array.from({ length: W }, (_, j) => {
          const index = (p * H + i) * W + j;
          const all = [...marks(index), ...this.#pin(grid, index)];
          const later = all.includes("later");
          return {
            text: later ? "·" : num(values[index]),
            index,
            marks: all,
            heat: later ? 0 : Math.abs(values[index]) / most,
          };
        }),
      ),
    }));
  }

  /** The image with its padding, one grid a channel. */
  frames(
    marks: (c: number, row: number, column: number, x: number) => Mark[],
    sub: (c: number, row: number, column: number) => string | undefined,
    kind: "plain" | "framed" = "plain",
  ): GridModel[] {
    const s = this.#s;
    const [rows, columns] = framed(s);
    const most = largestOf(s.x);
    return Array.from({ length: s.C }, (_, c) => ({
      ...{ grid: "x" as const, kind, plane: [c], from: [-s.padding[0], -s.padding[2]] as const, idle: false },
      rows: Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_, column): CellModel => {
          const [i, j] = [row - s.padding[0], column - s.padding[2]];
          const inside = i >= 0 && i < s.H && j >= 0 && j < s.W;
          const [h, w] = [source(i, s.H, s.mode), source(j, s.W, s.mode)];
          const x = h < 0 || w < 0 ? -1 : (c * s.H + h) * s.W + w;
          const value = x < 0 ? 0 : s.x[x];
          const pinned = x >= 0 ? this.#pin("x", x) : [];
          return {
            text: x < 0 && s.op === "max" ? "−∞" : num(value),
            sub: sub(c, row, column),
            index: inside ? x : -1,
            marks: [...(inside ? [] : ["ghost" as const]), ...marks(c, row, column, x), ...pinned],
            heat: Math.abs(value) / most,
          };
        }),
      ),
    }));
  }

  /** dy as the gradient of the image reads it: spread by the stride, with a border, the turned kernel laid on. */
  spread(cell: Cell): GridModel[] {
    const s = this.#s;
    const [OH, OW] = this.#run.size;
    const reach = [s.dilation[0] * (s.kernel[0] - 1), s.dilation[1] * (s.kernel[1] - 1)];
    // With zeros around the image only the real entries have a gradient: the rest of the border is cut off.
    const cut = s.mode === "zeros" ? s.padding : [0, 0, 0, 0];
    const [rows, columns] = framed(s);
    const high = rows - cut[0] - cut[1] + reach[0];
    const wide = columns - cut[2] - cut[3] + reach[1];
    const laid = this.#laidKernel(cell, [cut[0], cut[2]]);
    const most = largestOf(s.dy);
    return Array.from({ length: s.O }, (_, o) => ({
      ...{ grid: "dy" as const, kind: "spread" as const, plane: [o], from: [0, 0] as const },
      idle: cell.grid === "dx" && !laid.has(`${o}`),
      rows: Array.from({ length: high }, (_, row) =>
        Array.from({ length: wide }, (_, column): CellModel => {
          const [i, j] = [(row + cut[0] - reach[0]) / s.stride[0], (column + cut[2] - reach[1]) / s.stride[1]];
          const real = Number.isInteger(i) && Number.isInteger(j) && i >= 0 && i < OH && j >= 0 && j < OW;
          const index = real ? (o * OH + i) * OW + j : -1;
          const weight = laid.get(`${o}:${row}:${column}`);
          const marks: Mark[] = [
            ...(real ? [] : ["ghost" as const]),
            ...(weight === undefined ? [] : ["under" as const]),
          ];
          return {
            text: real ? num(s.dy[index]) : "0",
            sub: weight === undefined ? undefined : `×${num(weight)}`,
            index,
            marks: real ? [...marks, ...this.#pin("dy", index)] : marks,
            heat: real ? Math.abs(s.dy[index]) / most : 0,
          };
        }),
      ),
    }));
  }

  // Which weight lies on which place of the spread gradient when an entry of dx is computed: the kernel turned around.
  #laidKernel(cell: Cell, cut: readonly [number, number]): Map<string, number> {
    const s = this.#s;
    const found = new Map<string, number>();
    if (cell.grid !== "dx") return found;
    const [c, h, w] = [Math.floor(cell.index / (s.H * s.W)), Math.floor(cell.index / s.W) % s.H, cell.index % s.W];
    const perGroup = s.C / s.groups;
    const outputs = s.O / s.groups;
    const group = Math.floor(c / perGroup);
    const places = (at: number, size: number, before: number, after: number): number[] =>
      Array.from({ length: before + size + after }, (_, p) => p).filter((p) => source(p - before, size, s.mode) === at);
    const [KH, KW] = s.kernel;
    for (let o = group * outputs; o < (group + 1) * outputs; o++) {
      found.set(`${o}`, 0);
      for (const row of places(h, s.H, s.padding[0], s.padding[1])) {
        for (const column of places(w, s.W, s.padding[2], s.padding[3])) {
          for (let k = 0; k < KH; k++) {
            for (let l = 0; l < KW; l++) {
              const [a, b] = s.flip ? [k, l] : [KH - 1 - k, KW - 1 - l];
              const weight = s.w[((o * perGroup + (c % perGroup)) * KH + a) * KW + b];
              const key = `${o}:${row - cut[0] + k * s.dilation[0]}:${column - cut[1] + l * s.dilation[1]}`;
              found.set(key, (found.get(key) ?? 0) + weight);
            }
          }
        }
      }
    }
    return found;
  }

  /** The image with dy laid on it, as far apart as the stride: the gradient of one weight is this window's sum. */
  laid(cell: Cell): GridModel[] {
    const run = this.#run;
    const on = new Map<string, string>();
    if (cell.grid === "dw") {
      const channel = this.#channelOfWeight(cell.index);
      for (const { y, tap } of run.toW[cell.index])
        on.set(`${channel}:${tap.row}:${tap.column}`, `×${num(this.#s.dy[y])}`);
    }
    const sub = (c: number, row: number, column: number): string | undefined => on.get(`${c}:${row}:${column}`);
    return this.frames((c, row, column) => (sub(c, row, column) === undefined ? [] : ["under"]), sub, "framed");
  }

  #channelOfWeight(index: number): number {
    const s = this.#s;
    const perGroup = s.C / s.groups;
    const plane = Math.floor(index / (s.kernel[0] * s.kernel[1]));
    const o = Math.floor(plane / perGroup);
    return Math.floor(o / (s.O / s.groups)) * perGroup + (plane % perGroup);
  }
}

function largestOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
}
