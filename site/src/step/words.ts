// Sums as markup and as spoken sentences.
import { html, type TemplateResult } from "lit";
import { t } from "../i18n/i18n.js";
import { factor, num } from "../lib/format.js";
import type { Trace } from "../math/trace.js";
import { cellOfStep, nameOf, sumOf, type Sum } from "./lists.js";
import type { StepState } from "./state.js";

/** "y[0, 0, 0] = 1 · 1 + 2 · 0 + ... = 10", each number in the color of its array. */
export function sumMarkup(sum: Sum): TemplateResult {
  const { name, terms, bias, largestOf, value } = sum;
  if (largestOf !== undefined) {
    const all = largestOf.map((v, n) => html`${n === 0 ? "" : ", "}<span class="x">${num(v)}</span>`);
    return html`<p class="formula">${name} = max(${all}) = <span class="result">${num(value)}</span></p>`;
  }
  const parts = terms.map(
    ({ a, of, b, by }, n) => html`<span class="term">${n === 0 ? "" : "+ "}<span class=${of}>${factor(a)}</span> · <span class=${by}>${factor(b)}</span></span> `,
  ); // prettier-ignore
  const last = bias === 0 ? "" : html`<span class="term">+ ${factor(bias)}</span> `;
  const empty = terms.length === 0 && bias === 0 ? html`<span class="soft">(${t("step.spoken.none")})</span> ` : "";
  return html`<p class="formula">
    ${name} = ${parts}${last}${empty}<span class="term">= <span class="result">${num(value)}</span></span>
  </p>`;
}

/** The sum as text: "1 · 1 + 2 · 0 = 1". */
export function sumText({ terms, bias, value }: Sum): string {
  const parts = terms.map(({ a, b }) => `${factor(a)} · ${factor(b)}`);
  if (bias !== 0) parts.push(factor(bias));
  if (parts.length === 0) return `${num(value)} (${t("step.spoken.none")})`;
  return `${parts.join(" + ")} = ${num(value)}`;
}

/** The sentence for the step shown. */
export function sentence(s: StepState, run: Trace, steps: number): string {
  const cell = cellOfStep(s, run);
  const sum = sumOf(s, run, cell);
  const at = { t: s.t, all: steps, name: sum.name };
  if (cell.grid === "y" && sum.largestOf !== undefined) {
    const winner = { grid: "dx", index: run.windows[cell.index][run.switches[cell.index]].x } as const;
    const list = sum.largestOf.map((v) => num(v)).join(", ");
    return t("step.spoken.max", {
      ...at,
      list,
      value: num(sum.value),
      dy: num(s.dy[cell.index]),
      winner: nameOf(s, run.size, winner),
    });
  }
  if (cell.grid === "y") {
    const [, OW] = run.size;
    const row = Math.floor(cell.index / OW) % run.size[0];
    return t("step.spoken.y", { ...at, row, column: cell.index % OW, sum: sumText(sum) });
  }
  return t(cell.grid === "dx" ? "step.spoken.dx" : "step.spoken.dw", { ...at, sum: sumText(sum) });
}
