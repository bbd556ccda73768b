// The live check beside the gradients: finite differences of every number, and handgrad's own kernels.
import { html, type TemplateResult } from "lit";
import { t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { distance, num } from "../lib/format.js";
import { compare, STEP, type Comparison } from "../math/differences.js";
import type { Trace } from "../math/trace.js";
import { AGREES } from "./agrees.js";
import { kernelDistance } from "./kernels.js";
import { nameOf } from "./lists.js";
import type { Cell, StepState } from "./state.js";

export interface Checks {
  readonly dx: Comparison;
  readonly dw: Comparison;
  readonly kernels: number;
}

/** All differences of a state. Tens of milliseconds for the largest. */
export function check(s: StepState, run: Trace): Checks {
  return {
    dx: compare(s, s, "x", run.dx),
    dw: s.op === "conv" ? compare(s, s, "w", run.dw) : { numerical: [], worst: 0, ties: 0 },
    kernels: kernelDistance(s, run),
  };
}

/** The card: a sentence, and a table with the numbers of the cells in view. */
export function drawChecks(
  s: StepState,
  run: Trace,
  done: Checks,
  cells: readonly Cell[],
  quiet: boolean,
): TemplateResult {
  const worst = Math.max(done.dx.worst, done.dw.worst);
  const key = worst < AGREES ? "step.check.ok" : "step.check.bad";
  const all = (name: "dx" | "dw"): TemplateResult => html`
    <tr>
      <th scope="row">${t("step.check.all", { n: run[name].length, name })}</th>
      <td></td>
      <td></td>
      <td class="number">${distance(done[name].worst)}</td>
    </tr>
  `;
  return html`
    <section class="card" aria-labelledby="check-title">
      <h2 id="check-title">${t("step.check")}</h2>
      <p class="soft">${t("step.check.lead", { h: STEP })}</p>
      ${spoken(t(key, { worst: distance(worst) }), quiet, worst < AGREES ? "check good" : "check bad")}
      <p class="kernels">${t("step.check.kernels", { worst: distance(done.kernels) })}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${t("step.check.caption")}>
        <table class="table checks">
          <caption class="visually-hidden">${t("step.check.caption")}</caption>
          <thead>
            <tr>
              <th scope="col">${t("step.check.cell")}</th>
              <th scope="col" class="number">${t("step.check.byHand")}</th>
              <th scope="col" class="number">${t("step.check.numeric")}</th>
              <th scope="col" class="number">${t("step.check.distance")}</th>
            </tr>
          </thead>
          <tbody>
            ${cells.map((cell) => drawRow(s, run, done, cell))} ${all("dx")} ${s.op === "conv" ? all("dw") : ""}
          </tbody>
        </table>
      </div>
    </section>
  `; // prettier-ignore
}

function drawRow(s: StepState, run: Trace, done: Checks, cell: Cell): TemplateResult {
  const name = cell.grid as "dx" | "dw";
  const byHand = run[name][cell.index];
  const numeric = done[name].numerical[cell.index];
  return html`
    <tr data-check=${name}>
      <th scope="row">${nameOf(s, run.size, cell)}</th>
      <td class="number">${num(byHand)}</td>
      <td class="number">${numeric === undefined ? t("step.check.tie") : num(numeric, 6)}</td>
      <td class="number">${numeric === undefined ? "" : distance(Math.abs(numeric - byHand))}</td>
    </tr>
  `;
}
