// What the page shows, as an object and as the query of a URL: ?op=conv&x=1,2;3,4&w=1,0;1,1&t=2. Only what differs from the
// first state is written. What cannot be read is left out and named.
import { misfit, outputSize, type Geometry, type Mode, type Op, type Pair, type Sides } from "../math/geometry.js";
import type { Given } from "../math/trace.js";

export type GridName = "x" | "w" | "y" | "dy" | "dx" | "dw";
/** One number on the page, by its index in the flat array. */
export interface Cell {
  readonly grid: GridName;
  readonly index: number;
}
/** By window: what each window adds. By cell: each result as a sum of its own, the gradients as convolutions. */
export type View = "windows" | "cells";

export interface StepState extends Geometry, Given {
  readonly view: View;
  /** The step shown, from 1. */
  readonly t: number;
  readonly pin: Cell | undefined;
}

export const LIMITS = { size: 8, channels: 4, kernel: 5, stride: 4, dilation: 3, padding: 4 } as const;

/** Lesson 4: a 3x3 image, the kernel [[1,0],[1,1]], four steps. */
export const FIRST: StepState = {
  ...{ op: "conv", C: 1, H: 3, W: 3, O: 1, kernel: [2, 2], stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] },
  ...{ mode: "zeros", groups: 1, flip: false, view: "windows", t: 1, pin: undefined },
  x: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  w: [1, 0, 1, 1],
  b: [0],
  dy: [1, 1, 1, 1],
};

/** How many numbers each array has. */
export function lengths(g: Geometry): Record<keyof Given, number> {
  const [OH, OW] = misfit(g) === undefined ? outputSize(g) : [0, 0];
  const conv = g.op === "conv";
  return {
    x: g.C * g.H * g.W,
    w: conv ? g.O * Math.floor(g.C / g.groups) * g.kernel[0] * g.kernel[1] : 0,
    b: conv ? g.O : 0,
    dy: g.O * OH * OW,
  };
}

/** How many steps the slider has. */
export function stepsOf(s: StepState): number {
  const count = lengths(s);
  return s.view === "windows" ? count.dy : count.dy + count.w + count.x;
}

/** The state with arrays of the right lengths: what was there stays in its place, what is new gets small numbers. */
export function fitted(
  next: Geometry & Partial<Given> & Omit<StepState, keyof Geometry | keyof Given>,
  before: StepState,
): StepState {
  const g = next.op === "conv" ? next : { ...next, ...poolOptions(next) };
  const count = lengths(g);
  const planes = (shape: readonly number[]): readonly number[] => [shape[0] * shape[1], shape[2], shape[3]];
  const old = {
    x: planes([1, before.C, before.H, before.W]),
    w: planes([before.O, Math.floor(before.C / before.groups), ...before.kernel]),
  };
  const moved = (values: readonly number[], from: readonly number[], to: readonly number[], fill: Fill): number[] =>
    Array.from({ length: to[0] * to[1] * to[2] }, (_, n) => {
      const [plane, row, column] = [Math.floor(n / (to[1] * to[2])), Math.floor(n / to[2]) % to[1], n % to[2]];
      const known = plane < from[0] && row < from[1] && column < from[2];
      const index = (plane * from[1] + row) * from[2] + column;
      return known && index < values.length ? values[index] : fill(plane, row, column);
    });
  const x = next.x?.length === count.x ? next.x : moved(before.x, old.x, planes([1, g.C, g.H, g.W]), someImage);
  const perGroup = Math.floor(g.C / g.groups);
  const w = count.w === 0 ? [] : next.w?.length === count.w ? next.w
    : moved(before.w, old.w, planes([g.O, perGroup, ...g.kernel]), someKernel); // prettier-ignore
  const b = Array.from({ length: count.b }, (_, o) => next.b?.[o] ?? 0);
  const dy = next.dy?.length === count.dy ? next.dy : new Array<number>(count.dy).fill(1);
  const s = { ...next, ...g, x, w, b, dy };
  const pinned = s.pin !== undefined && s.pin.index < sizeOfGrid(s, s.pin.grid) ? s.pin : undefined;
  return { ...s, pin: pinned, t: Math.max(1, Math.min(s.t, stepsOf(s))) };
}

