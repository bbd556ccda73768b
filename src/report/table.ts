// Tables of a report.
import { Html, markup } from "./html.js";
import { short } from "./words.js";

/** What stands in a cell; numbers are written short, and stand at the right. */
export type Cell = Html | string | number | null;

/** A table in a box that can be scrolled, with the keyboard, too. The first cell of a row is its head. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const isNumeric = head.map(
    (_, c) => rows.length > 0 && rows.every((row) => typeof row[c] === "number" || row[c] === null),
  );
  const all = isNumeric.every((numeric) => numeric);
  const place = (c: number): Html => (isNumeric[c] && !all ? markup` class="number"` : markup``);
  const tag = (c: number): Html => (c === 0 ? new Html("th") : new Html("td"));
  const scope = (c: number): Html => (c === 0 ? markup` scope="row"` : markup``);
  return markup`
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}">
      <table${all && markup` class="numbers"`}>
        <thead><tr>${head.map((text, c) => markup`<th scope="col"${place(c)}>${text}</th>`)}</tr></thead>
        <tbody>
          ${rows.map(
            (row) => markup`
            <tr>${row.map((cell, c) => markup`<${tag(c)}${scope(c)}${place(c)}>${shown(cell)}</${tag(c)}>`)}</tr>
          `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function shown(cell: Cell): Html | string {
  if (cell === null) return "";
  return typeof cell === "number" ? short(cell) : cell;
}
