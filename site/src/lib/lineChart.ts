// A chart of lines as SVG: d3 computes scales and paths, lit draws. Its table and sentence stand beside it, in the page.
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { html, svg, type TemplateResult } from "lit";

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** "x", "w" or "y": the color of the page's arrays; "soft" for company. */
  readonly hue: "x" | "w" | "y" | "soft" | "bad";
  readonly dashed?: boolean;
  readonly dots?: boolean;
}

export interface LineChart {
  readonly lines: readonly Line[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly log?: boolean;
  /** A vertical line at this x. */
  readonly at?: number;
  readonly height?: number;
}

const [WIDTH, LEFT, RIGHT, TOP, BOTTOM] = [560, 52, 14, 12, 40];

/** The chart, hidden from screen readers: they have the sentence and the table. */
export function lineChart({
  lines,
  x,
  y,
  xLabel,
  yLabel = "",
  log = false,
  at,
  height = 300,
}: LineChart): TemplateResult {
  const toX = scaleLinear(x, [LEFT, WIDTH - RIGHT]);
  const toY = (log ? scaleLog() : scaleLinear()).domain(y).range([height - BOTTOM, TOP]);
  const inside = (value: number): boolean => value >= Math.min(...y) && value <= Math.max(...y);
  const path = line<readonly [number, number]>(
    ([u]) => toX(u),
    ([, v]) => toY(v),
  ).defined(([, v]) => Number.isFinite(v) && (!log || v > 0) && inside(v));
  const ticks = log
    ? toY.ticks(5).filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6))
    : toY.ticks(6);
  const every = Math.ceil(ticks.length / 7);
  const write = log ? (tick: number): string => `1e${Math.round(Math.log10(tick))}` : toY.tickFormat(6);
  return html`
    <div class="chart" aria-hidden="true">
      <svg viewBox="0 0 ${WIDTH} ${height}">
        ${ticks.filter((_, n) => n % every === 0).map((tick) => svg`<g class="tick"><line x1=${LEFT} x2=${WIDTH - RIGHT} y1=${toY(tick)} y2=${toY(tick)} /><text x=${LEFT - 8} y=${toY(tick)} dy="0.32em" text-anchor="end">${write(tick)}</text></g>`)}
        ${toX.ticks(7).map((tick) => svg`<g class="tick"><line x1=${toX(tick)} x2=${toX(tick)} y1=${TOP} y2=${height - BOTTOM} /><text x=${toX(tick)} y=${height - BOTTOM + 18} text-anchor="middle">${toX.tickFormat(7)(tick)}</text></g>`)}
        <text class="axis" x=${(LEFT + WIDTH - RIGHT) / 2} y=${height - 4} text-anchor="middle">${xLabel}</text>
        <text class="axis" x=${LEFT} y=${TOP - 2} text-anchor="start">${yLabel}</text>
        ${at === undefined ? "" : svg`<line class="at" x1=${toX(at)} x2=${toX(at)} y1=${TOP} y2=${height - BOTTOM} />`}
        ${lines.map(({ points, hue, dashed, dots }) => svg`<path class="line ${hue} ${dashed === true ? "dashed" : ""}" d=${path(points) ?? ""} />${dots === true ? points.filter(([, v]) => inside(v)).map(([u, v]) => svg`<circle class=${hue} cx=${toX(u)} cy=${toY(v)} r="3" />`) : ""}`)}
      </svg>
      <div class="legend">${lines.map(({ name, hue, dashed }) => html`<span class="key ${hue} ${dashed === true ? "dashed" : ""}"><i></i>${name}</span>`)}</div>
    </div>
  `; // prettier-ignore
}
