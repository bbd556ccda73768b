// The confusion matrix of a run, by epoch if that was collected, as a table whose cells open their pictures.
import { markup, type Html } from "./html.js";
import { cellWords, matrixWords, shade } from "./page/words.js";
import type { PageData } from "./page/data.js";
import type { ReadRun } from "./run.js";
import { table, type Cell } from "./table.js";
import { grouped, percent } from "./words.js";

const MOST_CLASSES = 24; // of a matrix that is drawn

/** A matrix at one time: a full table of counts, row by row. */
interface View {
  readonly words: string;
  readonly epoch: number | null;
  readonly cells: readonly number[];
  readonly predicted: readonly number[] | null;
}

/** The section's content, and what the script has to know; null for a run without predictions. */
export function matrixSection(
  run: ReadRun,
  prefix: string,
  names: readonly string[],
): { readonly content: Html; readonly data: PageData } | null {
  const views = viewsOf(run, names.length);
  if (views.length === 0) return null;
  const chosen = classesOf(views, names.length);
  const shownNames = chosen.map((c) => names[c]);
  const part = ({ cells }: View): number[] =>
    chosen.flatMap((row) => chosen.map((column) => cells[row * names.length + column]));
  const current = startOf(views, run);
  const total = (view: View): number => view.cells.reduce((sum, count) => sum + count, 0);
  const right = (view: View): number => names.reduce((sum, _, c) => sum + view.cells[c * (names.length + 1)], 0);
  const shown = run.gathered?.shown ?? [];
  const pictured = shown.filter(({ image }) => image !== null);
  const place = (c: number): number => chosen.indexOf(c);
  const data: PageData = {
    names: shownNames,
    areAll: chosen.length === names.length,
    views: views.map((view) => ({
      words: view.words,
      epoch: view.epoch,
      cells: part(view),
      right: right(view),
      total: total(view),
    })),
    current,
    pictures: pictured.map(({ index, label, predicted, confidence }) => ({
      id: `${prefix}p${index}`,
      label: place(label),
      by: views.map((view) => place(view.predicted === null ? predicted : view.predicted[index])),
      words: `sample ${index}, ${percent(confidence)} sure of ${names[predicted]}${views.length > 1 ? " at the end" : ""}`,
    })),
  };
  const view = data.views[current];
  const size = chosen.length;
  const rest = names.length - size;
  const cell = (row: number, column: number): Html => {
    const count = view.cells[row * size + column];
    const ofRow = view.cells.slice(row * size, (row + 1) * size).reduce((a, b) => a + b, 0);
    const kind = row === column ? "right" : "wrong";
    const words = cellWords(shownNames[row], shownNames[column], count);
    return markup`<td class="${kind} h${shade(count, ofRow)}" title="${words}">${grouped(count)}</td>`;
  };
  const slider =
    views.length < 2
      ? ""
      : markup`
          <p class="row slider" hidden="">
            <label for="${prefix}slider">Epoch</label>
            <input type="range" id="${prefix}slider" min="0" max="${views.length - 1}" value="${current}"
              aria-valuetext="${view.words}"/>
            <output for="${prefix}slider">${view.words}</output>
          </p>
        `;
  const drawn = `Drawn are the ${size} classes with the most mistakes, of ${grouped(names.length)}.`;
  const content = markup`
    <div class="card matrix" id="${prefix}matrix">
      <h3>Confusion matrix</h3>
      ${slider}
      <p class="sentence" aria-live="polite">${matrixWords(shownNames, view, data.areAll)}</p>
      ${rest > 0 && markup`<p class="soft">${drawn}</p>`}
      <p class="soft note">
        Rows are true classes, columns are predicted ones.
        ${pictured.length > 0 && markup`<span class="hint" hidden=""> A cell opens its pictures; arrow keys move.</span>`}
      </p>
      <div class="scroll" tabindex="0" role="group" aria-label="Confusion matrix">
        <table class="cells">
          <thead><tr><td></td>${shownNames.map((name) => markup`<th scope="col" title="${name}">${name}</th>`)}</tr></thead>
          <tbody>
            ${shownNames.map(
              (name, row) => markup`
              <tr><th scope="row" title="${name}">${name}</th>${shownNames.map((_, column) => cell(row, column))}</tr>
            `,
            )}
          </tbody>
        </table>
      </div>
      <details>
        <summary>Table: precision and recall of each class</summary>
        ${perClass(views[current], names)}
      </details>
    </div>
  `;
  return { content, data };
}

