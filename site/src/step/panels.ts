// The parts of the page below its controls: grids, sums, code. Pure functions of the state and its trace.
import { html, nothing, type TemplateResult } from "lit";
import { t, type Key } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { num } from "../lib/format.js";
import { formula } from "../lib/math.js";
import { framed, outputSize, span } from "../math/geometry.js";
import type { Trace } from "../math/trace.js";
import { handgradCode, torchCode } from "./code.js";
import { drawGrid } from "./grids.js";
import { cellOfStep, nameOf, sumOf } from "./lists.js";
import { sceneOf, type GridModel } from "./scene.js";
import type { Cell, GridName, StepState } from "./state.js";
import { sumMarkup } from "./words.js";

/** The three panels: forward, and both gradients. */
export function drawPanels(s: StepState, run: Trace): TemplateResult {
  const conv = s.op === "conv";
  const { forward, inputGrad, weightGrad } = sceneOf(s, run);
  const numbers = Math.max(s.W + s.padding[2] + s.padding[3], s.kernel[1]);
  const small = numbers > 5 || s.C > 2 || s.view === "cells";
  const draw = (grids: readonly GridModel[], title: Key): TemplateResult[] => grids.map((grid) => drawGrid(grid, title, grids.length, small)); // prettier-ignore
  const padded = s.padding.some((n) => n > 0);
  const cells = s.view === "cells";
  const dxText = !conv
    ? t(`step.dx.${s.op === "max" ? "max" : "avg"}`)
    : t(s.flip ? "step.dx.isConvFlip" : "step.dx.isConv");
  return html`
    <div class="columns panels">
      <section class="card forward" aria-labelledby="forward-title">
        <h2 id="forward-title">${t("step.forward")}</h2>
        ${formula(conv ? "conv.y" : `pool.${s.op}`)} ${formula("window")}
        <div class="grids">
          ${draw(forward.image, padded ? "step.grid.xPadded" : "step.grid.x")} ${conv ? draw(forward.kernels, "step.grid.w") : nothing}
          ${draw(forward.output, "step.grid.y")}
        </div>
      </section>
      <section class="card input-grad" aria-labelledby="dx-title">
        <h2 id="dx-title">${t("step.dx")}</h2>
        ${conv ? formula("conv.dx") : nothing}
        <div class="grids">
          ${draw(inputGrad.dy, conv && cells ? "step.grid.dySpread" : "step.grid.dy")} ${draw(inputGrad.dx, "step.grid.dx")}
        </div>
        ${cells || !conv ? html`<p class="soft">${dxText}</p>` : nothing}
        ${conv && s.mode !== "zeros" && padded ? html`<p class="soft">${t("step.dx.folded")}</p>` : nothing}
      </section>
      <section class="card weight-grad" aria-labelledby="dw-title">
        <h2 id="dw-title">${t("step.dw")}</h2>
        ${
          conv
            ? html`
                ${formula("conv.dw")}
                <div class="grids">
                  ${cells ? draw(weightGrad.laid, "step.grid.xLaid") : nothing} ${draw(weightGrad.dw, "step.grid.dw")}
                </div>
                ${cells ? html`<p class="soft">${t("step.dw.isConv")}</p>` : nothing}
              `
            : html`<p class="soft">${t("step.dw.none")}</p>`
        }
      </section>
    </div>
  `; // prettier-ignore
}

/** The sums of the step, and of the pinned number. */
export function drawNow(s: StepState, run: Trace, unpin: () => void): TemplateResult {
  const conv = s.op === "conv";
  const cell = cellOfStep(s, run);
  const n = cell.index;
  const back = s.view === "windows" ? drawShares(s, run, conv, n) : nothing;
  return html`
    <div class="columns">
      <section class="card now-card" aria-labelledby="now-title">
        <h2 id="now-title">${t("step.now")}</h2>
        ${sumMarkup(sumOf(s, run, cell))} ${back}
        <p class="soft">${t(`step.view.${s.view}.help`)} ${t("step.pin.help")}</p>
      </section>
      ${
        s.pin === undefined
          ? nothing
          : html`<section class="card pinned-card" aria-labelledby="pin-title">
              <h2 id="pin-title">${t("step.pinned", { name: nameOf(s, run.size, s.pin) })}</h2>
              ${sumMarkup(sumOf(s, run, s.pin))}
              <div><button type="button" @click=${unpin}>${t("step.unpin")}</button></div>
            </section>`
      }
    </div>
  `; // prettier-ignore
}

