// The reliability diagram: how often a model is right when it is so sure.
import { axes, round } from "./axes.js";
import type { Gathered } from "./predictions.js";
import { markup, type Html } from "./html.js";
import { table, type Cell } from "./table.js";
import type { Tools } from "./tools.js";
import { percent, short } from "./words.js";

/** The figure. */
export function calibrationChart(tools: Tools, gathered: Gathered): Html {
  const bins = gathered.reliability;
  const { toX, toY, ground, width, height } = axes(tools, {
    x: [0, 1],
    y: [0, 1],
    xLabel: "confidence",
    yLabel: "share that is right",
  });
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const bars = bins.map(({ lower, upper, count, accuracy, confidence }) => {
    if (accuracy === null || confidence === null) return "";
    const [left, right] = [toX(lower) + 1, toX(upper) - 1];
    const words = `${percent(lower)} to ${percent(upper)}: ${percent(accuracy)} of ${count} right`;
    return markup`
      <rect class="bar" x="${round(left)}" y="${round(toY(accuracy))}" width="${round(right - left)}"
        height="${round(toY(0) - toY(accuracy))}"><title>${words}</title></rect>
      <line class="mean" x1="${round(left)}" x2="${round(right)}" y1="${round(toY(confidence))}" y2="${round(toY(confidence))}"/>
    `;
  });
  const rows = bins.map(({ lower, upper, count, accuracy, confidence }): Cell[] => {
    return [`${percent(lower)} to ${percent(upper)}`, count, confidence, accuracy];
  });
  const mean =
    bins.reduce((sum, { count, confidence, accuracy }) => sum + count * ((confidence ?? 0) - (accuracy ?? 0)), 0) /
    total;
  const side =
    Math.abs(mean) < 0.01
      ? "as often right as it believes"
      : mean > 0
        ? "too sure of itself"
        : "less sure than it could be";
  const sentence =
    `Confidence and accuracy differ by ${percent(gathered.calibrationError)} on average (ECE, ${bins.length} bins, ` +
    `${short(total)} samples); over all samples the model is ${side}.`;
  const title = "Calibration";
  const key = (shape: Html, words: string): Html => markup`
    <li><svg viewBox="0 0 28 10" aria-hidden="true" focusable="false">${shape}</svg>${words}</li>
  `;
  return markup`
    <figure class="card">
      <h3>${title}</h3>
      <div class="chart">
        <svg viewBox="0 0 ${width} ${height}" aria-hidden="true" focusable="false">
          ${ground}
          ${bars}
          <line class="diagonal" x1="${toX(0)}" y1="${toY(0)}" x2="${toX(1)}" y2="${toY(1)}"/>
        </svg>
        <ul class="legend" aria-hidden="true">
          ${key(markup`<rect class="bar" width="28" height="10"/>`, "share that is right")}
          ${key(markup`<line class="mean" x1="0" x2="28" y1="5" y2="5"/>`, "mean confidence, which it should be")}
        </ul>
      </div>
      <figcaption>${sentence}</figcaption>
      <details>
        <summary>Table: ${title}</summary>
        ${table(title, ["confidence", "samples", "mean confidence", "share that is right"], rows)}
      </details>
    </figure>
  `;
}