// A pooling has a plane of output for each plane of the image, and the same padding above and below.
function poolOptions({ op, C, dilation, padding: [top, , left] }: Geometry): Partial<Geometry> {
  const rest = { O: C, groups: 1, flip: false, mode: "zeros" as Mode, padding: [top, top, left, left] as Sides };
  return op === "avg" ? { ...rest, dilation: [1, 1] } : { ...rest, dilation };
}

type Fill = (plane: number, row: number, column: number) => number;
const someImage: Fill = (plane, row, column) => ((row * 3 + column * 5 + plane * 4 + row * column) % 9) + 1;
const someKernel: Fill = (plane, row, column) => ((row * 2 + column * 3 + plane * 2 + 1) % 3) - 1;

/** How many numbers a grid shows. */
export function sizeOfGrid(s: StepState, grid: GridName): number {
  const count = lengths(s);
  return { x: count.x, dx: count.x, w: count.w, dw: count.w, y: count.dy, dy: count.dy }[grid];
}

/** The query of a state, without the question mark. */
export function toQuery(s: StepState): string {
  const out = new URLSearchParams();
  const put = (name: string, value: string, first: string): void => {
    if (value !== first) out.set(name, value);
  };
  const planes = (values: readonly number[], rows: number, columns: number): string =>
    chunk(values, rows * columns).map((p) => chunk(p, columns).join(";")).join("|"); // prettier-ignore
  put("op", s.op, FIRST.op);
  put("x", planes(s.x, s.H, s.W), "1,2,3;4,5,6;7,8,9");
  if (s.op === "conv") {
    put("w", planes(s.w, ...s.kernel), "1,0;1,1");
    put("o", String(s.O), "1");
    if (s.b.some((v) => v !== 0)) put("b", s.b.join(), "");
    put("g", String(s.groups), "1");
    put("mode", s.mode, "zeros");
    put("flip", s.flip ? "1" : "", "");
  } else put("k", s.kernel.join(), "");
  put("s", s.stride.join(), "1,1");
  put("d", s.dilation.join(), "1,1");
  put("p", s.padding.join(), "0,0,0,0");
  const [OH, OW] = misfit(s) === undefined ? outputSize(s) : [1, 1];
  if (s.dy.some((v) => v !== 1)) put("dy", planes(s.dy, OH, OW), "");
  put("view", s.view, "windows");
  put("t", String(s.t), "1");
  if (s.pin !== undefined) put("pin", `${s.pin.grid}:${s.pin.index}`, "");
  // Commas, semicolons, colons and bars are allowed in a query and keep it readable.
  return out.toString().replace(/%2C/g, ",").replace(/%3B/g, ";").replace(/%7C/g, "|").replace(/%3A/g, ":");
}

const chunk = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size));

