// A chart of lines as a figure: the drawing, which is hidden from screen readers, its legend, one sentence, and its table.
import { axes, round, type Axes } from "./axes.js";
import { markup, type Html } from "./html.js";
import { table, type Cell } from "./table.js";
import type { Tools } from "./tools.js";
import { short, type Points } from "./words.js";

/** A line. */
export interface Line {
  readonly name: string;
  readonly points: Points;
  /** Number of its color. */
  readonly color: number;
  /** How it is drawn; colors alone would not do for everybody. */
  readonly stroke?: "solid" | "dashed" | "dotted";
  /** Beside the line: for each x the lowest and the highest. */
  readonly band?: readonly (readonly [at: number, lowest: number, highest: number])[];
  /** Places that get a ring, such as the best epoch. */
  readonly rings?: readonly number[];
}

/** What a chart shows. */
export interface LineChart {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly xLabel: string;
  readonly sentence: string;
  readonly tableHead: readonly string[];
  readonly tableRows: readonly (readonly Cell[])[];
  /** Powers of ten, if the numbers allow it. */
  readonly log?: boolean;
  /** Whether the slider of epochs marks its place in the chart. */
  readonly follows?: boolean;
}

const MOST_DOTS = 40; // more would be a thick line

/** The figure. */
export function lineChart(tools: Tools, chart: LineChart): Html {
  const { title, sentence, tableHead, tableRows } = chart;
  return markup`
    <figure class="card">
      <h3>${title}</h3>
      ${drawing(tools, chart)}
      <figcaption>${sentence}</figcaption>
      <details><summary>Table: ${title}</summary>${table(title, tableHead, tableRows)}</details>
    </figure>
  `;
}

function drawing(tools: Tools, { lines, xLabel, log = false, follows = false }: LineChart): Html {
  const places = lines.flatMap(({ points }) => points.map(([at]) => at));
  const values = lines
    .flatMap(({ points, band = [] }) => [
      ...points.map(([, value]) => value),
      ...band.flatMap(([, low, high]) => [low, high]),
    ])
    .filter((value) => Number.isFinite(value));
  if (values.length === 0) return markup`<p class="soft">No finite value to draw.</p>`;
  const [lowX, highX] = extent(places);
  const [low, high] = extent(values);
  const isLog = log && low > 0;
  const ground = axes(tools, {
    x: [lowX, highX],
    y: [low, high],
    xLabel,
    yLabel: isLog ? "logarithmic" : "",
    log: isLog,
    counts: true,
  });
  const [from, to] = [ground.toX(lowX), ground.toX(highX)];
  const step = highX === lowX ? 0 : Math.round(((to - from) / (highX - lowX)) * 100) / 100;
  const marker =
    follows &&
    markup`
      <line class="at" hidden="" x1="${ground.left}" x2="${ground.left}" y1="${ground.top}" y2="${ground.bottom}"
        data-from="${round(from)}" data-step="${step}" data-first="${lowX}"/>
    `;
  const isKeyed = lines.length > 1 || lines[0].band !== undefined;
  return markup`
    <div class="chart">
      <svg viewBox="0 0 ${ground.width} ${ground.height}" aria-hidden="true" focusable="false">
        ${ground.ground}
        ${marker}
        ${lines.map((line) => drawn(tools, ground, line))}
      </svg>
      ${isKeyed && legend(lines)}
    </div>
  `;
}

function drawn(
  tools: Tools,
  { toX, toY }: Axes,
  { name, points, color, stroke = "solid", band, rings = [] }: Line,
): Html {
  const fits = (value: number): boolean => Number.isFinite(value) && Number.isFinite(toY(value));
  const path = tools
    .line<readonly [number, number]>()
    .digits(1)
    .defined(([, value]) => fits(value))
    .x(([at]) => toX(at))
    .y(([, value]) => toY(value));
  const area = tools
    .area<readonly [number, number, number]>()
    .digits(1)
    .defined(([, low, high]) => fits(low) && fits(high))
    .x(([at]) => toX(at))
    .y0(([, low]) => toY(low))
    .y1(([, , high]) => toY(high));
  const seen = points.filter(([, value]) => fits(value));
  const dots = seen.length <= MOST_DOTS ? seen : [];
  const ringed = seen.filter(([at]) => rings.includes(at));
  return markup`
    <g class="c${color % 8} ${stroke}">
      ${band !== undefined && markup`<path class="band" d="${area(band) ?? ""}"/>`}
      <path class="line" d="${path(points) ?? ""}"/>
      ${dots.map(
        ([at, value]) => markup`
        <circle cx="${round(toX(at))}" cy="${round(toY(value))}" r="2.6"><title>${name}, ${at}: ${short(value)}</title></circle>
      `,
      )}
      ${ringed.map(([at, value]) => markup`<circle class="ring" cx="${round(toX(at))}" cy="${round(toY(value))}" r="6.5"/>`)}
    </g>
  `;
}

function legend(lines: readonly Line[]): Html {
  const key = ({ name, color, stroke = "solid", band, rings = [] }: Line): Html =>
    markup`
      <li class="c${color % 8} ${stroke}">
        <svg viewBox="0 0 28 10" aria-hidden="true" focusable="false">
          ${band !== undefined && markup`<rect class="band" width="28" height="10"/>`}
          <line class="line" x1="0" x2="28" y1="5" y2="5"/>
          ${rings.length > 0 && markup`<circle class="ring" cx="14" cy="5" r="4"/>`}
        </svg>
        ${name}
        ${band !== undefined && " (mean, lowest to highest)"}
        ${rings.length > 0 && ", ring: the best epoch"}
      </li>
    `;
  return markup`<ul class="legend" aria-hidden="true">
    ${lines.map(key)}
  </ul>`;
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce(
    ([low, high], value): [number, number] => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}