function perClass({ cells, words }: View, names: readonly string[]): Html {
  const size = names.length;
  const rows = names.map((name, c): Cell[] => {
    const hits = cells[c * (size + 1)];
    let [actual, predicted] = [0, 0];
    for (let i = 0; i < size; i++) {
      actual += cells[c * size + i];
      predicted += cells[i * size + c];
    }
    return [name, actual, predicted, predicted === 0 ? null : hits / predicted, actual === 0 ? null : hits / actual];
  });
  return table(`Classes, ${words}`, ["class", "samples", "predicted", "precision", "recall"], rows);
}

// By epoch what was collected, or what a metric of fit counted; at the end what the model does now.
function viewsOf({ collected, gathered, history, best }: ReadRun, size: number): View[] {
  const views: View[] = (collected?.epochs ?? []).map(({ epoch, predicted }) => {
    return {
      words: `after epoch ${epoch}`,
      epoch,
      cells: counted(collected?.labels ?? [], predicted, size),
      predicted,
    };
  });
  if (views.length === 0) {
    for (const record of history.epochs) {
      const cells = Object.entries(record).map(([name, value]) =>
        name.startsWith("val") ? tableIn(value, size) : null,
      );
      const found = cells.find((each) => each !== null);
      if (found)
        views.push({ words: `after epoch ${record.epoch}`, epoch: record.epoch, cells: found, predicted: null });
    }
  }
  if (gathered !== null) {
    const { labels, predicted } = gathered;
    const words = best === null ? "at the end" : `at the end, with the weights of epoch ${best.epoch}`;
    views.push({ words, epoch: null, cells: counted(labels, predicted, size), predicted });
  }
  return views;
}

function counted(labels: readonly number[], predicted: readonly number[], size: number): number[] {
  const cells = new Array<number>(size * size).fill(0);
  labels.forEach((label, i) => (cells[label * size + predicted[i]] += 1));
  return cells;
}

// A square table of counts, as a ConfusionMatrix gives it.
function tableIn(value: unknown, size: number): number[] | null {
  if (!Array.isArray(value) || value.length !== size) return null;
  const rows = value as unknown[];
  if (!rows.every((row) => Array.isArray(row) && row.length === size)) return null;
  const cells = (rows as unknown[][]).flat();
  return cells.every((count) => Number.isSafeInteger(count) && (count as number) >= 0) ? (cells as number[]) : null;
}

/** How many classes the confusion tables of a history have; 0 without one. */
export function classesInHistory({ history }: ReadRun): number {
  for (const record of history.epochs) {
    for (const [name, value] of Object.entries(record)) {
      if (name.startsWith("val") && Array.isArray(value) && tableIn(value, value.length) !== null) return value.length;
    }
  }
  return 0;
}

// At the end, else at the best epoch, else at the last.
function startOf(views: readonly View[], { gathered, best }: ReadRun): number {
  if (gathered !== null || best === null) return views.length - 1;
  const found = views.findIndex(({ epoch }) => epoch === best.epoch);
  return found < 0 ? views.length - 1 : found;
}

// All classes, or those with the most mistakes at last.
function classesOf(views: readonly View[], size: number): number[] {
  const all = Array.from({ length: size }, (_, c) => c);
  if (size <= MOST_CLASSES) return all;
  const mistakes = new Array<number>(size).fill(0);
  for (const { cells } of views.slice(-1)) {
    for (const row of all) {
      for (const column of all) {
        if (row === column) continue;
        mistakes[row] += cells[row * size + column];
        mistakes[column] += cells[row * size + column];
      }
    }
  }
  const worst = [...all].sort((a, b) => mistakes[b] - mistakes[a] || a - b).slice(0, MOST_CLASSES);
  return worst.sort((a, b) => a - b);
}