/** Reads a query. `wrong` names the fields that were left out because they could not be read. */
export function fromQuery(query: string): { state: StepState; wrong: string[] } {
  const q = new URLSearchParams(query);
  const wrong: string[] = [];
  function field<T>(name: string, read: (text: string) => T | undefined, first: T): T {
    const text = q.get(name);
    if (text === null) return first;
    const value = read(text);
    if (value === undefined) wrong.push(name);
    return value ?? first;
  }
  const choice = <T extends string>(...all: T[]) => (text: string): T | undefined => all.find((one) => one === text); // prettier-ignore
  const pair = (least: number, most: number) => (text: string): Pair | undefined => {
    const list = wholeNumbers(text, least, most);
    if (list?.length === 1) return [list[0], list[0]];
    return list?.length === 2 ? [list[0], list[1]] : undefined;
  }; // prettier-ignore
  const op = field<Op>("op", choice("conv", "max", "avg"), FIRST.op);
  const x = field("x", (text) => readPlanes(text, LIMITS.size, LIMITS.channels), {
    planes: 1,
    rows: 3,
    columns: 3,
    values: FIRST.x,
  });
  const w = field("w", (text) => readPlanes(text, LIMITS.kernel, LIMITS.channels ** 2), {
    planes: 1,
    rows: 2,
    columns: 2,
    values: FIRST.w,
  });
  const small = (least: number, most: number) => (text: string): number | undefined => wholeNumbers(text, least, most)?.[0]; // prettier-ignore
  const kernel = op === "conv" ? ([w.rows, w.columns] as const) : field("k", pair(1, LIMITS.kernel), [2, 2] as const);
  const state = fitted(
    {
      ...{ op, C: x.planes, H: x.rows, W: x.columns, kernel, x: x.values, w: w.values },
      O: field("o", small(1, LIMITS.channels), 1),
      groups: field("g", small(1, LIMITS.channels), 1),
      stride: field("s", pair(1, LIMITS.stride), FIRST.stride),
      dilation: field("d", pair(1, LIMITS.dilation), FIRST.dilation),
      padding: field("p", readSides, FIRST.padding),
      mode: field<Mode>("mode", choice("zeros", "circular", "reflect", "replicate"), "zeros"),
      flip: field("flip", choice("1"), "" as string) === "1",
      b: field("b", numbers, [] as readonly number[]),
      dy: field("dy", (text) => numbers(text.replace(/[;|]/g, ",")), [] as readonly number[]),
      view: field<View>("view", choice("windows", "cells"), "windows"),
      t: field("t", small(1, 1e6), 1),
      pin: field("pin", readCell, undefined as Cell | undefined),
    },
    FIRST,
  );
  const lost = misfit(state);
  if (lost !== undefined) return { state: FIRST, wrong: [...wrong, lost] };
  // Numbers that were given and do not fit the sizes were replaced: say so.
  for (const name of ["w", "dy"] as const) {
    const given = name === "w" ? w.values.length : (q.get("dy") ?? "").split(/[,;|]/).length;
    if (q.has(name) && given !== state[name].length && !wrong.includes(name)) wrong.push(name);
  }
  return { state, wrong };
}

function numbers(text: string): readonly number[] | undefined {
  const list = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return list.every(Number.isFinite) ? list : undefined;
}

function wholeNumbers(text: string, least: number, most: number): readonly number[] | undefined {
  const list = numbers(text);
  return list?.every((n) => Number.isInteger(n) && n >= least && n <= most) === true ? list : undefined;
}

function readSides(text: string): Sides | undefined {
  const list = wholeNumbers(text, 0, LIMITS.padding);
  if (list?.length === 1) return [list[0], list[0], list[0], list[0]];
  if (list?.length === 2) return [list[0], list[0], list[1], list[1]];
  return list?.length === 4 ? [list[0], list[1], list[2], list[3]] : undefined;
}

function readCell(text: string): Cell | undefined {
  const [grid, index] = text.split(":");
  if (!["x", "w", "y", "dy", "dx", "dw"].includes(grid) || !/^\d+$/.test(index ?? "")) return undefined;
  return { grid: grid as GridName, index: Number(index) };
}

interface Planes {
  readonly planes: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

function readPlanes(text: string, size: number, most: number): Planes | undefined {
  const planes = text.split("|").map((plane) => plane.split(";").map(numbers));
  const [rows, columns] = [planes[0].length, planes[0][0]?.length ?? 0];
  const even = planes.every((plane) => plane.length === rows && plane.every((row) => row?.length === columns));
  if (!even || rows > size || columns < 1 || columns > size || planes.length > most) return undefined;
  return { planes: planes.length, rows, columns, values: planes.flat().flatMap((row) => row ?? []) };
}
