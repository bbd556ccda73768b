// Draws a grid of numbers as a table: readable by eye, by keyboard and by a screen reader.
import { html, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { custom } from "../lib/custom.js";
import { t, type Key } from "../i18n/i18n.js";
import type { CellModel, GridModel } from "./scene.js";

const HUES = { x: "x", dx: "x", w: "w", dw: "w", y: "y", dy: "y" } as const;

/** A grid with its caption. `title` is the string that names the array; planes are numbered if there are several. */
export function drawGrid(model: GridModel, title: Key, planes: number, small: boolean): TemplateResult {
  const name = t(title);
  const [first, second] = model.plane;
  let caption = name;
  if (planes > 1) {
    caption =
      second === undefined
        ? t("step.grid.plane", { name, c: first })
        : t("step.grid.kernelPlane", { name, o: first, c: second });
  }
  const classes = { grid: true, [`of-${HUES[model.grid]}`]: true, small, idle: model.idle };
  return html`
    <div class="grid-box">
      <table class=${classMap(classes)} role="grid" data-grid=${model.grid} data-kind=${model.kind} aria-label=${caption}>
        <caption>${caption}</caption>
        <thead>
          <tr>
            <td class="corner"></td>
            ${model.rows[0].map((_, column) => html`<th scope="col">${column + model.from[1]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${model.rows.map(
            (row, i) => html`
              <tr>
                <th scope="row">${i + model.from[0]}</th>
                ${row.map((cell, j) => drawCell(cell, i === 0 && j === 0))}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `; // prettier-ignore
}

function drawCell({ text, sub, index, marks, heat }: CellModel, first: boolean): TemplateResult {
  const classes = Object.fromEntries(marks.map((mark) => [mark, true]));
  const current = marks.includes("now") || marks.includes("under");
  return html`<td
    class=${classMap(classes)}
    ${custom({ "--heat": heat.toFixed(2) })}
    data-i=${index}
    tabindex=${first ? 0 : -1}
    aria-current=${current ? "step" : "false"}
    aria-selected=${marks.includes("pinned")}
  >${text}${sub === undefined ? "" : html`<sub>${sub}</sub>`}</td>`; // prettier-ignore
}

/** Moves the focus within a grid on arrow keys, Home and End. Says whether it did. */
export function moveFocus(event: KeyboardEvent): boolean {
  const cell = event.target as HTMLTableCellElement;
  const body = cell.closest("tbody");
  if (body === null) return false;
  const row = (cell.parentElement as HTMLTableRowElement).sectionRowIndex;
  const column = cell.cellIndex;
  const last = body.rows[0].cells.length - 1;
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 1],
    End: [row, last],
  }[event.key];
  if (to === undefined) return false;
  const next = body.rows[to[0]]?.cells[to[1]];
  if (next?.tagName !== "TD") return true;
  for (const other of body.querySelectorAll("td")) other.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  return true;
}
