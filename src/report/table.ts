// Tables of a report.
import { html, type Html } from "./html.js";
import { short } from "./words.js";

/** What stands in a cell; numbers are written short, and stand at the right. */
export type Cell = Html | string | number | null;

/** A table in a box that can be scrolled, with the keyboard, too. The first cell of a row is its head. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const isNumeric = head.map(
    (_, c) => rows.length > 0 && rows.every((row) => typeof row[c] === "number" || row[c] === null),
  );
  const all = isNumeric.every((numeric) => numeric);
  const place = (c: number): Html => (isNumeric[c] && !all ? html` class="number"` : html``);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table${all ? html` class="numbers"` : ""}><thead><tr>${head.map((text, c) => html`<th scope="col"${place(c)}>${text}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell, c) => (c === 0 ? html`<th scope="row"${place(c)}>${shown(cell)}</th>` : html`<td${place(c)}>${shown(cell)}</td>`))}</tr>`)}</tbody></table></div>`; // prettier-ignore
}

function shown(cell: Cell): Html | string {
  if (cell === null) return "";
  return typeof cell === "number" ? short(cell) : cell;
}
