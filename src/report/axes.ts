// The ground of a chart: two axes with their ticks, and the texts beside them. d3-scale says where ticks are and what they are
// called. The marks of the axes are written here, because d3-axis writes them into a document and a report has none yet.
import type { ScaleContinuousNumeric } from "d3-scale";
import { markup, type Html } from "./html.js";
import type { Tools } from "./tools.js";
import { short } from "./words.js";

/** The numbers that a chart shows, and the words at its axes. */
export interface Frame {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly xLabel: string;
  readonly yLabel: string;
  /** Whether y is drawn by its powers of ten. */
  readonly log?: boolean;
  /** Whether x counts something, so that there is no tick between two of them. */
  readonly counts?: boolean;
}

type Scale = ScaleContinuousNumeric<number, number>;

/** Scales of a chart, and its ground. */
export interface Axes {
  readonly toX: Scale;
  readonly toY: Scale;
  readonly ground: Html;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

// Of the ground, in the units of the drawing.
const PLACES = { width: 430, height: 260, left: 54, right: 416, top: 26, bottom: 220 };

/** Axes for what is to be shown. */
export function axes(tools: Tools, { x, y, xLabel, yLabel, log = false, counts = false }: Frame): Axes {
  const { height, left, right, top, bottom } = PLACES;
  const toX: Scale = tools.scaleLinear(widened(x), [left, right]);
  const toY: Scale = (log ? tools.scaleLog() : tools.scaleLinear()).domain(log ? y : widened(y)).range([bottom, top]);
  if (log && y[0] === y[1]) toY.domain([y[0] / 2, y[0] * 2]);
  else if (!log) toY.nice(5);
  const xTicks = toX.ticks(5).filter((tick) => !counts || Number.isInteger(tick));
  const ground = markup`
    <g class="ground">
      ${yTicks(toY, log).map((tick) => yMark(round(toY(tick)), short(tick)))}
      ${xTicks.map((tick) => xMark(round(toX(tick)), short(tick)))}
      <text x="${round((left + right) / 2)}" y="${height - 4}" class="mid">${xLabel}</text>
      <text x="4" y="13">${yLabel}</text>
    </g>
  `;
  return { toX, toY, ground, ...PLACES };
}

function yMark(at: number, words: string): Html {
  const { left, right } = PLACES;
  return markup`
    <line x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>
    <text x="${left - 7}" y="${at}" dy="0.33em" class="end">${words}</text>
  `;
}

function xMark(at: number, words: string): Html {
  const { bottom } = PLACES;
  return markup`
    <line x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>
    <text x="${at}" y="${bottom + 18}" class="mid">${words}</text>
  `;
}

/** A place in a drawing: a tenth of a unit is finer than a screen. */
export function round(place: number): number {
  return Math.round(place * 10) / 10;
}

// A chart of a single number has some room around it.
function widened([low, high]: readonly [number, number]): [number, number] {
  if (low !== high) return [low, high];
  const room = low === 0 ? 1 : Math.abs(low) / 10;
  return [low - room, high + room];
}

// Powers of ten, with 2 and 5 between them where there are few: at most seven.
function yTicks(scale: Scale, log: boolean): number[] {
  if (!log) return scale.ticks(5);
  const all = scale.ticks(30);
  const powers = all.filter((tick) => tick.toExponential().startsWith("1e"));
  const between = all.filter((tick) => /^[125]e/.test(tick.toExponential()));
  const used = powers.length >= 3 ? powers : between.length >= 2 ? between : all;
  const every = Math.ceil(used.length / 7);
  return used.filter((_, i) => i % every === 0);
}