// What the window of a step adds to the gradients.
function drawShares(s: StepState, run: Trace, conv: boolean, n: number): TemplateResult {
  const window = run.windows[n];
  const dy = s.dy[n];
  if (s.op === "max") {
    const winner = nameOf(s, run.size, { grid: "dx", index: window[run.switches[n]].x });
    return html`<p>${t("step.share.max", { winner, dy: num(dy) })}</p>`;
  }
  if (!conv) return html`<p>${t("step.share.avg", { n: window.length, share: num(dy / window.length) })}</p>`;
  const list = (of: "x" | "w"): TemplateResult => {
    const shown = window.filter((tap) => of === "w" || tap.x >= 0);
    return html`<p class="formula">${shown.map((tap) => {
      const name = nameOf(s, run.size, { grid: of === "x" ? "dx" : "dw", index: tap[of] });
      const by = of === "x" ? s.w[tap.w] : tap.x < 0 ? 0 : s.x[tap.x];
      return html`<span class="term"><span class=${of}>${name}</span> += <span class="y">${num(dy)}</span> · ${num(by)};</span> `;
    })}</p>`;
  }; // prettier-ignore
  return html`<p class="soft">${t("step.share.dx")}</p>
    ${list("x")}
    <p class="soft">${t("step.share.dw")}</p>
    ${list("w")}`;
}

/** The gradients of which the check shows the numbers: those at this step and the pinned one. */
export function cellsInView(s: StepState, run: Trace): Cell[] {
  const cell = cellOfStep(s, run);
  const cells: Cell[] = [];
  if (cell.grid === "y") {
    const window = run.windows[cell.index];
    const tap = window[Math.max(0, run.switches[cell.index])];
    const x = tap.x >= 0 ? tap.x : (window.find((other) => other.x >= 0)?.x ?? -1);
    if (x >= 0) cells.push({ grid: "dx", index: x });
    if (tap.w >= 0) cells.push({ grid: "dw", index: tap.w });
  } else cells.push(cell);
  const pin = s.pin;
  if (pin !== undefined) {
    const grid = { x: "dx", dx: "dx", w: "dw", dw: "dw", y: undefined, dy: undefined }[pin.grid] as
      GridName | undefined;
    if (grid !== undefined && !cells.some((c) => c.grid === grid && c.index === pin.index))
      cells.push({ grid, index: pin.index });
  }
  return cells;
}

/** The sizes in a sentence, and what the stride leaves unread. */
export function sizesSentence(s: StepState): string {
  const [OH, OW] = outputSize(s);
  const [rows, columns] = framed(s);
  const [high, wide] = span(s);
  const text = t("step.outputSize", { H: s.H, W: s.W, KH: s.kernel[0], KW: s.kernel[1], OH, OW });
  const [down, right] = [(rows - high) % s.stride[0], (columns - wide) % s.stride[1]];
  return down + right === 0 ? text : `${text}. ${t("step.unused", { rows: down, columns: right })}`;
}

/** The lines of code, and a link to this step. */
export function drawCode(s: StepState, copied: string, copy: () => void): TemplateResult {
  const block = (name: "handgrad" | "torch", code: string): TemplateResult =>
    html`<div>
      <h3>${t(`step.code.${name}`)}</h3>
      <pre class=${name} tabindex="0" role="group" aria-label=${t(`step.code.${name}`)}><code>${code}</code></pre>
    </div>`;
  return html`
    <section class="card code" aria-labelledby="code-title">
      <h2 id="code-title">${t("step.code")}</h2>
      <div class="columns">${block("handgrad", handgradCode(s))} ${block("torch", torchCode(s))}</div>
      <div class="row">
        <button type="button" class="copy-link" @click=${copy}>${t("common.copyLink")}</button>
      </div>
      ${spoken(copied, false, "copied")}
    </section>
  `;
}
